//! Random wishes of two admins: wherever they end, the history says how they came there, on each database alike.

use std::fmt::Write as _;

use policy::Setting;
use service::settings::SettingsError;
use service::settings::change::{Confirmation, Outcome, Wish, apply_review, change, undo};

use crate::console::{Console, setting};
use crate::database::{on_postgres, on_sqlite};

const SEEDS: [u64; 3] = [1, 2026, 0x51_u64.pow(7)];
const WISHES: usize = 200;

/// What the wishes are about: every kind of setting, one of them locked, two of them not there.
const SETTINGS: [&str; 12] = [
    "metadata",
    "in-app",
    "app:jira",
    "app:confluence",
    "connector:drive",
    "connector:nowhere",
    "connector:chat",
    "space:jira/HR",
    "space:jira/WEB",
    "space:jira/OPS",
    "space:confluence/HANDBOOK",
    "space:jira/NOWHERE",
];

/// `SplitMix64`: the same throws for the same seed, on every machine.
struct Dice(u64);

impl Dice {
    /// From 0 to `sides` - 1.
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % sides as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.throw(sides) == 0
    }
}

pub(crate) async fn random_wishes_end_where_the_history_says(url: String) {
    let transcript = transcript(&url).await;
    for outcome in [
        "changed",
        "Unchanged",
        "NeedsReview",
        "Conflict",
        "Moved",
        "ReasonMissing",
        "NameMissing",
        "CannotUndo",
        "Locked",
        "Unknown",
    ] {
        assert!(transcript.contains(outcome), "no wish ended in {outcome}: the throws are no test");
    }
}

/// Both databases tell the same story. Its own test, because it needs the two side by side.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_say_the_same() {
    on_postgres(|postgres| async move {
        on_sqlite(|sqlite| async move {
            let (sqlite, postgres) = tokio::join!(transcript(&sqlite), transcript(&postgres));
            for (line, (sqlite, postgres)) in sqlite.lines().zip(postgres.lines()).enumerate() {
                assert_eq!(sqlite, postgres, "line {line}");
            }
            assert_eq!(sqlite.lines().count(), postgres.lines().count());
        })
        .await;
    })
    .await;
}

/// What was wished, what came of it and what stood afterwards, without anything that differs from run to run.
async fn transcript(url: &str) -> String {
    let console = Console::demo(url).await;
    let admins = [console.admin("enterprise").await, console.second_admin("enterprise").await];
    let mut transcript = String::new();
    for seed in SEEDS {
        let mut dice = Dice(seed);
        for _ in 0..WISHES {
            console.clock.pass_minutes(dice.throw(6) as i64);
            let snapshot = console.snapshot("enterprise").await;
            let admin = &admins[dice.throw(admins.len())];
            let seen = snapshot.version - if dice.one_in(4) { dice.throw(4) as i64 } else { 0 };
            let earlier = console.sluice.store.changes(&snapshot.org.id, None, None, 6).await.unwrap();
            let earlier = &earlier[dice.throw(earlier.len())];

            let (told, wish) = if dice.one_in(4) {
                (format!("take back {}", earlier.version), Wish::Revert { change_id: earlier.id.clone() })
            } else {
                let to = [Some(true), Some(false), Some(false), None][dice.throw(4)];
                let settings: Vec<Setting> =
                    (0..=dice.throw(3)).map(|_| setting(SETTINGS[dice.throw(SETTINGS.len())])).collect();
                (format!("{to:?} {settings:?}"), Wish::Set { to, settings })
            };
            let (how, outcome) = match dice.throw(6) {
                0 => ("undone", undo(&console.sluice, admin, &earlier.id, None).await),
                1..=2 => ("at once", change(&console.sluice, admin, &wish, seen).await),
                _ => {
                    let reason = if dice.one_in(6) { "  " } else { "Agreed in the data council" }.to_owned();
                    let name = if dice.one_in(3) { "Meridian" } else { " Meridian Instruments " }.to_owned();
                    let typed = Confirmation { version: seen, reason, name, proved: true };
                    ("reviewed", apply_review(&console.sluice, admin, &wish, &typed).await)
                }
            };
            let outcome = match outcome {
                Ok(Outcome::Changed { .. }) => "changed".to_owned(),
                Ok(Outcome::Unchanged) => "Unchanged".to_owned(),
                Err(SettingsError::Refused(refusal)) => format!("{refusal:?}"),
                Err(error) => panic!("{error}"),
            };
            let after = console.snapshot("enterprise").await;
            writeln!(transcript, "{} {how} at {seen}, {told}: {outcome}", admin.account().name).unwrap();
            writeln!(transcript, "  {} {:?} {:?}", after.version, after.state.settings, after.changed_at).unwrap();
        }
    }
    let history = console.history("enterprise").await;
    for change in &history {
        let reverts = change.reverts.as_ref().map(|id| history.iter().find(|other| other.id == *id).unwrap().version);
        let parts = (change.version, &change.account_name, change.at, &change.reason, reverts, &change.items);
        writeln!(transcript, "{parts:?}").unwrap();
    }
    transcript
}
