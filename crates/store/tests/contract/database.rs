//! A database of its own for each test, and a clock that stands where the test puts it.

use std::io::Write as _;
use std::sync::{Arc, Mutex, Once};

use policy::Timestamp;
use service::data_plane::{Region, Regions};
use service::ports::Clock;
use store::{DataPlaneDatabase, Database, KeyDatabase};
use tempfile::TempDir;

/// Names a Postgres server on which databases can be made.
const POSTGRES_URL: &str = "SLUICE_TEST_POSTGRES_URL";

/// Runs a test against a fresh SQLite file.
pub(crate) async fn on_sqlite<T: Future<Output = ()> + Send + 'static>(test: impl FnOnce(String) -> T) {
    let folder = TempDir::new().unwrap();
    passed(tokio::spawn(test(sqlite_url(&folder))).await);
}

/// Runs a test against a fresh database of the Postgres server that the environment names; says so if it names none.
pub(crate) async fn on_postgres<T: Future<Output = ()> + Send + 'static>(test: impl FnOnce(String) -> T) {
    let Some(server) = postgres_server() else { return };
    let name = format!("sluice_test_{}", uuid::Uuid::now_v7().simple());
    let administration = Database::open(&server, Arc::new(FakeClock::default())).await.unwrap();
    administration.execute_raw(format!("CREATE DATABASE {name}").leak()).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let outcome = tokio::spawn(test(format!("{base}/{name}"))).await;
    administration.execute_raw(format!("DROP DATABASE {name} WITH (FORCE)").leak()).await.unwrap();
    administration.close().await;
    passed(outcome);
}

pub(crate) fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("sluice.db").display())
}

/// The regions of an installation: files beside an SQLite database, or all in one Postgres database.
pub(crate) fn regions(url: &str) -> Regions {
    let of = |id: &str| {
        let beside = |name: String| match url.strip_prefix("sqlite:") {
            Some(file) => format!("sqlite:{}", std::path::Path::new(file).with_file_name(name).display()),
            None => url.to_owned(),
        };
        let plane = DataPlaneDatabase::open(&beside(format!("{id}.db"))).unwrap().plane;
        let keys = KeyDatabase::open(&beside(format!("{id}-keys.db"))).unwrap().keys;
        Region { id: id.to_owned(), plane, keys }
    };
    let ids: &[&str] = if url.starts_with("sqlite:") { &["eu", "us", "au"] } else { &["eu"] };
    Regions(Arc::new(ids.iter().map(|id| ((*id).to_owned(), of(id))).collect()))
}

/// The server for the tests; a machine that checks every change must have one.
fn postgres_server() -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "a variable of the tests, not of the product")]
    let (server, ci) = (std::env::var(POSTGRES_URL), std::env::var("CI"));
    if let Ok(server) = server {
        return Some(server);
    }
    assert!(ci.is_err(), "{POSTGRES_URL} names no server: half of the tests would not run");
    static SAID: Once = Once::new();
    // Written past the test harness, which shows what a test says only if it fails.
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "SKIPPED: every test on Postgres, because {POSTGRES_URL} names no server");
    });
    None
}

/// Goes on failing where the test failed, after its database was taken away.
fn passed(outcome: Result<(), tokio::task::JoinError>) {
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Stands still unless it is moved; at first on a day when the programme is in force.
#[derive(Clone, Debug)]
pub(crate) struct FakeClock(Arc<Mutex<Timestamp>>);

impl Default for FakeClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Timestamp::parse("2026-11-21").unwrap())))
    }
}

impl FakeClock {
    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }

    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.set(Timestamp::from_micros(self.now().micros() + minutes * 60_000_000));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
