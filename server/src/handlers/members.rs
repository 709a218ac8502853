//! Roles: who has which, inviting people, accepting an invitation, and what a member sees.

use app::document::Place;
use app::pages::members::{Accepting, Said, Unproved, invitation as show_invitation, invitation_gone, members as show};
use app::{pages, urls};
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{kept, t, tn};
use service::access::{OrgAdmin, ReadsOrg, Who};
use service::invitations::{self, InvitationError, InvitationRefusal};
use service::members::{self, MemberError, MemberRefusal};
use service::model::{Account, Role};
use service::settings::spaces::spaces as find_spaces;
use service::sign_in::SignInError;
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::forms::Fields;
use crate::handlers::{oidc, sign_in};
use crate::proof::{Proof, proof};
use crate::router::AppState;
use crate::session::{self, Admin, Arrival, InvitationToken, MaybeAccount, Member, OwnOrigin};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Admin(admin): Admin,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let done = match (query.get("done"), query.number::<usize>("ended")) {
        (Some("role"), _) => Some(t!("The role was changed.").to_owned()),
        (Some("withdrawn"), _) => Some(t!("The invitation was withdrawn. Its link leads nowhere now.").to_owned()),
        (_, Some(ended)) => Some(tn!(ended, "Signed out: {ended} browser.", "Signed out: {ended} browsers.")),
        _ => None,
    };
    // Back from the provider, where it went wrong.
    let offered = oidc::offered(&state, &query, urls::members(&admin.org().slug));
    let offered = offered.filter(|offered| offered.problem.is_some());
    answer(&state, &admin, shell, StatusCode::OK, Said { done, offered, ..Said::default() }).await
}

async fn answer(
    state: &AppState,
    admin: &OrgAdmin,
    shell: Shell,
    status: StatusCode,
    said: Said,
) -> Result<Response, PageError> {
    let model = members::members_page(&state.sluice, admin).await?;
    let body = || show(model, said);
    shell.with_status(status, Some(admin.account()), Some(admin.org()), t!("Roles"), Place::Members, body).await
}

async fn refused(state: &AppState, admin: &OrgAdmin, shell: Shell, error: MemberError) -> Result<Response, PageError> {
    match error {
        MemberError::Refused(refusal) => {
            let said = Said { refused: Some(refusal.to_string()), ..Said::default() };
            answer(state, admin, shell, StatusCode::UNPROCESSABLE_ENTITY, said).await
        }
        MemberError::Store(error) => Err(error.into()),
    }
}

/// Another admin can do all that takes the password; so making one takes it as well. None once it was given.
async fn unproved(
    state: &AppState,
    session: &Session,
    client: Client,
    admin: &OrgAdmin,
    fields: &Fields,
) -> Result<Option<MemberRefusal>, PageError> {
    if fields.get("role").and_then(Role::parse) != Some(Role::Admin) {
        return Ok(None);
    }
    let because = kept!("The password was wrong at a new admin.");
    Ok(match proof(state, session, client, admin.who(), fields.get("password"), because).await? {
        Proof::Given => None,
        Proof::Missing => Some(MemberRefusal::PasswordMissing),
        Proof::Wrong => Some(MemberRefusal::PasswordWrong),
        Proof::Unchecked => Some(MemberRefusal::PasswordUnchecked),
    })
}

/// The page with the form that was sent and a field for the password.
async fn ask(
    state: &AppState,
    admin: &OrgAdmin,
    shell: Shell,
    why: &MemberRefusal,
    action: String,
    sent: &Fields,
    fields: Vec<(&'static str, String)>,
) -> Result<Response, PageError> {
    let unproved = Some(Unproved { action, fields });
    let offered = oidc::offered(state, sent, urls::members(&admin.org().slug));
    let said = Said { refused: Some(why.to_string()), unproved, offered, ..Said::default() };
    answer(state, admin, shell, StatusCode::UNPROCESSABLE_ENTITY, said).await
}

pub(crate) async fn change_role(
    State(state): State<AppState>,
    Admin(admin): Admin,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let role = match fields.get("role") {
        Some("none") => None,
        role => Some(
            role.and_then(Role::parse)
                .ok_or_else(|| PageError::BadRequest(t!("The form does not say which role to give.").to_owned()))?,
        ),
    };
    let account = fields.text("account");
    if let Some(why) = unproved(&state, &session, client, &admin, &fields).await? {
        let again = vec![("account", account), ("role", Role::Admin.id().to_owned())];
        return ask(&state, &admin, shell, &why, urls::change_role(&admin.org().slug), &fields, again).await;
    }
    match members::change_role(&state.sluice, &admin, &account, role).await {
        // Whoever gave up their own role sees this page no more.
        Ok(()) if account == admin.account().id && role != Some(Role::Admin) => Ok(Redirect::to("/").into_response()),
        Ok(()) => Ok(come_back(&admin, "done", "role")),
        Err(error) => refused(&state, &admin, shell, error).await,
    }
}

pub(crate) async fn end_sessions(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    match members::end_sessions(&state.sluice, &admin, &fields.text("account")).await {
        Ok(ended) => Ok(come_back(&admin, "ended", &ended.to_string())),
        Err(error) => refused(&state, &admin, shell, error).await,
    }
}

fn come_back(admin: &OrgAdmin, name: &'static str, value: &str) -> Response {
    Redirect::to(&urls::with_query(&urls::members(&admin.org().slug), &[(name, value.to_owned())])).into_response()
}

/// The answer is the page itself and no redirect: the link stands in it and nowhere else.
pub(crate) async fn invite(
    State(state): State<AppState>,
    Admin(admin): Admin,
    OwnOrigin(origin): OwnOrigin,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let (email, role) = (fields.text("email"), fields.get("role").and_then(Role::parse));
    if let Some(why) = unproved(&state, &session, client, &admin, &fields).await? {
        let again = vec![("email", email), ("role", Role::Admin.id().to_owned())];
        return ask(&state, &admin, shell, &why, urls::invite(&admin.org().slug), &fields, again).await;
    }
    match invitations::invite(&state.sluice, &admin, &email, role).await {
        Ok(token) => {
            let link = Some(format!("{origin}{}", urls::invitation(&token)));
            answer(&state, &admin, shell, StatusCode::OK, Said { link, ..Said::default() }).await
        }
        Err(InvitationError::Refused(refusal)) => {
            let said = Said { refused: Some(refusal.to_string()), typed: Some((email, role)), ..Said::default() };
            answer(&state, &admin, shell, StatusCode::UNPROCESSABLE_ENTITY, said).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn withdraw(
    State(state): State<AppState>,
    Admin(admin): Admin,
    fields: Fields,
) -> Result<Response, PageError> {
    invitations::withdraw(&state.sluice, &admin, &fields.text("invitation")).await?;
    Ok(come_back(&admin, "done", "withdrawn"))
}

pub(crate) async fn invitation(
    State(state): State<AppState>,
    InvitationToken(token): InvitationToken,
    MaybeAccount(account): MaybeAccount,
    shell: Shell,
) -> Result<Response, PageError> {
    show_link(&state, &token, account.as_ref(), shell, Accepting::default()).await
}

/// The page of a link; one and the same for every link that cannot be used.
async fn show_link(
    state: &AppState,
    token: &str,
    account: Option<&Account>,
    shell: Shell,
    typed: Accepting,
) -> Result<Response, PageError> {
    let status = if typed.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (title, place) = (t!("Invitation"), Place::Elsewhere);
    match invitations::invited(&state.sluice, token).await {
        Ok(invited) => {
            let body = || show_invitation(token, &invited, account, typed);
            shell.with_status(status, account, None, title, place, body).await
        }
        Err(InvitationError::Gone) => {
            shell.with_status(StatusCode::NOT_FOUND, account, None, title, place, invitation_gone).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn accept(
    State(state): State<AppState>,
    InvitationToken(token): InvitationToken,
    MaybeAccount(account): MaybeAccount,
    arrival: Arrival,
    session: Session,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let name = fields.text("name");
    let via = session::via_web(arrival.request.clone(), &session);
    let accepted = match &account {
        Some(account) => invitations::accept(&state.sluice, &Who { account: account.clone(), via }, &token).await,
        None => {
            let password = fields.text("new");
            match invitations::accept_as_new(&state.sluice, &state.passwords, via, &token, &name, &password).await {
                Ok((made, org)) => {
                    sign_in::begin(&state, &session, arrival, made, Some(state.sluice.now())).await?;
                    Ok(org)
                }
                Err(error) => Err(error),
            }
        }
    };
    let why = match accepted {
        Ok(org) => return Ok(Redirect::to(&urls::organisation(&org.slug)).into_response()),
        Err(InvitationError::Gone) => None,
        // The link is used up, so its page would not say it.
        Err(error @ InvitationError::Refused(InvitationRefusal::KeepsRole { .. })) => return Err(error.into()),
        Err(InvitationError::Refused(refusal)) => Some(refusal.to_string()),
        Err(InvitationError::SignIn(busy @ SignInError::Busy)) => Some(busy.to_string()),
        Err(error) => return Err(error.into()),
    };
    show_link(&state, &token, account.as_ref(), shell, Accepting { name, refused: why }).await
}

pub(crate) async fn spaces(
    State(state): State<AppState>,
    Member(member): Member,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let model = find_spaces(&state.sluice, &member, &Fields::of_query(&uri).text("q")).await?;
    let body = || pages::spaces::spaces(model);
    shell.page(Some(member.account()), Some(member.org()), t!("Spaces"), Place::Spaces, body).await
}
