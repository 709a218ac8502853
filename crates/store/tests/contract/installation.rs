//! Setting up: migrations, the demo, the people in it.

use std::collections::BTreeMap;

use policy::{Chosen, Connector, ExemptionPeriod, OrgState, Setting, Subscription, Timestamp};
use service::access::{Via, Who};
use service::demo::{self, SeedError, Seeded};
use service::model::{Account, ChangeItem, NewChange, NewItem, OrgRef, Role, Space, StaffRole};
use service::overview::{OverviewQuery, OverviewRow, overview};
use service::ports::{Demo, DemoOrganisation};
use service::settings::summary;
use store::Database;

use crate::console::{Console, setting};
use crate::database::FakeClock;

pub(crate) async fn migrating_again_changes_nothing(url: String) {
    let database = Database::open(&url, std::sync::Arc::new(FakeClock::default())).await.unwrap();
    assert!(!database.is_current().await, "an empty database is not up to date");
    database.migrate().await.unwrap();
    assert!(database.is_current().await);
    database.migrate().await.unwrap();
    database.close().await;

    let console = Console::demo(&url).await;
    let before = console.everything("large").await;
    console.database.migrate().await.unwrap();
    assert!(console.database.is_current().await);
    assert_eq!(console.everything("large").await, before);
}

/// An organisation with every column filled in every way that it can be.
pub(crate) async fn what_was_installed_is_read_back(url: String) {
    let console = Console::empty(&url).await;
    let at = |micros: i64| Timestamp::from_micros(micros);
    let chosen = |on, micros| Some(Chosen { on, at: at(micros) });
    let account = Account {
        id: "a-1".to_owned(),
        email: "zoë@example.example".to_owned(),
        name: "Zoë O’Brien 李".to_owned(),
        staff: Some(StaffRole::Operator),
        language: None,
    };
    let org = OrgRef { id: "o-1".to_owned(), slug: "quay".to_owned(), name: "Quay & Søn's \"Løft\"".to_owned() };
    let space =
        |app: &str, key: &str, name: &str| Space { app: app.to_owned(), key: key.to_owned(), name: name.to_owned() };
    let state = OrgState {
        created: at(-1),
        subscriptions: vec![
            Subscription {
                app: "jira".to_owned(),
                plan: "free".to_owned(),
                trial: false,
                from: at(-1),
                until: Some(at(7)),
            },
            Subscription { app: "jira".to_owned(), plan: "premium".to_owned(), trial: true, from: at(5), until: None },
        ],
        exemptions: vec![
            ExemptionPeriod { exemption: "hipaa".to_owned(), from: at(1), until: Some(at(2)) },
            ExemptionPeriod { exemption: "hipaa".to_owned(), from: at(3), until: None },
        ],
        connectors: BTreeMap::from([("drive".to_owned(), Connector { kind: "synced".to_owned(), added: at(9) })]),
        settings: BTreeMap::from([
            (setting("in-app"), chosen(true, 11).unwrap()),
            (setting("space:jira/~zoë/a b"), chosen(false, 10).unwrap()),
        ]),
    };
    let change = |id: &str, micros, reverts: Option<&str>, items: Vec<NewItem>| NewChange {
        id: id.to_owned(),
        by: Who { account: account.clone(), via: Via::command_line() },
        at: at(micros),
        reason: format!("reason of {id}: 100% “naïve”; '); DROP TABLE changes; --\n"),
        reverts: reverts.map(str::to_owned),
        items,
    };
    let item = |of: &str, old, new| NewItem { setting: setting(of), old, new };
    let demo = Demo {
        accounts: vec![(account.clone(), "$hash".to_owned())],
        organisations: vec![DemoOrganisation {
            org: org.clone(),
            state: state.clone(),
            // Neither in the order of the alphabet nor in one that every collation agrees on.
            spaces: vec![
                space("jira", "b", "Bee"),
                space("jira", "B", "Big bee"),
                space("jira", "~zoë/a b", "Zoë’s"),
                space("confluence", "_", ""),
            ],
            connector_names: vec![("drive".to_owned(), "Drive".to_owned())],
            people: vec![(account.id.clone(), Role::Admin)],
            changes: vec![
                change(
                    "c-1",
                    10,
                    None,
                    vec![
                        item("space:jira/~zoë/a b", None, chosen(false, 10)),
                        item("app:jira", None, chosen(true, 10)),
                    ],
                ),
                change(
                    "c-2",
                    11,
                    Some("c-1"),
                    vec![item("app:jira", chosen(true, 10), None), item("in-app", None, chosen(true, 11))],
                ),
            ],
            knowledge: Vec::new(),
        }],
    };
    console.sluice.store.install_demo(&demo).await.unwrap();

    let snapshot = console.snapshot("quay").await;
    assert_eq!(snapshot.org, org);
    assert_eq!(snapshot.version, 2);
    assert_eq!(snapshot.state, state);
    let keys: Vec<_> =
        snapshot.spaces.iter().map(|space| (space.app.as_str(), space.key.as_str(), space.name.as_str())).collect();
    assert_eq!(
        keys,
        [("confluence", "_", ""), ("jira", "B", "Big bee"), ("jira", "b", "Bee"), ("jira", "~zoë/a b", "Zoë’s")]
    );
    assert_eq!(snapshot.connector_names, BTreeMap::from([("drive".to_owned(), "Drive".to_owned())]));
    let versions = [("app:jira", 2), ("in-app", 2), ("space:jira/~zoë/a b", 1)];
    assert_eq!(snapshot.changed_at, versions.map(|(of, version)| (setting(of), version)).into());

    let history = console.history("quay").await;
    for (read, written) in history.iter().zip(&demo.organisations[0].changes) {
        assert_eq!(
            (&read.id, &read.account_id, &read.account_name, read.at, &read.reason, &read.reverts),
            (&written.id, &account.id, &account.name, written.at, &written.reason, &written.reverts)
        );
        let items = written.items.iter().map(|item| (&item.setting, item.old, item.new)).collect::<Vec<_>>();
        let mut read =
            read.items.iter().map(|ChangeItem { setting, old, new }| (setting, *old, *new)).collect::<Vec<_>>();
        read.sort_by_key(|(setting, ..)| items.iter().position(|(of, ..)| of == setting));
        assert_eq!(read, items);
    }
    let found = console.sluice.store.account_by_email("zoë@example.example").await.unwrap().unwrap();
    assert_eq!(found, (account, "$hash".to_owned()));
}

pub(crate) async fn the_demo_has_every_situation(url: String) {
    let console = Console::empty(&url).await;
    assert!(console.sluice.store.is_empty().await.unwrap());
    assert!(!console.sluice.store.is_demo().await.unwrap());
    assert_eq!(demo::seed(&console.sluice).await.unwrap(), Seeded::Now);
    assert!(!console.sluice.store.is_empty().await.unwrap());
    assert!(console.sluice.store.is_demo().await.unwrap());

    // Organisation, its plan as the overview says it, spaces, connectors, entries, changes, whether something is held.
    let expected = "\
        free        Free Harbour Press         Free                11  0  0  0  -
        standard    Northlight Bakery          Standard            11  0  0  0  -
        premium     Kestrel Rail               Premium             13  0  0  0  -
        enterprise  Meridian Instruments       Enterprise          13  2  2  2  -
        trial       Orchard Clinic Supplies    Enterprise (trial)  11  0  0  0  -
        exempt      St. Brigid Hospital Group  Exempt: HIPAA       11  0  0  0  -
        large       Polder Logistics           Enterprise         400  6  5  2  -
        held        Fernweh Travel             Standard            11  1  1  1  held";
    for line in expected.lines() {
        let cells: Vec<&str> = line.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [slug, name, plan, spaces, connectors, entries, changes, held] = cells[..] else { panic!("{line}") };
        let snapshot = console.snapshot(slug).await;
        let admin = console.admin(slug).await;
        let shown = overview(&console.sluice, admin.account(), OverviewQuery::default()).await.unwrap();
        let [OverviewRow { standing: Some(standing), .. }] = &shown.rows[..] else { panic!("{slug}: {shown:?}") };
        assert_eq!((snapshot.org.name.as_str(), standing.plan.as_str()), (name, plan), "{slug}");
        let counts = [snapshot.spaces.len(), snapshot.state.connectors.len(), snapshot.state.settings.len()];
        assert_eq!(counts.map(|count| count.to_string()), [spaces, connectors, entries], "{slug}");
        assert_eq!(console.history(slug).await.len().to_string(), changes, "{slug}");
        let waits = summary::anything_held(console.sluice.catalogue(), &snapshot, console.sluice.now());
        assert_eq!(waits, held == "held", "{slug}");
        assert_eq!((standing.held, standing.unreviewed), (waits, changes == "0"), "{slug}");
    }
    assert_eq!(console.sluice.store.all_organisations().await.unwrap().len(), expected.lines().count());
}

pub(crate) async fn a_demo_is_installed_once(url: String) {
    let console = Console::empty(&url).await;
    console
        .database
        .execute_raw("INSERT INTO organisations (id, slug, name, created_at) VALUES ('o-1', 'own', 'Our own', 0)")
        .await
        .unwrap();
    let refused = demo::seed(&console.sluice).await;
    assert!(matches!(refused, Err(SeedError::NotADemo)), "{refused:?}");
    assert!(!console.sluice.store.is_demo().await.unwrap());
    assert_eq!(console.sluice.store.all_accounts().await.unwrap(), []);

    console.database.execute_raw("DELETE FROM organisations").await.unwrap();
    assert_eq!(demo::seed(&console.sluice).await.unwrap(), Seeded::Now);
    let admin = console.admin("large").await;
    console.set(&admin, Some(false), &setting("space:jira/HR")).await.unwrap();
    let before = console.everything("large").await;
    assert_eq!(demo::seed(&console.sluice).await.unwrap(), Seeded::Before);
    assert_eq!(console.everything("large").await, before);

    // What cannot be written as a whole is not written at all: the second half of this one is there already.
    let again = Demo {
        accounts: vec![(
            Account {
                id: "a-9".to_owned(),
                email: "ada@own.example".to_owned(),
                name: "Ada".to_owned(),
                staff: None,
                language: None,
            },
            String::new(),
        )],
        organisations: Vec::new(),
    };
    assert!(console.sluice.store.install_demo(&again).await.is_err());
    assert_eq!(console.sluice.store.account("a-9").await.unwrap(), None);
}

/// An address, what it is at the vendor, and its roles by slug.
type Expected<'a> = (&'a str, Option<StaffRole>, &'a [(&'a str, Role)]);

pub(crate) async fn accounts_and_their_organisations_are_found(url: String) {
    let console = Console::demo(&url).await;
    let store = &console.sluice.store;
    // E-mail address, staff role, organisations by name.
    let expected: [Expected<'_>; 6] = [
        ("ines.falk@free.example", None, &[("free", Role::Admin), ("enterprise", Role::Admin), ("large", Role::Admin)]),
        ("sanne.de.wit@large.example", None, &[("large", Role::Admin)]),
        ("femke.bos@large.example", None, &[("large", Role::Auditor)]),
        ("joris.kuipers@large.example", None, &[("large", Role::Member)]),
        ("robin.castellan@vendor.example", Some(StaffRole::Support), &[]),
        ("ada.brennan@vendor.example", Some(StaffRole::Operator), &[]),
    ];
    for (email, staff, organisations) in expected {
        let (account, hash) = store.account_by_email(email).await.unwrap().unwrap();
        assert_eq!((account.email.as_str(), account.staff), (email, staff));
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert_eq!(store.account(&account.id).await.unwrap(), Some(account.clone()));
        let roles = store.organisations_of(&account.id).await.unwrap();
        let roles: Vec<(&str, Role)> = roles.iter().map(|(org, role)| (org.slug.as_str(), *role)).collect();
        assert_eq!(roles, organisations, "{email}");
    }
    assert_eq!(store.all_accounts().await.unwrap().len(), 13);
    for nobody in ["", "ines.falk", "Ines.Falk@free.example", "ines.falk@free.example ", "%", "' OR 1 = 1 --"] {
        assert_eq!(store.account_by_email(nobody).await.unwrap(), None, "{nobody:?}");
        assert_eq!(store.account(nobody).await.unwrap(), None, "{nobody:?}");
        assert_eq!(store.organisations_of(nobody).await.unwrap(), [], "{nobody:?}");
        assert_eq!(store.organisation(nobody).await.unwrap(), None, "{nobody:?}");
    }
    let settings: Vec<Setting> = console.snapshot("enterprise").await.state.settings.into_keys().collect();
    assert_eq!(settings, [setting("app:confluence"), setting("space:confluence/PEOPLE")]);
}
