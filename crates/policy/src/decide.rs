//! The one decision: does this target contribute this kind of data at this time, and why.
//!
//! The rules are asked in a fixed order and the first that has an answer decides; the reasons keep every rule that was
//! asked. Three of the rules need the organisation's past: data never starts to flow because a trial began or ended, a
//! plan changed, an exemption ended or something was added. Such a widening is *held* until an admin decides. That is
//! computed from the dates in the state, so it is right at every moment without a job that has to run on time.

use crate::Timestamp;
use crate::catalogue::{Catalogue, ConnectorKind, Exemption, Plan};
use crate::state::{Chosen, Kind, OrgState, Setting, Subscription, Target};

/// An answer and the rules that led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<'a> {
    pub contributes: bool,
    /// In the order in which they were asked; the last one decided.
    pub because: Vec<Reason<'a>>,
}

impl<'a> Decision<'a> {
    pub fn decided_by(&self) -> Option<&Reason<'a>> {
        self.because.last()
    }

    /// What is being held, if that is why nothing flows.
    pub fn held(&self) -> Option<Held<'a>> {
        match self.decided_by() {
            // Kept off is a decision that was made, not one that waits.
            Some(Reason::Held(held)) if held.cause != HeldCause::KeptOff => Some(*held),
            _ => None,
        }
    }
}

/// The rules, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    Exemption,
    InForce,
    Scope,
    FixedByPlan,
    Entry,
    AppEntry,
    OrganisationChoice,
    Held,
    PlanDefault,
}

impl Rule {
    /// Every rule in the order in which it is asked.
    pub const ALL: [Self; 9] = [
        Self::Exemption,
        Self::InForce,
        Self::Scope,
        Self::FixedByPlan,
        Self::Entry,
        Self::AppEntry,
        Self::OrganisationChoice,
        Self::Held,
        Self::PlanDefault,
    ];

    /// A stable name for machines.
    pub fn id(self) -> &'static str {
        match self {
            Self::Exemption => "exemption",
            Self::InForce => "in-force",
            Self::Scope => "scope",
            Self::FixedByPlan => "fixed-by-plan",
            Self::Entry => "entry",
            Self::AppEntry => "app-entry",
            Self::OrganisationChoice => "organisation-choice",
            Self::Held => "held",
            Self::PlanDefault => "plan-default",
        }
    }
}

/// What one rule had to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason<'a> {
    NotExempt,
    Exempt {
        exemption: Option<&'a Exemption>,
        id: &'a str,
        since: Timestamp,
    },
    InForce {
        since: Timestamp,
    },
    NotYetInForce {
        from: Timestamp,
    },
    InScope,
    UnknownApp,
    AppNotInUse,
    NoActivePlan,
    UnknownConnector,
    ConnectorNotEligible {
        kind: Option<&'a ConnectorKind>,
        id: &'a str,
    },
    NotFixed {
        plan: &'a Plan,
    },
    Fixed {
        plan: &'a Plan,
        on: bool,
        since: Timestamp,
    },
    /// Fixed on, but it was off when the plan fixed it, and no admin has acknowledged that yet.
    FixedUnacknowledged {
        plan: &'a Plan,
    },
    NoEntry,
    Entry(Chosen),
    /// Turned on before what it is about came (back) into being.
    EntryTooOld(Chosen),
    NoAppEntry,
    AppEntry(Chosen),
    AppEntryTooOld(Chosen),
    NoChoice,
    Choice(Chosen),
    /// The organisation's choice was made before what is asked about came into being.
    ChoiceTooOld(Chosen),
    NotHeld,
    Held(Held<'a>),
    PlanDefault {
        plan: &'a Plan,
        on: bool,
    },
}

impl Reason<'_> {
    pub fn rule(&self) -> Rule {
        match self {
            Self::NotExempt | Self::Exempt { .. } => Rule::Exemption,
            Self::InForce { .. } | Self::NotYetInForce { .. } => Rule::InForce,
            Self::InScope
            | Self::UnknownApp
            | Self::AppNotInUse
            | Self::NoActivePlan
            | Self::UnknownConnector
            | Self::ConnectorNotEligible { .. } => Rule::Scope,
            Self::NotFixed { .. } | Self::Fixed { .. } | Self::FixedUnacknowledged { .. } => Rule::FixedByPlan,
            Self::NoEntry | Self::Entry(_) | Self::EntryTooOld(_) => Rule::Entry,
            Self::NoAppEntry | Self::AppEntry(_) | Self::AppEntryTooOld(_) => Rule::AppEntry,
            Self::NoChoice | Self::Choice(_) | Self::ChoiceTooOld(_) => Rule::OrganisationChoice,
            Self::NotHeld | Self::Held(_) => Rule::Held,
            Self::PlanDefault { .. } => Rule::PlanDefault,
        }
    }
}

/// A widening that waits for an admin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held<'a> {
    /// When it would have turned on.
    pub since: Timestamp,
    pub cause: HeldCause<'a>,
}

impl Held<'_> {
    /// Whether the whole organisation is held, and not only something that was added to it.
    pub fn concerns_organisation(&self) -> bool {
        !matches!(self.cause, HeldCause::AppAdded | HeldCause::ConnectorAdded)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeldCause<'a> {
    TrialStarted {
        plan: &'a str,
    },
    TrialEnded {
        plan: &'a str,
    },
    PlanChanged {
        from: Option<&'a str>,
        to: Option<&'a str>,
    },
    ExemptionEnded {
        exemption: &'a str,
    },
    /// Turned off on a plan that fixes it on: an admin declined to acknowledge that it is on.
    KeptOff,
    AppAdded,
    ConnectorAdded,
}

/// Where an organisation stands at a time: what its defaults come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing<'a> {
    /// The highest active plan and the subscription that makes it so.
    pub plan: Option<(&'a Plan, &'a Subscription)>,
    pub exempt: Option<(&'a str, Timestamp)>,
}

/// The highest active plan and the exemption of an organisation at a time.
pub fn standing<'a>(catalogue: &'a Catalogue, state: &'a OrgState, at: Timestamp) -> Standing<'a> {
    let plan = state
        .subscriptions
        .iter()
        .filter(|subscription| subscription.active(at))
        .filter_map(|subscription| Some((catalogue.rank(&subscription.plan)?, subscription)))
        // Of equal plans a paid subscription is named before a trial: it is the one that stays. Then the first listed.
        .rev()
        .max_by_key(|(rank, subscription)| (*rank, !subscription.trial))
        .and_then(|(rank, subscription)| Some((catalogue.plans.get(rank)?, subscription)));
    let exempt = state
        .exemptions
        .iter()
        .filter(|period| period.active(at))
        .min_by_key(|period| period.from)
        .map(|period| (period.exemption.as_str(), period.from));
    Standing { plan, exempt }
}

/// Decides. Total: every input has an answer; what is not known is out of scope and does not contribute.
///
/// Metadata has no entries: it is decided for the organisation as a whole, and a target's part of it follows.
pub fn decide<'a>(
    catalogue: &'a Catalogue,
    state: &'a OrgState,
    target: &Target,
    kind: Kind,
    at: Timestamp,
) -> Decision<'a> {
    let mut because = Vec::with_capacity(9);
    let contributes = ask(catalogue, state, target, kind, at, &mut because);
    Decision { contributes, because }
}

fn ask<'a>(
    catalogue: &'a Catalogue,
    state: &'a OrgState,
    target: &Target,
    kind: Kind,
    at: Timestamp,
    because: &mut Vec<Reason<'a>>,
) -> bool {
    let standing = standing(catalogue, state, at);

    if let Some((id, since)) = standing.exempt {
        because.push(Reason::Exempt { exemption: catalogue.exemption(id), id, since });
        return false;
    }
    because.push(Reason::NotExempt);

    let in_force = catalogue.programme.in_force;
    if at < in_force {
        because.push(Reason::NotYetInForce { from: in_force });
        return false;
    }
    because.push(Reason::InForce { since: in_force });

    let Some((plan, subscription)) = standing.plan else {
        because.push(Reason::NoActivePlan);
        return false;
    };
    if let Some(reason) = out_of_scope(catalogue, state, target, at) {
        because.push(reason);
        return false;
    }
    because.push(Reason::InScope);

    let rule = plan.rule(kind);
    let held = held(catalogue, state, target, kind, at);
    if rule.fixed {
        if let Some(held) = held.filter(|_| rule.default_on) {
            because.push(Reason::FixedUnacknowledged { plan });
            because.push(Reason::Held(held));
            return false;
        }
        let since = subscription.from.max(catalogue.programme.announced);
        because.push(Reason::Fixed { plan, on: rule.default_on, since });
        return rule.default_on;
    }
    because.push(Reason::NotFixed { plan });

    let mut outdated = None;
    if kind == Kind::InApp {
        match target {
            Target::Space { .. } | Target::Connector(_) => {
                let entry = Setting::entry_for(target).and_then(|setting| state.chosen(&setting));
                if let Some(chosen) = entry {
                    outdated = arisen_since(catalogue, state, target, chosen, at);
                    if outdated.is_none() {
                        because.push(Reason::Entry(chosen));
                        return chosen.on;
                    }
                    because.push(Reason::EntryTooOld(chosen));
                } else {
                    because.push(Reason::NoEntry);
                }
            }
            _ => {}
        }
        if let Target::App(app) | Target::Space { app, .. } = target {
            if let Some(chosen) = state.chosen(&Setting::App(app.clone())) {
                let too_old = arisen_since(catalogue, state, target, chosen, at);
                if too_old.is_none() {
                    because.push(Reason::AppEntry(chosen));
                    return chosen.on;
                }
                outdated = outdated.or(too_old);
                because.push(Reason::AppEntryTooOld(chosen));
            } else {
                because.push(Reason::NoAppEntry);
            }
        }
    }

    // An entry that no longer covers its target is as good as none, but what it would have let through is announced.
    if let Some(held) = outdated.filter(|_| held.is_some() || !unheld(catalogue, state, kind, at)) {
        because.push(Reason::Held(held));
        return false;
    }

    match state.chosen(&Setting::Organisation(kind)) {
        Some(chosen) if chosen.on && held.is_some() => because.push(Reason::ChoiceTooOld(chosen)),
        Some(chosen) => {
            because.push(Reason::Choice(chosen));
            return chosen.on;
        }
        None => because.push(Reason::NoChoice),
    }

    if let Some(held) = held {
        because.push(Reason::Held(held));
        return false;
    }
    because.push(Reason::NotHeld);

    because.push(Reason::PlanDefault { plan, on: rule.default_on });
    rule.default_on
}

fn out_of_scope<'a>(
    catalogue: &'a Catalogue,
    state: &'a OrgState,
    target: &Target,
    at: Timestamp,
) -> Option<Reason<'a>> {
    match target {
        Target::Organisation => None,
        Target::PlatformApp(id) => catalogue.platform_app(id).is_none().then_some(Reason::UnknownApp),
        Target::App(id) | Target::Space { app: id, .. } => {
            if catalogue.app(id).is_none() {
                Some(Reason::UnknownApp)
            } else if !state.subscriptions.iter().any(|s| s.app == *id && s.active(at)) {
                Some(Reason::AppNotInUse)
            } else {
                None
            }
        }
        Target::Connector(id) => match state.connectors.get(id) {
            None => Some(Reason::UnknownConnector),
            Some(connector) => {
                let kind = catalogue.connector_kind(&connector.kind);
                let eligible = kind.is_some_and(|kind| kind.eligible);
                (!eligible).then_some(Reason::ConnectorNotEligible { kind, id: &connector.kind })
            }
        },
    }
}

/// What would be on without an admin having decided so since it was last off.
fn held<'a>(
    catalogue: &'a Catalogue,
    state: &'a OrgState,
    target: &Target,
    kind: Kind,
    at: Timestamp,
) -> Option<Held<'a>> {
    let decided_at = last_decided(catalogue, state, kind);
    if !unheld(catalogue, state, kind, at) {
        return None;
    }

    // Metadata has no switch below the organisation, so nobody could release what was added: it follows at once.
    if kind == Kind::InApp
        && let Some((since, cause)) = added(state, target, at).filter(|(since, _)| *since > decided_at)
    {
        return Some(Held { since, cause });
    }

    let mut moments: Vec<Timestamp> = state
        .subscriptions
        .iter()
        .flat_map(|subscription| [Some(subscription.from), subscription.until])
        .chain(state.exemptions.iter().flat_map(|period| [Some(period.from), period.until]))
        .flatten()
        .filter(|moment| *moment > decided_at && *moment <= at)
        .collect();
    moments.sort_unstable();
    moments.insert(0, decided_at);
    // On a plan that fixes it on, a choice of off changes nothing by itself and acknowledges nothing either.
    let kept_off = state.chosen(&Setting::Organisation(kind)).is_some_and(|chosen| !chosen.on);
    let mut widened = None;
    let mut was_on = kept_off.then_some(false);
    for moment in moments {
        let on = unheld(catalogue, state, kind, moment);
        if on && was_on == Some(false) {
            widened = Some(moment);
        }
        was_on = Some(on);
    }
    let since = widened?;
    let cause = if since == decided_at { HeldCause::KeptOff } else { cause(catalogue, state, since) };
    Some(Held { since, cause })
}

/// Why an entry that is on no longer covers its target: an exemption or a time without a plan ended, or the target was
/// added, after it was made.
fn arisen_since<'a>(
    catalogue: &'a Catalogue,
    state: &'a OrgState,
    target: &Target,
    chosen: Chosen,
    at: Timestamp,
) -> Option<Held<'a>> {
    if !chosen.on {
        return None;
    }
    let exemptions = state
        .exemptions
        .iter()
        .filter_map(|period| Some((period.until?, HeldCause::ExemptionEnded { exemption: &period.exemption })));
    let plan = unbroken_since(state, at, |subscription| catalogue.plan(&subscription.plan).is_some())
        .map(|since| (since, cause(catalogue, state, since)));
    exemptions
        .chain(plan)
        .chain(added(state, target, at))
        .filter(|(since, _)| *since > chosen.at && *since <= at)
        .max_by_key(|(since, _)| *since)
        .map(|(since, cause)| Held { since, cause })
}

/// Since when a target is there without a break.
fn added<'a>(state: &OrgState, target: &Target, at: Timestamp) -> Option<(Timestamp, HeldCause<'a>)> {
    match target {
        Target::App(app) | Target::Space { app, .. } => {
            unbroken_since(state, at, |subscription| subscription.app == *app).map(|since| (since, HeldCause::AppAdded))
        }
        Target::Connector(id) => state.connectors.get(id).map(|connector| (connector.added, HeldCause::ConnectorAdded)),
        Target::Organisation | Target::PlatformApp(_) => None,
    }
}

/// Since when there was always an active subscription of some sort. One may follow another without a day between them.
fn unbroken_since(state: &OrgState, at: Timestamp, counts: impl Fn(&Subscription) -> bool) -> Option<Timestamp> {
    let counted = || state.subscriptions.iter().filter(|subscription| counts(subscription));
    let mut start = counted().filter(|s| s.active(at)).map(|s| s.from).min()?;
    while let Some(earlier) =
        counted().filter(|s| s.from < start && s.until.is_none_or(|until| until >= start)).map(|s| s.from).min()
    {
        start = earlier;
    }
    Some(start)
}

/// When the organisation last decided about a kind, or when it first had something to decide.
fn last_decided(catalogue: &Catalogue, state: &OrgState, kind: Kind) -> Timestamp {
    let first_plan = state.subscriptions.iter().map(|subscription| subscription.from).min();
    let start = state.created.max(catalogue.programme.announced).max(first_plan.unwrap_or(state.created));
    state.chosen(&Setting::Organisation(kind)).map_or(start, |chosen| chosen.at.max(start))
}

/// The organisation's own value at a time if nothing were ever held.
fn unheld(catalogue: &Catalogue, state: &OrgState, kind: Kind, at: Timestamp) -> bool {
    let standing = standing(catalogue, state, at);
    let Some((plan, _)) = standing.plan.filter(|_| standing.exempt.is_none()) else {
        return false;
    };
    let rule = plan.rule(kind);
    match state.chosen(&Setting::Organisation(kind)) {
        Some(chosen) if !rule.fixed => chosen.on,
        _ => rule.default_on,
    }
}

/// What happened at the moment of a widening.
fn cause<'a>(catalogue: &'a Catalogue, state: &'a OrgState, since: Timestamp) -> HeldCause<'a> {
    if let Some(period) = state.exemptions.iter().find(|period| period.until == Some(since)) {
        return HeldCause::ExemptionEnded { exemption: &period.exemption };
    }
    if let Some(trial) = state.subscriptions.iter().find(|s| s.trial && s.until == Some(since)) {
        return HeldCause::TrialEnded { plan: &trial.plan };
    }
    if let Some(trial) = state.subscriptions.iter().find(|s| s.trial && s.from == since) {
        return HeldCause::TrialStarted { plan: &trial.plan };
    }
    let plan_at = |at| standing(catalogue, state, at).plan.map(|(plan, _)| plan.id.as_str());
    let before = Timestamp::from_micros(since.micros().saturating_sub(1));
    HeldCause::PlanChanged { from: plan_at(before), to: plan_at(since) }
}
