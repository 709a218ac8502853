//! The decision against the hand-written table, and the laws that hold for every organisation.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers as well")]

use std::collections::BTreeMap;

use policy::{
    Catalogue, Connector, Edit, ExemptionPeriod, Inventory, Kind, OrgState, Setting, Subscription, Target, Timestamp,
    decide, impact,
};
use proptest::prelude::*;

fn day(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::built_in().unwrap()
}

fn subscription(plan: &str, trial: bool, from: &str, until: Option<&str>) -> Subscription {
    Subscription { app: "jira".to_owned(), plan: plan.to_owned(), trial, from: day(from), until: until.map(day) }
}

fn organisation(subscriptions: Vec<Subscription>) -> OrgState {
    OrgState {
        created: day("2024-01-01"),
        subscriptions,
        exemptions: Vec::new(),
        connectors: BTreeMap::new(),
        settings: BTreeMap::new(),
    }
}

fn space(key: &str) -> Setting {
    Setting::Space { app: "jira".to_owned(), key: key.to_owned() }
}

fn edit(setting: Setting, on: Option<bool>) -> Edit {
    Edit { setting, on }
}

/// Whether a cell of the table covers a value.
fn covers(cell: &str, value: &str) -> bool {
    cell == "*" || cell.split('|').any(|option| option == value)
}

#[test]
fn every_combination_is_what_the_table_says() {
    let catalogue = catalogue();
    let rows: Vec<Vec<&str>> = include_str!("decision_table.txt")
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert!(rows.iter().all(|row| row.len() == 9), "a row has nine cells");

    let at = day("2026-11-15");
    let chosen_at = day("2026-09-20");
    let wish = |value: &str| match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let mut used = vec![false; rows.len()];
    let mut combinations = 0;
    for kind in Kind::ALL {
        for plan in ["free", "standard", "premium", "enterprise"] {
            for trial in ["none", "running", "ended"] {
                for exempt in ["no", "yes"] {
                    for switch in ["unset", "on", "off"] {
                        for app in ["none", "on", "off"] {
                            for own in ["none", "on", "off"] {
                                let mut state = organisation(vec![subscription(plan, false, "2024-01-01", None)]);
                                match trial {
                                    "running" => {
                                        state.subscriptions.push(subscription("enterprise", true, "2026-09-01", None));
                                    }
                                    "ended" => state.subscriptions.push(subscription(
                                        "enterprise",
                                        true,
                                        "2026-09-01",
                                        Some("2026-10-03"),
                                    )),
                                    _ => {}
                                }
                                if plan != "enterprise" && trial == "none" && switch == "off" && kind == Kind::Metadata
                                {
                                    // Off can only have been chosen while Enterprise allowed it.
                                    state.subscriptions.push(subscription(
                                        "enterprise",
                                        false,
                                        "2026-09-01",
                                        Some("2026-10-03"),
                                    ));
                                }
                                if exempt == "yes" {
                                    state.exemptions.push(ExemptionPeriod {
                                        exemption: "hipaa".to_owned(),
                                        from: day("2025-01-01"),
                                        until: None,
                                    });
                                }
                                let edits: Vec<Edit> = [
                                    (Setting::Organisation(kind), switch),
                                    (Setting::App("jira".to_owned()), app),
                                    (space("HR"), own),
                                ]
                                .into_iter()
                                .map(|(setting, value)| edit(setting, wish(value)))
                                .collect();
                                let state = state.with(&edits, chosen_at);

                                let values = [kind.id(), plan, trial, exempt, switch, app, own];
                                let matching: Vec<usize> = (0..rows.len())
                                    .filter(|&row| {
                                        values.iter().zip(&rows[row]).all(|(value, cell)| covers(cell, value))
                                    })
                                    .collect();
                                assert_eq!(matching.len(), 1, "rows for {values:?}: {matching:?}");
                                used[matching[0]] = true;
                                let row = &rows[matching[0]];

                                let target = space("HR").target();
                                let decision = decide(&catalogue, &state, &target, kind, at);
                                let rule = decision.decided_by().unwrap().rule().id();
                                assert_eq!(
                                    (if decision.contributes { "on" } else { "off" }, rule),
                                    (row[7], row[8]),
                                    "{values:?}: {:?}",
                                    decision.because
                                );
                                combinations += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert_eq!(combinations, 2 * 4 * 3 * 2 * 3 * 3 * 3);
    assert!(used.iter().all(|used| *used), "every row is needed");
}

#[test]
fn nothing_leaves_before_the_programme_is_in_force() {
    let catalogue = catalogue();
    let state = organisation(vec![subscription("free", false, "2024-01-01", None)]);
    let answer = |at| {
        let decision = decide(&catalogue, &state, &Target::Organisation, Kind::InApp, at);
        (decision.contributes, decision.decided_by().unwrap().rule().id())
    };
    assert_eq!(answer(day("2026-08-16")), (false, "in-force"));
    assert_eq!(answer(day("2026-08-17")), (true, "plan-default"));
}

#[test]
fn scope_decides_before_any_switch() {
    let catalogue = catalogue();
    let mut state = organisation(vec![subscription("free", false, "2024-01-01", None)]);
    for (id, kind) in [("drive", "synced"), ("chat", "direct"), ("links", "smart-link"), ("odd", "no-such-kind")] {
        let connector = Connector { kind: kind.to_owned(), added: day("2025-01-01") };
        state.connectors.insert(id.to_owned(), connector);
    }
    let answer = |target| {
        let decision = decide(&catalogue, &state, &target, Kind::InApp, day("2026-11-01"));
        (decision.contributes, decision.decided_by().unwrap().rule().id())
    };
    assert_eq!(answer(Target::PlatformApp("rovo".to_owned())), (true, "plan-default"));
    assert_eq!(answer(Target::PlatformApp("trello".to_owned())), (false, "scope"));
    assert_eq!(answer(Target::App("confluence".to_owned())), (false, "scope"), "it has no subscription");
    assert_eq!(answer(Target::Connector("drive".to_owned())), (true, "plan-default"));
    for connector in ["chat", "links", "odd", "absent"] {
        assert_eq!(answer(Target::Connector(connector.to_owned())), (false, "scope"), "{connector}");
    }
}

#[test]
fn what_was_added_after_the_organisation_decided_is_held_until_it_decides_again() {
    let catalogue = catalogue();
    let mut state = organisation(vec![subscription("standard", false, "2024-01-01", None)]);
    state.subscriptions.push(Subscription {
        app: "confluence".to_owned(),
        plan: "standard".to_owned(),
        trial: false,
        from: day("2026-10-10"),
        until: None,
    });
    state.connectors.insert("drive".to_owned(), Connector { kind: "synced".to_owned(), added: day("2026-10-12") });
    let at = day("2026-11-01");
    let contributes = |state: &OrgState, target| decide(&catalogue, state, &target, Kind::InApp, at).contributes;
    let added = [Target::App("confluence".to_owned()), Target::Connector("drive".to_owned())];

    assert!(contributes(&state, Target::App("jira".to_owned())));
    for target in &added {
        let decision = decide(&catalogue, &state, target, Kind::InApp, at);
        assert_eq!(decision.held().map(|held| held.since > day("2026-10-01")), Some(true), "{target:?}");
    }
    let before = state.with(&[edit(Setting::Organisation(Kind::InApp), Some(true))], day("2026-10-01"));
    let after = state.with(&[edit(Setting::Organisation(Kind::InApp), Some(true))], day("2026-10-20"));
    for target in added {
        assert!(!contributes(&before, target.clone()), "a choice does not cover what came later");
        assert!(contributes(&after, target));
    }
}

#[test]
fn an_app_that_comes_back_is_held_and_an_old_entry_does_not_release_it() {
    let catalogue = catalogue();
    let mut state = organisation(vec![subscription("enterprise", false, "2024-01-01", None)]);
    let confluence = |from: &str, until: Option<&str>| Subscription {
        app: "confluence".to_owned(),
        ..subscription("standard", false, from, until)
    };
    state.subscriptions.push(confluence("2024-01-01", Some("2026-09-01")));
    let target = Target::App("confluence".to_owned());
    let state = state.with(&[edit(Setting::App("confluence".to_owned()), Some(true))], day("2026-08-20"));
    let contributes = |state: &OrgState, at: &str| decide(&catalogue, state, &target, Kind::InApp, day(at)).contributes;
    assert!(contributes(&state, "2026-08-25"));

    let mut back = state.clone();
    back.subscriptions.push(confluence("2026-11-10", None));
    let decision = decide(&catalogue, &back, &target, Kind::InApp, day("2026-11-15"));
    assert_eq!(decision.held().map(|held| held.since), Some(day("2026-11-10")));

    let mut renewed = state;
    renewed.subscriptions.push(confluence("2026-09-01", None));
    assert!(contributes(&renewed, "2026-11-15"), "a renewal without a break changes nothing");
}

#[test]
fn an_exemption_that_ended_leaves_everything_off_until_someone_decides() {
    let catalogue = catalogue();
    let mut state = organisation(vec![subscription("standard", false, "2024-01-01", None)]);
    let period =
        ExemptionPeriod { exemption: "hipaa".to_owned(), from: day("2025-01-01"), until: Some(day("2026-09-30")) };
    state.exemptions.push(period);
    for kind in Kind::ALL {
        let at = day("2026-11-01");
        let decision = decide(&catalogue, &state, &Target::Organisation, kind, at);
        assert_eq!(decision.held().map(|held| held.since), Some(day("2026-09-30")), "{kind:?}");

        let earlier = state.with(&[edit(Setting::Organisation(kind), Some(true))], day("2026-09-01"));
        assert!(!decide(&catalogue, &earlier, &Target::Organisation, kind, at).contributes, "{kind:?}");
        let entry = state.with(&[edit(Setting::App("jira".to_owned()), Some(true))], day("2026-09-01"));
        let jira = Target::App("jira".to_owned());
        assert!(!decide(&catalogue, &entry, &jira, Kind::InApp, at).contributes, "an entry from before is too old");
        let acknowledged = state.with(&[edit(Setting::Organisation(kind), Some(true))], day("2026-10-02"));
        assert!(decide(&catalogue, &acknowledged, &Target::Organisation, kind, at).contributes, "{kind:?}");
    }
}

#[test]
fn impact_names_what_starts_and_what_stops() {
    let catalogue = catalogue();
    let state = organisation(vec![subscription("premium", false, "2024-01-01", None)]);
    let inventory = Inventory { spaces: ["HR", "OPS", "WEB"].map(|key| ("jira".to_owned(), key.to_owned())).to_vec() };
    let at = day("2026-05-01");
    let with_app = state.with(&[edit(Setting::App("jira".to_owned()), Some(true)), edit(space("HR"), Some(false))], at);
    let change = impact(&catalogue, &state, &with_app, &inventory, at);
    let starts: Vec<_> = change.starts.iter().map(|(target, _)| target.clone()).collect();
    let expected = [Setting::App("jira".to_owned()), space("OPS"), space("WEB")];
    assert_eq!(starts, expected.map(|setting| setting.target()), "judged by the first day in force");
    assert_eq!(impact(&catalogue, &with_app, &state, &inventory, at).stops.len(), 3);
    assert_eq!(impact(&catalogue, &state, &state, &inventory, at), policy::Impact::default());
}

// Any organisation ------------------------------------------------------------------------------------------------

const KEYS: [&str; 3] = ["HR", "OPS", "WEB"];
const APPS: [&str; 3] = ["jira", "confluence", "unknown-app"];
const PLANS: [&str; 5] = ["free", "standard", "premium", "enterprise", "unknown-plan"];
const CONNECTOR_KINDS: [&str; 4] = ["synced", "direct", "smart-link", "unknown-kind"];

fn any_day() -> impl Strategy<Value = Timestamp> {
    (0i64..500).prop_map(|days| day("2026-01-01").plus_days(days))
}

fn any_subscription() -> impl Strategy<Value = Subscription> {
    (0..APPS.len(), 0..PLANS.len(), any::<bool>(), any_day(), proptest::option::of(1i64..200)).prop_map(
        |(app, plan, trial, from, days)| Subscription {
            app: APPS[app].to_owned(),
            plan: PLANS[plan].to_owned(),
            trial,
            from,
            until: days.map(|days| from.plus_days(days)),
        },
    )
}

fn any_exemption() -> impl Strategy<Value = ExemptionPeriod> {
    (any_day(), proptest::option::of(1i64..200)).prop_map(|(from, days)| ExemptionPeriod {
        exemption: "hipaa".to_owned(),
        from,
        until: days.map(|days| from.plus_days(days)),
    })
}

fn any_setting() -> impl Strategy<Value = Setting> {
    prop_oneof![
        Just(Setting::Organisation(Kind::Metadata)),
        Just(Setting::Organisation(Kind::InApp)),
        (0..APPS.len()).prop_map(|app| Setting::App(APPS[app].to_owned())),
        (0..APPS.len(), 0..KEYS.len())
            .prop_map(|(app, key)| Setting::Space { app: APPS[app].to_owned(), key: KEYS[key].to_owned() }),
        (0..CONNECTOR_KINDS.len()).prop_map(|kind| Setting::Connector(CONNECTOR_KINDS[kind].to_owned())),
    ]
}

fn any_edit() -> impl Strategy<Value = Edit> {
    (any_setting(), proptest::option::of(any::<bool>())).prop_map(|(setting, on)| Edit { setting, on })
}

fn any_organisation() -> impl Strategy<Value = OrgState> {
    (
        any_day(),
        proptest::collection::vec(any_subscription(), 0..5),
        proptest::collection::vec(any_exemption(), 0..2),
        proptest::collection::vec((0..CONNECTOR_KINDS.len(), any_day()), 0..4),
        proptest::collection::vec((any_edit(), any_day()), 0..12),
    )
        .prop_map(|(created, subscriptions, exemptions, connectors, edits)| {
            let connectors = connectors
                .into_iter()
                .map(|(kind, added)| {
                    let kind = CONNECTOR_KINDS[kind].to_owned();
                    (kind.clone(), Connector { kind, added })
                })
                .collect();
            let state = OrgState { created, subscriptions, exemptions, connectors, settings: BTreeMap::new() };
            edits.into_iter().fold(state, |state, (edit, at)| state.with(&[edit], at))
        })
}

/// A time for one more edit: nobody edits before what is already there.
fn after_all(state: &OrgState, at: Timestamp) -> Timestamp {
    state.settings.values().map(|chosen| chosen.at).fold(at, Timestamp::max)
}

fn inventory() -> Inventory {
    let spaces = APPS.iter().flat_map(|app| KEYS.iter().map(|key| ((*app).to_owned(), (*key).to_owned()))).collect();
    Inventory { spaces }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_question_has_an_answer_with_reasons_in_order(state in any_organisation(), at in any_day()) {
        let catalogue = catalogue();
        for target in inventory().targets(&catalogue, &state) {
            for kind in Kind::ALL {
                let decision = decide(&catalogue, &state, &target, kind, at);
                let rules: Vec<_> = decision.because.iter().map(|reason| reason.rule()).collect();
                prop_assert!(!rules.is_empty());
                prop_assert!(rules.windows(2).all(|pair| pair[0] < pair[1]), "{rules:?}");
                prop_assert_eq!(&decision, &decide(&catalogue, &state, &target, kind, at));
            }
        }
    }

    #[test]
    fn turning_something_off_never_starts_anything(
        state in any_organisation(),
        settings in proptest::collection::vec(any_setting(), 1..4),
        at in any_day(),
    ) {
        let catalogue = catalogue();
        let edits: Vec<_> = settings.into_iter().map(|setting| edit(setting, Some(false))).collect();
        let at = after_all(&state, at);
        let change = impact(&catalogue, &state, &state.with(&edits, at), &inventory(), at);
        prop_assert!(change.starts.is_empty(), "{:?}", change.starts);
    }

    #[test]
    fn turning_something_on_never_stops_anything(
        state in any_organisation(),
        setting in any_setting(),
        at in any_day(),
    ) {
        let catalogue = catalogue();
        let at = after_all(&state, at);
        let change = impact(&catalogue, &state, &state.with(&[edit(setting, Some(true))], at), &inventory(), at);
        prop_assert!(change.stops.is_empty(), "{:?}", change.stops);
    }

    #[test]
    fn the_most_specific_entry_wins(state in any_organisation(), app_on: bool, own_on: bool, at in any_day()) {
        let catalogue = catalogue();
        let state = state.with(&[edit(Setting::App("jira".to_owned()), Some(app_on)), edit(space("HR"), Some(own_on))], at);
        let hr = decide(&catalogue, &state, &space("HR").target(), Kind::InApp, at);
        let organisation = decide(&catalogue, &state, &Target::App("jira".to_owned()), Kind::InApp, at);
        if hr.decided_by().unwrap().rule().id() == "entry" {
            prop_assert_eq!(hr.contributes, own_on);
            prop_assert_eq!(organisation.contributes, app_on);
        } else {
            prop_assert!(!hr.contributes, "only what forbids everything comes before an entry");
        }
    }

    #[test]
    fn the_order_of_edits_does_not_matter(
        state in any_organisation(),
        edits in proptest::collection::vec(any_edit(), 0..8),
        at in any_day(),
    ) {
        let mut distinct: Vec<Edit> = Vec::new();
        for edit in edits {
            if distinct.iter().all(|other| other.setting != edit.setting) {
                distinct.push(edit);
            }
        }
        let forwards = state.with(&distinct, at);
        distinct.reverse();
        prop_assert_eq!(&forwards, &state.with(&distinct, at));
        let one_by_one = distinct.iter().fold(state, |state, edit| state.with(std::slice::from_ref(edit), at));
        prop_assert_eq!(forwards, one_by_one);
    }

    /// The promise: no data starts to flow because time passed, whatever plans, trials and exemptions did meanwhile.
    #[test]
    fn nothing_starts_by_itself(state in any_organisation(), first in 0i64..300, days in 1i64..300) {
        let catalogue = catalogue();
        let first = catalogue.programme.in_force.plus_days(first);
        let second = first.plus_days(days);
        // An organisation that had a plan by then, and whose admins decided nothing since.
        let mut state = OrgState { created: day("2026-01-01"), ..state };
        state.subscriptions.push(subscription("standard", false, "2026-01-01", Some("2026-08-18")));
        // Nor is a connector there before it was set up.
        state.connectors.retain(|_, connector| connector.added <= second);
        state.settings.retain(|_, chosen| chosen.at <= first);
        for target in inventory().targets(&catalogue, &state) {
            for kind in Kind::ALL {
                let was = decide(&catalogue, &state, &target, kind, first).contributes;
                let is = decide(&catalogue, &state, &target, kind, second).contributes;
                // Metadata of an app that was added follows the organisation: it has no switch of its own.
                let follows = kind == Kind::Metadata && !matches!(target, Target::Organisation | Target::PlatformApp(_));
                prop_assert!(
                    was || !is || follows,
                    "{:?} of {} started between {} and {}", kind, target, first.day(), second.day()
                );
            }
        }
    }
}
