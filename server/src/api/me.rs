//! What a key is.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::document::NoBody;

/// A key, as whoever holds it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// What the key is called.
    name: String,
    /// What it may do: `read`, `write`, `preview`, `ingest`, `audit`.
    scopes: Vec<&'static str>,
    organisation: Organisation,
    /// The admin on whose behalf it acts.
    on_behalf_of: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Which organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Organisation {
    /// As it stands in addresses.
    slug: String,
    name: String,
}

impl From<&service::model::OrgRef> for Organisation {
    fn from(org: &service::model::OrgRef) -> Self {
        Self { slug: org.slug.clone(), name: org.name.clone() }
    }
}

/// What this key is
///
/// Its name, its scopes, its organisation and its last day. Any key that works may ask.
#[utoipa::path(get, path = "/me", tag = "Key", operation_id = "me", responses(
    (status = 200, description = "The key.", body = Me),
    NoBody,
))]
pub(crate) async fn me(Caller(holder): Caller) -> Json<Me> {
    let key = holder.key();
    Json(Me {
        name: key.name.clone(),
        scopes: key.scopes.iter().map(|scope| scope.id()).collect(),
        organisation: holder.org().into(),
        on_behalf_of: key.creator.clone(),
        expires_at: key.expires_at.rfc3339(),
    })
}
