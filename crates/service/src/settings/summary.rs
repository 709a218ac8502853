//! The state of an organisation in one sentence: what leaves now.

use language::Dates as _;
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

/// `Right now, metadata leaves from 3 apps and 8 platform apps, and in-app data leaves from 12 of 400 spaces.`
pub fn sentence(catalogue: &Catalogue, snapshot: &Snapshot, now: Timestamp) -> String {
    told("Right now", catalogue, snapshot, now)
}

/// The same of a time that may have passed: `At that time, metadata leaves …`
pub fn sentence_on(catalogue: &Catalogue, snapshot: &Snapshot, at: Timestamp) -> String {
    told("At that time", catalogue, snapshot, at)
}

fn told(when: &str, catalogue: &Catalogue, snapshot: &Snapshot, now: Timestamp) -> String {
    let in_force = catalogue.programme.in_force;
    let counts = counts(catalogue, snapshot, now.max(in_force));
    let metadata = if counts.metadata {
        {
            let (apps, platform) = counts.metadata_apps;
            let apps = [(apps, "app", "apps"), (platform, "platform app", "platform apps")]
                .into_iter()
                .filter(|(count, _, _)| *count > 0)
                .map(|(count, one, many)| number(count, one, many))
                .collect::<Vec<_>>();
            format!("metadata leaves from {}", and(&apps))
        }
    } else {
        String::new()
    };
    let parts: Vec<String> = [
        (counts.spaces, "space", "spaces"),
        (counts.connectors, "connector", "connectors"),
        (counts.platform_apps, "platform app", "platform apps"),
    ]
    .into_iter()
    .filter(|((on, _), _, _)| *on > 0)
    .map(|((on, of), one, many)| match on == of {
        true if of == 1 => format!("the only {one}"),
        true => format!("all {of} {many}"),
        false => format!("{on} of {}", number(of, one, many)),
    })
    .collect();
    // An app without contributing spaces still has content of its own.
    let parts: Vec<String> = counts.bare_apps.iter().cloned().chain(parts).collect();
    let in_app = if parts.is_empty() { String::new() } else { format!("in-app data leaves from {}", and(&parts)) };
    let what = match (metadata.is_empty(), in_app.is_empty()) {
        (true, true) => "nothing leaves".to_owned(),
        (false, true) => format!("{metadata}. No in-app data leaves"),
        (true, false) => format!("{in_app}. No metadata leaves"),
        (false, false) => format!("{metadata}, and {in_app}"),
    };
    if now < in_force {
        format!("Nothing leaves before {}. From then on, {what}.", in_force.date())
    } else if metadata.is_empty() && in_app.is_empty() {
        "Nothing leaves.".to_owned()
    } else {
        format!("{when}, {what}.")
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
        lines.push(format!("Metadata of {}", number(metadata_apps, "app", "apps")));
    }
    if count(Kind::InApp, &|t| *t == Target::Organisation) > 0 {
        lines.push("In-app data outside every app and space".to_owned());
    }
    for app in &catalogue.apps {
        let spaces = count(Kind::InApp, &|t| matches!(t, Target::Space { app: of, .. } if *of == app.id));
        let whole = count(Kind::InApp, &|t| *t == Target::App(app.id.clone())) > 0;
        match (whole, spaces) {
            (false, 0) => {}
            (false, _) => lines.push(format!("In-app data of {} in {}", number(spaces, "space", "spaces"), app.name)),
            (true, 0) => lines.push(format!("In-app data of {}", app.name)),
            (true, _) => {
                lines.push(format!("In-app data of {}, with {}", app.name, number(spaces, "space", "spaces")));
            }
        }
    }
    let platform = count(Kind::InApp, &|t| matches!(t, Target::PlatformApp(_)));
    if platform > 0 {
        lines.push(format!("In-app data of {}", number(platform, "platform app", "platform apps")));
    }
    let connectors = count(Kind::InApp, &|t| matches!(t, Target::Connector(_)));
    if connectors > 0 {
        lines.push(format!("In-app data of {}", number(connectors, "connector", "connectors")));
    }
    lines
}

/// Whether the whole organisation widens, and not only something that was named.
pub fn widens_everything(impact: &Impact) -> bool {
    impact.starts.iter().any(|(target, _)| *target == Target::Organisation)
}

/// `1 space`, `400 spaces`, `1,500 spaces`.
pub fn number(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", language::count(count), if count == 1 { one } else { many })
}

fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(number(1, "space", "spaces"), "1 space");
        assert_eq!(number(400, "space", "spaces"), "400 spaces");
        assert_eq!(number(1500, "item", "items"), "1,500 items");
        assert_eq!(number(1_234_567, "item", "items"), "1,234,567 items");
    }
}
