//! How things stood on a date, and the pack that shows it.

use policy::{Kind, Setting};
use service::access::OrgAuditor;
use service::evidence::{check, export, state_on};

use crate::console::{Console, setting};

/// A walk through time: at each step the state is noted, and read back from the end.
pub(crate) async fn the_state_on_a_date_is_what_it_was(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let auditor = OrgAuditor::from(admin.clone());
    let mut noted = Vec::new();
    for (to, of) in [
        (Some(false), "space:jira/HR"),
        (None, "space:jira/HR"),
        (Some(false), "app:confluence"),
        (Some(false), "space:jira/OPS"),
        (Some(false), "metadata"),
    ] {
        let snapshot = console.snapshot("large").await;
        noted.push((console.sluice.now(), snapshot.version, snapshot.state.settings));
        console.clock.pass_minutes(90);
        console.set(&admin, to, &setting(of)).await.unwrap();
        console.clock.pass_minutes(90);
    }
    for (at, version, settings) in noted {
        let state = state_on(&console.sluice, &auditor, at).await.unwrap();
        assert_eq!((state.version, state.changes.len() as i64), (version, version));
        let chosen: Vec<_> =
            state.decisions.iter().filter_map(|line| Some((line.setting.clone(), line.chosen?))).collect();
        let expected: Vec<_> =
            settings.into_iter().map(|(setting, chosen)| (setting, (chosen.on, chosen.at))).collect();
        assert_eq!(chosen, expected, "{at:?}");
        for kind in Kind::ALL {
            assert!(state.decisions.iter().any(|line| line.setting == Setting::Organisation(kind)));
        }
    }
    let long_ago = console.sluice.now().plus_days(-4_000);
    let before = state_on(&console.sluice, &auditor, long_ago).await.unwrap();
    assert_eq!((before.version, before.plan.as_str(), before.subscriptions.len()), (0, "No active plan", 0));
}

pub(crate) async fn a_pack_is_whole_or_refused(url: String) {
    let console = Console::demo(&url).await;
    let auditor = OrgAuditor::from(console.admin("large").await);
    let now = console.sluice.now();
    let report = |state: &service::evidence::StateOn, _: &audit::Checkpoint, _: &str| state.sentence.clone();
    let pack = export(&console.sluice, &auditor, now, report).await.unwrap();
    let checked = check(&pack, None).unwrap();
    assert!(checked.title.starts_with("Evidence of large on "), "{}", checked.title);
    assert_eq!((checked.files, checked.entries.0), (10, 1));
    assert_eq!(checked.entries.1, checked.checkpoint.head.sequence);
    assert_eq!(&checked.key, console.sluice.signer.public());
    assert!(console.log("large").await.lines().last().unwrap().contains("evidence.export"));

    let other = audit::SigningKey::of_seed("sluice", "ICECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    assert!(check(&pack, Some(other.public())).is_err());
    // Every fortieth byte, each bit of it; all of them would take minutes.
    for at in (0..pack.len()).step_by(40) {
        for bit in 0..8 {
            let mut bent = pack.clone();
            bent[at] ^= 1 << bit;
            assert!(check(&bent, None).is_err(), "byte {at}, bit {bit}");
        }
    }
    assert!(check(&pack[..pack.len() - 1], None).is_err());
    assert!(check(b"", None).is_err());
}
