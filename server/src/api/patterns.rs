//! Patterns that many organisations share, suggestions from them, and what would be different without one organisation.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use patterns::{Abstained, Family, Measure, PublishedCell, Score, Suggestion};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use service::impact::{self, OrgImpact, TakesPart};
use service::releases::{self, ReleaseView};
use service::suggestions::{self, Suggested};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Audits, Caller, OfOrg, PreviewsOwn};
use super::document::{Exported, NoBody};
use super::input::{Body, Query, optional_text};
use super::problem::{Code, Problem};
use crate::router::AppState;

/// What a new item is called until it has a key.
const NEW_KEY: &str = "NEW-1";

/// A work item that is not there yet, as it would be sent to Jira to make it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItem {
    /// `summary`, `description`, `issuetype`, `priority`, and whatever else is known.
    #[schema(value_type = Object, example = json!({"summary": "Fix login error on iOS after the latest mobile update", "customfield_10016": 3}))]
    fields: Box<RawValue>,
}

/// What is suggested.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionsAnswer {
    /// From which release; null before the first.
    release: Option<ReleaseSummary>,
    looked_at: LookedAt,
    r#type: SuggestedValues,
    priority: SuggestedValues,
    /// Ranges such as `3 to 7 days`.
    duration: SuggestedValues,
    root_cause: SuggestedValues,
    /// Phrases of the item that many organisations share.
    phrases: SuggestedValues,
}

/// What of the item was looked at. Nothing of it was stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookedAt {
    /// By what it says something about: `type`, `priority`, `points`.
    values: BTreeMap<&'static str, String>,
    phrases: Vec<String>,
}

/// Values, best first, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestedValues {
    values: Vec<SuggestedValue>,
    /// `known`: the item says it; `too-few-organisations`; `nothing-stands-out`; `no-release`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    none_because: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestedValue {
    value: String,
    /// Organisations in which people had the evidence with this value, never which.
    support: u64,
    /// Of 1,000 people who had the evidence, so many had it with this value; who had it with several values counts for each, as if
    /// they were as many people, and what is hidden counts for none. Of a phrase: so many of 1,000 people use it.
    confidence: u16,
    /// How many times as large that share is as it is of all people, in hundredths.
    lift: u32,
    /// The evidence, such as `login error`, the same for every value of a field; null for a phrase of the item itself.
    because_of: Option<String>,
}

/// A release, without its report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseSummary {
    version: i64,
    /// `2026-11`
    period: String,
    #[schema(format = DateTime)]
    made_at: String,
    catalogue: String,
    /// Made on a demonstration's database with thresholds that are too low for real people.
    demonstration: bool,
    /// A pattern shows from so many organisations on.
    k_organisations: u32,
    /// And from so many people.
    k_people: u32,
    /// Organisations that it was computed with, and those of them that took something back since.
    organisations: u32,
    withdrawn_since: i64,
    measure: MeasureAnswer,
}

/// How often suggestions are right on items that were held back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeasureAnswer {
    r#type: ScoreAnswer,
    priority: ScoreAnswer,
    duration: ScoreAnswer,
}

/// Right answers, beside those of always saying the most common value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScoreAnswer {
    /// Held-back items that have a value.
    items: u64,
    /// Those for which something was suggested.
    suggested: u64,
    right: u64,
    /// How often the most common value was right on those for which something was suggested.
    baseline_right: u64,
}

/// Releases, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Releases {
    releases: Vec<ReleaseAnswer>,
}

/// A release with its report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseAnswer {
    #[serde(flatten)]
    release: ReleaseSummary,
    report: ReportAnswer,
    /// Of the family that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cells: Option<Vec<CellAnswer>>,
}

/// What was published and what was not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportAnswer {
    /// Cells that any organisation contributed to.
    cells: u64,
    published: u64,
    /// Below the threshold, and counted in a group that is published.
    folded: u64,
    /// Not shown in any way.
    suppressed: u64,
    /// Of those, above the threshold, but they would have given a hidden one away.
    complementary: u64,
    /// Thousandths of epsilon; 0 without noise.
    epsilon_spent: u32,
}

/// What is published of one cell.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CellAnswer {
    #[schema(example = "type+priority=Bug|High")]
    cell: String,
    organisations: u64,
    people: u64,
}

/// Which cells are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CellsQuery {
    /// The cells of this family; none without it.
    #[serde(default, deserialize_with = "optional_text")]
    #[param(example = "type+priority")]
    family: Option<String>,
}

/// What would be different without the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImpactAnswer {
    /// The current release; null before the first.
    release: Option<ReleaseSummary>,
    /// The versions that were computed with the organisation.
    versions: Vec<i64>,
    /// `yes`, `no`, or `forgotten`: it took part, and what it added is gone since.
    takes_part: &'static str,
    /// Numbers that hold by construction; null unless it takes part.
    without_it: Option<WithoutIt>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithoutIt {
    /// Published cells, and those that the organisation takes part in.
    published: u64,
    takes_part: u64,
    /// No number of organisations would be lower by more than this.
    organisations_at_most: u64,
    /// No number of people would be lower by more than this.
    people_at_most: u64,
    /// The most people that it has in any one published cell.
    people: u64,
    /// Published cells that would have too few organisations or people.
    would_fall: u64,
}

impl From<ReleaseView> for ReleaseSummary {
    fn from(view: ReleaseView) -> Self {
        Self {
            version: view.version,
            period: view.period,
            made_at: view.made_at.rfc3339(),
            catalogue: view.catalogue,
            demonstration: view.demonstration,
            k_organisations: view.rules.k_organisations,
            k_people: view.rules.k_people,
            organisations: view.organisations,
            withdrawn_since: view.withdrawn_since,
            measure: view.measure.into(),
        }
    }
}

impl From<Measure> for MeasureAnswer {
    fn from(Measure { types, priorities, durations }: Measure) -> Self {
        let score = |Score { items, suggested, right, baseline_right, .. }| ScoreAnswer {
            items,
            suggested,
            right,
            baseline_right,
        };
        Self { r#type: score(types), priority: score(priorities), duration: score(durations) }
    }
}

impl From<ReleaseView> for ReleaseAnswer {
    fn from(view: ReleaseView) -> Self {
        let patterns::Report { cells, published, folded, suppressed, complementary, epsilon_spent, .. } = view.report;
        let report = ReportAnswer { cells, published, folded, suppressed, complementary, epsilon_spent };
        Self { release: view.into(), report, cells: None }
    }
}

impl From<Option<Result<Vec<Suggestion>, Abstained>>> for SuggestedValues {
    fn from(suggested: Option<Result<Vec<Suggestion>, Abstained>>) -> Self {
        let none = |because| Self { values: Vec::new(), none_because: Some(because) };
        let value = |of: Suggestion| SuggestedValue {
            value: of.value,
            support: of.support,
            confidence: of.confidence,
            lift: of.lift,
            because_of: of.evidence.map(|evidence| evidence.value),
        };
        match suggested {
            None => none("no-release"),
            Some(Err(Abstained::Known)) => none("known"),
            Some(Err(Abstained::TooFewOrganisations)) => none("too-few-organisations"),
            Some(Err(Abstained::NothingStandsOut)) => none("nothing-stands-out"),
            Some(Ok(values)) => Self { values: values.into_iter().map(value).collect(), none_because: None },
        }
    }
}

impl From<Suggested> for SuggestionsAnswer {
    fn from(Suggested { release, shows, suggestions }: Suggested) -> Self {
        let [types, priorities, durations, causes, phrases] = match suggestions {
            Some(all) => [all.types, all.priorities, all.durations, all.causes, all.phrases].map(Some),
            None => [const { None }; 5],
        };
        Self {
            release: release.map(ReleaseSummary::from),
            looked_at: LookedAt {
                values: shows.values.into_iter().map(|(dimension, value)| (dimension.id(), value)).collect(),
                phrases: shows.phrases.into_iter().collect(),
            },
            r#type: types.into(),
            priority: priorities.into(),
            duration: durations.into(),
            root_cause: causes.into(),
            phrases: phrases.into(),
        }
    }
}

/// Suggest for a new work item
///
/// Type, priority, likely duration, possible root causes and phrases that many organisations share, from the current release and
/// nothing else. The item is washed in memory and forgotten; nothing of it is stored. It needs the scope `preview`.
#[utoipa::path(post, path = "/suggestions", tag = "Patterns", operation_id = "suggest",
    request_body = NewItem,
    responses((status = 200, description = "What is suggested.", body = SuggestionsAnswer), Exported))]
pub(crate) async fn suggest(
    State(state): State<AppState>,
    PreviewsOwn(previewer): PreviewsOwn,
    Body(NewItem { fields }): Body<NewItem>,
) -> Result<Json<SuggestionsAnswer>, Problem> {
    let item = json!({ "key": NEW_KEY, "fields": fields }).to_string();
    let item = deidentify::item(&item)
        .map_err(|error| Problem::invalid("fields", format!("The item cannot be read: {}.", error.what)))?;
    Ok(Json(suggestions::suggest(&state.sluice, &previewer, item).await?.into()))
}

/// Read releases
///
/// The last 50 releases of patterns with their reports, newest first. Any key that works may ask.
#[utoipa::path(get, path = "/releases", tag = "Patterns", operation_id = "listReleases",
    responses((status = 200, description = "The releases.", body = Releases), NoBody))]
pub(crate) async fn releases(State(state): State<AppState>, _: Caller) -> Result<Json<Releases>, Problem> {
    let page = releases::page(&state.sluice, None, releases::MOST).await?;
    Ok(Json(Releases { releases: page.releases.into_iter().map(ReleaseAnswer::from).collect() }))
}

/// Read a release
///
/// Its report, and the cells of a family if one is named. Any key that works may ask.
#[utoipa::path(get, path = "/releases/{version}", tag = "Patterns", operation_id = "readRelease",
    params(("version" = i64, Path, description = "From 1; the highest is the current one."), CellsQuery),
    responses((status = 200, description = "The release.", body = ReleaseAnswer), NoBody))]
pub(crate) async fn release(
    State(state): State<AppState>,
    _: Caller,
    Path(version): Path<String>,
    Query(query): Query<CellsQuery>,
) -> Result<Json<ReleaseAnswer>, Problem> {
    let version = version.parse().map_err(|_| Problem::of(Code::NotFound))?;
    let family: Option<Family> = query
        .family
        .map(|family| family.parse())
        .transpose()
        .map_err(|_| Problem::invalid("family", "There is no such family of cells."))?;
    let release = releases::release(&state.sluice, version).await?;
    let answer =
        |PublishedCell { cell, organisations, people }| CellAnswer { cell: cell.to_string(), organisations, people };
    let cells = family.map(|family| release.published.of(family).map(answer).collect());
    Ok(Json(ReleaseAnswer { cells, ..release.view.clone().into() }))
}

/// What would be different without us
///
/// By numbers that hold by construction, for the organisation itself. It needs the scope `audit`.
#[utoipa::path(get, path = "/orgs/{org}/impact", tag = "Patterns", operation_id = "impact",
    params(OfOrg),
    responses((status = 200, description = "What would be different.", body = ImpactAnswer), NoBody))]
pub(crate) async fn impact(
    State(state): State<AppState>,
    Audits(auditor): Audits,
) -> Result<Json<ImpactAnswer>, Problem> {
    let OrgImpact { release, part, versions, .. } = impact::impact(&state.sluice, &auditor).await?;
    let (takes_part, without_it) = match part {
        TakesPart::No => ("no", None),
        TakesPart::Forgotten => ("forgotten", None),
        TakesPart::Yes(patterns::Impact {
            published,
            takes_part,
            organisations_at_most,
            people_at_most,
            people,
            would_fall,
        }) => {
            let without =
                WithoutIt { published, takes_part, organisations_at_most, people_at_most, people, would_fall };
            ("yes", Some(without))
        }
    };
    Ok(Json(ImpactAnswer { release: release.map(ReleaseSummary::from), versions, takes_part, without_it }))
}
