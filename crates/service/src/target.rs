//! Whose data an item is: the app of the catalogue that it comes from, and what is decided about.

use deidentify::{App, Item};
use policy::Target;

/// The id of an item's app, under which the field dictionary has its fields, and the target whose settings hold for it.
pub(crate) fn target_of(item: &Item) -> (&'static str, Target) {
    target_in(item.app, &item.space)
}

/// Whose ids an app's items have: both Jira apps number theirs together, and what a work item is of can change or be left out.
pub(crate) fn numbered_by(app: &str) -> &str {
    match app {
        "jira-service-management" => "jira",
        own => own,
    }
}

/// The same of what only names its app and its space.
pub(crate) fn target_in(app: App, space: &str) -> (&'static str, Target) {
    let id = match app {
        App::Jira => "jira",
        App::JiraServiceManagement => "jira-service-management",
        App::Confluence => "confluence",
        // A platform app has no spaces and follows the organisation.
        App::Rovo => return ("rovo", Target::PlatformApp("rovo".to_owned())),
    };
    (id, Target::Space { app: id.to_owned(), key: space.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_in_the_catalogue_and_has_fields() {
        let catalogue = policy::Catalogue::built_in().unwrap();
        for app in [App::Jira, App::JiraServiceManagement, App::Confluence, App::Rovo] {
            let (id, target) = target_in(app, "OPS");
            match target {
                Target::PlatformApp(named) => assert!(named == id && catalogue.platform_app(id).is_some(), "{id}"),
                Target::Space { app, key } => assert!(app == id && key == "OPS" && catalogue.app(id).is_some(), "{id}"),
                other => panic!("{other}"),
            }
            assert!(catalogue.fields.iter().any(|field| field.app == id), "{id}");
        }
    }
}
