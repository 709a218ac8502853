//! The binary as whoever runs it meets it: how it stops, what it logs, what it counts, and its commands.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::crash::{Server, free_address, header, post, request, sluice};
use crate::database::sqlite_url;
use crate::site::filled;

/// A folder with the demo's database in it.
fn demo() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let url = sqlite_url(&folder);
    for command in ["migrate", "seed"] {
        assert!(sluice(folder.path(), &url, command).status().unwrap().success(), "{command}");
    }
    (folder, url)
}

/// A server on that database whose log is kept.
fn serve(folder: &Path, url: &str, settings: &[(&str, &str)]) -> Server {
    let log = File::create(folder.join("log.txt")).unwrap();
    Server::of(sluice(folder, url, "serve").envs(settings.iter().copied()).stderr(log))
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log.txt")).unwrap()
}

/// The cookie of someone who signed in with a password.
pub(crate) fn signed_in(addr: SocketAddr) -> String {
    let form = "email=sanne.de.wit%40large.example&password=let+the+water+through";
    let answer = post(addr, "/sign-in", "", form).unwrap();
    header(&answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[test]
fn a_polite_stop_finishes_what_is_under_way() {
    let (folder, url) = demo();
    let server = serve(folder.path(), &url, &[]);
    let addr = server.addr;
    let mut open = TcpStream::connect(addr).unwrap();
    let form = "theme=dark&back=%2Fsign-in";
    write!(
        open,
        "POST /preferences/theme HTTP/1.1\r\nHost: {addr}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        form.len()
    )
    .unwrap();
    // Once it asks for the body, the request is under way.
    let mut start = [0; 12];
    open.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 100");
    server.ask_to_stop();
    while TcpStream::connect(addr).is_ok() {
        std::thread::yield_now();
    }
    open.write_all(form.as_bytes()).unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 303") && answer.contains("location: /sign-in"), "{answer}");
    assert!(server.ended().success());
    // SQLite's last connection takes the log of writes away with it.
    assert!(!folder.path().join("sluice.db-wal").exists(), "the database was closed");
}

/// The log says what kind of request there was, and nothing that somebody could be known by.
#[test]
fn the_log_has_a_line_for_each_request_and_nobody_in_it() {
    let (folder, url) = demo();
    let server = serve(folder.path(), &url, &[("SLUICE_LOG", "debug")]);
    let addr = server.addr;
    let cookie = signed_in(addr);
    let admin = |path: &str| request(addr, "GET", path, &cookie, "").unwrap();
    admin("/orgs/large/security/people?q=Planted.Query&after=planted@query.example");
    admin("/orgs/planted-slug/security/preview");
    admin("/planted-path/planted@path.example?planted=parameter");
    let form = "term=Planted+Term&reason=Planted+Reason&email=planted%40form.example&password=planted-password";
    post(addr, "/orgs/large/security/terms", &cookie, form).unwrap();
    post(addr, "/sign-in", "planted=cookie", form).unwrap();
    let mut odd = TcpStream::connect(addr).unwrap();
    write!(
        odd,
        "PLANTEDMETHOD /sign-in HTTP/1.1\r\nHost: planted.host.example\r\nConnection: close\r\nX-Request-Id: planted-id\r\n\
         User-Agent: planted-agent\r\nReferer: https://planted.referer.example/\r\nX-Forwarded-For: 203.0.113.77\r\n\
         Authorization: Bearer planted-key\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    odd.read_to_string(&mut answer).unwrap();
    assert!(!answer.contains("planted-id"), "the client's own name for its request is not taken over");
    server.ask_to_stop();
    assert!(server.ended().success());

    let log = log(folder.path());
    for line in [
        "from=\"customer\" method=\"GET\" route=\"/orgs/{org}/security/people\" status=200 ms=",
        "from=\"customer\" method=\"GET\" route=\"/orgs/{org}/security/preview\" status=404 ms=",
        "from=\"customer\" method=\"POST\" route=\"/orgs/{org}/security/terms\" status=",
        "from=\"none\" method=\"POST\" route=\"/sign-in\" status=303 ms=",
        "from=\"none\" method=\"POST\" route=\"/sign-in\" status=422 ms=",
        "route=\"none\" status=404 ms=",
        "method=\"other\" route=\"/sign-in\" status=403 ms=",
    ] {
        assert!(log.contains(line), "{line} is not in the log");
    }
    let (_, secret) = cookie.split_once('=').unwrap();
    for private in
        ["planted", "Planted", "PLANTED", "203.0.113.77", "sanne", "Sanne", "let the water", "let+the", secret]
    {
        let line = log.lines().find(|line| line.contains(private));
        assert!(line.is_none(), "{private} is in the log: {line:?}");
    }
}

#[test]
fn metrics_are_at_an_address_of_their_own() {
    let (folder, url) = demo();
    let metrics = free_address();
    let server = serve(folder.path(), &url, &[("SLUICE_METRICS_ADDR", &metrics.to_string())]);
    signed_in(server.addr);
    post(server.addr, "/sign-in", "", "email=planted%40form.example&password=wrong").unwrap();
    request(server.addr, "GET", "/planted/path?planted=query", "", "").unwrap();
    let public = request(server.addr, "GET", "/metrics", "", "").unwrap();
    assert!(public.starts_with("HTTP/1.1 404"), "{public}");
    let answer = request(metrics, "GET", "/metrics", "", "").unwrap();
    assert_eq!(header(&answer, "content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "sluice_requests_total{route=\"/sign-in\",method=\"POST\",status=\"3xx\"} 1",
        "sluice_requests_total{route=\"/sign-in\",method=\"POST\",status=\"4xx\"} 1",
        "sluice_requests_total{route=\"none\",method=\"GET\",status=\"4xx\"} 2",
        "sluice_sign_ins_total{result=\"signed_in\"} 1",
        "sluice_sign_ins_total{result=\"wrong\"} 1",
        "sluice_rate_limited_total{limit=\"sign_in\"} 0",
        "sluice_database_up 1",
        "sluice_sessions 1",
        concat!("sluice_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(answer.lines().any(|of| of == line), "{line} is not in\n{answer}");
    }
    assert!(!answer.contains("planted"), "{answer}");
    assert!(request(metrics, "GET", "/sign-in", "", "").unwrap().starts_with("HTTP/1.1 404"));
}

/// Runs a command with something on its standard input. Whether it did what was asked, and everything it said.
fn run(folder: &Path, url: &str, command: &str, input: &str) -> (bool, String) {
    let mut words = command.split(' ').map(|word| word.replace('_', " "));
    let mut sluice = sluice(folder, url, &words.next().unwrap());
    let sluice = sluice.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = sluice.spawn().unwrap();
    // A command that does not ask does not read.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    let output = process.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn the_first_people_come_from_the_command_line() {
    let folder = TempDir::new().unwrap();
    let url = sqlite_url(&folder);
    let run = |command: &str, input: &str| run(folder.path(), &url, command, input);
    let (done, said) = run("migrate", "");
    assert!(done, "{said}");
    let (done, said) = run("org create --slug quay --name Quay_Timber --app jira=premium", "");
    assert!(done && said.contains("Quay Timber is at /orgs/quay"), "{said}");
    let (done, said) = run("org create --slug empty --name Empty", "");
    assert!(done, "{said}");
    for wrong in [
        "org create --slug Quay --name Quay_Timber",
        "org create --slug quay --name Again",
        "org create --slug other --name Other --app jira=diamond",
        "user create --email maud@quay.example --name Maud",
        "user create --email maud@quay.example --name Maud --org quay",
        "user create --email maud@quay.example --name Maud --org quay --role emperor",
        "user create --email maud@quay.example --name Maud --staff support --org quay --role admin",
        "user create --email maud@quay.example --name Maud --org nowhere --role admin",
        "user create --email maud@quay.example --name Maud --org quay --role admin --password-stdin",
        "user create --email lin@quay.example --name Lin --org quay --role member --no-password --password-stdin",
        "user reset --email maud@quay.example",
        "user unlink --email maud@quay.example",
    ] {
        let (done, said) = run(wrong, "short\n");
        assert!(!done && !said.contains("panicked"), "{wrong}: {said}");
    }
    let (done, said) = run(
        "user create --email maud@quay.example --name Maud --org quay --role admin --password-stdin",
        "a plank\tis: a plank\r\n",
    );
    assert!(done && !said.contains("plank"), "a password that was given is not repeated: {said}");
    let (done, said) = run("user create --email noor@empty.example --name Noor --org empty --role admin", "");
    let made_up = said.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(done && made_up.len() == 32, "{said}");
    let (done, said) =
        run("user create --email lin@quay.example --name Lin --org quay --role member --no-password", "");
    assert!(done && said.trim() == "Lin can sign in through the provider with lin@quay.example.", "{said}");
    let (done, said) = run("user unlink --email lin@quay.example", "");
    assert!(!done && said.contains("linked to no provider"), "{said}");
    let (done, said) = run(
        "user create --email ada@vendor.example --name Ada --staff operator --password-stdin",
        "a plank is a plank",
    );
    assert!(done, "{said}");

    let server = serve(folder.path(), &url, &[]);
    let enter = |email: &str, password: &str| {
        let form = filled("email={email}&password={password}", &[("email", email), ("password", password)]);
        let answer = post(server.addr, "/sign-in", "", &form).unwrap();
        header(&answer, "set-cookie").map(|cookie| cookie.split(';').next().unwrap().to_owned())
    };
    let look = |cookie: &str, path: &str| request(server.addr, "GET", path, cookie, "").unwrap();
    let maud = enter("maud@quay.example", "a plank\tis: a plank").unwrap();
    let page = look(&maud, "/orgs/quay/security/data-contribution");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Quay Timber") && page.contains("Premium"), "{page}");
    let noor = enter("noor@empty.example", &made_up).unwrap();
    let page = look(&noor, "/orgs/empty/security/data-contribution");
    assert!(page.starts_with("HTTP/1.1 200"), "an organisation without apps has its page: {page}");
    assert!(enter("ada@vendor.example", "a plank is a plank").is_some());

    // A reset signs out, also while the server runs.
    let (done, said) = run("user reset --email Maud@quay.example --password-stdin", "another plank\n");
    assert!(done && !said.contains("plank"), "{said}");
    assert!(look(&maud, "/orgs").starts_with("HTTP/1.1 303"));
    assert!(enter("maud@quay.example", "a plank\tis: a plank").is_none());
    assert!(enter("maud@quay.example", "another plank").is_some());
}

#[test]
fn a_backup_is_taken_from_a_running_server_and_restored_without_one() {
    let (folder, url) = demo();
    let run = |command: &str| run(folder.path(), &url, command, "");
    let server = serve(folder.path(), &url, &[]);
    let cookie = signed_in(server.addr);
    let (done, said) = run("backup saved.db");
    assert!(done && said.contains("Wrote saved.db"), "{said}");
    let (done, said) = run("backup saved.db");
    assert!(!done && said.contains("is there already"), "{said}");
    let (done, said) = run("restore saved.db --replace");
    assert!(!done && said.contains("stop the server first"), "{said}");
    let look = |server: &Server| request(server.addr, "GET", "/orgs", &cookie, "").unwrap();
    assert!(look(&server).starts_with("HTTP/1.1 200"), "the server was not disturbed");
    server.ask_to_stop();
    assert!(server.ended().success());

    let (done, said) = run("restore saved.db");
    assert!(!done && said.contains("--replace"), "{said}");
    let (done, said) = run("restore saved.db --replace");
    assert!(done && said.contains("The former database is") && said.contains("sign in again"), "{said}");
    let server = serve(folder.path(), &url, &[]);
    assert!(look(&server).starts_with("HTTP/1.1 303"), "everyone is signed out");
    signed_in(server.addr);
}

#[test]
fn a_release_is_made_and_its_figures_are_those_of_the_page() {
    let (folder, url) = demo();
    let (done, said) = run(folder.path(), &url, "release", "");
    assert!(done && said.contains("Release 2 of "), "{said}");
    let server = serve(folder.path(), &url, &[]);
    let page = request(server.addr, "GET", "/patterns", "", "").unwrap().replace('\u{a0}', " ");
    for name in ["Type", "Priority", "Time to resolve"] {
        let line = said.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or(&said);
        let share = line.trim_start().trim_start_matches(name).split(';').next().unwrap().trim();
        assert!(share.ends_with(" %") && page.contains(&format!(">{share}<")), "{line}");
    }
}

#[test]
fn a_start_with_another_master_key_is_refused() {
    let (folder, url) = demo();
    let database = url.trim_start_matches("sqlite:").split('?').next().unwrap();
    let key = Path::new(database).with_extension("master-key");
    let former = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    for command in ["serve", "release", "data-key renew --org large", "ingest --org large --jira export.json"] {
        let (done, said) = run(folder.path(), &url, command, "");
        assert!(!done && said.contains("Put the former one back"), "{command}: {said}");
    }
    let (done, said) = run(folder.path(), &url, "public-key", "");
    assert!(done, "what reads nothing sealed goes on: {said}");
    std::fs::write(&key, former).unwrap();
    drop(serve(folder.path(), &url, &[]));
}

#[test]
fn no_error_shows_a_secret() {
    let folder = TempDir::new().unwrap();
    for (url, expected) in [
        ("s3cret", "has to start with sqlite: or postgres:"),
        (
            "postgres://sluice:s3cret@db.example:port/sluice",
            "cannot open the database postgres://…@db.example:port/sluice",
        ),
        (
            "postgres://db.example:port/sluice?password=s3cret",
            "cannot open the database postgres://db.example:port/sluice",
        ),
    ] {
        let (done, said) = run(folder.path(), url, "migrate", "");
        assert!(!done && said.contains(expected) && !said.contains("s3cret"), "{url}: {said}");
    }
    let (done, said) = run(folder.path(), "postgres://sluice:s3cret@db.example/sluice", "backup x.db", "");
    assert!(!done && said.contains("pg_dump --format=custom") && !said.contains("s3cret"), "{said}");
}
