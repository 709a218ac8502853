//! The settings page of a running server, alone and beside programs that send it batches as fast as it takes them: how long an
//! admin waits. Over HTTP, on a database of its own.
//! `cargo bench -p server --bench beside [ITEMS]`; 200,000 without a number, which takes some minutes.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ITEMS: usize = 200_000;
const ITEMS_IN_BATCH: usize = 1_000;

/// Programs that send.
const SENDERS: usize = 2;

/// Of the page, with nothing else going on.
const ALONE: usize = 500;

/// An admin who does little else than reload.
const PAUSE: Duration = Duration::from_millis(20);

const PAGE: &str = "/orgs/large/security/data-contribution";

/// Killed when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() -> Outcome<()> {
    let items = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ITEMS);
    let folder = tempfile::tempdir()?;
    for command in ["migrate", "seed"] {
        sluice(folder.path(), &[command]).output()?;
    }
    let create = ["key", "create", "--org", "free", "--name", "Sender", "--scope", "ingest", "--days", "2"];
    let key = String::from_utf8(sluice(folder.path(), &create).output()?.stdout)?.trim().to_owned();
    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut serve = sluice(folder.path(), &["serve"]);
    let server = Server(serve.env("SLUICE_ADDR", addr.to_string()).stdout(Stdio::null()).spawn()?);
    while !get(addr, "/readyz", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let cookie = sign_in(addr)?;

    let mut alone = Vec::with_capacity(ALONE);
    for _ in 0..ALONE {
        alone.push(look(addr, &cookie)?);
        std::thread::sleep(PAUSE);
    }

    let (next, mut beside, mut early) = (AtomicUsize::new(0), Vec::new(), 0);
    let began = Instant::now();
    std::thread::scope(|scope| -> Outcome<()> {
        let (next, key) = (&next, &key);
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(move || send(addr, key, next, items))).collect();
        while !senders.iter().all(|sender| sender.is_finished()) {
            beside.push(look(addr, &cookie)?);
            std::thread::sleep(PAUSE);
            if early == 0 && next.load(Ordering::Relaxed) * ITEMS_IN_BATCH > items / 10 {
                early = memory(&server);
            }
        }
        senders.into_iter().try_for_each(|sender| sender.join().map_err(|_| "a sender stopped")?)
    })?;
    let rate = items as f64 / began.elapsed().as_secs_f64();

    println!("sent by {SENDERS} programs            {rate:>8.0} items/s, {items} items, over HTTP");
    println!("memory of the server          {early:>8} MB after a tenth, {} MB at the end", memory(&server));
    for (name, times) in [("alone", &mut alone), ("beside the batches", &mut beside)] {
        times.sort();
        let at =
            |share: f64| times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| 1e3 * time.as_secs_f64());
        println!(
            "settings page, {name:<18} {:>6} times: median {:.1} ms, p99 {:.1} ms",
            times.len(),
            at(0.5),
            at(0.99)
        );
    }
    Ok(())
}

fn sluice(folder: &Path, arguments: &[&str]) -> Command {
    let mut sluice = Command::new(env!("CARGO_BIN_EXE_sluice"));
    sluice
        .current_dir(folder)
        .args(arguments)
        .env("SLUICE_DATABASE_URL", "sqlite:sluice.db")
        .env("SLUICE_LOG", "error");
    sluice
}

/// The cookie of the admin whom the demonstration's sign-in page offers for the large organisation.
fn sign_in(addr: SocketAddr) -> Outcome<String> {
    let page = get(addr, "/sign-in", "")?;
    let before = page.split("Sanne de Wit").next().ok_or("no demonstration")?;
    let account = before.rsplit("value=\"").next().and_then(|rest| rest.split('"').next()).ok_or("no account")?;
    let form = format!("account={account}");
    let head = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let answer = raw(addr, "POST", "/sign-in/demo", head, &form)?;
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).ok_or("nobody is signed in")?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// How long the page takes until its last byte is there.
fn look(addr: SocketAddr, cookie: &str) -> Outcome<Duration> {
    let began = Instant::now();
    let answer = get(addr, PAGE, cookie)?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(answer.lines().next().unwrap_or_default().into());
    }
    Ok(began.elapsed())
}

/// Sends one batch after the other until all are sent; one that is told to come back does.
fn send(addr: SocketAddr, key: &str, next: &AtomicUsize, items: usize) -> Outcome<()> {
    loop {
        let from = next.fetch_add(1, Ordering::Relaxed) * ITEMS_IN_BATCH;
        if from >= items {
            return Ok(());
        }
        let texts: Vec<String> = (from..(from + ITEMS_IN_BATCH).min(items)).map(work_item).collect();
        let body = format!("{{\"items\":[{{\"item\":{}}}]}}", texts.join("},{\"item\":"));
        let head =
            format!("Authorization: Bearer {key}\r\nIdempotency-Key: {from}\r\nContent-Type: application/json\r\n");
        loop {
            let answer = raw(addr, "POST", "/api/v1/orgs/free/items", &head, &body)?;
            match answer.get(9..12) {
                Some("200") => break,
                Some("429" | "503") => std::thread::sleep(Duration::from_millis(200)),
                _ => return Err(answer.into()),
            }
        }
    }
}

fn get(addr: SocketAddr, path: &str, cookie: &str) -> Outcome<String> {
    raw(addr, "GET", path, &format!("Cookie: {cookie}\r\n"), "")
}

fn raw(addr: SocketAddr, method: &str, path: &str, head: &str, body: &str) -> Outcome<String> {
    let mut stream = TcpStream::connect(addr)?;
    let length = body.len();
    let lines = format!(
        "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(lines.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A work item of about two kilobytes with people and addresses.
fn work_item(number: usize) -> String {
    const NAMES: [&str; 5] = ["Ines Okafor", "Bram Visser", "Zdravka Quellin", "Otto Lindholm", "Femke Brennan"];
    let (who, other) = (NAMES[number % NAMES.len()], NAMES[(number / 3) % NAMES.len()]);
    let mut text = String::new();
    for build in 0..6 {
        let _ = write!(
            text,
            "After the update of the mobile app the login page stays blank for {other} when the session is older than a day. \
             Reproduced on build {} with a clean profile; the server answers 401 and the app does not ask again. ",
            (number + build) % 977
        );
    }
    format!(
        "{{\"id\":\"{number}\",\"key\":\"WEB-{number}\",\"fields\":{{\"summary\":\"Login error {number} on iOS\",\
         \"description\":\"{text}Call {who} on +49 30 5550 {:04} or write to user{number}@example.org.\",\
         \"issuetype\":{{\"name\":\"Bug\"}},\"priority\":{{\"name\":\"High\"}},\"created\":\"2026-09-01T10:00:00.000+0000\",\
         \"project\":{{\"key\":\"WEB\"}},\"reporter\":{{\"displayName\":\"{who}\"}}}}}}",
        number % 10_000
    )
}

/// What the server takes now, in megabytes.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.0.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default()
        / 1024
}
