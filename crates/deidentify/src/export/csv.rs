//! Jira's CSV export: one row an item, under Jira's English headings, given the paths that the REST API would give.

mod rows;

use std::collections::BTreeMap;

use self::rows::{Row, Rows};
use super::{Item, Leaf, MOST_PEOPLE, PROJECT_TYPE, ReadError, TOO_MANY_PEOPLE, Value, app_of_work_item};
use crate::detect::account_id::is_account_id;
use crate::directory::Records;
use crate::words::fold;
use crate::{Format, Person};

const LONGEST_SLUG: usize = 64;

/// Jira's headings in lower case, and the path of what stands under them.
const HEADINGS: &[(&str, &str)] = &[
    ("affects version/s", "versions.name"),
    ("affects versions", "versions.name"),
    ("assignee", "assignee.displayName"),
    ("assignee id", "assignee.accountId"),
    ("component/s", "components.name"),
    ("components", "components.name"),
    ("created", "created"),
    ("creator", "creator.displayName"),
    ("creator id", "creator.accountId"),
    ("description", "description"),
    ("due date", "duedate"),
    ("environment", "environment"),
    ("fix version/s", "fixVersions.name"),
    ("fix versions", "fixVersions.name"),
    ("issue id", "id"),
    ("issue key", "key"),
    ("issue type", "issuetype.name"),
    ("labels", "labels"),
    ("last viewed", "lastViewed"),
    ("original estimate", "timeoriginalestimate"),
    ("parent id", "parent.id"),
    ("parent key", "parent.key"),
    ("parent summary", "parent.fields.summary"),
    ("priority", "priority.name"),
    ("project description", "project.description"),
    ("project key", "project.key"),
    ("project lead", "project.lead.displayName"),
    ("project lead id", "project.lead.accountId"),
    ("project name", "project.name"),
    ("project type", "project.projectTypeKey"),
    ("project url", "project.url"),
    ("remaining estimate", "timeestimate"),
    ("reporter", "reporter.displayName"),
    ("reporter id", "reporter.accountId"),
    ("resolution", "resolution.name"),
    ("resolved", "resolutiondate"),
    ("security level", "security.name"),
    ("sprint", "customfield.sprint"),
    ("status", "status.name"),
    ("status category", "status.statusCategory.name"),
    ("summary", "summary"),
    ("time spent", "timespent"),
    ("updated", "updated"),
    ("votes", "votes.votes"),
    ("watchers", "watches.watchers.displayName"),
    ("watchers id", "watches.watchers.accountId"),
    ("work item id", "id"),
    ("work item key", "key"),
    ("work item type", "issuetype.name"),
    ("work ratio", "workratio"),
];

/// A checked CSV export.
pub(super) struct Table<'a> {
    columns: Vec<Column>,
    /// The rows after the headings, from their beginning.
    rows: Rows<'a>,
    len: usize,
}

/// What stands in a column.
enum Column {
    /// One value.
    Value(String),
    /// `date;author;text`
    Comment,
    /// `date;author;file name;address`
    Attachment,
    /// `text;date;author;seconds`
    Worklog,
}

impl Column {
    fn under(heading: &str) -> Self {
        let heading = heading.trim().to_lowercase();
        match heading.as_str() {
            "comment" => return Column::Comment,
            "attachment" => return Column::Attachment,
            "log work" => return Column::Worklog,
            _ => {}
        }
        if let Ok(at) = HEADINGS.binary_search_by(|(known, _)| (*known).cmp(&heading)) {
            return Column::Value(HEADINGS[at].1.to_owned());
        }
        match heading.strip_prefix("custom field (").and_then(|name| name.strip_suffix(')')) {
            Some(name) => Column::Value(format!("customfield.{}", slug(name))),
            None => Column::Value(format!("csv.{}", slug(&heading))),
        }
    }

    fn is(&self, path: &str) -> bool {
        matches!(self, Column::Value(own) if own == path)
    }

    /// Adds what the cell says to the leaves.
    fn read(&self, cell: &str, leaves: &mut Vec<Leaf>) {
        let parts = match self {
            Column::Value(path) => vec![(path.as_str(), cell)],
            Column::Comment => split_comment(cell),
            Column::Attachment => split_attachment(cell),
            Column::Worklog => split_worklog(cell),
        };
        let said = parts.into_iter().filter(|(_, text)| !text.is_empty());
        leaves.extend(said.map(|(path, text)| Leaf {
            path: path.to_owned(),
            value: Value::Text(text.to_owned()),
            format: Format::Text,
        }));
    }
}

type Parts<'c> = Vec<(&'static str, &'c str)>;

fn split_comment(cell: &str) -> Parts<'_> {
    match cell.splitn(3, ';').collect::<Vec<_>>()[..] {
        [created, author, body] if is_moment(created) && is_name(author) => {
            vec![
                ("comment.comments.created", created),
                ("comment.comments.author", author),
                ("comment.comments.body", body),
            ]
        }
        _ => vec![("comment.comments.body", cell)],
    }
}

fn split_attachment(cell: &str) -> Parts<'_> {
    match cell.splitn(4, ';').collect::<Vec<_>>()[..] {
        [created, author, filename, content] if is_moment(created) && is_name(author) => vec![
            ("attachment.created", created),
            ("attachment.author", author),
            ("attachment.filename", filename),
            ("attachment.content", content),
        ],
        _ => vec![("attachment.filename", cell)],
    }
}

fn split_worklog(cell: &str) -> Parts<'_> {
    match cell.rsplitn(4, ';').collect::<Vec<_>>()[..] {
        [seconds, author, started, comment] if is_moment(started) && is_name(author) => vec![
            ("worklog.worklogs.comment", comment),
            ("worklog.worklogs.started", started),
            ("worklog.worklogs.author", author),
            ("worklog.worklogs.timeSpentSeconds", seconds),
        ],
        _ => vec![("worklog.worklogs.comment", cell)],
    }
}

/// Whether a text is a date with a time and nothing else: a comment may well hold semicolons of its own.
fn is_moment(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let separators = text.bytes().filter(|b| matches!(b, b'/' | b'-' | b'.' | b':')).count();
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.len() <= 40
        && digits >= 4
        && separators >= 2
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '/' | '-' | '.' | ':' | ',' | '+'))
}

fn is_name(text: &str) -> bool {
    text.len() <= 255 && !text.contains('\n')
}

/// A heading as a part of a path: small letters and digits with hyphens between.
fn slug(heading: &str) -> String {
    let folded = fold(heading);
    let mut slug = String::new();
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= LONGEST_SLUG {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() { "*".to_owned() } else { slug }
}

impl<'a> Table<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, ReadError> {
        let mut rows = Rows::new(text);
        let headings = match rows.next() {
            Some(row) => row?,
            None => return Err(ReadError::at(text, 0, "the file is empty")),
        };
        let columns: Vec<Column> = headings.cells.iter().map(|heading| Column::under(heading)).collect();
        if !columns.iter().any(|column| column.is("key")) {
            let what = "no column is named \"Issue key\"; export from Jira as CSV, in English";
            return Err(ReadError::in_line(headings.line, what));
        }
        let mut table = Self { columns, rows, len: 0 };
        for (position, row) in table.rows.clone().enumerate() {
            row.and_then(|row| table.head(&row)).map_err(|error| error.in_item(position))?;
            table.len += 1;
        }
        Ok(table)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Result<Item, ReadError>> + '_ {
        let rows = self.rows.clone().enumerate();
        rows.map(|(position, row)| {
            let item = row.and_then(|row| self.item(&row));
            item.map_err(|error| error.in_item(position))
        })
    }

    fn item(&self, row: &Row<'_>) -> Result<Item, ReadError> {
        let (key, space) = self.head(row)?;
        let mut leaves = Vec::new();
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            column.read(cell, &mut leaves);
        }
        let id = self.cell(row, "id").unwrap_or_else(|| key.clone());
        let app = app_of_work_item(self.cell(row, PROJECT_TYPE).as_deref());
        let people = people(&leaves).ok_or_else(|| ReadError::in_line(row.line, TOO_MANY_PEOPLE))?;
        Ok(Item { id, key, app, space, leaves, people })
    }

    /// What stands first under a heading.
    fn cell(&self, row: &Row<'_>, path: &str) -> Option<String> {
        let cells = self.columns.iter().zip(&row.cells).filter(|(column, _)| column.is(path));
        let mut texts = cells.map(|(_, cell)| cell.trim());
        texts.find(|cell| !cell.is_empty()).map(str::to_owned)
    }

    /// The key of a row's item and that of its project.
    fn head(&self, row: &Row<'_>) -> Result<(String, String), ReadError> {
        let refuse = |what: &str| ReadError::in_line(row.line, what);
        if row.cells.len() != self.columns.len() {
            let (cells, headings) = (row.cells.len(), self.columns.len());
            return Err(refuse(&format!("the row does not fit the headings (cells: {cells}, headings: {headings})")));
        }
        let key = self.cell(row, "key").ok_or_else(|| refuse("the row has no issue key"))?;
        let prefix = key.rsplit_once('-').map(|(prefix, _)| prefix.to_owned());
        let space = self.cell(row, "project.key").or(prefix).filter(|space| !space.is_empty());
        let space = space.ok_or_else(|| refuse("the row does not say which project it belongs to"))?;
        Ok((key, space))
    }
}

/// The users whom a row names; nothing if they are too many.
fn people(leaves: &[Leaf]) -> Option<Vec<Person>> {
    let mut records = Records::default();
    let mut users: BTreeMap<&str, Vec<Person>> = BTreeMap::new();
    for leaf in leaves {
        let Value::Text(text) = &leaf.value else { continue };
        if let Some(user) = leaf.path.strip_suffix(".displayName") {
            users.entry(user).or_default().push(person_called(text));
        } else if let Some(user) = leaf.path.strip_suffix(".accountId") {
            let account_ids = vec![text.clone()];
            users.entry(user).or_default().push(Person { account_ids, ..Person::default() });
        } else if leaf.path.ends_with(".author") {
            records.add(person_called(text));
        }
    }
    for mut same in users.into_values() {
        // A name and an id under one heading are one person; more than two are a list of people.
        if let [one, other] = &mut same[..]
            && one.account_ids.is_empty() != other.account_ids.is_empty()
        {
            one.names.append(&mut other.names);
            one.handles.append(&mut other.handles);
            one.account_ids.append(&mut other.account_ids);
            one.emails.append(&mut other.emails);
        }
        same.into_iter().for_each(|person| records.add(person));
    }
    (records.len() <= MOST_PEOPLE).then(|| records.merge().into_people())
}

/// What a cell says of a user: a display name, a user name, an e-mail address or an account id, depending on Jira's edition.
pub(super) fn person_called(text: &str) -> Person {
    let called = text.trim().to_owned();
    let mut person = Person::default();
    if is_account_id(&called) {
        person.account_ids.push(called);
    } else if called.contains('@') {
        person.emails.push(called);
    } else if called.contains(char::is_whitespace) || called.contains(',') {
        person.names.push(called);
    } else {
        if !called.starts_with(char::is_lowercase) {
            person.names.push(called.clone());
        }
        person.handles.push(called);
    }
    person
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{App, Export};

    fn error(csv: &str) -> String {
        Export::read(csv.as_bytes()).unwrap_err().to_string()
    }

    fn leaves(csv: &str) -> Vec<(String, String)> {
        let export = Export::read(csv.as_bytes()).unwrap();
        let item = export.items().next().unwrap().unwrap();
        let text = |value| match value {
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        item.leaves.into_iter().map(|leaf| (leaf.path, text(leaf.value))).collect()
    }

    fn pairs(csv: &str, expected: &[(&str, &str)]) {
        let owned: Vec<_> = expected.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
        assert_eq!(leaves(csv), owned);
    }

    #[test]
    fn the_headings_are_sorted() {
        assert!(HEADINGS.is_sorted_by(|one, other| one.0 < other.0));
    }

    #[test]
    fn rows_get_the_paths_of_the_rest_api() {
        pairs(
            "Summary,Issue key,Issue id,Status,Custom field (Root cause?),Labels,Labels,Größe,Comment,Comment\n\
             \"Late, \"\"again\"\"\",APP-1,10,Open,\"line\nline\",a,,12,24/Nov/26 1:00 PM;iokafor;x;y,maybe; not; so",
            &[
                ("summary", "Late, \"again\""),
                ("key", "APP-1"),
                ("id", "10"),
                ("status.name", "Open"),
                ("customfield.root-cause", "line\nline"),
                ("labels", "a"),
                ("csv.grosse", "12"),
                ("comment.comments.created", "24/Nov/26 1:00 PM"),
                ("comment.comments.author", "iokafor"),
                ("comment.comments.body", "x;y"),
                ("comment.comments.body", "maybe; not; so"),
            ],
        );
    }

    #[test]
    fn semicolons_carriage_returns_and_blank_lines_are_read() {
        let csv =
            "\r\nIssue key;Project key;\"Log Work\"\r\n\r\nAPP-1;APPS;\"a;b;2026-08-17 11:59;iokafor;3600\"\r\n\r\n";
        pairs(
            csv,
            &[
                ("key", "APP-1"),
                ("project.key", "APPS"),
                ("worklog.worklogs.comment", "a;b"),
                ("worklog.worklogs.started", "2026-08-17 11:59"),
                ("worklog.worklogs.author", "iokafor"),
                ("worklog.worklogs.timeSpentSeconds", "3600"),
            ],
        );
        let export = Export::read(csv.as_bytes()).unwrap();
        assert_eq!(export.len(), 1);
        assert_eq!(export.items().next().unwrap().unwrap().space, "APPS");
    }

    #[test]
    fn the_space_comes_from_the_key_without_a_project_column() {
        let export = Export::read(b"Issue key\tSummary\nMY-APP-1\tx\n").unwrap();
        let item = export.items().next().unwrap().unwrap();
        assert_eq!((item.key.as_str(), item.space.as_str()), ("MY-APP-1", "MY-APP"));
    }

    #[test]
    fn people_come_from_the_columns_that_name_them() {
        let csv = "Issue key,Reporter,Reporter Id,Assignee,Watchers,Watchers,Creator,Comment\n\
                   A-1,Ines Okafor,5b10ac8d82e05b22cc7d4ef5,bvisser,Li Hua,Max Orr,z@example.org,2026-08-17 11:59;zoe.k;hello\n";
        let people = Export::read(csv.as_bytes()).unwrap().items().next().unwrap().unwrap().people;
        let has = |find: fn(&Person) -> &[String], value: &str| {
            people.iter().any(|one| find(one).iter().any(|own| own == value))
        };
        assert_eq!(people.len(), 6);
        let ines = people.iter().find(|person| person.names == ["Ines Okafor"]).unwrap();
        assert_eq!(ines.account_ids, ["5b10ac8d82e05b22cc7d4ef5"]);
        assert!(has(|person| &person.handles, "bvisser") && has(|person| &person.handles, "zoe.k"));
        assert!(has(|person| &person.names, "Li Hua") && has(|person| &person.emails, "z@example.org"));
    }

    #[test]
    fn a_row_is_known_by_its_id_and_its_app_by_the_type_of_its_project() {
        let csv = "Issue key,Issue id,Project type,Reporter\nA-1,10,software,Ines Okafor\nA-2,,service_desk,\n";
        let export = Export::read(csv.as_bytes()).unwrap();
        let items: Vec<Item> = export.items().map(Result::unwrap).collect();
        let heads: Vec<_> = items.iter().map(|item| (item.id.as_str(), item.app, item.people.len())).collect();
        assert_eq!(heads, [("10", App::Jira, 1), ("A-2", App::JiraServiceManagement, 0)]);
    }

    #[test]
    fn errors_say_which_line() {
        for (csv, expected) in [
            ("a,b\n1,2\n", "line 1: no column is named \"Issue key\"; export from Jira as CSV, in English"),
            (
                "Issue key,b\nA-1,\"x\ny\"\nA-2\n",
                "line 4 (item 2): the row does not fit the headings (cells: 1, headings: 2)",
            ),
            ("Issue key,b\nA-1,2,3\n", "line 2 (item 1): the row does not fit the headings (cells: 3, headings: 2)"),
            ("Issue key,b\n,2\n", "line 2 (item 1): the row has no issue key"),
            ("Issue key,b\nA,2\n", "line 2 (item 1): the row does not say which project it belongs to"),
            (
                "Issue key,b\nA-1,\"x\nA-2,y\n",
                "line 2, column 5 (item 1): a quotation mark is opened here and never closed",
            ),
            (
                "Issue key,b\nA-1,\"x\nA-2,\"y\n",
                "line 3, column 6 (item 1): the cell goes on after its closing quotation mark; inside a cell it must be doubled",
            ),
            ("just words", "line 1: no column is named \"Issue key\"; export from Jira as CSV, in English"),
        ] {
            assert_eq!(error(csv), expected);
        }
        assert!(error(&",".repeat(1_000_000)).ends_with("the row has too many cells"));
        assert!(error(&format!("Issue key\n\"{}", "a\n".repeat(1_000_000))).ends_with("never closed"));
    }

    #[test]
    fn a_cell_without_form_is_text() {
        pairs(
            "Issue key,Attachment,Attachment\nA-1,shot.png,17/08/26 11:59;zoe;a b.png;https://x.example/1",
            &[
                ("key", "A-1"),
                ("attachment.filename", "shot.png"),
                ("attachment.created", "17/08/26 11:59"),
                ("attachment.author", "zoe"),
                ("attachment.filename", "a b.png"),
                ("attachment.content", "https://x.example/1"),
            ],
        );
    }
}
