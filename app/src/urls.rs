//! Every address in one place. Pages link through these; a test in the server checks that each one is a route.

use policy::{Setting, Target};

pub const SIGN_IN: &str = "/sign-in";
/// Signing in through the provider, and showing again there who one is.
pub const SIGN_IN_OIDC: &str = "/sign-in/oidc";
pub const SIGN_IN_AGAIN: &str = "/sign-in/oidc/again";
pub const SIGN_IN_DEMO: &str = "/sign-in/demo";
pub const SIGN_OUT: &str = "/sign-out";
pub const ORGANISATIONS: &str = "/orgs";
pub const THEME: &str = "/preferences/theme";
pub const LANGUAGE: &str = "/preferences/language";

pub const ACCOUNT: &str = "/account";
pub const PASSWORD: &str = "/account/password";
pub const END_SESSIONS: &str = "/account/sessions/end";

/// Where a person's role leads in an organisation.
pub fn organisation(org: &str) -> String {
    format!("/orgs/{org}")
}

pub fn spaces(org: &str) -> String {
    format!("/orgs/{org}/spaces")
}

/// Who has which role.
pub fn members(org: &str) -> String {
    format!("/orgs/{org}/security/access")
}

pub fn change_role(org: &str) -> String {
    format!("{}/role", members(org))
}

pub fn end_sessions_of(org: &str) -> String {
    format!("{}/sessions", members(org))
}

pub fn invite(org: &str) -> String {
    format!("{}/invitations", members(org))
}

pub fn withdraw_invitation(org: &str) -> String {
    format!("{}/invitations/withdraw", members(org))
}

/// The link of an invitation: `token` is a part of the address.
pub fn invitation(token: &str) -> String {
    format!("/invitations/{token}")
}

pub fn settings(org: &str) -> String {
    format!("/orgs/{org}/security/data-contribution")
}

pub fn change(org: &str) -> String {
    format!("{}/change", settings(org))
}

pub fn undo(org: &str) -> String {
    format!("{}/undo", settings(org))
}

pub fn review(org: &str) -> String {
    format!("{}/review", settings(org))
}

pub fn picker(org: &str) -> String {
    format!("{}/add", settings(org))
}

pub fn history(org: &str) -> String {
    format!("{}/history", settings(org))
}

pub fn history_of(org: &str, setting: &Setting) -> String {
    with_query(&history(org), &[("setting", setting.to_string())])
}

pub fn why(org: &str, target: &Target) -> String {
    with_query(&format!("{}/why", settings(org)), &[("target", target.to_string())])
}

pub fn preview(org: &str) -> String {
    format!("/orgs/{org}/security/preview")
}

/// Trying and saving terms on the preview.
pub fn drafts(org: &str) -> String {
    format!("{}/drafts", preview(org))
}

/// A file that is held: `id` is a part of the address.
pub fn upload(org: &str, id: &str) -> String {
    format!("{}/uploads/{id}", preview(org))
}

pub fn discard_upload(org: &str, id: &str) -> String {
    format!("{}/discard", upload(org, id))
}

pub fn scorecard(org: &str, id: &str) -> String {
    format!("{}/scorecard", upload(org, id))
}

pub fn download(org: &str, id: &str) -> String {
    format!("{}/download", upload(org, id))
}

pub fn terms(org: &str) -> String {
    format!("/orgs/{org}/security/terms")
}

pub fn delete_terms(org: &str) -> String {
    format!("{}/delete", terms(org))
}

pub fn people(org: &str) -> String {
    format!("/orgs/{org}/security/people")
}

pub fn delete_people(org: &str) -> String {
    format!("{}/delete", people(org))
}

/// A file of people that is held until its summary was read.
pub fn import(org: &str, id: &str) -> String {
    format!("{}/imports/{id}", people(org))
}

pub fn discard_import(org: &str, id: &str) -> String {
    format!("{}/discard", import(org, id))
}

pub fn data_types(org: &str) -> String {
    format!("/orgs/{org}/security/data-types")
}

/// A path with a query, encoded.
pub fn with_query(path: &str, pairs: &[(&str, String)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    // Encoding pairs of text cannot fail; a path without its query is still the right page.
    serde_urlencoded::to_string(pairs).map_or_else(|_| path.to_owned(), |query| format!("{path}?{query}"))
}

/// Where support finds organisations.
pub const SUPPORT: &str = "/support";

/// Where support says what it looks for.
pub fn support_entry(slug: &str) -> String {
    format!("/support/orgs/{slug}")
}

/// The page of the API.
pub const API: &str = "/api";
pub const API_DOCUMENT: &str = "/api/v1/openapi.json";
/// What can stand in an audit log.
pub const ACTIONS: &str = "/api/actions";

pub fn keys(org: &str) -> String {
    format!("/orgs/{org}/security/keys")
}

pub fn revoke_key(org: &str) -> String {
    format!("{}/revoke", keys(org))
}

/// Making webhooks.
pub fn webhooks(org: &str) -> String {
    format!("{}/webhooks", keys(org))
}

pub fn revoke_webhook(org: &str) -> String {
    format!("{}/revoke", webhooks(org))
}

/// Where Jira sends to.
pub fn webhook(org: &str, id: &str) -> String {
    format!("/hooks/jira/{org}/{id}")
}

/// An organisation at a glance, for support that reviews it.
pub fn support_summary(slug: &str) -> String {
    format!("/orgs/{slug}/review")
}

/// Where support stops looking at an organisation.
pub fn support_leave(slug: &str) -> String {
    format!("/support/orgs/{slug}/leave")
}

/// What an organisation sees of support.
pub fn support_access(org: &str) -> String {
    format!("/orgs/{org}/security/support")
}

pub fn support_rule(org: &str) -> String {
    format!("{}/rule", support_access(org))
}

pub fn support_answer(org: &str) -> String {
    format!("{}/answer", support_access(org))
}

pub fn audit(org: &str) -> String {
    format!("/orgs/{org}/security/audit")
}

pub fn audit_verify(org: &str) -> String {
    format!("{}/verify", audit(org))
}

pub fn audit_checkpoint(org: &str) -> String {
    format!("{}/checkpoint", audit(org))
}

pub fn audit_export(org: &str) -> String {
    format!("{}/export", audit(org))
}

/// How things stood on a date.
pub fn evidence(org: &str) -> String {
    format!("/orgs/{org}/security/evidence")
}

pub fn evidence_pack(org: &str) -> String {
    format!("{}/pack", evidence(org))
}

/// What was contributed and removed.
pub fn ledger(org: &str) -> String {
    format!("/orgs/{org}/ledger")
}

pub fn ledger_export(org: &str) -> String {
    format!("{}/export", ledger(org))
}

/// Opening the newest records.
pub fn ledger_records(org: &str) -> String {
    format!("{}/records", ledger(org))
}

/// What is being taken back, and the receipts of what was.
pub fn removal(org: &str) -> String {
    format!("/orgs/{org}/removal")
}

/// The receipt of a removal: `id` is a part of the address.
pub fn receipt(org: &str, id: &str) -> String {
    format!("{}/{id}/receipt", removal(org))
}
