//! Does my space contribute? What a member of an organisation sees: its spaces, each with the decision and its reason, and
//! nothing that could be changed.

use policy::{Kind, Target};

use crate::Sluice;
use crate::access::{OrgMember, ReadsOrg};
use crate::model::OrgRef;
use crate::settings::why::{Why, why};
use crate::settings::{SettingsError, app_name};

/// Spaces that one answer shows.
pub const SHOWN: usize = 50;

#[derive(Clone, Debug)]
pub struct SpacesPage {
    pub org: OrgRef,
    pub search: String,
    pub found: usize,
    /// The first of them, by name.
    pub spaces: Vec<SpaceAnswer>,
}

#[derive(Clone, Debug)]
pub struct SpaceAnswer {
    pub name: String,
    pub key: String,
    pub app: String,
    /// Metadata, then in-app data.
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub kind: Kind,
    pub contributes: bool,
    /// What the rule that decided says.
    pub because: String,
}

impl From<Why> for Answer {
    fn from(Why { kind, contributes, because }: Why) -> Self {
        let because = because.into_iter().find(|step| step.decides).map(|step| step.answer).unwrap_or_default();
        Self { kind, contributes, because }
    }
}

/// The spaces whose name or key has a text in it.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn spaces(sluice: &Sluice, member: &OrgMember, search: &str) -> Result<SpacesPage, SettingsError> {
    let snapshot = sluice.store.snapshot(&member.org().id).await?.ok_or(SettingsError::NotFound)?;
    let (catalogue, at) = (sluice.catalogue(), sluice.now());
    let sought = search.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&sought);
    let mut matching: Vec<_> = snapshot.spaces.iter().filter(|space| fits(&space.name) || fits(&space.key)).collect();
    matching.sort_by_cached_key(|space| space.name.to_lowercase());
    let spaces = matching
        .iter()
        .take(SHOWN)
        .map(|space| {
            let target = Target::Space { app: space.app.clone(), key: space.key.clone() };
            let answer = |kind| why(catalogue, &snapshot.state, &target, kind, at).into();
            SpaceAnswer {
                name: space.name.clone(),
                key: space.key.clone(),
                app: app_name(catalogue, &space.app).to_owned(),
                answers: Kind::ALL.into_iter().map(answer).collect(),
            }
        })
        .collect();
    Ok(SpacesPage { found: matching.len(), spaces, search: search.trim().to_owned(), org: snapshot.org })
}
