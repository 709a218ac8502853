//! What a webhook of Jira sends: a work item that was made, changed or deleted, or one of its comments.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{Document, Head, id_of};
use crate::Format;
use crate::export::{App, Item, Leaf, PROJECT_TYPE, ReadError, Value, text_of};

/// Where a work item has its comments, and what is in one.
const COMMENTS: &str = "comment.comments";
const IN_COMMENTS: &str = "comment.comments.";

const NO_WEBHOOK: &str = "this is not a webhook of Jira: it has no webhookEvent";

/// What a webhook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub event: Event,
    /// When it happened, in milliseconds since 1970. Sent again, it is the same.
    pub at: Option<i64>,
}

/// What happened in Jira, as far as it concerns what is contributed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A work item as it is now.
    Upsert {
        item: Item,
        /// All of its comments are there; otherwise none of them is. Jira Cloud leaves them out when a work item changes, or sends
        /// the first of many, which says nothing about them.
        has_comments: bool,
    },
    /// A work item is gone.
    Delete { app: App, id: String, space: String },
    /// A comment was made, changed or deleted, and the work item is not there whole.
    Comment {
        /// Of the work item.
        item_id: String,
        app: App,
        space: String,
        /// Of the comment.
        id: String,
        /// It was not there before.
        is_new: bool,
        /// The work item with nothing but this comment and the type of its project, if that is known; none if the comment is
        /// deleted.
        item: Option<Item>,
    },
    /// Nothing that concerns what is contributed. Data Center sends a comment without its work item: that is nothing either,
    /// because the same change arrives there as a change of the work item, which brings its comments.
    Other,
}

/// The members of a webhook's body that say what happened.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, rename = "webhookEvent")]
    event: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    issue: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
}

/// Of a work item, what says whether its comments are there.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
}

/// Of a comment, what says which it is.
#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Comments {
    comments: Option<Vec<IgnoredAny>>,
    total: Option<u64>,
}

/// Reads the body of a webhook, as Jira Cloud or Data Center sends it.
///
/// # Errors
/// What is no webhook of Jira, and an event without what it is about: with the line and column in the body.
pub fn webhook(bytes: &[u8]) -> Result<Webhook, ReadError> {
    let text = text_of(bytes)?;
    let document = Document(text);
    let no_webhook = || ReadError::at(text, 0, NO_WEBHOOK);
    if !text.trim_start().starts_with('{') {
        return Err(no_webhook());
    }
    let body: Body<'_> = serde_json::from_str(text).map_err(|error| document.located(text, &error, NO_WEBHOOK))?;
    let at = body.timestamp.and_then(|at| at.get().parse().ok());
    Ok(Webhook { event: event(document, &body.event.ok_or_else(no_webhook)?, body.issue, body.comment)?, at })
}

fn event<'a>(
    document: Document<'a>,
    event: &str,
    issue: Option<&'a RawValue>,
    comment: Option<&'a RawValue>,
) -> Result<Event, ReadError> {
    let text = document.0;
    match (event, issue.map(RawValue::get)) {
        ("jira:issue_created" | "jira:issue_updated", Some(issue)) => {
            let has_comments = has_all_comments(document.work_item(issue)?.values);
            let mut item = document.item(issue)?;
            if !has_comments {
                item.leaves.retain(|leaf| !leaf.path.starts_with(IN_COMMENTS));
            }
            Ok(Event::Upsert { item, has_comments })
        }
        ("jira:issue_deleted", Some(issue)) => {
            let head = document.work_item(issue)?;
            Ok(Event::Delete { app: head.app, id: head.id(), space: head.space })
        }
        ("jira:issue_created" | "jira:issue_updated" | "jira:issue_deleted", None) => {
            Err(ReadError::at(text, 0, "the event does not say which work item it is about (issue)"))
        }
        ("comment_created" | "comment_updated" | "comment_deleted", Some(issue)) => {
            let comment = comment
                .ok_or_else(|| ReadError::at(text, 0, "the event does not say which comment it is about (comment)"))?;
            comment_event(document, issue, comment.get(), event)
        }
        _ => Ok(Event::Other),
    }
}

fn comment_event<'a>(
    document: Document<'a>,
    issue: &'a str,
    comment: &'a str,
    event: &str,
) -> Result<Event, ReadError> {
    let head = document.work_item(issue)?;
    if has_all_comments(head.values) {
        return Ok(Event::Upsert { item: document.item(issue)?, has_comments: true });
    }
    let misshapen = "\"comment\" is not an object with an id";
    let refused = || ReadError::at(document.0, document.offset(comment), misshapen);
    if !comment.starts_with('{') {
        return Err(refused());
    }
    let members: Identified<'a> =
        serde_json::from_str(comment).map_err(|error| document.located(comment, &error, misshapen))?;
    let id = members.id.and_then(|id| id_of(id.get())).ok_or_else(refused)?;
    let (deleted, is_new) = (event == "comment_deleted", event == "comment_created");
    let item = if deleted { None } else { Some(item_of_comment(document, &head, comment)?) };
    Ok(Event::Comment { item_id: head.id(), app: head.app, space: head.space, id, is_new, item })
}

/// A work item of which one comment is known.
fn item_of_comment<'a>(document: Document<'a>, head: &Head<'a>, comment: &'a str) -> Result<Item, ReadError> {
    let project = (head.project_type.clone()).map(|kind| Leaf {
        path: PROJECT_TYPE.to_owned(),
        value: Value::Text(kind),
        format: Format::Text,
    });
    Ok(Item {
        id: head.id(),
        key: head.key.clone(),
        app: head.app,
        space: head.space.clone(),
        leaves: document.leaves(comment, project.into_iter().collect(), COMMENTS)?,
        people: document.people(comment)?,
    })
}

/// Whether the fields of a work item hold its comments, and not only the first of many.
fn has_all_comments(fields: &str) -> bool {
    let comments = serde_json::from_str::<Fields<'_>>(fields).ok().and_then(|fields| fields.comment);
    let comments: Option<Comments> = comments.and_then(|comments| serde_json::from_str(comments.get()).ok());
    comments.is_some_and(|Comments { comments, total }| {
        comments.is_some_and(|comments| total.is_none_or(|total| comments.len() as u64 >= total))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item;

    /// As Jira Cloud writes it; Data Center has `name` and `key` where Cloud has `accountId`.
    const ISSUE: &str = r#"{"id": "10071", "key": "HELP-4", "fields": {
        "summary": "Laptop will not start",
        "project": {"key": "HELP", "projectTypeKey": "service_desk"},
        "reporter": {"accountId": "5b10ac8d82e05b22cc7d4ef5", "displayName": "Ines Okafor"}}}"#;
    const WHOLE: &str = r#"{"id": "10071", "key": "HELP-4", "fields": {
        "summary": "Laptop will not start",
        "project": {"key": "HELP"},
        "comment": {"comments": [{"id": "7", "author": {"name": "bvisser", "displayName": "Bram Visser"}, "body": "On it"}],
            "maxResults": 1, "total": 1, "startAt": 0}}}"#;
    const COMMENT: &str = r#"{"id": "7", "author": {"accountId": "9", "displayName": "Bram Visser"},
        "body": "Ask [~accountid:9]", "created": "2026-08-17T11:59:00.000+0000", "jsdPublic": true}"#;

    fn body(event: &str, members: &str) -> String {
        format!(r#"{{"timestamp": 1, "webhookEvent": "{event}", "user": {{"displayName": "Li Hua"}}, {members}}}"#)
    }

    fn read(event: &str, members: &str) -> Event {
        let read = webhook(body(event, members).as_bytes()).unwrap();
        assert_eq!(read.at, Some(1));
        read.event
    }

    fn error(text: &str) -> String {
        webhook(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_work_item_is_the_same_as_from_the_rest_api() {
        for event in ["jira:issue_created", "jira:issue_updated"] {
            for (issue, has_comments) in [(ISSUE, false), (WHOLE, true)] {
                let members = format!(r#""changelog": {{}}, "comment": {COMMENT}, "issue": {issue}"#);
                assert_eq!(read(event, &members), Event::Upsert { item: item(issue).unwrap(), has_comments });
            }
            let first_of_many = WHOLE.replace("\"total\": 1", "\"total\": 2");
            let Event::Upsert { item: read, has_comments: false } =
                read(event, &format!(r#""issue": {first_of_many}"#))
            else {
                panic!("{event}")
            };
            let mut paths: Vec<&str> = read.leaves.iter().map(|leaf| leaf.path.as_str()).collect();
            paths.retain(|path| path.starts_with("comment"));
            assert_eq!(
                paths,
                ["comment.maxResults", "comment.total", "comment.startAt"],
                "some comments are not the comments"
            );
        }
    }

    #[test]
    fn a_deleted_work_item_is_named() {
        let deleted = |issue: &str| read("jira:issue_deleted", &format!(r#""issue": {issue}"#));
        let gone = |app| Event::Delete { app, id: "10071".into(), space: "HELP".into() };
        assert_eq!(deleted(ISSUE), gone(App::JiraServiceManagement));
        assert_eq!(deleted(WHOLE), gone(App::Jira));
    }

    #[test]
    fn a_comment_comes_alone_where_its_work_item_is_not_whole() {
        let members = format!(r#""comment": {COMMENT}, "issue": {ISSUE}"#);
        for event in ["comment_created", "comment_updated"] {
            let Event::Comment { item_id, app, space, id, is_new, item: Some(item) } = read(event, &members) else {
                panic!("{event}")
            };
            assert_eq!(is_new, event == "comment_created");
            assert_eq!((item_id.as_str(), space.as_str(), id.as_str()), ("10071", "HELP", "7"));
            assert_eq!((app, item.app), (App::JiraServiceManagement, App::JiraServiceManagement));
            assert_eq!((item.id.as_str(), item.key.as_str()), ("10071", "HELP-4"));
            let paths: Vec<&str> = item.leaves.iter().map(|leaf| leaf.path.as_str()).collect();
            let expected = [
                "project.projectTypeKey",
                "comment.comments.id",
                "comment.comments.author.accountId",
                "comment.comments.author.displayName",
                "comment.comments.body",
                "comment.comments.created",
                "comment.comments.jsdPublic",
            ];
            assert_eq!(paths, expected);
            assert_eq!(item.people.len(), 1, "who is named elsewhere in the body has no part in the comment");
            assert_eq!(item.people[0].names, ["Bram Visser"]);
        }
        let deleted = read("comment_deleted", &members);
        assert!(matches!(deleted, Event::Comment { item: None, ref id, .. } if id == "7"), "{deleted:?}");
    }

    #[test]
    fn a_comment_with_all_others_is_the_whole_work_item() {
        for event in ["comment_created", "comment_updated", "comment_deleted"] {
            let whole = read(event, &format!(r#""comment": {COMMENT}, "issue": {WHOLE}"#));
            assert_eq!(whole, Event::Upsert { item: item(WHOLE).unwrap(), has_comments: true });
            let first_of_many = WHOLE.replace("\"total\": 1", "\"total\": 2");
            let part = read(event, &format!(r#""comment": {COMMENT}, "issue": {first_of_many}"#));
            assert!(matches!(part, Event::Comment { .. }), "{part:?}");
        }
    }

    #[test]
    fn everything_else_is_nothing() {
        assert_eq!(read("jira:version_released", r#""version": {"id": 1}"#), Event::Other);
        assert_eq!(read("worklog_created", &format!(r#""issue": {ISSUE}"#)), Event::Other);
        assert_eq!(read("comment_created", &format!(r#""comment": {COMMENT}"#)), Event::Other, "Data Center");
    }

    #[test]
    fn a_time_that_cannot_be_read_is_none() {
        for time in ["", "\"timestamp\": \"1\",", "\"timestamp\": 1.5,", "\"timestamp\": null,"] {
            let body = format!("{{{time} \"webhookEvent\": \"x\"}}");
            assert_eq!(webhook(body.as_bytes()).unwrap(), Webhook { event: Event::Other, at: None }, "{time}");
        }
    }

    #[test]
    fn errors_say_where_and_repeat_no_value() {
        for (text, expected) in [
            ("[]".to_owned(), "line 1, column 1: this is not a webhook of Jira: it has no webhookEvent"),
            ("{\"issue\": {}}".to_owned(), "line 1, column 1: this is not a webhook of Jira: it has no webhookEvent"),
            (
                "{\"webhookEvent\":\n {\"private\": 1}}".to_owned(),
                "line 2, column 1: this is not a webhook of Jira: it has no webhookEvent",
            ),
            ("{\"webhookEvent\": \"x\"".to_owned(), "line 1, column 20: the file ends in the middle of a value"),
            (
                body("jira:issue_updated", "\"issue\": null"),
                "line 1, column 1: the event does not say which work item it is about (issue)",
            ),
            (
                body("comment_created", &format!("\"issue\": {ISSUE}")),
                "line 1, column 1: the event does not say which comment it is about (comment)",
            ),
            (
                "{\"webhookEvent\": \"comment_created\", \"issue\": {\"key\": \"A-1\", \"fields\": {}},\n\"comment\": {\"body\": \"private\"}}"
                    .to_owned(),
                "line 2, column 12: \"comment\" is not an object with an id",
            ),
            (
                "{\"webhookEvent\": \"jira:issue_deleted\",\n\"issue\": {\"id\": 1, \"type\": \"page\", \"space\": {\"key\": \"X\"}}}"
                    .to_owned(),
                "line 2, column 10: this is not a Jira work item (key, fields)",
            ),
        ] {
            assert_eq!(error(&text), expected);
        }
        assert!(webhook(b"\xFF").unwrap_err().to_string().contains("not UTF-8"));
    }
}
