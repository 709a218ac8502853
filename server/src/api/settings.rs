//! Settings: reading, trying and changing them, the reasons of a decision, and the history.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use language::t;
use policy::{Edit, Kind, Setting, Target, Timestamp};
use serde::{Deserialize, Serialize};
use service::evidence::{self, DecisionOn, SubscriptionOn, asked_time};
use service::settings::change::{self, Confirmation, MOST_AT_ONCE, Outcome, Review};
use service::settings::clocks::{self, RunningClock};
use service::settings::rows::{Control, Row};
use service::settings::why::{Explanation, Why, explain};
use service::settings::{all as every, history as past};
use utoipa::{IntoParams, ToSchema};

use super::caller::{OfOrg, Reads, Writes};
use super::document::{ChangedOnce, NoBody, Once, Seen, WithBody};
use super::input::{
    Body, Cursor, Query, etag, has_seen, if_match, limit, null_or, optional_parsed, optional_text, parsed, reason, text,
};
use super::me::Organisation;
use super::problem::Problem;
use crate::router::AppState;

const SPACES: Cursor = Cursor("spaces");
const HISTORY: Cursor = Cursor("history");

/// Everything that is set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    organisation: Organisation,
    /// Counts the changes; the same as the `ETag`.
    version: i64,
    /// The moment that the values are of: now, or the first day in force while that is still ahead.
    #[schema(format = DateTime)]
    at: String,
    /// From when on anything contributes at all.
    #[schema(format = DateTime)]
    in_force_from: String,
    /// What leaves now, in a sentence.
    summary: String,
    plan: Plan,
    /// The organisation's switches, every app, every connector, and each space that has an entry of its own.
    settings: Vec<SettingState>,
}

/// The plan that sets the defaults.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plan {
    name: String,
    /// What makes it this one.
    because: String,
    /// What it means.
    means: String,
}

/// A setting and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingState {
    /// `metadata`, `in-app`, `app:jira`, `space:jira/WEB`, `connector:drive-1`.
    setting: String,
    /// What people call it.
    label: String,
    /// What was chosen for it; null if nothing was.
    value: Option<bool>,
    /// Whether it contributes, which what was chosen alone does not tell.
    contributes: bool,
    /// Why, in a sentence.
    reason: String,
    /// The rule that decided.
    rule: Option<&'static str>,
    /// Something would have turned on by itself and waits for a decision.
    held: bool,
    /// Why it cannot be changed, and what would unlock it; null if it can.
    lock: Option<String>,
}

impl From<&Row> for SettingState {
    fn from(row: &Row) -> Self {
        Self {
            setting: row.setting.to_string(),
            label: row.label.clone(),
            value: row.chosen,
            contributes: row.on,
            reason: row.because.clone(),
            rule: row.rule.map(policy::Rule::id),
            held: row.held(),
            lock: match &row.control {
                Control::Locked(why) => Some(why.clone()),
                Control::Open | Control::Held(_) | Control::HeldAbove => None,
            },
        }
    }
}

/// Read the settings
///
/// Every setting with what was chosen, whether it contributes, and why. The `ETag` is the version that a change has to name:
/// sent back in `If-None-Match`, it asks whether anybody chose otherwise since. What the same choices come to can change with
/// the plan and with time.
#[utoipa::path(get, path = "/orgs/{org}/settings", tag = "Settings", operation_id = "readSettings",
    params(OfOrg),
    responses(
        (status = 200, description = "The settings.", body = Settings,
            headers(("ETag" = String, description = "The version of the settings."))),
        (status = 304, description = "Nobody changed them since.",
            headers(("ETag" = String, description = "The version of the settings."))),
        NoBody,
    ))]
pub(crate) async fn all(
    State(state): State<AppState>,
    Reads(reader): Reads,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let all = every::all(&state.sluice, &reader).await?;
    let tag = [(header::ETAG, etag(all.version))];
    if has_seen(&headers, all.version) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    let settings = Settings {
        organisation: (&all.org).into(),
        version: all.version,
        at: all.at.rfc3339(),
        in_force_from: all.in_force.rfc3339(),
        summary: all.summary,
        plan: Plan { name: all.plan.name, because: all.plan.made_by, means: all.plan.means },
        settings: all.rows.iter().map(SettingState::from).collect(),
    };
    Ok((tag, Json(settings)).into_response())
}

/// Which spaces.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SpacesQuery {
    /// Only those of this app: `jira`.
    #[serde(default, deserialize_with = "optional_text")]
    app: Option<String>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "optional_text")]
    cursor: Option<String>,
    /// How many on a page; 25 if it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of spaces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Spaces {
    /// The version of the settings that the page was read at.
    version: i64,
    spaces: Vec<SettingState>,
    /// The `cursor` of the next page; null on the last one.
    next: Option<String>,
}

/// List every space
///
/// With an entry of its own or without, in the order of app and key.
#[utoipa::path(get, path = "/orgs/{org}/spaces", tag = "Settings", operation_id = "listSpaces",
    params(OfOrg, SpacesQuery),
    responses((status = 200, description = "A page of spaces.", body = Spaces), NoBody))]
pub(crate) async fn spaces(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Query(query): Query<SpacesQuery>,
) -> Result<Json<Spaces>, Problem> {
    let after: Option<Setting> = SPACES.read(query.cursor.as_deref())?;
    let limit = usize::try_from(limit(query.limit)?).unwrap_or_default();
    let page = every::spaces(&state.sluice, &reader, query.app.as_deref(), after.as_ref(), limit).await?;
    Ok(Json(Spaces {
        version: page.version,
        spaces: page.rows.iter().map(SettingState::from).collect(),
        next: page.next.map(|last| SPACES.write(&last)),
    }))
}

/// Values for some settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeIn {
    /// Each setting once.
    #[schema(min_items = 1, max_items = 1000)]
    changes: Vec<EditIn>,
    /// Why. Needed if anything starts to leave because of it; kept in the history in any case.
    #[serde(default, deserialize_with = "optional_text")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// The organisation's name, letter by letter. Needed if a whole kind of data is turned on for the organisation.
    #[serde(default, deserialize_with = "optional_text")]
    organisation_name: Option<String>,
}

/// A value for one setting.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditIn {
    /// `metadata`, `in-app`, `app:jira`, `space:jira/WEB`, `connector:drive-1`.
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String, example = "space:jira/WEB", pattern = "^(metadata|in-app|(app|connector):.+|space:[^/]+/.+)$")]
    setting: Setting,
    /// On, off, or null to remove what was chosen, so that the setting follows what is above it.
    #[serde(deserialize_with = "null_or")]
    #[schema(required = true)]
    on: Option<bool>,
}

/// The edits, each of another setting.
fn edits(changes: Vec<EditIn>) -> Result<Vec<Edit>, Problem> {
    if changes.is_empty() || changes.len() > MOST_AT_ONCE {
        return Err(Problem::invalid("changes", t!("Send 1 to {most} changes.", most = MOST_AT_ONCE)));
    }
    let mut named = BTreeSet::new();
    for (place, change) in changes.iter().enumerate() {
        if !named.insert(&change.setting) {
            let field = format!("changes[{place}].setting");
            return Err(Problem::invalid(field, t!("`{setting}` stands there twice.", setting = change.setting)));
        }
    }
    Ok(changes.into_iter().map(|EditIn { setting, on }| Edit { setting, on }).collect())
}

/// What became of a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// False if everything was so already; then there is no new version.
    changed: bool,
    /// The id of the change in the history.
    change: Option<String>,
    /// The version of the settings now.
    version: i64,
}

/// Change settings
///
/// All of the changes or none. What only protects needs no reason; what makes anything start to leave needs one, and what
/// turns on a whole kind of data needs the organisation's name as well, just as on the page. `If-Match` names the version
/// that you have seen: if the settings changed since, nothing is done.
#[utoipa::path(post, path = "/orgs/{org}/settings/changes", tag = "Settings", operation_id = "changeSettings",
    params(
        OfOrg,
        Seen,
        Once,
    ),
    request_body = ChangeIn,
    responses(
        (status = 200, description = "What became of it.", body = Changed,
            headers(("ETag" = String, description = "The version of the settings now."))),
        ChangedOnce,
    ))]
pub(crate) async fn change(
    State(state): State<AppState>,
    Writes(admin): Writes,
    headers: HeaderMap,
    Body(wanted): Body<ChangeIn>,
) -> Result<ChangedAnswer, Problem> {
    let version = if_match(&headers)?;
    let edits = edits(wanted.changes)?;
    let name = wanted.organisation_name.unwrap_or_default();
    // The key is its own proof: making one that writes took the password.
    let confirmation = Confirmation { version, reason: reason(wanted.reason)?, name, proved: true };
    Ok(changed(version, change::set(&state.sluice, &admin, &edits, &confirmation).await?))
}

/// The answer to a change of a version.
fn changed(version: i64, outcome: Outcome) -> ChangedAnswer {
    let changed = match outcome {
        Outcome::Changed { change_id } => Changed { changed: true, change: Some(change_id), version: version + 1 },
        Outcome::Unchanged => Changed { changed: false, change: None, version },
    };
    ([(header::ETAG, etag(changed.version))], Json(changed))
}

type ChangedAnswer = ([(HeaderName, String); 1], Json<Changed>);

/// A change to take back at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoIn {
    /// The id of the last change.
    #[serde(deserialize_with = "text")]
    change: String,
}

/// Undo the last change
///
/// Within ten minutes, if nothing was changed since and it was made by the admin for whom the key acts, on a page or over the
/// API. What stood before stands again exactly, so nothing starts that did not leave a moment ago, and no reason is needed.
#[utoipa::path(post, path = "/orgs/{org}/settings/undo", tag = "Settings", operation_id = "undoChange",
    params(OfOrg, Seen, Once), request_body = UndoIn,
    responses(
        (status = 200, description = "What became of it.", body = Changed,
            headers(("ETag" = String, description = "The version of the settings now."))),
        ChangedOnce,
    ))]
pub(crate) async fn undo(
    State(state): State<AppState>,
    Writes(admin): Writes,
    headers: HeaderMap,
    Body(UndoIn { change }): Body<UndoIn>,
) -> Result<ChangedAnswer, Problem> {
    let version = if_match(&headers)?;
    Ok(changed(version, change::undo(&state.sluice, &admin, &change, Some(version)).await?))
}

/// A change to take back later.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevertIn {
    /// The id of a change in the history.
    #[serde(deserialize_with = "text")]
    change: String,
    /// Why. Needed if anything starts to leave because of it; kept in the history in any case.
    #[serde(default, deserialize_with = "optional_text")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// The organisation's name, letter by letter. Needed if a whole kind of data is turned on for the organisation.
    #[serde(default, deserialize_with = "optional_text")]
    organisation_name: Option<String>,
}

/// Revert a change
///
/// What stood before any change of the history, as a change of its own that the history connects with it.
#[utoipa::path(post, path = "/orgs/{org}/settings/revert", tag = "Settings", operation_id = "revertChange",
    params(OfOrg, Seen, Once), request_body = RevertIn,
    responses(
        (status = 200, description = "What became of it.", body = Changed,
            headers(("ETag" = String, description = "The version of the settings now."))),
        ChangedOnce,
    ))]
pub(crate) async fn revert(
    State(state): State<AppState>,
    Writes(admin): Writes,
    headers: HeaderMap,
    Body(wanted): Body<RevertIn>,
) -> Result<ChangedAnswer, Problem> {
    let version = if_match(&headers)?;
    let name = wanted.organisation_name.unwrap_or_default();
    let confirmation = Confirmation { version, reason: reason(wanted.reason)?, name, proved: true };
    Ok(changed(version, change::revert(&state.sluice, &admin, &wanted.change, &confirmation).await?))
}

/// Settings to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImpactIn {
    /// Each setting once.
    #[schema(min_items = 1, max_items = 1000)]
    changes: Vec<EditIn>,
}

/// What a change would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Impact {
    /// The version of the settings that it was compared with.
    version: i64,
    /// Each setting that would change.
    changes: Vec<ImpactLine>,
    /// What would start to leave, in words.
    starts: Vec<String>,
    /// What would stop.
    stops: Vec<String>,
    /// Some of what starts is text that people wrote.
    starts_text: bool,
    /// The change needs a `reason`.
    needs_reason: bool,
    /// The change needs the `organisation_name`.
    needs_organisation_name: bool,
    /// The first day on which any of it leaves, if that is still ahead.
    #[schema(format = DateTime)]
    not_before: Option<String>,
    /// For how many days what starts is kept in each stage.
    clocks: Vec<Clock>,
    retention_years: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImpactLine {
    setting: String,
    label: String,
    old: Option<bool>,
    new: Option<bool>,
    contributed: bool,
    contributes: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clock {
    name: String,
    days: u32,
}

impl From<Review> for Impact {
    fn from(review: Review) -> Self {
        let line = |line: change::ReviewLine| ImpactLine {
            setting: line.setting.to_string(),
            label: line.label,
            old: line.old,
            new: line.new,
            contributed: line.contributed,
            contributes: line.contributes,
        };
        let clock = |clock: change::ReviewClock| Clock { name: clock.name, days: clock.days };
        Self {
            version: review.version,
            changes: review.lines.into_iter().map(line).collect(),
            starts: review.starts,
            stops: review.stops,
            starts_text: review.starts_text,
            needs_reason: review.shares,
            needs_organisation_name: review.confirm_name,
            not_before: review.not_before.map(Timestamp::rfc3339),
            clocks: review.clocks.into_iter().map(clock).collect(),
            retention_years: review.retention_years,
        }
    }
}

/// Try a change
///
/// What a change would do, without doing it.
#[utoipa::path(post, path = "/orgs/{org}/settings/impact", tag = "Settings", operation_id = "tryChange",
    params(OfOrg),
    request_body = ImpactIn,
    responses((status = 200, description = "What it would do.", body = Impact), WithBody))]
pub(crate) async fn impact(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(wanted): Body<ImpactIn>,
) -> Result<Json<Impact>, Problem> {
    let review = change::review_edits(&state.sluice, &admin, &edits(wanted.changes)?).await?;
    Ok(Json(review.into()))
}

/// What a decision is about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DecisionQuery {
    /// `organisation`, `platform:rovo`, `app:jira`, `space:jira/WEB` or `connector:drive-1`.
    #[serde(deserialize_with = "parsed")]
    #[param(value_type = String, example = "space:jira/WEB", pattern = "^(organisation|metadata|in-app|(app|connector|platform):.+|space:[^/]+/.+)$")]
    target: Target,
    /// `metadata` or `in-app`; both if it is left out.
    #[serde(default, deserialize_with = "optional_parsed")]
    #[param(value_type = Option<String>, pattern = "^(metadata|in-app)$")]
    kind: Option<Kind>,
    /// A day, `2026-08-17`, which means its end, or a time, `2026-08-17T09:00:00Z`; now if it is left out.
    #[serde(default, deserialize_with = "optional_text")]
    at: Option<String>,
}

/// Whether something contributes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decisions {
    target: String,
    label: String,
    #[schema(format = DateTime)]
    at: String,
    /// The version of the rules.
    catalogue: String,
    decisions: Vec<Decision>,
}

/// The decision about one kind of data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decision {
    /// `metadata` or `in-app`.
    kind: &'static str,
    contributes: bool,
    /// Every rule that was asked, in order; the last one decided.
    because: Vec<Step>,
}

/// A rule that was asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    rule: &'static str,
    question: &'static str,
    answer: String,
    decides: bool,
}

impl From<Why> for Decision {
    fn from(why: Why) -> Self {
        let step = |step: service::settings::why::Step| Step {
            rule: step.rule,
            question: step.question,
            answer: step.answer,
            decides: step.decides,
        };
        Self { kind: why.kind.id(), contributes: why.contributes, because: why.because.into_iter().map(step).collect() }
    }
}

/// Ask for a decision
///
/// Whether something contributes at a time, with every rule that was asked and what it answered.
#[utoipa::path(get, path = "/orgs/{org}/decisions", tag = "Settings", operation_id = "decide",
    params(OfOrg, DecisionQuery),
    responses((status = 200, description = "The decision about each kind.", body = Decisions), NoBody))]
pub(crate) async fn decisions(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Query(query): Query<DecisionQuery>,
) -> Result<Json<Decisions>, Problem> {
    let at = match &query.at {
        None => state.sluice.now(),
        Some(at) => Timestamp::parse_as_of(at).ok_or_else(|| {
            let detail = t!("`at` is a day, `2026-08-17`, or a time, `2026-08-17T09:00:00Z`.");
            Problem::invalid("at", detail)
        })?,
    };
    let Explanation { target, label, at, decisions, .. } = explain(&state.sluice, &reader, &query.target, at).await?;
    let asked = |why: &Why| query.kind.is_none_or(|kind| kind == why.kind);
    Ok(Json(Decisions {
        target: target.to_string(),
        label,
        at: at.rfc3339(),
        catalogue: state.sluice.catalogue().version.clone(),
        decisions: decisions.into_iter().filter(asked).map(Decision::from).collect(),
    }))
}

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Only changes of this setting: `space:jira/WEB`.
    #[serde(default, deserialize_with = "optional_parsed")]
    #[param(value_type = Option<String>, example = "space:jira/WEB", pattern = "^(metadata|in-app|(app|connector):.+|space:[^/]+/.+)$")]
    setting: Option<Setting>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "optional_text")]
    cursor: Option<String>,
    /// How many on a page; 25 if it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of the history, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    changes: Vec<PastChange>,
    /// The `cursor` of the next page; null on the last one.
    next: Option<String>,
}

/// A change that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastChange {
    id: String,
    /// The version that the settings had after it.
    version: i64,
    #[schema(format = DateTime)]
    at: String,
    /// The name of whoever made it, or on whose behalf it was made.
    by: String,
    reason: String,
    /// It took back an earlier change.
    reverts: bool,
    items: Vec<PastItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastItem {
    setting: String,
    label: String,
    old: Option<bool>,
    new: Option<bool>,
}

impl From<past::Entry> for PastChange {
    fn from(entry: past::Entry) -> Self {
        let item = |item: past::EntryItem| PastItem {
            setting: item.setting.to_string(),
            label: item.label,
            old: item.old,
            new: item.new,
        };
        Self {
            id: entry.change_id,
            version: entry.version,
            at: entry.at.rfc3339(),
            by: entry.who,
            reason: entry.reason,
            reverts: entry.reverts,
            items: entry.items.into_iter().map(item).collect(),
        }
    }
}

/// Read the history
///
/// What was changed, when, by whom and why, newest first.
#[utoipa::path(get, path = "/orgs/{org}/history", tag = "Settings", operation_id = "readHistory",
    params(OfOrg, HistoryQuery),
    responses((status = 200, description = "A page of the history.", body = History), NoBody))]
pub(crate) async fn history(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, Problem> {
    let below = HISTORY.read(query.cursor.as_deref())?;
    let limit = limit(query.limit)?;
    let (entries, older) = past::piece(&state.sluice, &reader, query.setting.as_ref(), below, limit).await?;
    Ok(Json(History {
        changes: entries.into_iter().map(PastChange::from).collect(),
        next: older.map(|version| HISTORY.write(&version)),
    }))
}

/// Which moment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StateQuery {
    /// A day, which means its end, or an exact time; now if it is left out.
    #[serde(default, deserialize_with = "optional_text")]
    #[param(example = "2026-09-30")]
    on: Option<String>,
}

/// How things stood at a time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateOn {
    organisation: Organisation,
    #[schema(format = DateTime)]
    at: String,
    /// The version that the settings had.
    version: i64,
    /// What left, in a sentence.
    summary: String,
    /// The name of the plan that set the defaults.
    plan: String,
    subscriptions: Vec<Subscription>,
    /// The organisation's switches, every app, every connector, and each space that had an entry.
    decisions: Vec<PastDecision>,
    /// The version of the rules.
    catalogue: String,
}

/// A subscription that was running.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subscription {
    app: String,
    plan: String,
    trial: bool,
    #[schema(format = DateTime)]
    from: String,
    /// Null if it has no end.
    #[schema(format = DateTime)]
    until: Option<String>,
}

impl From<SubscriptionOn> for Subscription {
    fn from(of: SubscriptionOn) -> Self {
        let until = of.until.map(Timestamp::rfc3339);
        Self { app: of.app, plan: of.plan, trial: of.trial, from: of.from.rfc3339(), until }
    }
}

/// What was decided about one setting.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastDecision {
    setting: String,
    label: String,
    /// `metadata` or `in-app`.
    kind: &'static str,
    contributes: bool,
    /// What was chosen for it; null if nothing was.
    value: Option<bool>,
    #[schema(format = DateTime)]
    chosen_at: Option<String>,
    /// Why, in a sentence.
    reason: String,
}

impl From<DecisionOn> for PastDecision {
    fn from(of: DecisionOn) -> Self {
        Self {
            setting: of.setting.to_string(),
            label: of.label,
            kind: of.kind.id(),
            contributes: of.contributes,
            value: of.chosen.map(|(on, _)| on),
            chosen_at: of.chosen.map(|(_, at)| at.rfc3339()),
            reason: of.because,
        }
    }
}

/// Read the state on a date
///
/// Settings, plan and decisions as they were at a time that is past. What was changed until then is in the history; an
/// evidence pack has the same, signed.
#[utoipa::path(get, path = "/orgs/{org}/state", tag = "Settings", operation_id = "readState",
    params(OfOrg, StateQuery),
    responses((status = 200, description = "How things stood.", body = StateOn), NoBody))]
pub(crate) async fn state(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Query(query): Query<StateQuery>,
) -> Result<Json<StateOn>, Problem> {
    let at = asked_time(&state.sluice, &query.on.unwrap_or_default()).map_err(|fault| Problem::invalid("on", fault))?;
    let stood = evidence::state_on(&state.sluice, &reader, at).await?;
    Ok(Json(StateOn {
        organisation: (&stood.org).into(),
        at: stood.at.rfc3339(),
        version: stood.version,
        summary: stood.sentence,
        plan: stood.plan,
        subscriptions: stood.subscriptions.into_iter().map(Subscription::from).collect(),
        decisions: stood.decisions.into_iter().map(PastDecision::from).collect(),
        catalogue: stood.catalogue,
    }))
}

/// The clocks that run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clocks {
    /// The next one due first.
    clocks: Vec<Running>,
}

/// What stopped leaving, and by when what had left before is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Running {
    name: String,
    #[schema(format = DateTime)]
    due: String,
    /// What stopped, in words.
    stopped: Vec<String>,
    /// The version that the change had which started it.
    version: i64,
    /// The name of whoever made that change.
    by: String,
    #[schema(format = DateTime)]
    at: String,
}

impl From<RunningClock> for Running {
    fn from(clock: RunningClock) -> Self {
        Self {
            name: clock.name,
            due: clock.due.rfc3339(),
            stopped: clock.stopped,
            version: clock.version,
            by: clock.who,
            at: clock.at.rfc3339(),
        }
    }
}

/// List the clocks
///
/// What was turned off, and by when what had left before is gone from each stage.
#[utoipa::path(get, path = "/orgs/{org}/clocks", tag = "Settings", operation_id = "listClocks", params(OfOrg),
    responses((status = 200, description = "The clocks that run.", body = Clocks), NoBody))]
pub(crate) async fn clocks(State(state): State<AppState>, Reads(reader): Reads) -> Result<Json<Clocks>, Problem> {
    let running = clocks::running(&state.sluice, &reader).await?;
    Ok(Json(Clocks { clocks: running.into_iter().map(Running::from).collect() }))
}
