//! Made-up organisations and their work items: the same for the same numbers, on every machine.
//!
//! The items have something to find in them. What a title speaks of decides, with some chance, the type, the priority, how
//! long it takes and what the cause was; and every organisation has words, statuses and a type that nobody else has, which no
//! release may show. Included with `#[path]` by the benches that need it; it depends on nothing but `serde_json`.

use serde_json::json;

/// `organisations` with `items` work items between them, a few large and many small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) organisations: u32,
    pub(crate) items: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct WorkItem {
    pub(crate) id: String,
    /// A person of the organisation, by number.
    pub(crate) author: u32,
    kind: String,
    priority: &'static str,
    category: &'static str,
    status: String,
    points: Option<u32>,
    created: i64,
    resolved: Option<i64>,
    title: String,
    description: String,
}

/// What items are about: titles, and how likely which type, priority, duration (in hours) and cause is.
struct Topic {
    titles: &'static [&'static str],
    kind: &'static str,
    other_kind: &'static str,
    priority: &'static str,
    hours: u32,
    causes: &'static [&'static str],
    /// How common it is.
    weight: u32,
}

const TOPICS: &[Topic] = &[
    Topic {
        titles: &[
            "Login error on {platform} after the latest mobile update",
            "Fix login error on {platform}",
            "Login error for single users",
        ],
        kind: "Bug",
        other_kind: "Incident",
        priority: "High",
        hours: 50,
        causes: &["expired session token", "missing redirect address", "stale cache entries"],
        weight: 9,
    },
    Topic {
        titles: &[
            "Password reset mail does not arrive",
            "Password reset fails on {platform}",
            "Locked account after password reset",
        ],
        kind: "Service Request",
        other_kind: "Bug",
        priority: "Medium",
        hours: 8,
        causes: &["full mail queue", "wrong sender address"],
        weight: 8,
    },
    Topic {
        titles: &["Certificate expired on the {place}", "Renew expired certificate of the {place}"],
        kind: "Incident",
        other_kind: "Task",
        priority: "Highest",
        hours: 5,
        causes: &["missing renewal job", "wrong calendar entry"],
        weight: 3,
    },
    Topic {
        titles: &[
            "Slow search on the {place}",
            "Search page takes seconds to load",
            "Slow search results on {platform}",
        ],
        kind: "Bug",
        other_kind: "Improvement",
        priority: "Medium",
        hours: 220,
        causes: &["missing database index", "full table scan"],
        weight: 6,
    },
    Topic {
        titles: &["Database connection pool exhausted", "Connection pool timeout under load on the {place}"],
        kind: "Incident",
        other_kind: "Problem",
        priority: "Highest",
        hours: 12,
        causes: &["leaked database connections", "slow query"],
        weight: 4,
    },
    Topic {
        titles: &["Export monthly report as spreadsheet", "Add spreadsheet export to the {place}"],
        kind: "Story",
        other_kind: "Improvement",
        priority: "Low",
        hours: 400,
        causes: &[],
        weight: 6,
    },
    Topic {
        titles: &["Dark mode for the {place}", "Support dark mode on {platform}"],
        kind: "New Feature",
        other_kind: "Story",
        priority: "Low",
        hours: 700,
        causes: &[],
        weight: 4,
    },
    Topic {
        titles: &["Grant repository access to new colleague", "Repository access for the {place} team"],
        kind: "Access",
        other_kind: "Service Request",
        priority: "Medium",
        hours: 6,
        causes: &[],
        weight: 8,
    },
    Topic {
        titles: &["Order new laptop for new colleague", "New laptop with a broken keyboard"],
        kind: "Service Request",
        other_kind: "Task",
        priority: "Low",
        hours: 130,
        causes: &["delayed supplier delivery"],
        weight: 5,
    },
    Topic {
        titles: &["Upgrade operating system of the build server", "Upgrade build server to the latest release"],
        kind: "Change",
        other_kind: "Task",
        priority: "Medium",
        hours: 60,
        causes: &["outdated base image"],
        weight: 4,
    },
    Topic {
        titles: &["Nightly backup failed on the {place}", "Nightly backup runs out of disk space"],
        kind: "Incident",
        other_kind: "Bug",
        priority: "High",
        hours: 20,
        causes: &["full backup disk", "expired storage credentials"],
        weight: 4,
    },
    Topic {
        titles: &[
            "App crash on {platform} when opening the camera",
            "App crash on startup after the latest mobile update",
        ],
        kind: "Bug",
        other_kind: "Incident",
        priority: "High",
        hours: 80,
        causes: &["missing camera permission", "null reference"],
        weight: 7,
    },
    Topic {
        titles: &["Translate help page into German", "Help page has a broken link"],
        kind: "Task",
        other_kind: "Improvement",
        priority: "Lowest",
        hours: 90,
        causes: &["moved help page"],
        weight: 5,
    },
    Topic {
        titles: &["Write integration test for the payment service", "Flaky integration test in the payment service"],
        kind: "Task",
        other_kind: "Bug",
        priority: "Medium",
        hours: 110,
        causes: &["race condition", "shared test data"],
        weight: 6,
    },
    Topic {
        titles: &["Payment service rejects valid cards", "Payment service timeout at checkout"],
        kind: "Incident",
        other_kind: "Bug",
        priority: "Highest",
        hours: 9,
        causes: &["changed provider interface", "expired session token"],
        weight: 4,
    },
    Topic {
        titles: &["Plan the quarterly roadmap workshop", "Quarterly roadmap for the {place} team"],
        kind: "Epic",
        other_kind: "Task",
        priority: "Medium",
        hours: 1500,
        causes: &[],
        weight: 3,
    },
    Topic {
        titles: &["Meeting room screen stays black", "Meeting room calendar shows wrong times"],
        kind: "Service Request",
        other_kind: "Incident",
        priority: "Low",
        hours: 30,
        causes: &["loose display cable", "wrong time zone"],
        weight: 5,
    },
    Topic {
        titles: &["How do I share a dashboard with guests", "Share a dashboard outside of the team"],
        kind: "Question",
        other_kind: "Service Request",
        priority: "Low",
        hours: 16,
        causes: &[],
        weight: 5,
    },
    Topic {
        titles: &["Duplicate customer records after import", "Customer import stops at empty rows"],
        kind: "Bug",
        other_kind: "Problem",
        priority: "High",
        hours: 160,
        causes: &["missing unique key", "wrong character encoding"],
        weight: 5,
    },
    Topic {
        titles: &["Refactor notification service", "Notification service sends mails twice"],
        kind: "Sub-task",
        other_kind: "Bug",
        priority: "Medium",
        hours: 70,
        causes: &["race condition", "missing idempotency key"],
        weight: 5,
    },
];

const PLATFORMS: [&str; 4] = ["iOS", "Android", "Windows", "the web"];
const PLACES: [&str; 6] = ["customer portal", "load balancer", "staging server", "order desk", "warehouse", "intranet"];
const PRIORITIES: [&str; 5] = ["Highest", "High", "Medium", "Low", "Lowest"];
const SYLLABLES: [&str; 16] =
    ["bra", "cor", "del", "fen", "gil", "hun", "jor", "kel", "lum", "mir", "nov", "pel", "quo", "ras", "tov", "zin"];
/// Half a year before contributions are in force, in seconds since 1970.
const FIRST_DAY: i64 = 1_771_200_000;
const DAYS: u64 = 180;

impl World {
    /// How many items an organisation has. The first has the most: about one in thirteen of 300.
    pub(crate) fn items_of(&self, organisation: u32) -> u32 {
        let weight = |number: u32| 1.0 / (f64::from(number) + 4.0);
        let all: f64 = (0..self.organisations).map(weight).sum();
        let up_to = |number: u32| (0..number).map(weight).sum::<f64>() / all * f64::from(self.items);
        up_to(organisation + 1).round() as u32 - up_to(organisation).round() as u32
    }

    pub(crate) fn people_of(&self, organisation: u32) -> u32 {
        (self.items_of(organisation) / 60).max(3)
    }

    /// A word that only this organisation has.
    pub(crate) fn word_of(organisation: u32) -> String {
        let syllable = |digit: u32| SYLLABLES[(organisation >> (4 * digit) & 15) as usize];
        format!("{}{}{}x", syllable(0), syllable(1), syllable(2))
    }

    /// All items of an organisation, in the order of their numbers.
    pub(crate) fn items(&self, organisation: u32) -> impl Iterator<Item = WorkItem> + use<> {
        let people = self.people_of(organisation);
        (0..self.items_of(organisation)).map(move |number| item(organisation, people, number))
    }
}

fn item(organisation: u32, people: u32, number: u32) -> WorkItem {
    let mut dice = Dice(u64::from(organisation) << 32 | u64::from(number));
    let topic = dice.topic();
    let word = World::word_of(organisation);
    let mut title = topic.titles[dice.below(topic.titles.len())].to_owned();
    title = title.replace("{platform}", PLATFORMS[dice.below(PLATFORMS.len())]);
    title = title.replace("{place}", PLACES[dice.below(PLACES.len())]);
    // Words of single organisations, and words that hardly anybody else ever uses: most of what people write is like that.
    match dice.below(100) {
        0..15 => title = format!("{title} of {word}"),
        15..45 => title = format!("{title} in module {}", rare(&mut dice)),
        _ => {}
    }
    let kind = match dice.below(100) {
        0..62 => topic.kind.to_owned(),
        62..82 => topic.other_kind.to_owned(),
        82..98 => TOPICS[dice.below(TOPICS.len())].kind.to_owned(),
        _ => format!("{word} ticket"),
    };
    let priority = if dice.percent(60) { topic.priority } else { PRIORITIES[dice.below(PRIORITIES.len())] };
    let urgency = match priority {
        "Highest" => 50,
        "High" => 80,
        "Medium" => 110,
        "Low" => 140,
        _ => 180,
    };
    // From half to twice as long, and now and then something else.
    let spread = 50 + dice.below(150) as u32;
    let hours = if dice.percent(15) { dice.below(1200) as u32 } else { topic.hours * spread / 100 * urgency / 100 };
    let created = FIRST_DAY + (dice.next() % (DAYS * 86_400)) as i64;
    let is_done = dice.percent(80);
    let (category, status) = match (is_done, dice.percent(30)) {
        (true, _) => ("Done", "Done".to_owned()),
        (false, true) => ("In Progress", format!("Waiting for {word}")),
        (false, false) => ("To Do", "Waiting for vendor".to_owned()),
    };
    let cause = topic.causes.first().filter(|_| dice.percent(40)).map(|most_likely| {
        let cause = if dice.percent(70) { most_likely } else { topic.causes[dice.below(topic.causes.len())] };
        if dice.percent(50) { format!(" It was caused by {cause}.") } else { format!(" Root cause: {cause}.") }
    });
    let seen = ["twice this week", "on one machine", "by several people", "since the last change"][dice.below(4)];
    let description = format!("It was seen {seen} in {word}.{}", cause.unwrap_or_default());
    let points = dice.percent(50).then(|| [1, 2, 3, 5, 8, 13][dice.below(6)]);
    let author = (dice.below(people as usize)).min(dice.below(people as usize)) as u32;
    WorkItem {
        id: format!("{organisation}-{number}"),
        author,
        kind,
        priority,
        category,
        status,
        points,
        created,
        resolved: is_done.then(|| created + i64::from(hours) * 3600),
        title,
        description,
    }
}

/// One of a million words.
fn rare(dice: &mut Dice) -> String {
    (0..5).map(|_| SYLLABLES[dice.below(SYLLABLES.len())]).collect()
}

impl WorkItem {
    /// The fields that leave when everything contributes, after de-identification: there is nobody in the texts.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("issuetype.name", self.kind.clone()),
            ("status.statusCategory.name", self.category.to_owned()),
            ("status.name", self.status.clone()),
            ("priority.name", self.priority.to_owned()),
            ("created", date_time(self.created)),
            ("summary", self.title.clone()),
            ("description", self.description.clone()),
        ];
        fields.extend(self.points.map(|points| ("customfield_10016", points.to_string())));
        fields.extend(self.resolved.map(|resolved| ("resolutiondate", date_time(resolved))));
        fields
    }

    /// The item as an export has it.
    pub(crate) fn export(&self, space: &str) -> String {
        let person = format!("p{:08}", self.author);
        json!({
            "id": self.id,
            "key": format!("{space}-{}", self.id),
            "fields": {
                "summary": self.title,
                "description": self.description,
                "issuetype": { "name": self.kind },
                "priority": { "name": self.priority },
                "status": { "name": self.status, "statusCategory": { "name": self.category } },
                "customfield_10016": self.points,
                "created": date_time(self.created),
                "resolutiondate": self.resolved.map(date_time),
                "project": { "key": space, "projectTypeKey": "software" },
                "reporter": { "accountId": person, "displayName": person }
            }
        })
        .to_string()
    }
}

/// `SplitMix64`, begun anew for each item, so that any item can be made without those before it.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, sides: usize) -> usize {
        (self.next() % sides as u64) as usize
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn topic(&mut self) -> &'static Topic {
        let all: u32 = TOPICS.iter().map(|topic| topic.weight).sum();
        let mut at = self.below(all as usize) as u32;
        let found = TOPICS.iter().find(|topic| {
            let is_it = at < topic.weight;
            at = at.saturating_sub(topic.weight);
            is_it
        });
        found.unwrap_or(&TOPICS[0])
    }
}

/// As exports write it.
fn date_time(seconds: i64) -> String {
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years that begin in March, so that the odd day comes last.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + turn;
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000+0000")
}
