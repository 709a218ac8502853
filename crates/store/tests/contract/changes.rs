//! Writing a change and reading the history.

use policy::Chosen;
use service::model::{Change, NewChange, NewItem, Snapshot};
use service::ports::ChangeError;
use service::settings::change::{Confirmation, Outcome, Wish, apply_review, change};
use service::settings::{Refusal, SettingsError};

use crate::console::{Console, setting};

const HR: &str = "space:jira/HR";
const MOBILE: &str = "space:jira/MOBILE";
const OPS: &str = "space:jira/OPS";

pub(crate) async fn a_change_is_written_with_its_history(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.second_admin("large").await;
    let before = console.snapshot("large").await;
    let at = console.sluice.now();
    let item = |of: &str, new: Option<bool>| NewItem {
        setting: setting(of),
        old: before.state.chosen(&setting(of)),
        new: new.map(|on| Chosen { on, at }),
    };
    let new = NewChange {
        id: "change-1".to_owned(),
        by: admin.who().clone(),
        at,
        reason: "For the audit".to_owned(),
        reverts: None,
        items: vec![item(OPS, Some(true)), item(HR, Some(false)), item(MOBILE, None)],
    };
    let decide = |seen: &Snapshot| {
        // What is decided on is what stood before, the version included.
        assert_eq!(format!("{seen:?}"), format!("{before:?}"));
        Ok(Some(new.clone()))
    };
    let version = console.sluice.store.apply(&before.org.id, &decide).await.unwrap();
    assert_eq!(version, Some(before.version + 1));

    let mut expected = before.clone();
    expected.version += 1;
    for item in &new.items {
        expected.changed_at.insert(item.setting.clone(), expected.version);
        match item.new {
            Some(chosen) => expected.state.settings.insert(item.setting.clone(), chosen),
            None => expected.state.settings.remove(&item.setting),
        };
    }
    assert_eq!(format!("{:?}", console.snapshot("large").await), format!("{expected:?}"));

    let written = console.history("large").await.pop().unwrap();
    assert_eq!((written.id.as_str(), written.version, written.at), ("change-1", expected.version, at));
    assert_eq!((written.account_name.as_str(), written.reason.as_str()), ("Ines Falk", "For the audit"));
    assert_eq!(console.sluice.store.change(&before.org.id, "change-1").await.unwrap(), Some(written));
}

pub(crate) async fn what_is_not_decided_leaves_nothing(url: String) {
    let console = Console::demo(&url).await;
    let org = console.org("large").await;
    let before = console.everything("large").await;
    let nothing = console.sluice.store.apply(&org.id, &|_| Ok(None)).await.unwrap();
    assert_eq!(nothing, None);
    let refused = console.sluice.store.apply(&org.id, &|_| Err(Refusal::Moved)).await;
    assert!(matches!(refused, Err(ChangeError::Refused(Refusal::Moved))), "{refused:?}");
    for nobody in ["", "large", "no-such-id"] {
        let unknown = console.sluice.store.apply(nobody, &|_| panic!("there is nothing to decide about")).await;
        assert!(matches!(unknown, Err(ChangeError::Store(_))), "{nobody:?}: {unknown:?}");
        assert!(console.sluice.store.snapshot(nobody).await.unwrap().is_none(), "{nobody:?}");
    }
    assert_eq!(console.everything("large").await, before);
}

pub(crate) async fn a_removed_setting_remembers_when(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let hr = setting(HR);
    for (to, version) in [(Some(false), 3), (None, 4), (Some(false), 5)] {
        console.clock.pass_minutes(1);
        let outcome = console.set(&admin, to, &hr).await.unwrap();
        assert!(matches!(outcome, Outcome::Changed { .. }));
        let snapshot = console.snapshot("large").await;
        assert_eq!(snapshot.state.chosen(&hr), to.map(|on| Chosen { on, at: console.sluice.now() }));
        assert_eq!(snapshot.changed_at.get(&hr), Some(&version), "to {to:?}");
        assert_eq!(console.set(&admin, to, &hr).await.unwrap(), Outcome::Unchanged);
        assert_eq!(console.history("large").await.len() as i64, version);
    }
}

pub(crate) async fn the_history_is_paged_by_version(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let cycle = [HR, OPS, "space:jira/LEGAL", HR];
    for (step, of) in cycle.iter().cycle().take(30).enumerate() {
        console.clock.pass_minutes(1);
        let chosen = console.snapshot("large").await.state.chosen(&setting(of));
        let wish = Wish::Set {
            to: if chosen.is_some() { None } else { Some(false) },
            settings: if step % 7 == 0 { vec![setting(of), setting("space:jira/SEC")] } else { vec![setting(of)] },
        };
        change(&console.sluice, &admin, &wish, i64::MAX).await.unwrap();
    }
    let mut all = console.history("large").await;
    assert_eq!(all.len(), 32);
    all.reverse();

    let org = console.org("large").await;
    let store = &console.sluice.store;
    let newest = all[0].version;
    for of in [None, Some(HR), Some(OPS), Some("space:jira/SEC"), Some(MOBILE), Some("space:jira/WH"), Some("in-app")] {
        let of = of.map(setting);
        let expected: Vec<&Change> = all
            .iter()
            .filter(|change| of.as_ref().is_none_or(|of| change.items.iter().any(|item| item.setting == *of)))
            .collect();
        for (below, limit) in [
            (None, 100),
            (None, 7),
            (None, 1),
            (None, 0),
            (Some(newest), 5),
            (Some(10), 3),
            (Some(1), 5),
            (Some(i64::MIN), 5),
        ] {
            let read = store.changes(&org.id, of.as_ref(), below, limit).await.unwrap();
            let expected: Vec<_> = expected
                .iter()
                .filter(|change| below.is_none_or(|below| change.version < below))
                .take(limit as usize)
                .collect();
            assert_eq!(
                read.iter().collect::<Vec<_>>(),
                expected.into_iter().copied().collect::<Vec<_>>(),
                "{of:?} {below:?} {limit}"
            );
        }
        // Walking from page to page meets each change once.
        let mut walked = Vec::new();
        let mut below = None;
        loop {
            let page = store.changes(&org.id, of.as_ref(), below, 4).await.unwrap();
            let Some(last) = page.last() else { break };
            below = Some(last.version);
            walked.extend(page);
        }
        assert_eq!(walked.iter().collect::<Vec<_>>(), expected, "{of:?}");
    }
}

pub(crate) async fn another_organisation_has_no_part_in_it(url: String) {
    let console = Console::demo(&url).await;
    let store = &console.sluice.store;
    let (large, enterprise) = (console.org("large").await, console.org("enterprise").await);
    let untouched = console.everything("enterprise").await;
    let hr = setting(HR);
    let admin = console.admin("large").await;
    let Outcome::Changed { change_id } = console.set(&admin, Some(false), &hr).await.unwrap() else {
        panic!("it was not off before")
    };
    assert!(store.change(&large.id, &change_id).await.unwrap().is_some());
    assert_eq!(store.change(&enterprise.id, &change_id).await.unwrap(), None);
    assert_eq!(store.change("", &change_id).await.unwrap(), None);
    assert_eq!(store.changes(&enterprise.id, Some(&hr), None, 10).await.unwrap(), []);
    assert_eq!(store.changes("no-such-id", None, None, 10).await.unwrap(), []);
    assert_eq!(console.everything("enterprise").await, untouched);
}

/// What came of a wish, in a word; of a conflict both values.
fn came_of(outcome: Result<Outcome, SettingsError>) -> String {
    match outcome {
        Ok(Outcome::Changed { .. }) => "changed".to_owned(),
        Ok(Outcome::Unchanged) => "unchanged".to_owned(),
        Err(SettingsError::Refused(Refusal::Conflict(met))) => {
            let both = met.iter().map(|one| format!("{}: {:?} met {:?}", one.setting, one.theirs, one.yours));
            both.collect::<Vec<_>>().join(", ")
        }
        Err(SettingsError::Refused(refusal)) => format!("{refusal:?}"),
        Err(error) => panic!("{error}"),
    }
}

/// Two admins with the same page open: what one of them changed, the other does not overwrite unseen.
pub(crate) async fn a_stale_page_changes_nothing_that_moved(url: String) {
    let console = Console::demo(&url).await;
    let (first, second) = (console.admin("large").await, console.second_admin("large").await);
    let set = |to: Option<bool>, of: &str| Wish::Set { to, settings: of.split(' ').map(setting).collect() };
    let (on, off, removed) = (Some(true), Some(false), None);

    // What the first one does, what the second wants from the page that both had open, and what comes of it.
    let cases = [
        (off, HR, removed, HR, "space:jira/HR: Some(false) met None"),
        (removed, HR, off, HR, "space:jira/HR: None met Some(false)"),
        (off, HR, off, HR, "unchanged"),
        (off, OPS, off, "space:jira/LEGAL", "changed"),
        (removed, OPS, removed, "space:jira/LEGAL space:jira/HR", "changed"),
    ];
    for (theirs, of, yours, settings, expected) in cases {
        let case = format!("{theirs:?} {of}, then {yours:?} {settings}");
        let seen = console.snapshot("large").await.version;
        assert_eq!(came_of(change(&console.sluice, &first, &set(theirs, of), seen).await), "changed", "{case}");
        let before = console.everything("large").await;
        assert_eq!(came_of(change(&console.sluice, &second, &set(yours, settings), seen).await), expected, "{case}");
        assert_eq!(console.everything("large").await == before, expected != "changed", "{case}");
    }

    // What was reviewed is confirmed only as it was reviewed.
    let seen = console.snapshot("large").await.version;
    change(&console.sluice, &first, &set(off, HR), seen).await.unwrap();
    let cases =
        [(seen, HR, "space:jira/HR: Some(false) met Some(true)"), (seen, OPS, "Moved"), (seen + 1, HR, "changed")];
    for (version, of, expected) in cases {
        let before = console.everything("large").await;
        let typed = Confirmation { version, reason: "Agreed".to_owned(), name: String::new(), proved: true };
        let outcome = apply_review(&console.sluice, &second, &set(on, of), &typed).await;
        assert_eq!(came_of(outcome), expected, "{of} as of {version}");
        assert_eq!(console.everything("large").await == before, expected != "changed", "{of} as of {version}");
    }
    assert_eq!(console.snapshot("large").await.state.chosen(&setting(HR)).map(|chosen| chosen.on), on);
}
