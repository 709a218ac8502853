//! Forms and queries as lists of names and values, and what they mean.

use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, Uri};
use language::t;
use policy::Setting;
use service::preview::drafts;
use service::settings::change::{Confirmation, Wish};
use service::terms::{Wanted, tidy};

use crate::errors::PageError;

/// The fields of a form or a query, in order; a name may stand there more than once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields: Vec<(String, String)> = serde_urlencoded::from_str(text).ok()?;
        // Postgres has no room for this one character, and no text that a person means has it.
        for (_, value) in &mut fields {
            if value.contains('\0') {
                *value = value.replace('\0', "\u{FFFD}");
            }
        }
        Some(Self(fields))
    }

    pub(crate) fn of_query(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default()).unwrap_or_default()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }

    /// The settings that a form names.
    pub(crate) fn settings(&self) -> Result<Vec<Setting>, PageError> {
        self.all("target")
            .map(|text| {
                text.parse().map_err(|error: policy::ParseSettingError| {
                    PageError::BadRequest(t!("`{name}` names no setting.", name = error.0))
                })
            })
            .collect()
    }

    /// What a form wants: settings and the value for them, or an earlier change taken back.
    pub(crate) fn wish(&self) -> Result<Wish, PageError> {
        if let Some(change_id) = self.get("revert") {
            return Ok(Wish::Revert { change_id: change_id.to_owned() });
        }
        let to = match self.get("to") {
            Some("on") => Some(true),
            Some("off") => Some(false),
            Some("remove") => None,
            _ => {
                return Err(PageError::BadRequest(
                    t!("The form does not say whether to turn on, off or remove.").to_owned(),
                ));
            }
        };
        Ok(Wish::Set { to, settings: self.settings()? })
    }

    /// The drafts that a form or an address brings along.
    pub(crate) fn drafts(&self) -> Vec<Wanted> {
        let list = |name: &str| match name {
            "removed" => Some(true),
            "kept" => Some(false),
            _ => None,
        };
        self.0
            .iter()
            .filter_map(|(name, value)| Some(Wanted { to: Some(list(name)?), term: tidy(value) }))
            .take(drafts::MOST)
            .collect()
    }

    /// The version of the settings that the page showed.
    pub(crate) fn version(&self) -> Result<i64, PageError> {
        self.number("version").ok_or_else(|| {
            PageError::BadRequest(
                t!("The form does not say which version of the settings it was about. Load the page again.").to_owned(),
            )
        })
    }

    pub(crate) fn confirmation(&self, proved: bool) -> Result<Confirmation, PageError> {
        Ok(Confirmation { version: self.version()?, reason: self.text("reason"), name: self.text("name"), proved })
    }

    /// Where to go afterwards: a path of this site below `within`, or `within` itself.
    pub(crate) fn back(&self, within: &str) -> String {
        self.get("back").filter(|back| is_path_below(back, within)).map_or_else(|| within.to_owned(), str::to_owned)
    }
}

/// A path of this site, below another; nothing that a browser could take for another host.
pub(crate) fn is_path_below(path: &str, within: &str) -> bool {
    // A browser reads `%2e%2e` in a path as `..`.
    let folder = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let ordinary = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.contains("/..")
        && !["%2e", "%2f", "%5c"].iter().any(|escaped| folder.contains(escaped))
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    ordinary
        && path
            .strip_prefix(within)
            .is_some_and(|rest| within.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// A wish as the query of the review's own address.
pub(crate) fn wish_query(wish: &Wish, back: &str) -> Vec<(&'static str, String)> {
    let mut pairs = match wish {
        Wish::Revert { change_id } => vec![("revert", change_id.clone())],
        Wish::Set { to, settings } => {
            let to = match to {
                Some(true) => "on",
                Some(false) => "off",
                None => "remove",
            };
            let mut pairs = vec![("to", to.to_owned())];
            pairs.extend(settings.iter().map(|setting| ("target", setting.to_string())));
            pairs
        }
    };
    pairs.push(("back", back.to_owned()));
    pairs
}

/// A file that a form brought, and whether its box “as if in-app data were on” was ticked.
pub(crate) struct Sent {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) as_if_on: bool,
}

/// Reads a form with a file; none if the file is too large, which is found out while it arrives.
pub(crate) async fn file(form: Result<Multipart, MultipartRejection>) -> Result<Option<Sent>, PageError> {
    let no_file =
        || PageError::BadRequest(t!("The form did not bring a file. Choose one and send it again.").to_owned());
    let mut form = form.map_err(|_| no_file())?;
    let mut sent = Sent { name: String::new(), bytes: Vec::new(), as_if_on: false };
    let too_large = |error: MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Ok(None) } else { Err(no_file()) }
    };
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(Some(sent)),
            Err(error) => return too_large(error),
        };
        match field.name() {
            Some("file") => {
                sent.name = field.file_name().unwrap_or(t!("Your file")).chars().take(80).collect();
                match field.bytes().await {
                    Ok(bytes) => sent.bytes = bytes.into(),
                    Err(error) => return too_large(error),
                }
            }
            Some("as") => sent.as_if_on = true,
            _ => {}
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let body = String::from_request(request, state).await.map_err(|_| {
            PageError::BadRequest(
                t!("The form is too large or cannot be read. Choose fewer things at once.").to_owned(),
            )
        })?;
        Self::parse(&body).ok_or_else(|| {
            PageError::BadRequest(t!("The form cannot be read. Load the page again and retry.").to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_stays_on_this_site() {
        let within = "/orgs/free";
        for good in ["/orgs/free", "/orgs/free?page=2", "/orgs/free/security/data-contribution?app=jira#app-jira"] {
            assert!(is_path_below(good, within), "{good}");
        }
        for bad in [
            "",
            "orgs/free",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/orgs/freedom",
            "/orgs/free/../x",
            "/orgs/free\n",
        ] {
            assert!(!is_path_below(bad, within), "{bad:?}");
        }
        assert!(is_path_below("/orgs", "/"));
        assert!(!is_path_below("//evil.example", "/"));
    }

    #[test]
    fn a_wish_survives_its_address() {
        let wish = Wish::Set {
            to: Some(true),
            settings: vec!["space:jira/HR & co".parse().unwrap(), "in-app".parse().unwrap()],
        };
        let query = serde_urlencoded::to_string(wish_query(&wish, "/orgs/free")).unwrap();
        let uri: Uri = format!("/review?{query}").parse().unwrap();
        assert_eq!(Fields::of_query(&uri).wish().unwrap(), wish);
    }
}
