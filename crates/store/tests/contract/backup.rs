//! Backup and restore of an SQLite database: a whole picture of one moment, and never one file over another.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use audit::{Action, Entry};
use policy::Timestamp;
use serde_json::json;
use service::audit_log::INSTALLATION;
use store::backup::{BackupError, backup, hold, restore};
use tempfile::TempDir;
use time::OffsetDateTime;
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::session::{Id, Record};

use crate::console::{Console, setting};
use crate::database::sqlite_url;
use crate::history::whole_history;

struct Place {
    _folder: TempDir,
    url: String,
    database: PathBuf,
    copy: PathBuf,
}

fn saved_at() -> Timestamp {
    Timestamp::parse("2026-11-21T08:00:00Z").unwrap()
}

fn place() -> Place {
    let folder = TempDir::new().unwrap();
    let (url, database, copy) =
        (sqlite_url(&folder), folder.path().join("sluice.db"), folder.path().join("copy of it.db"));
    Place { _folder: folder, url, database, copy }
}

/// What else is in the folder, besides the lock.
fn files(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.database.parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".lock"));
    names.sort();
    names
}

/// What the installation's log says, and that it is whole.
async fn installation_log(console: &Console) -> Vec<Action> {
    let whole = service::audit_log::verify_log(&console.sluice, INSTALLATION, Vec::new()).await.unwrap();
    whole.outcome.unwrap();
    let lines = console.sluice.store.audit_lines(INSTALLATION, 0, u32::MAX).await.unwrap();
    lines.lines().map(|line| Entry::of_line(line).unwrap().0.action).collect()
}

async fn versions(console: &Console) -> i64 {
    console.snapshot("large").await.version
}

/// A change: a space off, or its entry removed.
async fn turn_off(console: &Console, off: bool) {
    let admin = console.admin("large").await;
    console.set(&admin, off.then_some(false), &setting("space:jira/HR")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_whole_while_others_write() {
    let place = place();
    let console = Console::demo(&place.url).await;
    let before = versions(&console).await;
    let done = AtomicBool::new(false);
    let write = async {
        let mut written = 0_i64;
        while !done.load(Ordering::Relaxed) {
            turn_off(&console, written % 2 == 0).await;
            written += 1;
        }
        written
    };
    let save = async {
        let mut saved = 0;
        for round in 0..5 {
            let copy = place.copy.with_extension(format!("{round}.db"));
            backup(&place.url, &copy, saved_at()).await.unwrap();
            assert_eq!(
                std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
                0o600,
                "only its owner reads it"
            );
            saved += 1;
        }
        done.store(true, Ordering::Relaxed);
        saved
    };
    let (written, saved) = tokio::join!(write, save);
    assert!(written > 0 && saved == 5);
    for round in 0..5 {
        let copy = place.copy.with_extension(format!("{round}.db"));
        let restored = Console::reopen(&format!("sqlite:{}", copy.display())).await;
        assert!(restored.database.is_current().await);
        let version = versions(&restored).await;
        assert!((before..=before + written).contains(&version));
        let org = restored.org("large").await;
        let history = whole_history(restored.sluice.store.as_ref(), &org.id).await;
        assert_eq!(history.len(), usize::try_from(version).unwrap(), "each change is there with its history");
        restored.database.close().await;
    }
}

#[tokio::test]
async fn only_its_owner_reads_a_database() {
    let place = place();
    let console = Console::demo(&place.url).await;
    for name in files(&place) {
        let mode = std::fs::metadata(place.database.with_file_name(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(files(&place), ["sluice.db", "sluice.db-shm", "sluice.db-wal"]);
    console.database.close().await;
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let place = place();
    let missing = backup(&place.url, &place.copy, saved_at()).await;
    assert!(matches!(missing, Err(BackupError::NoDatabase(_))), "{missing:?}");
    assert!(files(&place).is_empty(), "asking for a backup makes no database");
    let console = Console::demo(&place.url).await;
    std::fs::write(&place.copy, "somebody's letters").unwrap();
    let over = backup(&place.url, &place.copy, saved_at()).await;
    assert!(matches!(over, Err(BackupError::Exists(_))), "{over:?}");
    assert_eq!(std::fs::read_to_string(&place.copy).unwrap(), "somebody's letters");
    let itself = backup(&place.url, &place.database, saved_at()).await;
    assert!(matches!(itself, Err(BackupError::Exists(_))), "{itself:?}");
    console.database.close().await;
    // What fails halfway leaves nothing that could be taken for a backup.
    std::fs::write(&place.database, "no database, but long enough to be read as the start of one".repeat(100)).unwrap();
    let broken = place.copy.with_extension("broken");
    assert!(backup(&place.url, &broken, saved_at()).await.is_err());
    assert_eq!(files(&place), ["copy of it.db", "sluice.db"]);
}

#[tokio::test]
async fn a_restore_brings_back_what_was_saved_and_signs_everyone_out() {
    let place = place();
    let console = Console::demo(&place.url).await;
    let now = console.sluice.now();
    let mut session = Record {
        id: Id::default(),
        data: [("account".to_owned(), json!(console.admin("large").await.account().id))].into(),
        expiry_date: OffsetDateTime::from_unix_timestamp_nanos(i128::from(now.micros() + 60_000_000) * 1_000).unwrap(),
    };
    console.database.sessions.create(&mut session).await.unwrap();
    let before = versions(&console).await;
    backup(&place.url, &place.copy, saved_at()).await.unwrap();
    turn_off(&console, true).await;
    console.database.close().await;

    let refused = restore(&place.url, &place.copy, false, now).await;
    assert!(matches!(refused, Err(BackupError::WouldReplace(_))), "{refused:?}");
    let kept = restore(&place.url, &place.copy, true, now).await.unwrap().unwrap();
    assert_eq!(files(&place), ["copy of it.db", "sluice.db", "sluice.db.before-2026-11-21T000000.000000Z"]);
    let console = Console::reopen(&place.url).await;
    assert_eq!(versions(&console).await, before);
    assert_eq!(installation_log(&console).await, [Action::InstallationRestore], "the backup was before its own entry");
    assert!(console.database.sessions.load(&session.id).await.unwrap().is_none());
    console.database.close().await;
    let former = Console::reopen(&format!("sqlite:{}", kept.display())).await;
    assert_eq!(versions(&former).await, before + 1, "what was replaced is kept");
    assert_eq!(installation_log(&former).await, [Action::InstallationBackup]);
    former.database.close().await;

    // To a machine with nothing on it.
    let elsewhere = place.copy.with_file_name("new/sluice.db");
    let url = format!("sqlite:{}", elsewhere.display());
    assert_eq!(restore(&url, &place.copy, false, now).await.unwrap(), None);
    let console = Console::reopen(&url).await;
    assert_eq!(versions(&console).await, before);
    console.database.close().await;
}

#[tokio::test]
async fn a_database_in_use_is_not_replaced() {
    let place = place();
    let console = Console::demo(&place.url).await;
    let now = console.sluice.now();
    backup(&place.url, &place.copy, saved_at()).await.unwrap();
    // Somebody without our lock.
    let open = restore(&place.url, &place.copy, true, now).await;
    assert!(matches!(open, Err(BackupError::InUse(_))), "{open:?}");
    console.database.close().await;
    // A server that is idle and has every connection closed.
    let held = hold(&place.url).unwrap();
    let second = hold(&place.url).unwrap();
    let idle = restore(&place.url, &place.copy, true, now).await;
    assert!(matches!(idle, Err(BackupError::InUse(_))), "{idle:?}");
    drop((held, second));
    restore(&place.url, &place.copy, true, now).await.unwrap().unwrap();
}

#[tokio::test]
async fn only_a_whole_backup_of_a_known_version_is_restored() {
    let place = place();
    let console = Console::demo(&place.url).await;
    let now = console.sluice.now();
    backup(&place.url, &place.copy, saved_at()).await.unwrap();
    let whole = std::fs::read(&place.copy).unwrap();
    let newer = place.copy.with_extension("newer");
    console.database.execute_raw("INSERT INTO _sqlx_migrations SELECT 9999, 'later', installed_on, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1").await.unwrap();
    backup(&place.url, &newer, saved_at()).await.unwrap_err();
    console.database.execute_raw("DELETE FROM _sqlx_migrations WHERE version = 9999").await.unwrap();
    console.database.close().await;

    let other = place.copy.with_extension("other");
    let mut torn = whole.clone();
    torn.truncate(whole.len() / 2);
    let mut damaged = whole.clone();
    for byte in &mut damaged[8_000..24_000] {
        *byte ^= 0x55;
    }
    for (what, content) in
        [("nothing", Vec::new()), ("a letter", b"Dear Maud, ".repeat(500)), ("half of it", torn), ("damaged", damaged)]
    {
        std::fs::write(&other, content).unwrap();
        let refused = restore(&place.url, &other, true, now).await;
        assert!(refused.is_err(), "{what}");
        same_as_before(&place).await;
    }
    // The file of a killed server is half in another file.
    std::fs::write(&other, &whole).unwrap();
    let wal = PathBuf::from(format!("{}-wal", other.display()));
    std::fs::write(&wal, "changes").unwrap();
    let live = restore(&place.url, &other, true, now).await;
    assert!(matches!(live, Err(BackupError::Live(_))), "{live:?}");
    let missing = restore(&place.url, Path::new("/nowhere/at/all"), true, now).await;
    assert!(matches!(missing, Err(BackupError::File { .. })), "{missing:?}");
    same_as_before(&place).await;

    // A database that is broken itself is replaced all the same.
    std::fs::write(&place.database, "broken").unwrap();
    restore(&place.url, &place.copy, true, now).await.unwrap().unwrap();
    same_as_before(&place).await;
}

async fn same_as_before(place: &Place) {
    let leftovers: Vec<String> = files(place).into_iter().filter(|name| name.ends_with(".restoring")).collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
    let console = Console::reopen(&place.url).await;
    assert!(console.database.is_current().await && versions(&console).await > 0);
    console.database.close().await;
}

#[tokio::test]
async fn postgres_is_left_to_its_own_tools() {
    let place = place();
    let url = "postgres://sluice:s3cret@db.example/sluice";
    let backup = backup(url, &place.copy, saved_at()).await.unwrap_err().to_string();
    assert!(backup.contains("pg_dump --format=custom") && !backup.contains("s3cret"), "{backup}");
    let now = policy::Timestamp::from_micros(0);
    let restore = restore(url, &place.copy, true, now).await.unwrap_err().to_string();
    assert!(restore.contains("pg_restore --clean") && !restore.contains("s3cret"), "{restore}");
    assert!(hold(url).unwrap().is_none() && files(&place).is_empty());
}
