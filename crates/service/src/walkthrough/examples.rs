//! The work items of the walk-through: four that ship with it, and how one is written as its product's API gives it.

use language::t;
use serde_json::json;

/// The longest title and the longest text that are taken, in characters.
pub const LONGEST_TITLE: usize = 200;
pub const LONGEST_TEXT: usize = 4_000;
/// Nobody estimates more.
pub const MOST_POINTS: u32 = 999;

/// An item that the presenter can choose. Companies and people in it are made up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Example {
    #[default]
    LoginError,
    EmptySearch,
    WrongTax,
    LostConnection,
}

/// The part of an item that people write, as it can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub title: String,
    pub description: String,
    pub comment: String,
    pub points: Option<u32>,
}

/// The rest of an example: what its product fills in or offers to choose from.
struct Frame {
    project: &'static str,
    project_type: &'static str,
    work_type: &'static str,
    priority: &'static str,
    status: &'static str,
    labels: [&'static str; 2],
    /// Who reported it and who works on it, each as name and account id.
    reporter: (&'static str, &'static str),
    assignee: (&'static str, &'static str),
}

impl Example {
    pub const ALL: [Self; 4] = [Self::LoginError, Self::EmptySearch, Self::WrongTax, Self::LostConnection];

    pub fn id(self) -> &'static str {
        match self {
            Self::LoginError => "login-error",
            Self::EmptySearch => "empty-search",
            Self::WrongTax => "wrong-tax",
            Self::LostConnection => "lost-connection",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|example| example.id() == id)
    }

    pub fn written(self) -> Written {
        let (title, description, comment, points) = match self {
            Self::LoginError => (
                "Fix login error on iOS after the latest mobile update",
                "Since 7.4.0 people on iOS are sent back to the sign-in page. Priya Raghunathan sees it with \
                 priya.r@harbourline.example, from 203.0.113.24.",
                "Seen here too. Tomasz Zieliński can be called on +31 20 555 0142.",
                3,
            ),
            Self::EmptySearch => (
                "Search results are empty since the nightly reindex",
                "Amara Nwosu saw it first: new items are missing. Her profile is at \
                 https://wiki.harbourline.example/~amara.nwosu.",
                "The test machine answers at 198.51.100.7; the password is Heron-Quay-2026.",
                5,
            ),
            Self::WrongTax => (
                "Invoice shows the wrong tax for customers in Belgium",
                "Beatriz Okonkwo-Hall paid twice from BE68 5390 0754 7034 because the total was wrong.",
                "Her address is Rue de la Loi 16, 1000 Bruxelles. Siobhán Keane will refund her.",
                2,
            ),
            Self::LostConnection => (
                "The connection to the office network drops every hour",
                "Yusuf Demir works from home and loses his session at each full hour. His laptop is 00:1B:44:11:3A:B7.",
                "Rune Aakre will call him on 020 7946 0855 before noon.",
                1,
            ),
        };
        Written {
            title: title.to_owned(),
            description: description.to_owned(),
            comment: comment.to_owned(),
            points: Some(points),
        }
    }

    fn frame(self) -> Frame {
        const AMARA: (&str, &str) = ("Amara Nwosu", "5d8f21c09a4b7e3f60c1a2b4");
        const RUNE: (&str, &str) = ("Rune Aakre", "5c4e19b7a02d8f3361e7d904");
        let mobile = Frame {
            project: "Mobile app",
            project_type: "software",
            work_type: "Bug",
            priority: "High",
            status: "In progress",
            labels: ["login", "regression"],
            reporter: AMARA,
            assignee: ("Tomasz Zieliński", "712020:7be2f0c4-19d3-4a58-8d6e-2f4b90a1c37d"),
        };
        match self {
            Self::LoginError => mobile,
            Self::EmptySearch => Frame { project: "Search", labels: ["search", "regression"], ..mobile },
            Self::WrongTax => {
                Frame { project: "Billing", priority: "Highest", labels: ["invoices", "tax"], assignee: RUNE, ..mobile }
            }
            Self::LostConnection => Frame {
                project: "Service desk",
                project_type: "service_desk",
                work_type: "Service request",
                priority: "Medium",
                status: "Waiting for support",
                labels: ["network", "remote"],
                reporter: ("Yusuf Demir", "5b7c90e1f2a34d0067d81e52"),
                assignee: RUNE,
            },
        }
    }

    /// The item with some texts, as its product's API gives it.
    pub(super) fn with(self, written: &Written) -> String {
        let frame = self.frame();
        let person = |(name, id): (&str, &str)| json!({ "accountId": id, "displayName": name, "active": true });
        let comments = match written.comment.as_str() {
            "" => json!({ "comments": [], "total": 0 }),
            text => {
                let comment = json!({ "id": "61022", "author": person(frame.assignee), "body": text,
                    "created": "2026-11-11" });
                json!({ "comments": [comment], "total": 1 })
            }
        };
        // In the order in which people read them, which an object of the library would not keep.
        let fields = [
            ("summary", Some(json!(written.title))),
            ("description", (!written.description.is_empty()).then(|| json!(written.description))),
            ("comment", Some(comments)),
            ("labels", Some(json!(frame.labels))),
            ("issuetype", Some(json!({ "name": frame.work_type }))),
            ("priority", Some(json!({ "name": frame.priority }))),
            ("customfield_10016", written.points.map(|points| json!(points))),
            ("status", Some(json!({ "name": frame.status, "statusCategory": { "name": "In Progress" } }))),
            ("created", Some(json!("2026-11-10"))),
            ("duedate", Some(json!("2026-11-20"))),
            ("reporter", Some(person(frame.reporter))),
            ("assignee", Some(person(frame.assignee))),
            ("attachment", Some(json!([{ "filename": "screenshot.png" }]))),
            ("project", Some(json!({ "key": SPACE, "name": frame.project, "projectTypeKey": frame.project_type }))),
        ];
        let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{}: {}", json!(name), value?)));
        let fields = fields.collect::<Vec<_>>().join(", ");
        format!(r#"{{"key": "{SPACE}-482", "fields": {{{fields}}}}}"#)
    }
}

/// The space of every example.
pub(super) const SPACE: &str = "WALK";

impl Written {
    /// Reads what was typed.
    ///
    /// # Errors
    /// Everything that is wrong with it, each in a sentence.
    pub fn read(title: &str, description: &str, comment: &str, points: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let title = title.trim();
        if title.is_empty() {
            faults.push(t!("The title is empty. Write what the item is about.").to_owned());
        }
        let texts = [(title, LONGEST_TITLE), (description, LONGEST_TEXT), (comment, LONGEST_TEXT)];
        for (text, most) in texts {
            let length = text.chars().count();
            if length > most {
                faults.push(t!("A text has {length} characters; {most} fit. Shorten it.", length, most));
            }
        }
        let points = match points.trim() {
            "" => None,
            typed => match typed.parse() {
                Ok(points) if points <= MOST_POINTS => Some(points),
                _ => {
                    faults.push(t!("Story points are a whole number up to {most}, or nothing.", most = MOST_POINTS));
                    None
                }
            },
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            title: title.to_owned(),
            description: description.trim().to_owned(),
            comment: comment.trim().to_owned(),
            points,
        })
    }
}
