//! Answers of the REST APIs: `{"issues": […]}`, `{"results": […]}`, a bare list of items, or one item by itself; and what a
//! webhook of Jira sends.

mod leaves;
mod users;
pub(super) mod webhook;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use self::leaves::{LeafWalk, Leaves};
use self::users::{UserWalk, Users};
use super::{App, Item, Leaf, ReadError, Value, app_of_work_item};
use crate::{Format, Person};

/// Levels of objects and lists; the JSON reader itself ends at 128.
const DEEPEST: usize = 100;

const TOO_DEEP: &str = "objects and lists are nested too deeply";
const SHAPELESS: &str = "this is neither a Jira work item (key, fields) nor a Confluence page (id, type, space) nor a search or a \
                         chat prompt (id, type)";

/// A text that holds JSON, and what can be read of parts of it: every error says where in the text it is.
#[derive(Clone, Copy)]
pub(super) struct Document<'a>(pub(super) &'a str);

/// The items of an answer, still as they stand in the file.
pub(super) struct Answer<'a> {
    document: Document<'a>,
    items: Vec<&'a str>,
}

/// The members of an answer that may hold its items.
#[derive(Deserialize)]
struct Lists<'a> {
    #[serde(borrow)]
    issues: Option<&'a RawValue>,
    #[serde(borrow)]
    results: Option<&'a RawValue>,
}

/// The members of an item that say which item it is.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    space: Option<Space<'a>>,
    /// What a newer answer of Confluence has instead of the type and the space.
    #[serde(borrow, rename = "spaceId")]
    space_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    project: Option<Project<'a>>,
}

#[derive(Deserialize)]
struct Project<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow, rename = "projectTypeKey")]
    kind: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Space<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
}

/// Which item this is, and where its values stand.
struct Head<'a> {
    app: App,
    key: String,
    space: String,
    id: Option<String>,
    /// Of a work item's project.
    project_type: Option<String>,
    /// A JSON object: the `fields` of a work item, all of anything else.
    values: &'a str,
}

impl<'a> Head<'a> {
    /// Of what has no key and is known by its id.
    fn without_key(app: App, id: String, space: String, values: &'a str) -> Self {
        Self { app, key: id.clone(), space, id: Some(id), project_type: None, values }
    }

    fn id(&self) -> String {
        self.id.as_ref().unwrap_or(&self.key).clone()
    }

    fn is_work_item(&self) -> bool {
        matches!(self.app, App::Jira | App::JiraServiceManagement)
    }
}

impl<'a> Answer<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, ReadError> {
        let document = Document(text);
        let mut answer = Self { document, items: Vec::new() };
        if text.trim_start().starts_with('[') {
            answer.add_all(text)?;
            return Ok(answer);
        }
        let lists: Lists<'a> = serde_json::from_str(text)
            .map_err(|error| document.located(text, &error, "\"issues\" or \"results\" stands twice"))?;
        match lists.issues.or(lists.results) {
            Some(list) => answer.add_all(list.get())?,
            None => answer.add(text.trim())?,
        }
        Ok(answer)
    }

    /// `list` is a part of the file.
    fn add_all(&mut self, list: &'a str) -> Result<(), ReadError> {
        let mut refused = None;
        let mut reader = serde_json::Deserializer::from_str(list);
        let each = EachItem(|item| self.add(item).map_err(|error| refused = Some(error)).is_ok());
        let outcome = reader.deserialize_seq(each).and_then(|()| reader.end());
        match (refused, outcome) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(self.document.located(list, &error, "\"issues\" or \"results\" is not a list")),
            (None, Ok(())) => Ok(()),
        }
    }

    fn add(&mut self, item: &'a str) -> Result<(), ReadError> {
        self.document.head(item).map_err(|error| error.in_item(self.items.len()))?;
        self.items.push(item);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Result<Item, ReadError>> + '_ {
        let each = self.items.iter().enumerate();
        each.map(|(position, item)| self.document.item(item).map_err(|error| error.in_item(position)))
    }
}

impl<'a> Document<'a> {
    /// Reads one item; `item` is a part of the text.
    pub(super) fn item(self, item: &'a str) -> Result<Item, ReadError> {
        let head = self.head(item)?;
        let mut leaves = Vec::new();
        if head.is_work_item() {
            let named =
                |path: &str, text: String| Leaf { path: path.into(), value: Value::Text(text), format: Format::Text };
            leaves.extend(head.id.clone().map(|id| named("id", id)));
            leaves.push(named("key", head.key.clone()));
        }
        let leaves = self.leaves(head.values, leaves, "")?;
        let people = self.people(item)?;
        Ok(Item { id: head.id(), key: head.key, app: head.app, space: head.space, leaves, people })
    }

    /// Adds the values of a part of the text, which stands at a path of its item.
    fn leaves(self, part: &'a str, leaves: Vec<Leaf>, path: &str) -> Result<Vec<Leaf>, ReadError> {
        let mut walk = LeafWalk { leaves, path: path.to_owned(), ..LeafWalk::default() };
        serde_json::Deserializer::from_str(part)
            .deserialize_any(Leaves { walk: &mut walk, depth: 0 })
            .map_err(|error| self.located(part, &error, walk.refused))?;
        Ok(walk.leaves)
    }

    fn people(self, part: &'a str) -> Result<Vec<Person>, ReadError> {
        let mut walk = UserWalk::default();
        serde_json::Deserializer::from_str(part)
            .deserialize_any(Users { walk: &mut walk, depth: 0, member: "" })
            .map_err(|error| self.located(part, &error, walk.refused))?;
        Ok(walk.records.merge().into_people())
    }

    /// Reads what says which item this is; `item` is a part of the text.
    fn head(self, item: &'a str) -> Result<Head<'a>, ReadError> {
        let refuse = |what: &str| ReadError::at(self.0, self.offset(item), what);
        // A reader of structures would take a list for one.
        if !item.starts_with('{') {
            return Err(refuse(SHAPELESS));
        }
        let members: Members<'a> = serde_json::from_str(item).map_err(|error| self.located(item, &error, SHAPELESS))?;
        let id = members.id.and_then(|id| id_of(id.get()));
        if let (Some(key), Some(fields)) = (&members.key, members.fields) {
            let values = fields.get();
            if !values.starts_with('{') {
                return Err(refuse("\"fields\" is not an object"));
            }
            let fields: Fields<'a> = serde_json::from_str(values)
                .map_err(|error| self.located(values, &error, "\"project\" stands twice or has no key"))?;
            let prefix = key.rsplit_once('-').map(|(prefix, _)| prefix.to_owned());
            let project = fields.project.as_ref();
            let space = project.map(|project| project.key.to_string()).or(prefix).filter(|key| !key.is_empty());
            let space = space.ok_or_else(|| refuse("the work item does not say which project it belongs to"))?;
            let project_type: Option<String> =
                project.and_then(|project| serde_json::from_str(project.kind?.get()).ok());
            let app = app_of_work_item(project_type.as_deref());
            return Ok(Head { app, key: key.to_string(), space, id, project_type, values });
        }
        match (id, members.kind.map(RawValue::get)) {
            (Some(id), Some("\"search\"" | "\"chat-prompt\"")) => {
                Ok(Head::without_key(App::Rovo, id, String::new(), item))
            }
            (Some(id), Some("\"page\"" | "\"blogpost\"")) => {
                let space = members.space.map(|space| space.key.into_owned()).filter(|key| !key.is_empty());
                let unplaced = "the page does not say which space it belongs to; ask for it with expand=space";
                let space = space.ok_or_else(|| refuse(unplaced))?;
                Ok(Head::without_key(App::Confluence, id, space, item))
            }
            (Some(id), None) if let Some(space) = members.space_id.and_then(|space| id_of(space.get())) => {
                Ok(Head::without_key(App::Confluence, id, space, item))
            }
            _ => Err(refuse(SHAPELESS)),
        }
    }

    /// The same of what can only be a work item.
    fn work_item(self, item: &'a str) -> Result<Head<'a>, ReadError> {
        let no_work_item = || ReadError::at(self.0, self.offset(item), "this is not a Jira work item (key, fields)");
        Some(self.head(item)?).filter(Head::is_work_item).ok_or_else(no_work_item)
    }

    /// Where `part`, which is borrowed from the text, begins in it.
    fn offset(self, part: &str) -> usize {
        part.as_ptr().addr() - self.0.as_ptr().addr()
    }

    /// Says where in the text the error is that was met in `part` of it. The words of the JSON library may repeat a value, so
    /// they are not passed on; `misshapen` is for a value that is valid but not what it should be.
    fn located(self, part: &str, error: &serde_json::Error, misshapen: &str) -> ReadError {
        let what = match error.classify() {
            Category::Eof => "the file ends in the middle of a value",
            Category::Data => misshapen,
            Category::Syntax | Category::Io => "this is not valid JSON",
        };
        let start = ReadError::at(self.0, self.offset(part), what);
        let (lines, column) = (error.line() as u64, (error.column() as u64).max(1));
        match lines {
            0 | 1 => ReadError { column: start.column.map(|first| first + column - 1), ..start },
            _ => ReadError { line: start.line.map(|first| first + lines - 1), column: Some(column), ..start },
        }
    }
}

/// An id is a text or a whole number.
fn id_of(json: &str) -> Option<String> {
    if json.starts_with('"') {
        serde_json::from_str(json).ok()
    } else {
        json.parse().ok().map(|id: u64| id.to_string())
    }
}

/// Hands each element of a list on, as it stands in the file, for as long as the answer is yes.
struct EachItem<F>(F);

impl<'de, F: FnMut(&'de str) -> bool> Visitor<'de> for EachItem<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element::<&'de RawValue>()? {
            if !(self.0)(item.get()) {
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Export;
    use crate::export::{MOST_LEAVES, MOST_PEOPLE};

    fn error(json: &str) -> String {
        let export = match Export::read(json.as_bytes()) {
            Ok(export) => export,
            Err(error) => return error.to_string(),
        };
        export.items().find_map(Result::err).unwrap().to_string()
    }

    fn leaves(item: &Item) -> Vec<(&str, &str)> {
        let text = |value| match value {
            &Value::Bool(true) => "true",
            &Value::Bool(false) => "false",
            Value::Text(text) | Value::Number(text) => text,
        };
        item.leaves.iter().map(|leaf| (leaf.path.as_str(), text(&leaf.value))).collect()
    }

    fn one(json: &str) -> Item {
        Export::read(json.as_bytes()).unwrap().items().next().unwrap().unwrap()
    }

    #[test]
    fn a_work_item_becomes_leaves_in_order() {
        let json = r#"{"startAt": 0, "issues": [{"id": "10", "key": "APP-7", "self": "x", "fields": {
            "summary": "Late", "project": {"key": "APPS"}, "customfield_1": 3.50, "votes": {"votes": -2, "hasVoted": false},
            "comment": {"comments": [{"body": "a"}, {"body": "b", "n": null}], "x": []}, "empty": "",
            "a.b": 1, "": {"ines@example.org": [[true]]}}}]}"#;
        let export = Export::read(json.as_bytes()).unwrap();
        assert_eq!(export.len(), 1);
        let item = export.items().next().unwrap().unwrap();
        assert_eq!((item.key.as_str(), item.app, item.space.as_str()), ("APP-7", App::Jira, "APPS"));
        assert_eq!(item.id, "10");
        let expected = [
            ("id", "10"),
            ("key", "APP-7"),
            ("summary", "Late"),
            ("project.key", "APPS"),
            ("customfield_1", "3.5"),
            ("votes.votes", "-2"),
            ("votes.hasVoted", "false"),
            ("comment.comments.body", "a"),
            ("comment.comments.body", "b"),
            ("*", "1"),
            ("*.*", "true"),
        ];
        assert_eq!(leaves(&item), expected);
        assert_eq!(item.leaves[4].value, Value::Number("3.5".into()));
    }

    #[test]
    fn a_page_is_read_whole() {
        let json = r#"{"id": 98, "type": "page", "title": "Plan", "space": {"key": "DOC", "name": "Docs"},
            "body": {"storage": {"value": "<p>x</p>"}}, "version": {"by": {"displayName": "Ines Okafor"}}}"#;
        let export = Export::read(json.as_bytes()).unwrap();
        let item = export.items().next().unwrap().unwrap();
        assert_eq!((item.key.as_str(), item.app, item.space.as_str()), ("98", App::Confluence, "DOC"));
        let paths: Vec<&str> = item.leaves.iter().map(|leaf| leaf.path.as_str()).collect();
        let expected =
            ["id", "type", "title", "space.key", "space.name", "body.storage.value", "version.by.displayName"];
        assert_eq!(paths, expected);
    }

    #[test]
    fn searches_and_chat_prompts_stand_in_no_space() {
        let json = r#"{"results": [
            {"type": "search", "id": "s-1", "query": "leave policy", "resultCount": 4, "user": {"accountId": "9", "displayName": "Ines Okafor"}},
            {"type": "chat-prompt", "id": 7, "prompt": "What did Bram decide?"}]}"#;
        let export = Export::read(json.as_bytes()).unwrap();
        let items: Vec<Item> = export.items().map(Result::unwrap).collect();
        let heads: Vec<_> = items.iter().map(|item| (item.id.as_str(), item.key.as_str(), item.app)).collect();
        assert_eq!(heads, [("s-1", "s-1", App::Rovo), ("7", "7", App::Rovo)]);
        assert!(items.iter().all(|item| item.space.is_empty()));
        assert!(leaves(&items[0]).contains(&("query", "leave policy")));
        assert_eq!(items[0].people[0].names, ["Ines Okafor"]);
        assert_eq!(leaves(&items[1]), [("type", "chat-prompt"), ("id", "7"), ("prompt", "What did Bram decide?")]);
        assert!(error(r#"{"type": "search", "query": "x"}"#).ends_with(SHAPELESS));
    }

    #[test]
    fn a_request_is_told_by_the_type_of_its_project() {
        let json = r#"{"key": "HELP-1", "fields": {"project": {"key": "HELP", "projectTypeKey": "service_desk"}}}"#;
        let item = one(json);
        assert_eq!((item.app, item.id.as_str()), (App::JiraServiceManagement, "HELP-1"));
        assert_eq!(one(&json.replace("service_desk", "software")).app, App::Jira);
    }

    #[test]
    fn an_item_is_the_same_by_itself_and_among_others() {
        let json =
            r#"{"id": "10", "key": "A-1", "fields": {"reporter": {"name": "iokafor", "displayName": "Ines Okafor"}}}"#;
        let other = json.replace("A-1", "A-2").replace("iokafor", "bvisser").replace("Ines Okafor", "Bram Visser");
        let alone = crate::item(&format!(" {json}\n")).unwrap();
        let list = format!("[{json}, {other}]");
        let export = Export::read(list.as_bytes()).unwrap();
        assert_eq!(export.items().next().unwrap().unwrap(), alone);
        assert_eq!(alone.people.len(), 1);
        assert_eq!(crate::item("[]").unwrap_err().to_string(), format!("line 1, column 1: {SHAPELESS}"));
        let wrong = crate::item("{\"key\": \"A-1\",\n \"fields\": [}").unwrap_err();
        assert_eq!(wrong.to_string(), "line 2, column 13: this is not valid JSON");
    }

    #[test]
    fn each_way_to_write_a_list_is_read() {
        let item = r#"{"key":"A-1","fields":{}}"#;
        for (json, len) in [
            (item.to_owned(), 1),
            (format!("[{item}, {item}]"), 2),
            (format!("{{\"issues\":[{item}]}}"), 1),
            (r#"{"results":[{"id":"1","type":"blogpost","space":{"key":"X"}}]}"#.to_owned(), 1),
            (r#"{"issues":[]}"#.to_owned(), 0),
        ] {
            let export = Export::read(json.as_bytes()).unwrap();
            assert_eq!(export.len(), len);
            assert!(export.items().all(|item| item.is_ok()));
        }
    }

    #[test]
    fn everyone_shown_as_a_user_is_found_once() {
        let json = r#"{"issues": [{"key": "A-1", "fields": {
            "project": {"key": "A", "name": "Alpha", "lead": {"accountId": "5b10ac8d82e05b22cc7d4ef5", "displayName": "Bram Visser"}},
            "reporter": {"name": "iokafor", "key": "JIRAUSER7", "displayName": "Ines Okafor", "emailAddress": "i@example.org"},
            "assignee": {"name": "iokafor", "displayName": "Okafor, Ines"},
            "creator": {"accountId": "1", "displayName": "Build App", "accountType": "app"},
            "status": {"name": "Open", "key": "open"},
            "description": {"content": [{"type": "mention", "attrs": {"id": "9", "text": "@Li Hua"}}, {"id": "8", "text": "@Li"}]}
        }}], "names": {"displayName": 4}}"#;
        let people = one(json).people;
        let names: Vec<Vec<String>> = people.iter().map(|person| person.names.clone()).collect();
        assert_eq!(names, [vec!["Bram Visser"], vec!["Ines Okafor", "Okafor, Ines"], vec!["Li Hua"]]);
        assert_eq!(people[1].handles, ["iokafor", "JIRAUSER7"]);
        assert_eq!(people[1].emails, ["i@example.org"]);
        assert_eq!(people[2].account_ids, ["9"]);
    }

    #[test]
    fn errors_say_where_and_repeat_no_value() {
        for (json, expected) in [
            (
                "{\"issues\": [\n {\"key\": \"A-1\", \"fields\": {}},\n {\"key\": }]}",
                "line 3, column 10: this is not valid JSON",
            ),
            ("{\"issues\": [", "line 1, column 12: the file ends in the middle of a value"),
            ("{\"issues\": 3}", "line 1, column 12: \"issues\" or \"results\" is not a list"),
            ("{} x", "line 1, column 4: this is not valid JSON"),
            ("[{\"key\": \"A-1\", \"fields\": {}}] x", "line 1, column 32: this is not valid JSON"),
            ("[[\"1\", \"A-1\", {}]]", &format!("line 1, column 2 (item 1): {SHAPELESS}")),
            ("{\"key\": \"A-1\", \"fields\": [\"private\"]}", "line 1, column 1 (item 1): \"fields\" is not an object"),
            (
                "{\"key\": \"A\", \"fields\": {}}",
                "line 1, column 1 (item 1): the work item does not say which project it belongs to",
            ),
            (
                "[\n{\"id\": \"1\", \"type\": \"page\"}]",
                "line 2, column 1 (item 1): the page does not say which space it belongs to; ask for it with expand=space",
            ),
        ] {
            assert_eq!(error(json), expected);
        }
        let wrong = error("{\"key\": {\"private\": 1}, \"fields\": {}}");
        assert!(wrong.starts_with("line 1, ") && !wrong.contains("private"), "{wrong}");
    }

    #[test]
    fn what_is_too_deep_or_too_much_is_refused() {
        let item = |value: &str| format!("{{\"issues\":[{{\"key\":\"A-1\",\"fields\":{{\"x\":{value}}}}}]}}");
        let deep = item(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)));
        assert!(error(&deep).ends_with(TOO_DEEP), "{}", error(&deep));
        let many = item(&format!("[{}0]", "0,".repeat(MOST_LEAVES)));
        assert!(error(&many).ends_with("the item holds too many values"));
        let long = item(&format!("{}1{}", format!("{{\"{}\":", "n".repeat(60)).repeat(20), "}".repeat(20)));
        assert!(error(&long).ends_with(TOO_DEEP));
        let crowd = (0..=MOST_PEOPLE).map(|n| format!("{{\"accountId\":\"{n}\"}}")).collect::<Vec<_>>().join(",");
        assert!(error(&item(&format!("[{crowd}]"))).ends_with("too many people"));
        assert!(error(&"[".repeat(1_000_000)).contains("ends in the middle"));
    }
}
