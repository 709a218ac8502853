//! The binary under a hard kill: what was acknowledged is there afterwards, whole.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::{Action, Chain, Entry, Outcome};
use store::Database;
use tempfile::TempDir;

use crate::database::{FakeClock, on_postgres, on_sqlite};
use crate::history::whole_history;

const REQUESTS: usize = 1_000;
const AT_ONCE: usize = 32;
const KILL_AFTER: usize = 300;
const CHANGE: &str = "/orgs/large/security/data-contribution/change";

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_kill_loses_nothing_on_sqlite() {
    on_sqlite(a_hard_kill_loses_nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_kill_loses_nothing_on_postgres() {
    on_postgres(a_hard_kill_loses_nothing).await;
}

async fn a_hard_kill_loses_nothing(url: String) {
    let folder = TempDir::new().unwrap();
    for command in ["migrate", "seed"] {
        assert!(sluice(folder.path(), &url, command).status().unwrap().success(), "{command}");
    }
    let database = open(&url).await;
    let admins = "INSERT INTO memberships (account_id, org_id, role) SELECT a.id, o.id, 'admin' FROM accounts a, organisations o \
                  WHERE o.slug = 'large' AND (a.email LIKE '%@free.example' OR a.email LIKE '%@held.example')";
    database.execute_raw(admins).await.unwrap();
    let accounts = database.control_plane.all_accounts().await.unwrap();
    let org = database.control_plane.organisation("large").await.unwrap().unwrap();
    let snapshot = database.control_plane.snapshot(&org.id).await.unwrap().unwrap();
    let spaces: Vec<String> =
        snapshot.spaces.iter().map(|space| format!("space:{}/{}", space.app, space.key)).collect();
    let mut before = usize::try_from(snapshot.version).unwrap();
    // Nobody else has the database open when the server is killed: it has to recover it by itself.
    database.close().await;

    let mut cookies: Vec<String> = Vec::new();
    for round in 0..2 {
        let server = Server::start(folder.path(), &url);
        if cookies.is_empty() {
            for home in ["large", "free", "held"] {
                let account =
                    accounts.iter().find(|account| account.email.ends_with(&format!("@{home}.example"))).unwrap();
                let answer = post(server.addr, "/sign-in/demo", "", &format!("account={}", account.id)).unwrap();
                cookies.push(header(&answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned());
            }
        }
        let acknowledged = fire(server, &cookies, &spaces, round);
        assert!(acknowledged.len() >= KILL_AFTER, "only {} changes were acknowledged", acknowledged.len());
        assert!(acknowledged.len() < REQUESTS - AT_ONCE, "the server was killed too late to be in the middle");

        // The server itself comes back, and the people in it are still signed in.
        let server = Server::start(folder.path(), &url);
        let page = request(server.addr, "GET", "/orgs/large/security/data-contribution", &cookies[0], "").unwrap();
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        let body = "to=off&target=connector:wiki&version=9000000000000000000";
        assert!(post(server.addr, CHANGE, &cookies[1], body).unwrap().starts_with("HTTP/1.1 303"));
        drop(server);

        let database = open(&url).await;
        let history = whole_history(database.control_plane.as_ref(), &org.id).await;
        database.close().await;
        let written = history.len() - before;
        before = history.len();
        // Beyond what was acknowledged there may be what was under way, and the one change after the restart.
        assert!((acknowledged.len()..=acknowledged.len() + AT_ONCE + 1).contains(&written), "{written}");
        for (id, (setting, on)) in acknowledged {
            let change = history.iter().find(|change| change.id == id);
            let items: Vec<_> = change
                .iter()
                .flat_map(|change| &change.items)
                .map(|item| (item.setting.to_string(), item.new.map(|new| new.on)))
                .collect();
            assert_eq!(items, [(setting, on)], "the acknowledged change {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_kill_splits_nothing_of_trust_on_sqlite() {
    on_sqlite(a_hard_kill_splits_nothing_of_trust).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_kill_splits_nothing_of_trust_on_postgres() {
    on_postgres(a_hard_kill_splits_nothing_of_trust).await;
}

const MEMBERS: &str = "/orgs/large/security/access";
const KEYS: &str = "/orgs/large/security/keys";
const DOOR: &str = "/support/orgs/large";
/// Of roles, keys and looks together, when the server is killed.
const TRUST_KILL_AFTER: usize = 120;

/// Roles are changed, keys made and revoked, and looks begun and ended, all at once, and the server is killed in the middle.
/// Afterwards each of them is there with its entry of the audit log, or neither is.
async fn a_hard_kill_splits_nothing_of_trust(url: String) {
    let folder = TempDir::new().unwrap();
    for command in ["migrate", "seed"] {
        assert!(sluice(folder.path(), &url, command).status().unwrap().success(), "{command}");
    }
    let database = open(&url).await;
    let accounts = database.control_plane.all_accounts().await.unwrap();
    let org = database.control_plane.organisation("large").await.unwrap().unwrap();
    database.close().await;
    let id = |email: &str| accounts.iter().find(|account| account.email.starts_with(email)).unwrap().id.clone();
    let (sanne, femke, robin) = (id("sanne.de.wit@"), id("femke.bos@"), id("robin"));

    let server = Server::start(folder.path(), &url);
    let addr = server.addr;
    let cookie = |account: &str| {
        let answer = post(addr, "/sign-in/demo", "", &format!("account={account}")).unwrap();
        header(&answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned()
    };
    let (admin, support) = (cookie(&sanne), cookie(&robin));
    let server = Mutex::new(Some(server));
    let acknowledged = AtomicUsize::new(0);
    // Says whether to go on.
    let count = |answer: Option<String>| -> Option<String> {
        let answer = answer?;
        if acknowledged.fetch_add(1, Ordering::Relaxed) + 1 == TRUST_KILL_AFTER {
            drop(server.lock().unwrap().take());
        }
        Some(answer)
    };
    let made: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (admin, femke, count) = (&admin, &femke, &count);
            scope.spawn(move || {
                for turn in 0..REQUESTS {
                    let role = ["admin", "member", "auditor"][(turn + worker) % 3];
                    let form = format!("account={femke}&role={role}");
                    let Some(answer) = count(post(addr, &format!("{MEMBERS}/role"), admin, &form)) else { return };
                    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
                }
            });
            let made = &made;
            scope.spawn(move || {
                for turn in 0..20 {
                    let name = format!("key-{worker}-{turn}");
                    let form = format!("name={name}&scope=read&days=3");
                    let Some(answer) = count(post(addr, KEYS, admin, &form)) else { return };
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                    made.lock().unwrap().push(name);
                }
            });
            let support = &support;
            scope.spawn(move || {
                for turn in 0..REQUESTS {
                    let form = format!("purpose=incident&case=CS-{worker}-{turn}");
                    let Some(answer) = count(post(addr, DOOR, support, &form)) else { return };
                    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
                    let Some(answer) = count(post(addr, &format!("{DOOR}/leave"), support, "")) else { return };
                    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
                }
            });
        }
    });
    assert!(server.lock().unwrap().is_none(), "the server was not killed in the middle");

    // The server itself comes back, and works.
    let server = Server::start(folder.path(), &url);
    assert!(post(server.addr, &format!("{DOOR}/leave"), &support, "").unwrap().starts_with("HTTP/1.1 303"));
    drop(server);

    let database = open(&url).await;
    let store = database.control_plane.as_ref();
    let lines = store.audit_lines(&org.id, 0, u32::MAX).await.unwrap();
    let mut chain = Chain::new(&org.id, vec![store.audit_head(&org.id).await.unwrap()]);
    lines.lines().try_for_each(|line| chain.next(line)).unwrap();
    chain.end().unwrap();
    let log: Vec<Entry> = lines.lines().map(|line| Entry::of_line(line).unwrap().0).collect();
    let ids = |action: Action| -> Vec<String> {
        let of = log.iter().filter(|entry| entry.action == action && entry.outcome == Outcome::Done);
        let mut ids: Vec<String> = of.map(|entry| entry.resource.id.clone()).collect();
        ids.sort();
        ids
    };

    let keys = store.api_keys(&org.id).await.unwrap();
    let mut there: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
    there.sort();
    assert_eq!(there, ids(Action::KeyCreate), "a key and its entry");
    let made = made.into_inner().unwrap();
    assert!(!made.is_empty() && made.iter().all(|name| keys.iter().any(|key| key.name == *name)), "{made:?}");

    let now = policy::Timestamp::from_micros(i64::MAX);
    let reviews = store.reviews(&org.id, now, u32::MAX >> 1).await.unwrap();
    let mut begun: Vec<String> = reviews.iter().map(|review| review.id.clone()).collect();
    begun.sort();
    assert!(!begun.is_empty());
    assert_eq!(begun, ids(Action::SupportEnter), "a look and its entry");
    let mut ended: Vec<String> =
        reviews.iter().filter(|review| review.ended_at.is_some()).map(|review| review.id.clone()).collect();
    ended.sort();
    assert_eq!(ended, ids(Action::SupportEnd), "the end of a look and its entry");

    let members = store.members(&org.id, now).await.unwrap();
    let role = members.iter().find(|member| member.account.id == femke).unwrap().role;
    let roles: Vec<_> = log.iter().filter(|entry| entry.action == Action::RoleChange).collect();
    assert!(!roles.is_empty());
    let mut before = Some("auditor".to_owned());
    for entry in roles {
        assert_eq!(entry.changes[0].old, before, "each change begins where the one before ended");
        before = entry.changes[0].new.clone();
    }
    assert_eq!(before.as_deref(), Some(role.id()), "the role is what the log says last");
    database.close().await;
}

async fn open(url: &str) -> Database {
    Database::open(url, Arc::new(FakeClock::default())).await.unwrap()
}

/// What a change does: the setting, and its entry afterwards.
type Done = (String, Option<bool>);

/// Turns spaces off and removes their entries, many at once, and kills the server in the middle. What it acknowledged.
fn fire(server: Server, cookies: &[String], spaces: &[String], round: usize) -> BTreeMap<String, Done> {
    let next = AtomicUsize::new(0);
    let acknowledged = Mutex::new(BTreeMap::new());
    let addr = server.addr;
    let server = Mutex::new(Some(server));
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let cookie = &cookies[worker % cookies.len()];
            let (next, acknowledged, server) = (&next, &acknowledged, &server);
            scope.spawn(move || {
                loop {
                    let request = next.fetch_add(1, Ordering::Relaxed);
                    if request >= REQUESTS {
                        return;
                    }
                    let space = &spaces[request % spaces.len()];
                    let off = (request / spaces.len() + round).is_multiple_of(2);
                    let to = if off { "off" } else { "remove" };
                    let form = format!("to={to}&target={space}&version=9000000000000000000");
                    // A connection that breaks is the kill, seen from here.
                    let Some(answer) = post(addr, CHANGE, cookie, &form) else {
                        return;
                    };
                    assert!(answer.starts_with("HTTP/1.1 303"), "{form}: {answer}");
                    let location = header(&answer, "location").unwrap();
                    let Some((_, id)) = location.split_once("changed=") else {
                        continue;
                    };
                    let mut acknowledged = acknowledged.lock().unwrap();
                    acknowledged.insert(id.to_owned(), (space.clone(), off.then_some(false)));
                    if acknowledged.len() == KILL_AFTER {
                        drop(server.lock().unwrap().take());
                    }
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

pub(crate) fn sluice(folder: &Path, url: &str, command: &str) -> Command {
    let mut sluice = Command::new(env!("CARGO_BIN_EXE_sluice"));
    sluice
        .current_dir(folder)
        .arg(command)
        .stdout(Stdio::null())
        .env("SLUICE_DATABASE_URL", url)
        .env("SLUICE_LOG", "error");
    sluice
}

/// A running server; dropping it is `kill -9`.
pub(crate) struct Server {
    process: Child,
    pub(crate) addr: SocketAddr,
}

impl Server {
    fn start(folder: &Path, url: &str) -> Self {
        Self::of(&mut sluice(folder, url, "serve"))
    }

    /// A server that was set up by the test, at a free address.
    pub(crate) fn of(command: &mut Command) -> Self {
        let addr = free_address();
        let process = command.env("SLUICE_ADDR", addr.to_string()).spawn().unwrap();
        let server = Self { process, addr };
        for _ in 0..600 {
            if request(addr, "GET", "/readyz", "", "").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server did not start");
    }

    /// Asks it politely to stop.
    pub(crate) fn ask_to_stop(&self) {
        assert!(Command::new("kill").arg(self.process.id().to_string()).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }
}

pub(crate) fn post(addr: SocketAddr, path: &str, cookie: &str, form: &str) -> Option<String> {
    request(addr, "POST", path, cookie, form)
}

/// One request over one connection. None if the connection broke before the whole head of the answer was there.
pub(crate) fn request(addr: SocketAddr, method: &str, path: &str, cookie: &str, form: &str) -> Option<String> {
    let sent = format!(
        "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    raw(addr, &sent)
}

/// The same with a request as it goes over the wire.
pub(crate) fn raw(addr: SocketAddr, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(addr).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    // What arrived before the connection broke counts: a person may have seen it.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.contains("\r\n\r\n").then_some(answer)
}

pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(of, _)| of.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}
