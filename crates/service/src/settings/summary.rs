//! The state of an organisation in one sentence: what leaves now.

use language::{Dates as _, t, tn};
use policy::{Catalogue, Impact, Inventory, Kind, Target, Timestamp, decide};

use crate::model::Snapshot;

/// How much of each sort of thing contributes in-app data, and of how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub metadata: bool,
    /// Apps and platform apps.
    pub metadata_apps: (usize, usize),
    pub apps: (usize, usize),
    pub platform_apps: (usize, usize),
    pub spaces: (usize, usize),
    pub connectors: (usize, usize),
    /// Apps that contribute although none of their spaces does, such as an app without spaces.
    pub bare_apps: Vec<String>,
}

pub fn inventory(snapshot: &Snapshot) -> Inventory {
    Inventory { spaces: snapshot.spaces.iter().map(|space| (space.app.clone(), space.key.clone())).collect() }
}

/// Counts what contributes at a time.
pub fn counts(catalogue: &Catalogue, snapshot: &Snapshot, at: Timestamp) -> Counts {
    let state = &snapshot.state;
    let contributes = |target: &Target, kind| decide(catalogue, state, target, kind, at).contributes;
    let mut counts = Counts { metadata: contributes(&Target::Organisation, Kind::Metadata), ..Counts::default() };
    // Apps come before their spaces in the list of targets.
    let mut bare: Vec<String> = Vec::new();
    for target in inventory(snapshot).targets(catalogue, state) {
        let in_use = match &target {
            Target::App(app) => state.subscriptions.iter().any(|s| s.app == *app && s.active(at)),
            _ => true,
        };
        let in_app = contributes(&target, Kind::InApp);
        let count = match &target {
            Target::Organisation => continue,
            Target::App(_) => {
                counts.metadata_apps.0 += usize::from(contributes(&target, Kind::Metadata));
                &mut counts.apps
            }
            Target::PlatformApp(_) => {
                counts.metadata_apps.1 += usize::from(contributes(&target, Kind::Metadata));
                &mut counts.platform_apps
            }
            Target::Space { .. } => &mut counts.spaces,
            Target::Connector(_) => &mut counts.connectors,
        };
        count.0 += usize::from(in_app);
        count.1 += usize::from(in_use);
        match target {
            Target::App(app) if in_app => bare.push(app),
            Target::Space { app, .. } if in_app => bare.retain(|bare| *bare != app),
            _ => {}
        }
    }
    counts.bare_apps = bare.iter().map(|app| crate::settings::app_name(catalogue, app).to_owned()).collect();
    counts
}

/// Of which moment a summary tells.
#[derive(Clone, Copy)]
enum When {
    Now,
    Then,
}

/// `Right now, metadata leaves from 3 apps and 8 platform apps, and in-app data leaves from 12 of 400 spaces.`
pub fn sentence(catalogue: &Catalogue, snapshot: &Snapshot, now: Timestamp) -> String {
    told(When::Now, catalogue, snapshot, now)
}

/// The same of a time that may have passed: `At that time, metadata leaves …`
pub fn sentence_on(catalogue: &Catalogue, snapshot: &Snapshot, at: Timestamp) -> String {
    told(When::Then, catalogue, snapshot, at)
}

fn told(when: When, catalogue: &Catalogue, snapshot: &Snapshot, at: Timestamp) -> String {
    let in_force = catalogue.programme.in_force;
    let counts = counts(catalogue, snapshot, at.max(in_force));
    let (metadata, in_app) = (and(&counts.metadata_sources()), and(&counts.in_app_sources()));
    let ahead = at < in_force;
    let what = match (counts.metadata, !in_app.is_empty()) {
        (false, false) if ahead => t!("nothing leaves").to_owned(),
        (false, false) => return t!("Nothing leaves.").to_owned(),
        (true, false) => t!("metadata leaves from {metadata}. No in-app data leaves", metadata),
        (false, true) => t!("in-app data leaves from {in_app}. No metadata leaves", in_app),
        (true, true) => t!("metadata leaves from {metadata}, and in-app data leaves from {in_app}", metadata, in_app),
    };
    match when {
        _ if ahead => t!("Nothing leaves before {date}. From then on, {what}.", date = in_force.date(), what),
        When::Now => t!("Right now, {what}.", what),
        When::Then => t!("At that time, {what}.", what),
    }
}

impl Counts {
    fn metadata_sources(&self) -> Vec<String> {
        let (apps, platform_apps) = self.metadata_apps;
        let apps = (apps > 0).then(|| tn!(apps, "{apps} app", "{apps} apps"));
        let platform_apps = (platform_apps > 0)
            .then(|| tn!(platform_apps, "{platform_apps} platform app", "{platform_apps} platform apps"));
        apps.into_iter().chain(platform_apps).collect()
    }

    /// An app without contributing spaces still has content of its own.
    fn in_app_sources(&self) -> Vec<String> {
        let shown = |(on, of): (usize, usize)| (language::count(on), language::count(of));
        let spaces = match self.spaces {
            (0, _) => None,
            (1, 1) => Some(t!("the only space").to_owned()),
            (on, of) if on == of => Some(t!("all {of} spaces", of = language::count(of))),
            pair => {
                let (on, of) = shown(pair);
                Some(t!("{on} of {of} spaces", on, of))
            }
        };
        let connectors = match self.connectors {
            (0, _) => None,
            (1, 1) => Some(t!("the only connector").to_owned()),
            (on, of) if on == of => Some(t!("all {of} connectors", of = language::count(of))),
            pair => {
                let (on, of) = shown(pair);
                Some(t!("{on} of {of} connectors", on, of))
            }
        };
        let platform_apps = match self.platform_apps {
            (0, _) => None,
            (1, 1) => Some(t!("the only platform app").to_owned()),
            (on, of) if on == of => Some(t!("all {of} platform apps", of = language::count(of))),
            pair => {
                let (on, of) = shown(pair);
                Some(t!("{on} of {of} platform apps", on, of))
            }
        };
        self.bare_apps.iter().cloned().chain(spaces).chain(connectors).chain(platform_apps).collect()
    }
}

/// Whether anything waits for a decision.
pub fn anything_held(catalogue: &Catalogue, snapshot: &Snapshot, now: Timestamp) -> bool {
    let at = now.max(catalogue.programme.in_force);
    inventory(snapshot).targets(catalogue, &snapshot.state).iter().any(|target| {
        Kind::ALL.into_iter().any(|kind| decide(catalogue, &snapshot.state, target, kind, at).held().is_some())
    })
}

/// What an impact touches, in words: `180 spaces of Jira, 2 connectors`.
pub fn touched(catalogue: &Catalogue, targets: &[(Target, Kind)]) -> Vec<String> {
    let mut lines = Vec::new();
    let count = |kind: Kind, matches: &dyn Fn(&Target) -> bool| {
        targets.iter().filter(|(target, of)| *of == kind && matches(target)).count()
    };
    let metadata_apps = count(Kind::Metadata, &|t| matches!(t, Target::App(_) | Target::PlatformApp(_)));
    if count(Kind::Metadata, &|t| *t == Target::Organisation) > 0 {
        lines.push(tn!(apps = metadata_apps, "Metadata of {apps} app", "Metadata of {apps} apps"));
    }
    if count(Kind::InApp, &|t| *t == Target::Organisation) > 0 {
        lines.push(t!("In-app data outside every app and space").to_owned());
    }
    for app in &catalogue.apps {
        let spaces = count(Kind::InApp, &|t| matches!(t, Target::Space { app: of, .. } if *of == app.id));
        let whole = count(Kind::InApp, &|t| *t == Target::App(app.id.clone())) > 0;
        match (whole, spaces) {
            (false, 0) => {}
            (false, _) => lines.push(tn!(
                spaces,
                "In-app data of {spaces} space in {app}",
                "In-app data of {spaces} spaces in {app}",
                app = app.name
            )),
            (true, 0) => lines.push(t!("In-app data of {app}", app = app.name)),
            (true, _) => lines.push(tn!(
                spaces,
                "In-app data of {app}, with {spaces} space",
                "In-app data of {app}, with {spaces} spaces",
                app = app.name
            )),
        }
    }
    let platform = count(Kind::InApp, &|t| matches!(t, Target::PlatformApp(_)));
    if platform > 0 {
        lines.push(tn!(platform, "In-app data of {platform} platform app", "In-app data of {platform} platform apps"));
    }
    let connectors = count(Kind::InApp, &|t| matches!(t, Target::Connector(_)));
    if connectors > 0 {
        lines.push(tn!(connectors, "In-app data of {connectors} connector", "In-app data of {connectors} connectors"));
    }
    lines
}

/// Whether the whole organisation widens, and not only something that was named.
pub fn widens_everything(impact: &Impact) -> bool {
    impact.starts.iter().any(|(target, _)| *target == Target::Organisation)
}

fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => t!("{first} and {last}", first = first.join(", "), last),
    }
}
