//! Whose data an item is: the app of the catalogue that it comes from, what is decided about, and who wrote it.

use deidentify::{App, Item, Value};
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

/// Where an item says who wrote or asked it, and as what it knows them, each in the order in which they are taken.
const AUTHORS: [&str; 6] = ["reporter", "creator", "history.createdBy", "user", "author", "comment.comments.author"];
const CALLED: [&str; 5] = ["accountId", "key", "name", "emailAddress", "displayName"];

/// What the author of an item is called in its source; none if the item names none. Personal data: it is to be hashed at once.
pub(crate) fn author_of(item: &Item) -> Option<&str> {
    let named = |path: &str| {
        let leaf = item.leaves.iter().find(|leaf| leaf.path == path)?;
        match &leaf.value {
            Value::Text(text) | Value::Number(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Value::Bool(_) => None,
        }
    };
    let user = |user: &&str| CALLED.iter().find_map(|called| named(&format!("{user}.{called}")));
    AUTHORS.iter().find_map(user).or_else(|| named("authorId"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_is_whoever_the_source_says_it_is() {
        let author = |json: &str| author_of(&deidentify::item(json).unwrap()).map(str::to_owned);
        let issue = |fields: &str| format!(r#"{{"key": "WEB-1", "fields": {{"project": {{"key": "WEB"}}{fields}}}}}"#);
        let by = r#", "creator": {"displayName": "B"}, "reporter": {"displayName": "A", "accountId": "5b10"}"#;
        assert_eq!(author(&issue(by)).as_deref(), Some("5b10"));
        assert_eq!(author(&issue(r#", "creator": {"displayName": "Ines Okafor"}"#)).as_deref(), Some("Ines Okafor"));
        assert_eq!(author(&issue(r#", "assignee": {"accountId": "5b10"}"#)), None);
        assert_eq!(
            author(r#"{"id": "7", "type": "search", "query": "x", "user": {"accountId": "9"}}"#).as_deref(),
            Some("9")
        );
    }

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
