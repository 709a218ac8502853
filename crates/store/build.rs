//! Builds again when a migration is added: the compiler sees only the files it already embedded.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/sqlite");
    println!("cargo::rerun-if-changed=../../migrations/postgres");
    println!("cargo::rerun-if-changed=../../migrations/data");
    println!("cargo::rerun-if-changed=../../migrations/keys");
}
