//! Confluence's XML export of a space: a ZIP archive whose `entities.xml` lists the rows of its tables as objects.
//!
//! Pages, their bodies, comments, labels and users stand in it in any order, with every version that a page ever had. The file
//! is unpacked twice from end to end: once for what is current, once for the bodies of that. At most [`MOST_HELD`] bytes are
//! held of it, whatever it unpacks to; attachments are not looked at.
//!
//! A page has the paths that the REST API gives, so that the same fields of it leave whichever way it comes.

mod archive;
mod objects;

use std::collections::HashMap;

use self::objects::{FILE, Object, Objects, Wanted};
use super::csv::person_called;
use super::{App, Item, Leaf, MOST_LEAVES, MOST_PEOPLE, ReadError, TOO_MANY_PEOPLE, Value};
use crate::detect::account_id::is_account_id;
use crate::directory::Records;
use crate::{Format, Person};

/// Bytes of current pages, their comments and all users; what is kept of one object counts for [`OVERHEAD`] more.
const MOST_HELD: usize = 512 * 1024 * 1024;
const OVERHEAD: usize = 200;

const CONTENT: &[&str] = &[
    "title",
    "space",
    "containerContent",
    "owner",
    "version",
    "creator",
    "creationDate",
    "lastModifier",
    "lastModificationDate",
    "contentStatus",
    "originalVersion",
    "originalVersionId",
];

const HEADS: Wanted = &[
    ("Page", CONTENT),
    ("BlogPost", CONTENT),
    ("Comment", CONTENT),
    ("Space", &["key", "name"]),
    ("ConfluenceUserImpl", &["name", "lowerName", "email", "atlassianAccountId"]),
    ("Label", &["name", "namespace"]),
    ("Labelling", &["label", "content"]),
];

const BODIES: Wanted = &[("BodyContent", &["body", "bodyType", "content"])];

/// Bytes of an account id, a user key or a user name.
const LONGEST_CALLED: usize = 255;

/// What stands in a body in front of a user whom it mentions.
const MENTIONS: &[&str] = &["ri:account-id=\"", "ri:userkey=\"", "ri:username=\""];

/// The current pages of an export, in the order of the file.
pub(super) struct Pages {
    pages: Vec<Page>,
    spaces: HashMap<String, Space>,
    users: Vec<Person>,
    /// By account id, user key and user name, in small letters.
    user_of: HashMap<String, usize>,
}

struct Page {
    id: String,
    /// Where it stands, from 1.
    line: u64,
    kind: &'static str,
    title: Option<String>,
    /// Id of its space.
    space: String,
    version: Option<String>,
    created: Option<String>,
    changed: Option<String>,
    authors: Vec<String>,
    labels: Vec<String>,
    body: Option<Body>,
    /// With their ids.
    comments: Vec<(String, Comment)>,
}

struct Comment {
    author: Option<String>,
    body: Option<Body>,
}

struct Body {
    /// Wiki mark-up of before 2011 if not.
    is_storage: bool,
    text: String,
}

struct Space {
    key: String,
    name: Option<String>,
}

/// What is held of a file so far.
#[derive(Default)]
struct Held(usize);

impl Held {
    fn add(&mut self, bytes: usize, line: u64) -> Result<(), ReadError> {
        self.0 += bytes + OVERHEAD;
        if self.0 > MOST_HELD {
            let what = "the current pages are more than 512 MB of text; export fewer pages at a time";
            return Err(in_file(line, what));
        }
        Ok(())
    }
}

fn in_file(line: u64, what: &str) -> ReadError {
    ReadError { entry: Some(FILE), ..ReadError::in_line(line, what) }
}

impl Pages {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let file = archive::entry(bytes, FILE).map_err(ReadError::somewhere)?.ok_or_else(|| {
            ReadError::somewhere("this ZIP file has no entities.xml; of ZIP files only Confluence's XML export is read")
        })?;
        let mut held = Held::default();
        let mut pages = Self::heads(Objects::new(file, HEADS), &mut held)?;
        pages.add_bodies(Objects::new(file, BODIES), &mut held)?;
        Ok(pages)
    }

    /// Everything of the current pages but the bodies.
    fn heads(mut objects: Objects<'_>, held: &mut Held) -> Result<Self, ReadError> {
        let mut pages = Self { pages: Vec::new(), spaces: HashMap::new(), users: Vec::new(), user_of: HashMap::new() };
        let mut labels: HashMap<String, String> = HashMap::new();
        // With the id of what they belong to: it may come later.
        let mut labellings: Vec<(String, String)> = Vec::new();
        let mut comments: Vec<(String, String, Comment)> = Vec::new();
        while let Some(mut object) = objects.next()? {
            if object.id.is_empty() {
                return Err(in_file(object.line, "the object that begins here has no id"));
            }
            if !is_current(&mut object) {
                continue;
            }
            held.add(object.size(), object.line)?;
            match object.class {
                "Page" => pages.pages.push(Page::of("page", object)),
                "BlogPost" => pages.pages.push(Page::of("blogpost", object)),
                "Comment" => {
                    if let Some(page) = object.take("containerContent").or_else(|| object.take("owner")) {
                        let comment = Comment { author: object.take("creator"), body: None };
                        comments.push((page.trim().to_owned(), object.id, comment));
                    }
                }
                "Space" => {
                    let key = object.take("key").unwrap_or_default();
                    pages.spaces.insert(object.id.clone(), Space { key, name: object.take("name") });
                }
                "ConfluenceUserImpl" => pages.add_user(object),
                "Label" => {
                    // Personal labels are one's own.
                    let namespace = object.take("namespace");
                    if let Some(name) = object.take("name").filter(|_| namespace.as_deref() != Some("my")) {
                        labels.insert(object.id, name);
                    }
                }
                _ => labellings.extend(object.take("content").zip(object.take("label"))),
            }
        }
        let places: HashMap<String, usize> =
            pages.pages.iter().enumerate().map(|(at, page)| (page.id.clone(), at)).collect();
        let page_of = |id: &str| places.get(id.trim()).copied();
        for (content, label) in labellings {
            if let (Some(at), Some(name)) = (page_of(&content), labels.get(label.trim())) {
                held.add(name.len(), pages.pages[at].line)?;
                pages.pages[at].labels.push(name.clone());
            }
        }
        for (page, id, comment) in comments {
            if let Some(at) = page_of(&page) {
                pages.pages[at].comments.push((id, comment));
            }
        }
        for (position, page) in pages.pages.iter().enumerate() {
            if pages.spaces.get(&page.space).is_none_or(|space| space.key.is_empty()) {
                let what = "the page that begins here does not say which space it belongs to";
                return Err(in_file(page.line, what).in_item(position));
            }
        }
        Ok(pages)
    }

    fn add_user(&mut self, mut object: Object) {
        let name = object.take("name").or_else(|| object.take("lowerName"));
        let mut user = name.map(|name| person_called(&name)).unwrap_or_default();
        user.emails.extend(object.take("email"));
        user.account_ids.extend(object.take("atlassianAccountId"));
        let key = person_called(&object.id);
        user.account_ids.extend(key.account_ids);
        user.handles.extend(key.handles);
        let marks = user.account_ids.iter().chain(&user.handles).chain(&user.emails).chain([&object.id]);
        for mark in marks {
            self.user_of.insert(mark.to_lowercase(), self.users.len());
        }
        self.users.push(user);
    }

    /// The bodies of the pages and their comments.
    fn add_bodies(&mut self, mut objects: Objects<'_>, held: &mut Held) -> Result<(), ReadError> {
        let mut places: HashMap<String, (usize, Option<usize>)> = HashMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            places.insert(page.id.clone(), (at, None));
            places.extend(page.comments.iter().enumerate().map(|(n, (id, _))| (id.clone(), (at, Some(n)))));
        }
        while let Some(mut object) = objects.next()? {
            let content = object.take("content").unwrap_or_default();
            let Some((page, comment)) = places.get(content.trim()) else { continue };
            held.add(object.size(), object.line)?;
            let is_storage = object.take("bodyType").is_none_or(|kind| kind.trim() == "2");
            // The end of a CDATA section within the body cannot stand in the one around it: the export parts it by a space.
            let Some(text) = object.take("body").map(|body| body.replace("]] >", "]]>")) else { continue };
            let body = Some(Body { is_storage, text });
            match comment {
                None => self.pages[*page].body = body,
                Some(comment) => self.pages[*page].comments[*comment].1.body = body,
            }
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Result<Item, ReadError>> + '_ {
        let each = self.pages.iter().enumerate();
        each.map(|(position, page)| self.item(page).map_err(|what| in_file(page.line, what).in_item(position)))
    }

    fn item(&self, page: &Page) -> Result<Item, &'static str> {
        let space = self.spaces.get(&page.space);
        let comments = || page.comments.iter().filter_map(|(_, comment)| comment.body.as_ref());
        let mut leaves = Vec::new();
        let mut add = |path: &str, value: Value, format: Format| {
            leaves.push(Leaf { path: path.to_owned(), value, format });
        };
        let text = |text: &str| Value::Text(text.to_owned());
        add("id", text(&page.id), Format::Text);
        add("type", text(page.kind), Format::Text);
        add("status", text("current"), Format::Text);
        for (path, value) in [
            ("title", &page.title),
            ("space.key", &space.map(|space| space.key.clone())),
            ("space.name", &space.and_then(|space| space.name.clone())),
            ("version.when", &page.changed),
        ] {
            if let Some(value) = value {
                add(path, text(value), Format::Text);
            }
        }
        if let Some(version) = page.version.as_ref().and_then(|version| version.trim().parse::<u64>().ok()) {
            add("version.number", Value::Number(version.to_string()), Format::Text);
        }
        if let Some(created) = &page.created {
            add("history.createdDate", text(created), Format::Text);
        }
        for label in &page.labels {
            add("metadata.labels.results.name", text(label), Format::Text);
        }
        if let Some(body) = &page.body {
            let (path, format) = body.place();
            add(path, text(&body.text), format);
        }
        for body in comments() {
            let (path, format) = body.place();
            add(&format!("children.comment.results.{path}"), text(&body.text), format);
        }
        if leaves.len() > MOST_LEAVES {
            return Err("the page holds too many comments");
        }
        let mut people = Records::default();
        let commenters = page.comments.iter().filter_map(|(_, comment)| comment.author.as_deref());
        for called in page
            .authors
            .iter()
            .map(String::as_str)
            .chain(commenters)
            .chain(page.body.iter().chain(comments()).flat_map(Body::mentions))
        {
            people.add(self.user(called));
            if people.len() > MOST_PEOPLE {
                return Err(TOO_MANY_PEOPLE);
            }
        }
        Ok(Item {
            id: page.id.clone(),
            key: page.id.clone(),
            app: App::Confluence,
            space: space.map(|space| space.key.clone()).unwrap_or_default(),
            leaves,
            people: people.merge().into_people(),
        })
    }

    /// Whom an account id, a user key or a user name means.
    fn user(&self, called: &str) -> Person {
        let called = called.trim();
        let known = self.user_of.get(&called.to_lowercase()).and_then(|at| self.users.get(*at));
        known.cloned().unwrap_or_else(|| {
            if is_account_id(called) {
                person_called(called)
            } else {
                Person { handles: vec![called.to_owned()], ..Person::default() }
            }
        })
    }
}

/// Whether an object is no draft, nothing deleted and no earlier version.
fn is_current(object: &mut Object) -> bool {
    let status = object.take("contentStatus");
    status.is_none_or(|status| status.trim() == "current")
        && !object.has("originalVersion")
        && !object.has("originalVersionId")
}

impl Page {
    fn of(kind: &'static str, mut object: Object) -> Self {
        let moment = |moment: String| moment_of(&moment);
        Self {
            line: object.line,
            kind,
            title: object.take("title"),
            space: object.take("space").unwrap_or_default().trim().to_owned(),
            version: object.take("version"),
            created: object.take("creationDate").map(moment),
            changed: object.take("lastModificationDate").map(moment),
            authors: ["creator", "lastModifier"].iter().filter_map(|by| object.take(by)).collect(),
            labels: Vec::new(),
            body: None,
            comments: Vec::new(),
            id: object.id,
        }
    }
}

impl Body {
    fn place(&self) -> (&'static str, Format) {
        if self.is_storage { ("body.storage.value", Format::Html) } else { ("body.wiki.value", Format::Text) }
    }

    /// Ids, keys and names of the users whom it mentions.
    fn mentions(&self) -> impl Iterator<Item = &str> {
        MENTIONS.iter().flat_map(|attribute| {
            let all = memchr::memmem::find_iter(self.text.as_bytes(), attribute).map(|at| at + attribute.len());
            let called = all.filter_map(|start| self.text[start..].split_once('"').map(|(called, _)| called));
            called.filter(|called| called.len() <= LONGEST_CALLED)
        })
    }
}

/// `2026-08-17 11:59:00.000` as the REST API writes it. The export names no time zone; Confluence Cloud writes UTC.
fn moment_of(written: &str) -> String {
    let written = written.trim();
    let is_moment = written.len() >= 19
        && written.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            19 => byte == b'.',
            _ => byte.is_ascii_digit(),
        });
    if is_moment { format!("{}Z", written.replacen(' ', "T", 1)) } else { written.to_owned() }
}

#[cfg(test)]
mod tests;
