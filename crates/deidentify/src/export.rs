//! Reads the files in which work items arrive: a search answer or a single item of Jira's or Confluence's REST API (JSON), a
//! search or a chat prompt of Rovo (JSON), a CSV export of Jira, or an XML export of a Confluence space (ZIP).
//!
//! A file is read item by item: the bytes stay where they are, and only one item's values are held at a time; of a ZIP file
//! what it unpacks to is held as far as it is current. The reader keeps every value as it stands; it must never judge what a value is worth or whether it may leave. Its errors say where
//! something is wrong and never repeat what stands there.

mod confluence;
mod csv;
mod json;

use crate::{Format, Person};

pub use json::webhook::{Event, Webhook, webhook};

/// A file whose form has been checked from end to end.
pub struct Export<'a> {
    form: Form<'a>,
}

enum Form<'a> {
    Json(json::Answer<'a>),
    Csv(csv::Table<'a>),
    Confluence(confluence::Pages),
}

/// One work item, page, search or chat prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The id that the source keeps for as long as the item exists, also when its key changes; the key where the file has no
    /// id.
    pub id: String,
    /// `APP-12`; what has no key has its id here.
    pub key: String,
    pub app: App,
    /// Key of the project or space; empty for what stands in none.
    pub space: String,
    /// In the order of the file.
    pub leaves: Vec<Leaf>,
    /// Everyone whom the item itself shows as a user, each once, wherever it does so. Apps that act as users are left out.
    pub people: Vec<Person>,
}

/// Where an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum App {
    Jira,
    /// Its requests have the shape of Jira's work items; the type of their project tells them apart, where the file has it.
    JiraServiceManagement,
    Confluence,
    /// Searches and chat prompts.
    Rovo,
}

/// One value of an item. Nulls, empty texts and empty containers are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Field names with dots between, arrays passed through: `status.statusCategory.name`, `comment.comments.body`. A name
    /// that is longer than 64 bytes or holds anything but ASCII letters, digits, `_` and `-` stands as `*`, because it may be
    /// data itself.
    ///
    /// Jira's CSV headings give the same paths; a custom field is `customfield.root-cause`, an unknown heading `csv.its-name`.
    pub path: String,
    pub value: Value,
    /// How a text is written: a document is one value, as JSON.
    pub format: Format,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of a CSV export every value is a text.
    Text(String),
    /// As JSON writes it. It may be a phone number or an id that someone keeps as a number.
    Number(String),
    Bool(bool),
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", self.place())]
pub struct ReadError {
    /// Which file of an archive.
    pub entry: Option<&'static str>,
    /// From 1; none where an archive as a whole is wrong.
    pub line: Option<u64>,
    /// In bytes, from 1.
    pub column: Option<u64>,
    /// Which item, from 1.
    pub item: Option<u64>,
    /// A sentence without a full stop. It may name a field but never repeats a value.
    pub what: String,
}

impl ReadError {
    fn place(&self) -> String {
        let Some(line) = self.line else { return String::new() };
        let mut place = self.entry.map(|entry| format!("{entry}, ")).unwrap_or_default();
        place += &format!("line {line}");
        if let Some(column) = self.column {
            place += &format!(", column {column}");
        }
        if let Some(item) = self.item {
            place += &format!(" (item {item})");
        }
        place + ": "
    }

    /// An error at a byte of `text`.
    fn at(text: &str, offset: usize, what: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..offset];
        let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
        let column = (before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)) as u64 + 1;
        Self { column: Some(column), ..Self::in_line(line, what) }
    }

    fn in_line(line: u64, what: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::somewhere(what) }
    }

    fn somewhere(what: impl Into<String>) -> Self {
        Self { entry: None, line: None, column: None, item: None, what: what.into() }
    }

    fn in_item(self, position: usize) -> Self {
        Self { item: Some(position as u64 + 1), ..self }
    }
}

/// More values or more different people in one item are an attack or a mistake.
const MOST_LEAVES: usize = 200_000;
const MOST_PEOPLE: usize = 10_000;

const TOO_MANY_PEOPLE: &str = "the item names too many people";

/// Where a work item says what type its project has.
const PROJECT_TYPE: &str = "project.projectTypeKey";

/// One item as its product's REST API gives it: a work item, a page, a search or a chat prompt.
///
/// # Errors
/// What is no such item, with the line and column within `json`.
pub fn item(json: &str) -> Result<Item, ReadError> {
    json::Document(json).item(json.trim_ascii())
}

/// Whether a work item is one of Jira's or a request, by the type of its project.
fn app_of_work_item(project_type: Option<&str>) -> App {
    if project_type == Some("service_desk") { App::JiraServiceManagement } else { App::Jira }
}

/// The text of a file without the byte order mark that may stand in front.
fn text_of(bytes: &[u8]) -> Result<&str, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        ReadError::at(&valid, valid.len(), "this is not UTF-8 text; save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

impl<'a> Export<'a> {
    /// Finds out whether `bytes` are JSON, CSV or a ZIP archive and checks their form; a byte order mark in front is passed
    /// over.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ReadError> {
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Ok(Self { form: Form::Confluence(confluence::Pages::read(bytes)?) });
        }
        let text = text_of(bytes)?;
        let form = match text.trim_start().chars().next() {
            None => return Err(ReadError::at(text, 0, "the file is empty")),
            Some('{' | '[') => Form::Json(json::Answer::read(text)?),
            Some('<') => {
                return Err(ReadError::at(text, 0, "this is XML or HTML; export the items as JSON or CSV"));
            }
            Some(_) => Form::Csv(csv::Table::read(text)?),
        };
        Ok(Self { form })
    }

    /// How many items the file holds.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Json(answer) => answer.len(),
            Form::Csv(table) => table.len(),
            Form::Confluence(pages) => pages.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items in the order of the file, each read when it is asked for.
    pub fn items(&self) -> impl Iterator<Item = Result<Item, ReadError>> + '_ {
        let items: Box<dyn Iterator<Item = Result<Item, ReadError>> + '_> = match &self.form {
            Form::Json(answer) => Box::new(answer.items()),
            Form::Csv(table) => Box::new(table.items()),
            Form::Confluence(pages) => Box::new(pages.items()),
        };
        items
    }
}

impl std::fmt::Debug for Export<'_> {
    /// Shows nothing of what the file says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("items", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(bytes: &[u8]) -> String {
        Export::read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_export_is_said_so() {
        assert_eq!(fails(b""), "line 1, column 1: the file is empty");
        assert_eq!(fails(b" \n\t"), "line 1, column 1: the file is empty");
        assert_eq!(fails(b"a,b\nc,\xFFd"), "line 2, column 3: this is not UTF-8 text; save the file as UTF-8");
        assert_eq!(fails(b"<rss/>"), "line 1, column 1: this is XML or HTML; export the items as JSON or CSV");
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let json = "\u{FEFF}{\"issues\":[]}";
        assert!(Export::read(json.as_bytes()).unwrap().is_empty());
        let csv = "\u{FEFF}Summary,Issue key\nx,A-1\n";
        assert_eq!(Export::read(csv.as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn debugging_shows_no_content() {
        let export = Export::read(br#"{"key":"A-1","fields":{"summary":"quiet"}}"#).unwrap();
        assert_eq!(format!("{export:?}"), "Export { items: 1, .. }");
    }
}
