//! What starts and what stops contributing when an organisation's state changes.

use serde::Serialize;

use crate::decide::decide;
use crate::state::{Kind, OrgState, Target};
use crate::{Catalogue, Timestamp};

/// What an organisation has that could contribute, besides itself, its apps, platform apps and connectors.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// App and key of each space.
    pub spaces: Vec<(String, String)>,
}

impl Inventory {
    /// Every target of an organisation, the organisation itself first.
    pub fn targets(&self, catalogue: &Catalogue, state: &OrgState) -> Vec<Target> {
        let mut targets = vec![Target::Organisation];
        targets.extend(catalogue.platform_apps.iter().map(|app| Target::PlatformApp(app.id.clone())));
        targets.extend(catalogue.apps.iter().map(|app| Target::App(app.id.clone())));
        targets.extend(self.spaces.iter().map(|(app, key)| Target::Space { app: app.clone(), key: key.clone() }));
        targets.extend(state.connectors.keys().map(|id| Target::Connector(id.clone())));
        targets
    }
}

/// The difference that a change makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Impact {
    pub starts: Vec<(Target, Kind)>,
    pub stops: Vec<(Target, Kind)>,
}

/// Compares two states of one organisation over everything it has.
///
/// Before the programme is in force nothing flows, so a change then would look harmless. It is judged by what it does on
/// the first day in force instead.
pub fn impact(
    catalogue: &Catalogue,
    before: &OrgState,
    after: &OrgState,
    inventory: &Inventory,
    at: Timestamp,
) -> Impact {
    let at = at.max(catalogue.programme.in_force);
    let mut impact = Impact::default();
    for target in inventory.targets(catalogue, before) {
        for kind in Kind::ALL {
            let was = decide(catalogue, before, &target, kind, at).contributes;
            let is = decide(catalogue, after, &target, kind, at).contributes;
            match (was, is) {
                (false, true) => impact.starts.push((target.clone(), kind)),
                (true, false) => impact.stops.push((target.clone(), kind)),
                _ => {}
            }
        }
    }
    impact
}
