//! The settings: showing, explaining, reviewing and changing them.

use app::document::Place;
use app::pages::conflict::{Theirs, conflict};
use app::{pages, urls};
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{kept, t};
use policy::{Setting, Target};
use service::access::{OrgAdmin, ReadsOrg, Viewer};
use service::settings::change::{self, Confirmation, Outcome, Wish};
use service::settings::page::{Show, Sort, SpacesQuery, settings_page};
use service::settings::picker::{PickerQuery, Tab, picker as pick};
use service::settings::{Difference, Refusal, SettingsError};
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::forms::{Fields, wish_query};
use crate::handlers::oidc;
use crate::proof::{Proof, proof};
use crate::router::AppState;
use crate::session::{self, Admin, Looking};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let spaces = query.get("app").map(|app| SpacesQuery {
        app: app.to_owned(),
        search: query.text("q"),
        show: Show::parse(&query.text("show")),
        sort: Sort::parse(&query.text("sort")),
        descending: query.get("order") == Some("descending"),
        page: query.number("page").unwrap_or(1),
    });
    let model = settings_page(&state.sluice, &viewer, spaces, query.get("changed")).await?;
    let body = || pages::settings::settings(model);
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("Data contribution"), Place::Contribution, body).await
}

pub(crate) async fn change(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let slug = admin.org().slug.clone();
    let wish = fields.wish()?;
    let back = fields.back(&urls::settings(&slug));
    match change::change(&state.sluice, &admin, &wish, fields.version()?).await {
        Ok(outcome) => Ok(come_back(&back, &outcome)),
        Err(SettingsError::Refused(Refusal::NeedsReview)) => {
            Ok(Redirect::to(&urls::with_query(&urls::review(&slug), &wish_query(&wish, &back))).into_response())
        }
        Err(SettingsError::Refused(Refusal::Conflict(differences))) => {
            show_conflict(&state, &admin, shell, &wish, &differences, &back).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn undo(
    State(state): State<AppState>,
    Admin(admin): Admin,
    fields: Fields,
) -> Result<Response, PageError> {
    let back = fields.back(&urls::settings(&admin.org().slug));
    let outcome = change::undo(&state.sluice, &admin, &fields.text("change"), None).await?;
    Ok(come_back(&back, &outcome))
}

pub(crate) async fn review(
    State(state): State<AppState>,
    Admin(admin): Admin,
    session: Session,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let back = query.back(&urls::settings(&admin.org().slug));
    let proved = session::has_proved(&session, state.sluice.now()).await?;
    let typed = Confirmation { proved, ..Confirmation::default() };
    show_review(&state, &admin, shell, &query, &back, &typed, None).await
}

pub(crate) async fn confirm(
    State(state): State<AppState>,
    Admin(admin): Admin,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let wish = fields.wish()?;
    let back = fields.back(&urls::settings(&admin.org().slug));
    let password = fields.get("password");
    let proof =
        proof(&state, &session, client, admin.who(), password, kept!("The password was wrong at a review.")).await?;
    let typed = fields.confirmation(proof == Proof::Given)?;
    let unproved = match proof {
        Proof::Given | Proof::Missing => None,
        Proof::Wrong => Some(Refusal::PasswordWrong),
        Proof::Unchecked => Some(Refusal::PasswordUnchecked),
    };
    if unproved.is_some() {
        return show_review(&state, &admin, shell, &fields, &back, &typed, unproved.as_ref()).await;
    }
    match change::apply_review(&state.sluice, &admin, &wish, &typed).await {
        Ok(outcome) => Ok(come_back(&back, &outcome)),
        Err(SettingsError::Refused(Refusal::Conflict(differences))) => {
            show_conflict(&state, &admin, shell, &wish, &differences, &back).await
        }
        Err(SettingsError::Refused(refusal)) => {
            show_review(&state, &admin, shell, &fields, &back, &typed, Some(&refusal)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn picker(
    State(state): State<AppState>,
    Admin(admin): Admin,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let to = query.get("list") != Some("exclude");
    let query = PickerQuery {
        to,
        tab: Tab::parse(query.get("all").or_else(|| query.all("tab").last()).unwrap_or_default()),
        search: query.text("q"),
        app: query.get("app").filter(|app| state.sluice.catalogue().app(app).is_some()).map(str::to_owned),
        page: query.number("page").unwrap_or(1),
        choose_all: query.get("all").is_some(),
        chosen: query.settings()?,
    };
    let model = pick(&state.sluice, &admin, query).await?;
    let title = if to { t!("Include in-app data") } else { t!("Exclude in-app data") };
    let body = || pages::picker::picker(model);
    shell.page(Some(admin.account()), Some(admin.org()), title, Place::Contribution, body).await
}

pub(crate) async fn history(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let setting: Option<Setting> = match query.get("setting") {
        Some(text) => Some(text.parse().map_err(|_| PageError::NotFound)?),
        None => None,
    };
    let model = service::settings::history::history(
        &state.sluice,
        &viewer,
        setting,
        query.number("below"),
        query.get("changed"),
    )
    .await?;
    let body = || pages::history::history(&viewer.org().slug, viewer.can_change(), model);
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("History"), Place::History, body).await
}

pub(crate) async fn why(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let target: Target =
        Fields::of_query(&uri).get("target").unwrap_or_default().parse().map_err(|_| PageError::NotFound)?;
    let model = service::settings::why::explain(&state.sluice, &viewer, &target, state.sluice.now()).await?;
    let title = t!("Why? {label}", label = model.label);
    let body = || pages::why::why(&viewer.org().slug, model);
    shell.page(Some(viewer.account()), Some(viewer.org()), &title, Place::Contribution, body).await
}

pub(crate) async fn data_types(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    shell: Shell,
) -> Result<Response, PageError> {
    let plan = service::settings::page::plan(&state.sluice, &viewer).await?;
    let catalogue = state.sluice.catalogue();
    let body = || pages::data_types::data_types(&viewer.org().slug, catalogue, plan.as_deref());
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("What counts as what"), Place::DataTypes, body).await
}

/// Back to where the change was made, with what was done.
fn come_back(back: &str, outcome: &Outcome) -> Response {
    let Outcome::Changed { change_id } = outcome else {
        return Redirect::to(back).into_response();
    };
    let (path, fragment) = back.split_once('#').map_or((back, None), |(path, fragment)| (path, Some(fragment)));
    // An earlier change is no longer the news.
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.retain(|(name, _)| name != "changed");
    pairs.push(("changed".to_owned(), change_id.clone()));
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    Redirect::to(&format!("{path}?{query}{fragment}")).into_response()
}

async fn show_review(
    state: &AppState,
    admin: &OrgAdmin,
    shell: Shell,
    asked: &Fields,
    back: &str,
    typed: &Confirmation,
    refusal: Option<&Refusal>,
) -> Result<Response, PageError> {
    let wish = asked.wish()?;
    let model = change::review(&state.sluice, admin, &wish).await?;
    let org = admin.org();
    let here = urls::with_query(&urls::review(&org.slug), &wish_query(&wish, back));
    let offered = oidc::offered(state, asked, here);
    let status = if refusal.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let body = || pages::review::review(org, &wish, model, back, typed, refusal, offered);
    shell.with_status(status, Some(admin.account()), Some(org), t!("Review changes"), Place::Contribution, body).await
}

async fn show_conflict(
    state: &AppState,
    admin: &OrgAdmin,
    shell: Shell,
    wish: &Wish,
    differences: &[Difference],
    back: &str,
) -> Result<Response, PageError> {
    let org = admin.org();
    let setting = differences.first().map(|difference| difference.setting.clone());
    let history =
        service::settings::history::history(&state.sluice, &Viewer::Admin(admin.clone()), setting, None, None).await?;
    let theirs = history.entries.first().map(|entry| Theirs { who: entry.who.clone(), at: entry.at });
    let body = || conflict(&org.slug, wish, differences, theirs, history.version, back);
    shell
        .with_status(
            StatusCode::CONFLICT,
            Some(admin.account()),
            Some(org),
            t!("Two changes met"),
            Place::Contribution,
            body,
        )
        .await
}
