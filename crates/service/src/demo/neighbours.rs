//! The organisations that the demo's own eight share an installation with: without them there would be nothing that many have in
//! common. Nobody signs in to them. What they send goes through the same gate as everything else.

use std::collections::BTreeMap;

use deidentify::Export;
use policy::{OrgState, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{SeedError, failed, paid};
use crate::Sluice;
use crate::access::operator;
use crate::ingest::{Arriving, Batch, batch, body_hash};
use crate::model::{OrgRef, Space};
use crate::ports::DemoOrganisation;

/// Items that each sends.
const ITEMS: usize = 39;

/// Who wrote them, in each.
const AUTHORS: usize = 7;

/// The label that one of them has on all of its items and nobody else on any: no pattern ever shows it.
const ODD_LABEL: (&str, &str) = ("weir-and-lantern", "zephyr-lantern");

/// Writes them, in every region in turn that has a store.
pub(super) async fn settle(sluice: &Sluice) -> Result<(), SeedError> {
    let created = sluice.catalogue().programme.announced.plus_days(-500);
    let regions: Vec<&str> = sluice.regions.all().map(|region| region.id.as_str()).collect();
    for (turn, region) in regions.iter().enumerate() {
        let here = NEIGHBOURS.iter().skip(turn).step_by(regions.len());
        let organisations: Vec<DemoOrganisation> = here.map(|(slug, name)| neighbour(slug, name, created)).collect();
        sluice.store.extend_demo(region, &organisations).await?;
    }
    Ok(())
}

fn neighbour(slug: &str, name: &str, created: Timestamp) -> DemoOrganisation {
    let space = |(key, name): &(&str, &str)| Space { app: "jira".to_owned(), key: (*key).into(), name: (*name).into() };
    DemoOrganisation {
        org: OrgRef { id: Uuid::now_v7().to_string(), slug: slug.to_owned(), name: name.to_owned() },
        state: OrgState {
            created,
            subscriptions: vec![paid("jira", "standard", created)],
            exemptions: Vec::new(),
            connectors: BTreeMap::new(),
            settings: BTreeMap::new(),
        },
        spaces: SPACES.iter().map(space).collect(),
        connector_names: Vec::new(),
        people: Vec::new(),
        changes: Vec::new(),
        knowledge: Vec::new(),
    }
}

/// Sends what they contribute.
pub(super) async fn contribute(sluice: &Sluice) -> Result<(), SeedError> {
    for (turn, (slug, _)) in NEIGHBOURS.iter().enumerate() {
        let operator = operator(sluice.store.as_ref(), slug).await.map_err(failed)?;
        let issues: Vec<Value> = (0..ITEMS).filter_map(|at| issue(sluice.now(), turn, slug, at)).collect();
        let file = serde_json::to_vec(&json!({ "issues": issues })).map_err(failed)?;
        let items = Export::read(&file).map_err(failed)?.items().collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let new = Batch {
            key: Some("demo".to_owned()),
            body_hash: body_hash(&file),
            arriving: items.into_iter().map(Arriving::Item).collect(),
            told_at: None,
            progress: None,
        };
        batch(sluice, &operator, new).await.map_err(failed)?;
    }
    Ok(())
}

/// One of the items of an organisation: the same stories everywhere, as such work is, and each told a little differently.
fn issue(now: Timestamp, org: usize, slug: &str, at: usize) -> Option<Value> {
    let story = STORIES.get(at % STORIES.len())?;
    let turn = org * 5 + at / STORIES.len() + at;
    let title = story.titles.get(turn % story.titles.len())?;
    let cause = story.causes.get(turn % 7 / 5).or(story.causes.first());
    let (space, _) = SPACES.get(turn % SPACES.len())?;
    // Now and then a story is thought of another urgency than usual.
    let unusual = turn % 4 == 1;
    let days = story.days;
    let created = now.plus_days(-days - i64::try_from(at % 20).ok()?);
    let labels = if slug == ODD_LABEL.0 { vec![story.label, ODD_LABEL.1] } else { vec![story.label] };
    let account = format!("5f{:022x}", (org * AUTHORS + turn % AUTHORS) * 7_919 + 11);
    Some(json!({
        "id": format!("{}", 70_000 + at),
        "key": format!("{space}-{}", 100 + at),
        "fields": {
            "summary": title,
            "description": cause.map(|cause| format!("{title}. It turned out to be {cause}.")).unwrap_or_default(),
            "project": { "key": space },
            "issuetype": { "name": story.kind },
            "priority": { "name": if unusual { "Medium" } else { story.priority } },
            "status": { "name": "Done", "statusCategory": { "name": "Done" } },
            "resolution": { "name": "Done" },
            "created": created.rfc3339(),
            "resolutiondate": created.plus_days(days).rfc3339(),
            "customfield_10016": story.points,
            "customfield": { "root-cause": cause },
            "labels": labels,
            "reporter": { "accountId": account },
        },
    }))
}

const SPACES: [(&str, &str); 3] = [("MOBILE", "Mobile apps"), ("OPS", "Operations"), ("WEB", "Website")];

/// Slug and name.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("alder-grove", "Alder Grove Books"),
    ("amber-ferry", "Amber Ferry Line"),
    ("birch-and-dale", "Birch & Dale Furniture"),
    ("bluewater", "Bluewater Aquatics"),
    ("carrick-mills", "Carrick Mills"),
    ("copper-kettle", "Copper Kettle Foods"),
    ("driftwood", "Driftwood Interiors"),
    ("eastgate", "Eastgate Parking"),
    ("elmsworth", "Elmsworth College"),
    ("fennel-farm", "Fennel Farm Dairy"),
    ("glasshouse", "Glasshouse Nurseries"),
    ("granary-lane", "Granary Lane Media"),
    ("hazelmere", "Hazelmere Clinics"),
    ("ironbridge", "Ironbridge Tools"),
    ("juniper-hill", "Juniper Hill Hotels"),
    ("kingfisher", "Kingfisher Outdoors"),
    ("larkspur", "Larkspur Textiles"),
    ("marigold", "Marigold Energy"),
    ("nettlebed", "Nettlebed Software"),
    ("oakhanger", "Oakhanger Insurance"),
    ("pebble-bay", "Pebble Bay Cruises"),
    ("quarry-road", "Quarry Road Concrete"),
    ("rowan-vale", "Rowan Vale Housing"),
    ("saltmarsh", "Saltmarsh Brewing"),
    ("thistledown", "Thistledown Toys"),
    ("umber-street", "Umber Street Theatre"),
    ("vellum-press", "Vellum Press"),
    ("weir-and-lantern", "Weir & Lantern"),
];

/// Work as it is everywhere.
struct Story {
    titles: &'static [&'static str],
    kind: &'static str,
    priority: &'static str,
    points: u8,
    days: i64,
    label: &'static str,
    /// The usual one first.
    causes: &'static [&'static str],
}

const STORIES: &[Story] = &[
    Story {
        titles: &[
            "Fix login error on iOS after the mobile update",
            "Login error on iOS since the latest mobile update",
            "Login error in the app after the mobile update",
            "Customers see a login error on iOS after an update",
        ],
        kind: "Bug",
        priority: "High",
        points: 3,
        days: 2,
        label: "mobile",
        causes: &["expired token", "certificate pinning"],
    },
    Story {
        titles: &[
            "Search returns no results after the reindex",
            "Search results are empty after the nightly reindex",
            "No search results for new items",
        ],
        kind: "Bug",
        priority: "Medium",
        points: 5,
        days: 5,
        label: "search",
        causes: &["stale index", "missing permission"],
    },
    Story {
        titles: &[
            "Password reset link does not arrive",
            "The password reset mail arrives too late",
            "Password reset link is refused on the second try",
        ],
        kind: "Bug",
        priority: "High",
        points: 2,
        days: 2,
        label: "sign-in",
        causes: &["mail queue", "expired token"],
    },
    Story {
        titles: &[
            "Export to a file times out for large projects",
            "The export times out when a project is large",
            "Large export times out at night",
        ],
        kind: "Bug",
        priority: "Medium",
        points: 5,
        days: 7,
        label: "export",
        causes: &["missing index", "memory limit"],
    },
    Story {
        titles: &[
            "Add a dark theme to the settings page",
            "Offer a dark theme in the mobile app",
            "Dark theme for the dashboard",
        ],
        kind: "Story",
        priority: "Low",
        points: 5,
        days: 12,
        label: "design",
        causes: &[],
    },
    Story {
        titles: &[
            "Push message arrives twice on Android",
            "Android users get each push message twice",
            "Push message is shown again after the mobile update",
        ],
        kind: "Bug",
        priority: "Medium",
        points: 3,
        days: 4,
        label: "mobile",
        causes: &["duplicate event", "expired token"],
    },
    Story {
        titles: &[
            "Checkout page loads slowly on mobile",
            "Slow checkout page at busy hours",
            "The checkout page takes ten seconds on mobile",
        ],
        kind: "Bug",
        priority: "High",
        points: 5,
        days: 6,
        label: "checkout",
        causes: &["missing index", "large images"],
    },
    Story {
        titles: &[
            "Move the payment library to the current release",
            "Bring the payment library up to date",
            "Replace the old payment library",
        ],
        kind: "Task",
        priority: "Medium",
        points: 3,
        days: 5,
        label: "checkout",
        causes: &[],
    },
    Story {
        titles: &[
            "Renew the certificate before it ends",
            "New certificate for the payment page",
            "Renew certificates without anybody at night",
        ],
        kind: "Task",
        priority: "High",
        points: 2,
        days: 4,
        label: "sign-in",
        causes: &[],
    },
    Story {
        titles: &[
            "Single sign-on fails after the certificate change",
            "Sign-on fails for everybody since the certificate change",
            "Users cannot sign in after the certificate change",
        ],
        kind: "Bug",
        priority: "Highest",
        points: 2,
        days: 1,
        label: "sign-in",
        causes: &["expired certificate", "clock difference"],
    },
    Story {
        titles: &[
            "Write release notes for the mobile app",
            "Publish release notes with every version",
            "Shorter release notes for customers",
        ],
        kind: "Task",
        priority: "Low",
        points: 1,
        days: 2,
        label: "mobile",
        causes: &[],
    },
    Story {
        titles: &[
            "Add a second factor to sign in",
            "A second factor for administrators",
            "Require a second factor after a password reset",
        ],
        kind: "Story",
        priority: "High",
        points: 8,
        days: 15,
        label: "sign-in",
        causes: &[],
    },
    Story {
        titles: &[
            "Session ends too early on Android",
            "The session ends after every mobile update",
            "Login error when the session ends too early",
        ],
        kind: "Bug",
        priority: "High",
        points: 3,
        days: 3,
        label: "mobile",
        causes: &["expired token", "clock difference"],
    },
];
