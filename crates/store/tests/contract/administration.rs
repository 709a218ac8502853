//! Accounts and organisations as the command line writes them: whole or not at all, and never over what is there.

use policy::{Subscription, Timestamp};
use serde_json::json;
use service::administration::{AdministrationError, Belongs, create_account, create_organisation, reset_password};
use service::model::{OrgRef, Role, StaffRole};
use service::sign_in::Passwords;
use time::OffsetDateTime;
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::session::{Id, Record};

use crate::console::Console;

const PASSWORD: &str = "a plank is a plank";

fn member(slug: &str) -> Belongs {
    Belongs::Member(slug.to_owned(), Role::Admin)
}

/// An organisation with one app.
async fn quay(console: &Console) -> OrgRef {
    let apps = [("jira".to_owned(), "premium".to_owned())];
    let administration = console.database.administration.as_ref();
    create_organisation(&console.sluice, administration, "quay", " Quay Timber ", "eu", &apps).await.unwrap()
}

pub(crate) async fn a_new_account_can_sign_in_where_it_belongs(url: String) {
    let console = Console::empty(&url).await;
    let (sluice, administration) = (&console.sluice, console.database.administration.as_ref());
    let org = quay(&console).await;
    assert_eq!((org.slug.as_str(), org.name.as_str()), ("quay", "Quay Timber"));
    let snapshot = console.snapshot("quay").await;
    let expected = Subscription {
        app: "jira".to_owned(),
        plan: "premium".to_owned(),
        trial: false,
        from: sluice.now(),
        until: None,
    };
    assert_eq!((snapshot.state.created, snapshot.state.subscriptions), (sluice.now(), vec![expected]));

    let create = async |email, belongs| create_account(sluice, administration, email, "Maud", &belongs, PASSWORD).await;
    let maud = create(" Maud@Quay.example", member("quay")).await.unwrap();
    assert_eq!((maud.email.as_str(), maud.staff), ("maud@quay.example", None));
    assert_eq!(sluice.store.organisations_of(&maud.id).await.unwrap(), [(org.clone(), Role::Admin)]);
    let robin = create("robin@vendor.example", Belongs::Staff(StaffRole::Support)).await.unwrap();
    assert_eq!(robin.staff, Some(StaffRole::Support));
    assert!(sluice.store.organisations_of(&robin.id).await.unwrap().is_empty());
    let passwords = Passwords::new(1).unwrap();
    for account in [&maud, &robin] {
        assert_eq!(&passwords.sign_in(sluice.store.as_ref(), &account.email, PASSWORD).await.unwrap(), account);
    }

    // Nothing is written over.
    let again = create("maud@quay.example", Belongs::Staff(StaffRole::Operator)).await;
    assert!(matches!(again, Err(AdministrationError::EmailTaken)), "{again:?}");
    let again = create_organisation(sluice, administration, "quay", "Another", "eu", &[]).await;
    assert!(matches!(again, Err(AdministrationError::SlugTaken(_))), "{again:?}");
    assert_eq!(sluice.store.all_accounts().await.unwrap(), [maud, robin]);
    assert_eq!(sluice.store.all_organisations().await.unwrap(), [org]);

    // In the region that was asked for, if there is a database for it.
    let other = sluice.regions.all().last().unwrap().id.clone();
    let kelp = create_organisation(sluice, administration, "kelp", "Kelp", &other, &[]).await.unwrap();
    assert_eq!(sluice.store.residence(&kelp.id).await.unwrap(), Some(other));
    let nowhere = create_organisation(sluice, administration, "moss", "Moss", "moon", &[]).await;
    assert!(matches!(nowhere, Err(AdministrationError::NoRegion(..))), "{nowhere:?}");
}

pub(crate) async fn what_makes_no_sense_is_not_written(url: String) {
    let console = Console::empty(&url).await;
    let (sluice, administration) = (&console.sluice, console.database.administration.as_ref());
    quay(&console).await;
    let long = "x".repeat(201);
    for (email, name, belongs, password) in [
        ("maud", "Maud", member("quay"), PASSWORD),
        ("@quay.example", "Maud", member("quay"), PASSWORD),
        ("maud@", "Maud", member("quay"), PASSWORD),
        ("ma ud@quay.example", "Maud", member("quay"), PASSWORD),
        ("maud@quay.example@x", "Maud", member("quay"), PASSWORD),
        ("maud@quay.example\0", "Maud", member("quay"), PASSWORD),
        ("maud@quay.example", " ", member("quay"), PASSWORD),
        ("maud@quay.example", &long, member("quay"), PASSWORD),
        ("maud@quay.example", "Ma\nud", member("quay"), PASSWORD),
        ("maud@quay.example", "Maud", member("nowhere"), PASSWORD),
        ("maud@quay.example", "Maud", member("quay"), "1234567"),
    ] {
        let refused = create_account(sluice, administration, email, name, &belongs, password).await;
        assert!(refused.is_err(), "{email} {name} {belongs:?}");
    }
    let app = |app: &str, plan: &str| vec![(app.to_owned(), plan.to_owned())];
    for (slug, name, apps) in [
        ("", "Name", Vec::new()),
        ("Quay", "Name", Vec::new()),
        ("a/b", "Name", Vec::new()),
        ("..", "Name", Vec::new()),
        ("-a", "Name", Vec::new()),
        // Its audit log would be taken for the installation's.
        ("installation", "Name", Vec::new()),
        ("ok", "", Vec::new()),
        ("ok", "Name", app("nowhere", "premium")),
        ("ok", "Name", app("jira", "nothing")),
    ] {
        assert!(
            create_organisation(sluice, administration, slug, name, "eu", &apps).await.is_err(),
            "{slug:?} {name:?}"
        );
    }
    // An organisation that is gone by the time that its account is written takes the account with it.
    let ghost = OrgRef { id: "ghost".to_owned(), slug: "ghost".to_owned(), name: "Ghost".to_owned() };
    let account = service::model::Account {
        id: "a-1".to_owned(),
        email: "a@b.example".to_owned(),
        name: "A".to_owned(),
        staff: None,
        language: None,
    };
    let admin = service::access::Who { account: account.clone(), via: service::access::Via::command_line() };
    let entry = admin.did(sluice.now(), audit::Action::AccountCreate, "account", "a-1");
    assert!(
        administration
            .add_account(&account, "hash", Some((&ghost, Role::Admin)), ("installation", &entry))
            .await
            .is_err()
    );
    assert!(sluice.store.all_accounts().await.unwrap().is_empty());
    assert_eq!(sluice.store.all_organisations().await.unwrap().len(), 1);
}

pub(crate) async fn a_reset_changes_one_password_and_ends_its_sessions(url: String) {
    let console = Console::empty(&url).await;
    let (sluice, administration) = (&console.sluice, console.database.administration.as_ref());
    quay(&console).await;
    let mut sessions = Vec::new();
    for name in ["maud", "noor"] {
        let email = format!("{name}@quay.example");
        let account = create_account(sluice, administration, &email, name, &member("quay"), PASSWORD).await.unwrap();
        let ends = Timestamp::from_micros(sluice.now().micros() + 60_000_000);
        for _ in 0..2 {
            let mut record = Record {
                id: Id::default(),
                data: [("account".to_owned(), json!(account.id))].into(),
                expiry_date: OffsetDateTime::from_unix_timestamp_nanos(i128::from(ends.micros()) * 1_000).unwrap(),
            };
            console.database.sessions.create(&mut record).await.unwrap();
            sessions.push(record.id);
        }
    }
    let alive = async || {
        let mut alive = Vec::new();
        for id in &sessions {
            alive.push(console.database.sessions.load(id).await.unwrap().is_some());
        }
        alive
    };
    let weak = reset_password(sluice, "maud@quay.example", "short").await;
    assert!(matches!(weak, Err(AdministrationError::Password(_))));
    let nobody = reset_password(sluice, "nobody@quay.example", PASSWORD).await;
    assert!(matches!(nobody, Err(AdministrationError::NoAccount)));
    assert_eq!(alive().await, [true; 4]);

    reset_password(sluice, "MAUD@quay.example", "another plank").await.unwrap();
    assert_eq!(alive().await, [false, false, true, true]);
    let passwords = Passwords::new(1).unwrap();
    for (email, password, opens) in [
        ("maud@quay.example", PASSWORD, false),
        ("maud@quay.example", "another plank", true),
        ("noor@quay.example", PASSWORD, true),
    ] {
        assert_eq!(passwords.sign_in(sluice.store.as_ref(), email, password).await.is_ok(), opens, "{email}");
    }
}

/// Anyone enters a demo with one click, so nobody real belongs there.
pub(crate) async fn nobody_real_is_added_to_a_demo(url: String) {
    let console = Console::demo(&url).await;
    let (sluice, administration) = (&console.sluice, console.database.administration.as_ref());
    let account = create_account(sluice, administration, "maud@quay.example", "Maud", &member("large"), PASSWORD).await;
    assert!(matches!(account, Err(AdministrationError::Demo)), "{account:?}");
    let org = create_organisation(sluice, administration, "quay", "Quay Timber", "eu", &[]).await;
    assert!(matches!(org, Err(AdministrationError::Demo)), "{org:?}");
}
