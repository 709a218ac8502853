//! The walk-through: one work item on its way through the five steps, for whoever shows them to a customer.
//!
//! The organisation in it is made up, and so is the item, or somebody types it. What is said of them is not: the decision, the
//! field dictionary and the wash are the very ones of the data path. Nothing is read of any organisation, nothing is stored or
//! logged, and no setting is changed by trying one.

mod examples;

use std::collections::BTreeMap;

use patterns::{Cell, Dimension, Family, observe};
use policy::{Catalogue, Category, Edit, Kind, OrgState, Plan, Setting, Subscription, Timestamp};

use crate::Sluice;
use crate::model::{OrgRef, Snapshot, Space};
use crate::preview::{self, PreviewError, PreviewField, PreviewItem};
use crate::releases::{self, ReleaseError, ReleaseView};
use crate::settings::rows::{Row, row};
use crate::settings::why::{Why, why};
use crate::suggestions::{SuggestionError, suggest_for};
pub use examples::{Example, LONGEST_TEXT, LONGEST_TITLE, MOST_POINTS, Written};
pub use patterns::{Abstained, Evidence, Suggestion, Suggestions};

/// What is tried: a plan by its id, and what an admin would have chosen. None leaves it to the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// None is the lowest plan that leaves both kinds on and lets an admin turn one off; see [`first_plan`].
    pub plan: Option<String>,
    pub metadata: Option<bool>,
    pub in_app: Option<bool>,
}

impl Tried {
    pub fn chosen(&self, kind: Kind) -> Option<bool> {
        match kind {
            Kind::Metadata => self.metadata,
            Kind::InApp => self.in_app,
        }
    }
}

/// The item and what becomes of it under what is tried.
#[derive(Clone, Debug)]
pub struct Walk {
    /// The id of the plan that is tried.
    pub plan: String,
    /// Metadata, then in-app data.
    pub switches: [Switch; 2],
    pub example: Example,
    pub written: Written,
    pub item: PreviewItem,
    /// The id of its app.
    app: &'static str,
    /// The item with everything on that can be: what a suggestion may look at, whatever is tried.
    all: PreviewItem,
}

/// The item beside what is published.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// None before the first release.
    pub release: Option<ReleaseView>,
    /// What the item adds to patterns, if anything of it leaves: what most organisations share first, then what is not learned.
    pub marks: Vec<Mark>,
}

/// One thing that an item shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub dimension: Dimension,
    pub value: String,
    /// How many organisations show the same; none if too few do, or too few people: then no number is known to anyone.
    pub organisations: Option<u64>,
}

/// What is suggested for the item as if it were new.
#[derive(Clone, Debug)]
pub struct Suggested {
    /// None before the first release.
    pub release: Option<ReleaseView>,
    pub suggestions: Option<Suggestions>,
}

/// One of the organisation's two switches as they would be.
#[derive(Clone, Debug)]
pub struct Switch {
    pub kind: Kind,
    pub row: Row,
    /// Every rule that was asked about the item's space.
    pub why: Why,
}

impl Walk {
    pub fn of(&self, category: Category) -> impl Iterator<Item = &PreviewField> {
        self.item.fields.iter().filter(move |field| field.category == category)
    }

    /// The values of a field of metadata or in-app data as they would leave; none if the item does not have it.
    pub fn leaving(&self, path: &str) -> Option<&str> {
        self.item.fields.iter().find(|field| field.path == path)?.values.first()?.leaving.as_deref()
    }
}

/// Walks an item.
///
/// # Errors
/// Only where the preview itself fails.
pub async fn walk(sluice: &Sluice, tried: &Tried, example: Example, written: Written) -> Result<Walk, PreviewError> {
    let (catalogue, at) = (&**sluice.catalogue(), sluice.shown_at());
    let asked = tried.plan.as_deref().and_then(|id| catalogue.plan(id));
    let plan = asked.or_else(|| first_plan(catalogue)).map(|plan| plan.id.clone()).unwrap_or_default();
    let snapshot = organisation(catalogue, &plan, tried, at);
    let item = deidentify::item(&example.with(&written))?;
    let (app, target) = crate::target::target_of(&item);
    let all = organisation(catalogue, &plan_with_all(catalogue), &ALL_ON, at);
    let all = preview::looked_at(sluice, all, None, item.clone()).await?;
    let switches = Kind::ALL.map(|kind| Switch {
        kind,
        row: row(catalogue, &snapshot, &Setting::Organisation(kind), at),
        why: why(catalogue, &snapshot.state, &target, kind, at),
    });
    let item = preview::looked_at(sluice, snapshot, None, item).await?;
    Ok(Walk { plan, switches, example, written, item, app, all })
}

/// What an admin would choose who lets everything leave.
pub(crate) const ALL_ON: Tried = Tried { plan: None, metadata: Some(true), in_app: Some(true) };

/// The highest plan, on which both kinds can be on.
pub(crate) fn plan_with_all(catalogue: &Catalogue) -> String {
    catalogue.plans.last().map(|plan| plan.id.clone()).unwrap_or_default()
}

/// The fields that somebody has filled in when an item is new, besides what they wrote.
const FILLED_IN: &str = "customfield_10016";
/// What they wrote and nobody has said of a new item.
const NOT_YET: &str = "status";

/// Pairs of a field and a value that leaves.
fn leaving(item: &PreviewItem) -> impl Iterator<Item = (&PreviewField, &str)> {
    let fields = item.fields.iter().filter(|field| field.leaves);
    fields.flat_map(|field| field.values.iter().filter_map(move |value| Some((field, value.leaving.as_deref()?))))
}

/// How what leaves of the item stands beside what is published.
///
/// # Errors
/// When the current release cannot be read.
pub async fn meet(sluice: &Sluice, walk: &Walk) -> Result<Meeting, ReleaseError> {
    let pairs = leaving(&walk.item).map(|(field, value)| (field.path.as_str(), value));
    let shows = observe(&sluice.catalogue().patterns.sources, walk.app, pairs);
    let Some(current) = releases::current(sluice).await? else {
        return Ok(Meeting { release: None, marks: Vec::new() });
    };
    let phrases = shows.phrases.into_iter().map(|phrase| (Dimension::Phrase, phrase));
    let causes = shows.causes.into_iter().map(|cause| (Dimension::Cause, cause));
    let counted = |dimension| current.view.rules.families.contains(&Family::one(dimension));
    let mut marks: Vec<Mark> = shows
        .values
        .into_iter()
        .chain(phrases)
        .chain(causes)
        .filter(|(dimension, _)| counted(*dimension))
        .map(|(dimension, value)| {
            let numbers = current.published.get(&Cell::new(Family::one(dimension), [&value]));
            Mark { dimension, value, organisations: numbers.map(|numbers| numbers.organisations) }
        })
        .collect();
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.organisations));
    Ok(Meeting { release: Some(current.view.clone()), marks })
}

/// What is suggested for the item if nobody had said more of it than its title, its text and its size. The settings have no
/// part in it: who contributes nothing is told the same.
///
/// # Errors
/// When the current release cannot be read.
pub async fn suggest(sluice: &Sluice, walk: &Walk) -> Result<Suggested, SuggestionError> {
    let is_known = |field: &PreviewField| {
        field.path == FILLED_IN || field.category == Category::InApp && !field.path.starts_with(NOT_YET)
    };
    let known = leaving(&walk.all).filter(|(field, _)| is_known(field));
    let told = suggest_for(sluice, walk.app, known.map(|(field, value)| (field.path.as_str(), value))).await?;
    Ok(Suggested { release: told.release, suggestions: told.suggestions })
}

/// The plan that the walk-through begins with: the lowest with both kinds on by default, so that there is something to show.
fn first_plan(catalogue: &Catalogue) -> Option<&Plan> {
    let both_on = |plan: &&Plan| Kind::ALL.iter().all(|kind| plan.rule(*kind).default_on);
    catalogue.plans.iter().find(both_on).or_else(|| catalogue.plans.first())
}

/// An organisation that nobody runs: every app on one plan since before the programme was announced, so that nothing of it is
/// held, and what is tried as if an admin had chosen it. What the plan fixes cannot be chosen.
pub(crate) fn organisation(catalogue: &Catalogue, plan: &str, tried: &Tried, at: Timestamp) -> Snapshot {
    let since = catalogue.programme.announced.plus_days(-365);
    let on_plan = |app: &policy::App| Subscription {
        app: app.id.clone(),
        plan: plan.to_owned(),
        trial: false,
        from: since,
        until: None,
    };
    let state = OrgState {
        created: since,
        subscriptions: catalogue.apps.iter().map(on_plan).collect(),
        exemptions: Vec::new(),
        connectors: BTreeMap::new(),
        settings: BTreeMap::new(),
    };
    let is_fixed = |kind| catalogue.plan(plan).is_some_and(|plan| plan.rule(kind).fixed);
    let edits: Vec<Edit> = Kind::ALL
        .into_iter()
        .filter(|kind| !is_fixed(*kind))
        .filter_map(|kind| Some(Edit { setting: Setting::Organisation(kind), on: Some(tried.chosen(kind)?) }))
        .collect();
    let space = |app: &policy::App| Space {
        app: app.id.clone(),
        key: examples::SPACE.to_owned(),
        name: "Walk-through".to_owned(),
    };
    Snapshot {
        org: OrgRef { id: String::new(), slug: String::new(), name: String::new() },
        version: 0,
        state: state.with(&edits, at.plus_days(-1)),
        changed_at: BTreeMap::new(),
        spaces: catalogue.apps.iter().map(space).collect(),
        connector_names: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use deidentify::item;

    use super::*;
    use crate::preview::Part;

    fn washed(example: Example, written: &Written, plan: &str, tried: &Tried) -> PreviewItem {
        let catalogue = Catalogue::built_in().unwrap();
        let at = catalogue.programme.in_force.plus_days(90);
        let snapshot = organisation(&catalogue, plan, tried, at);
        preview::previewed(&catalogue, &snapshot, None, item(&example.with(written)).unwrap(), at)
    }

    #[test]
    fn the_decision_is_that_of_the_plan_and_of_what_is_tried() {
        let both = |plan: &str, metadata: Option<bool>, in_app: Option<bool>| {
            let tried = Tried { plan: None, metadata, in_app };
            let item = washed(Example::LoginError, &Example::LoginError.written(), plan, &tried);
            (item.count(Category::Metadata, true) > 0, item.count(Category::InApp, true) > 0)
        };
        assert_eq!(both("free", None, None), (true, true));
        assert_eq!(both("premium", None, None), (true, false));
        assert_eq!(both("premium", None, Some(true)), (true, true));
        assert_eq!(both("free", Some(false), Some(false)), (true, false), "metadata is fixed on Free");
        assert_eq!(both("enterprise", Some(false), None), (false, false));
    }

    #[test]
    fn every_example_has_something_of_each_kind_and_is_not_held_back() {
        for example in Example::ALL {
            let item = washed(example, &example.written(), "free", &Tried::default());
            assert_eq!(item.held_back, None, "{example:?}");
            for category in [Category::Metadata, Category::InApp, Category::Never] {
                assert!(item.fields.iter().any(|field| field.category == category), "{example:?} {category:?}");
            }
            assert!(item.count(Category::InApp, false) == 0 && item.count(Category::Never, true) == 0, "{example:?}");
            assert!(item.found().count() >= 2, "{example:?}");
            assert_eq!(Example::parse(example.id()), Some(example));
        }
    }

    #[test]
    fn names_in_what_is_typed_do_not_leave() {
        let written = Written::read(
            " Printer on the second floor ",
            "Ask Ines Okafor, ines@okafor.example.",
            "Done by Ines.",
            "8",
        )
        .unwrap();
        let item = washed(Example::LoginError, &written, "free", &Tried::default());
        let leaving: Vec<&str> =
            item.fields.iter().flat_map(|field| &field.values).filter_map(|value| value.leaving.as_deref()).collect();
        assert!(leaving.contains(&"Printer on the second floor") && leaving.contains(&"8"), "{leaving:?}");
        assert!(!leaving.iter().any(|text| text.contains("Ines") || text.contains("okafor")), "{leaving:?}");
        let marked = |part: &Part| matches!(part, Part::Found(found) if found.text.contains("Okafor"));
        let pairs = item.fields.iter().flat_map(|field| &field.values).flat_map(|value| &value.pairs);
        assert!(pairs.flat_map(|pair| &pair.written).any(marked));
    }

    #[test]
    fn what_is_typed_is_refused_with_every_fault() {
        let long = "x".repeat(LONGEST_TEXT + 1);
        let faults = Written::read(" ", &long, "", "three").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[1].contains("4001 characters; 4000 fit"), "{faults:?}");
        assert!(Written::read("A title", "", "", "1000").is_err());
        assert_eq!(Written::read("A title", "", "", "").unwrap().points, None);
    }
}
