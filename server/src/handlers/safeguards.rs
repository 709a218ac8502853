//! The safeguards, for everyone and for an organisation, and the walk-through. The public pages read nothing of any
//! organisation, and nothing here changes anything: the walk-through posts only to keep what is typed out of addresses.

use app::document::Place;
use app::pages;
use app::pages::walkthrough::{Place as Standing, Shown, Step, Typed, walkthrough};
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::Response;
use language::t;
use service::access::ReadsOrg as _;
use service::model::Account;
use service::safeguards;
use service::walkthrough::{Example, Tried, Written, meet, suggest, walk};

use crate::errors::PageError;
use crate::forms::Fields;
use crate::limits::Show;
use crate::router::AppState;
use crate::session::{Looking, MaybeAccount};
use crate::view::Shell;

pub(crate) async fn public(
    _: Show,
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    shell: Shell,
) -> Result<Response, PageError> {
    let model = safeguards::safeguards(&state.sluice).await?;
    let body = || pages::safeguards::safeguards(&model, None, state.encrypted());
    shell.page(account.as_ref(), None, t!("Safeguards"), Place::Safeguards, body).await
}

pub(crate) async fn page(
    _: Show,
    State(state): State<AppState>,
    Looking(viewer): Looking,
    shell: Shell,
) -> Result<Response, PageError> {
    let model = safeguards::safeguards(&state.sluice).await?;
    let own = safeguards::own(&state.sluice, &viewer).await?;
    let body = || pages::safeguards::safeguards(&model, Some(&own), state.encrypted());
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("Safeguards"), Place::Safeguards, body).await
}

/// A step with an example. Everything that the address says is a choice out of a list.
pub(crate) async fn walk_example(
    _: Show,
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let standing = standing(&state, &Fields::of_query(&uri));
    show(&state, account, shell, standing, None, Vec::new()).await
}

/// A step with what was typed. `to` is where to go, as an address would say it.
pub(crate) async fn walk_typed(
    _: Show,
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let to = fields.text("to");
    let standing = standing(&state, &Fields::parse(to.trim_start_matches('?')).unwrap_or_default());
    let typed = Typed {
        title: fields.text("title"),
        description: fields.text("description"),
        comment: fields.text("comment"),
        points: fields.text("points"),
    };
    match Written::read(&typed.title, &typed.description, &typed.comment, &typed.points) {
        Ok(written) => show(&state, account, shell, standing, Some((typed, Some(written))), Vec::new()).await,
        Err(faults) => {
            let standing = Standing { step: Step::FIRST, ..standing };
            show(&state, account, shell, standing, Some((typed, None)), faults).await
        }
    }
}

fn standing(state: &AppState, query: &Fields) -> Standing {
    let choice = |name: &str| match query.get(name) {
        Some("on") => Some(true),
        Some("off") => Some(false),
        _ => None,
    };
    let plan = query.get("plan").filter(|plan| state.sluice.catalogue().plan(plan).is_some());
    Standing {
        step: Step::parse(&query.text("step")).unwrap_or(Step::FIRST),
        tried: Tried { plan: plan.map(str::to_owned), metadata: choice("metadata"), in_app: choice("in-app") },
        example: Example::parse(&query.text("item")).unwrap_or_default(),
        names_hidden: query.get("names") == Some("hidden"),
        editing: query.get("edit") == Some("on"),
    }
}

async fn show(
    state: &AppState,
    account: Option<Account>,
    shell: Shell,
    place: Standing,
    typed: Option<(Typed, Option<Written>)>,
    faults: Vec<String>,
) -> Result<Response, PageError> {
    let (typed, written) = typed.map_or((None, None), |(typed, written)| (Some(typed), written));
    let written = written.unwrap_or_else(|| place.example.written());
    let walk = walk(&state.sluice, &place.tried, place.example, written).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = t!("{step}: walk-through", step = place.step.name());
    // Whoever shows this to a customer shows nobody else's name.
    let meeting = match place.step {
        Step::PATTERNS => Some(meet(&state.sluice, &walk).await?),
        _ => None,
    };
    let suggested = match place.step {
        Step::SUGGESTIONS => Some(suggest(&state.sluice, &walk).await?),
        _ => None,
    };
    let signed_in = account.is_some();
    let account = account.filter(|_| !place.names_hidden);
    let shown = Shown { place, signed_in, walk, meeting, suggested, typed, faults };
    let body = || walkthrough(shown, state.sluice.catalogue());
    shell.with_status(status, account.as_ref(), None, &title, Place::Walkthrough, body).await
}
