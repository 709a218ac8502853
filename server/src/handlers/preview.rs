//! The preview of a sample, the way in for a file, and terms that are tried on either.

use app::document::Place;
use app::pages::preview::{Context, drafts_in_address, gone, preview as show};
use app::urls;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{t, tn};
use service::access::{OrgAdmin, ReadsOrg, Viewer};
use service::preview::{self, Kind, Look, Preview, PreviewError, Sample, held};
use service::terms::Wanted;

use crate::errors::PageError;
use crate::forms::{Fields, file};
use crate::router::AppState;
use crate::session::{Admin, Inside};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Inside(viewer): Inside,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let chosen = Sample::parse(&query.text("sample")).unwrap_or(Sample::WorkItem);
    let context = Context { kind: kind(&query), done: saved(&query), ..Context::default() };
    let shown = preview::sample(&state.sluice, &viewer, chosen, query.get("as") == Some("on"), query.drafts()).await;
    answer(shell, &viewer, Some(chosen), shown, context).await
}

/// The kind of finding that alone is to be shown.
pub(crate) fn kind(query: &Fields) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| query.get("kind") == Some(kind.id()))
}

/// How many terms were saved by the form that led here.
pub(crate) fn saved(query: &Fields) -> Option<String> {
    let count = query.number::<usize>("saved")?;
    Some(tn!(
        count,
        "Saved: {count} term. From now on this holds for everything.",
        "Saved: {count} terms. From now on this holds for everything."
    ))
}

/// Holds a file and leads to its page.
pub(crate) async fn upload(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let slug = admin.org().slug.clone();
    let held = match file(multipart).await? {
        Some(sent) => {
            let as_if: &[_] = if sent.as_if_on { &[("as", "on".to_owned())] } else { &[] };
            let at = |id: String| urls::with_query(&urls::upload(&slug, &id), as_if);
            held::hold(&state.sluice, &admin, sent.name, sent.bytes).await.map(at)
        }
        None => Err(PreviewError::TooLarge),
    };
    match held {
        Ok(at) => Ok(Redirect::to(&at).into_response()),
        Err(error) => answer(shell, &Viewer::Admin(admin), None, Err(error), Context::default()).await,
    }
}

/// A preview or what is wrong with its file, as a page.
pub(crate) async fn answer(
    shell: Shell,
    viewer: &Viewer,
    chosen: Option<Sample>,
    shown: Result<Preview, PreviewError>,
    mut context: Context,
) -> Result<Response, PageError> {
    context.admin = viewer.can_change();
    let (status, shown) = match shown {
        Ok(shown) if context.term_problem.is_some() => (StatusCode::UNPROCESSABLE_ENTITY, Some(shown)),
        Ok(shown) => (StatusCode::OK, Some(shown)),
        Err(error @ (PreviewError::TooLarge | PreviewError::Unreadable(_) | PreviewError::Empty)) => {
            let too_large = matches!(error, PreviewError::TooLarge);
            context.file_problem = Some(error.to_string());
            (if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY }, None)
        }
        Err(error) => return Err(error.into()),
    };
    let org = viewer.org();
    let body = || show(&org.slug, chosen, shown, &context);
    shell.with_status(status, Some(viewer.account()), Some(org), t!("Preview"), Place::Preview, body).await
}

/// What terms are tried on.
enum Of {
    Sample(Sample),
    Upload(String),
}

/// What a form does with a term or with all drafts.
enum Step {
    Try { term: String, removed: bool },
    TakeBack(String),
    Save,
    Discard,
}

fn step(fields: &Fields) -> Result<Step, PageError> {
    let tried = |term: &str, removed| Step::Try { term: term.to_owned(), removed };
    Ok(match (fields.get("keep"), fields.get("remove"), fields.get("drop"), fields.get("do")) {
        (Some(term), ..) => tried(term, false),
        (_, Some(term), ..) => tried(term, true),
        (_, _, Some(term), _) => Step::TakeBack(term.to_owned()),
        (.., Some("remove")) => tried(&fields.text("term"), true),
        (.., Some("save")) => Step::Save,
        (.., Some("discard")) => Step::Discard,
        _ => return Err(PageError::BadRequest(t!("The form does not say what to do with the term.").to_owned())),
    })
}

/// Tries a term, takes one back, saves all or discards all; then leads back to what they are tried on.
pub(crate) async fn drafts(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let of = match (fields.get("upload"), Sample::parse(&fields.text("sample"))) {
        (Some(id), _) => Of::Upload(id.to_owned()),
        (None, Some(sample)) => Of::Sample(sample),
        (None, None) => {
            return Err(PageError::BadRequest(t!("The form does not say what the terms are tried on.").to_owned()));
        }
    };
    let before = match &of {
        Of::Sample(_) => fields.drafts(),
        Of::Upload(id) => held::drafts_of(&state.sluice, &admin, id),
    };
    let sluice = &state.sluice;
    let after: Result<(Vec<Wanted>, Option<usize>), PreviewError> = match step(&fields)? {
        Step::Try { term, removed } => {
            held::try_term(sluice, &admin, &before, &term, removed).await.map(|drafts| (drafts, None))
        }
        Step::TakeBack(term) => Ok((preview::drafts::without(&before, &term), None)),
        Step::Save => held::save_drafts(sluice, &admin, &before).await.map(|saved| (Vec::new(), Some(saved.changed))),
        Step::Discard => Ok((Vec::new(), None)),
    };
    match after {
        Ok((drafts, saved)) => {
            Ok(Redirect::to(&lead_back(&state, &admin, &of, &fields, drafts, saved)).into_response())
        }
        Err(PreviewError::Refused(refusal)) => {
            let context =
                Context { term_problem: Some(refusal.to_string()), typed: fields.text("term"), ..Context::default() };
            show_again(&state, admin, shell, &of, &fields, before, context).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Where a form with drafts leads. Those of a file are kept with it, those of a sample in the address.
fn lead_back(
    state: &AppState,
    admin: &OrgAdmin,
    of: &Of,
    fields: &Fields,
    drafts: Vec<Wanted>,
    saved: Option<usize>,
) -> String {
    let slug = &admin.org().slug;
    let mut pairs: Vec<(&str, String)> = Vec::new();
    let path = match of {
        Of::Sample(sample) => {
            pairs.push(("sample", sample.id().to_owned()));
            pairs.extend(drafts_in_address(&drafts));
            urls::preview(slug)
        }
        Of::Upload(id) => {
            state.sluice.uploads.keep_drafts(admin, id, drafts);
            match (fields.get("back"), fields.number::<usize>("first")) {
                (Some("scorecard"), _) => urls::scorecard(slug, id),
                (_, first) => {
                    pairs.extend(first.map(|first| ("first", first.to_string())));
                    urls::upload(slug, id)
                }
            }
        }
    };
    if fields.get("as") == Some("on") {
        pairs.push(("as", "on".to_owned()));
    }
    pairs.extend(saved.map(|saved| ("saved", saved.to_string())));
    urls::with_query(&path, &pairs)
}

/// The same page with what is wrong: no draft and nothing typed is lost.
async fn show_again(
    state: &AppState,
    admin: OrgAdmin,
    shell: Shell,
    of: &Of,
    fields: &Fields,
    drafts: Vec<Wanted>,
    context: Context,
) -> Result<Response, PageError> {
    let as_if_on = fields.get("as") == Some("on");
    match of {
        Of::Sample(sample) => {
            let viewer = Viewer::Admin(admin);
            let shown = preview::sample(&state.sluice, &viewer, *sample, as_if_on, drafts).await;
            answer(shell, &viewer, Some(*sample), shown, context).await
        }
        Of::Upload(id) => {
            let look = Look { as_if_on, first: fields.number("first").unwrap_or(1), find: String::new() };
            show_upload(state, admin, shell, id, look, context).await
        }
    }
}

/// The page of a file, or of what is left of it.
pub(crate) async fn show_upload(
    state: &AppState,
    admin: OrgAdmin,
    shell: Shell,
    id: &str,
    look: Look,
    context: Context,
) -> Result<Response, PageError> {
    match held::items(&state.sluice, &admin, id, look).await {
        Err(PreviewError::Gone(drafts)) => show_gone(&admin, shell, id, &drafts, context.term_problem).await,
        shown => answer(shell, &Viewer::Admin(admin), None, shown, context).await,
    }
}

pub(crate) async fn show_gone(
    admin: &OrgAdmin,
    shell: Shell,
    id: &str,
    drafts: &[Wanted],
    problem: Option<String>,
) -> Result<Response, PageError> {
    let org = admin.org();
    let body = || gone(&org.slug, id, drafts, problem);
    shell
        .with_status(StatusCode::NOT_FOUND, Some(admin.account()), Some(org), t!("Preview"), Place::Preview, body)
        .await
}
