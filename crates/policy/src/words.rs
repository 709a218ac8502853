//! Rules and reasons in words: one place for the sentences that the pages, the command line and the API show.

use crate::catalogue::Catalogue;
use crate::decide::{Held, HeldCause, Reason, Rule};
use crate::state::{Chosen, Kind};

/// `On` or `Off`, the only two states a switch has.
pub fn on_off(on: bool) -> &'static str {
    if on { "On" } else { "Off" }
}

fn turned(chosen: &Chosen) -> String {
    format!("{} since {}", if chosen.on { "on" } else { "off" }, chosen.at.date())
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

    /// The question that the rule asks.
    pub fn question(self) -> &'static str {
        match self {
            Self::Exemption => "Is the organisation exempt?",
            Self::InForce => "Is the programme in force?",
            Self::Scope => "Is this in scope?",
            Self::FixedByPlan => "Does the plan fix it?",
            Self::Entry => "Is there an entry for exactly this?",
            Self::AppEntry => "Is there an entry for its app?",
            Self::OrganisationChoice => "Did the organisation choose?",
            Self::Held => "Is a default being held?",
            Self::PlanDefault => "What does the plan say?",
        }
    }
}

impl Reason<'_> {
    /// The rule's answer in one or two sentences.
    pub fn text(&self, catalogue: &Catalogue, kind: Kind) -> String {
        let what = kind.name();
        match self {
            Self::NotExempt => "No exemption applies.".to_owned(),
            Self::Exempt { exemption, id, since } => {
                let (name, why) =
                    exemption.map_or((*id, ""), |exemption| (exemption.name.as_str(), exemption.why.as_str()));
                format!("Exempt since {}: {name}. {why} Nothing contributes.", since.date()).replace("  ", " ")
            }
            Self::InForce { since } => format!("In force since {}.", since.date()),
            Self::NotYetInForce { from } => {
                format!("Nothing leaves before {}, whatever the settings say.", from.date())
            }
            Self::InScope => "Yes.".to_owned(),
            Self::UnknownApp => "This app has no data contribution setting, so nothing of it contributes.".to_owned(),
            Self::AppNotInUse => "The organisation has no active subscription for this app.".to_owned(),
            Self::NoActivePlan => "The organisation has no active plan.".to_owned(),
            Self::UnknownConnector => "The organisation has no such connector.".to_owned(),
            Self::ConnectorNotEligible { kind, id } => match kind {
                Some(kind) => format!("{} connector: not eligible. {}", kind.name, kind.why),
                None => format!("Connectors of the kind `{id}` are not eligible."),
            },
            Self::NotFixed { plan } => format!("{} leaves it to the organisation.", plan.name),
            Self::Fixed { plan, on, since } => {
                let unlock = match catalogue.unlocked_by(&plan.id, kind) {
                    Some(higher) => format!(" {} can turn this {}.", higher.name, if *on { "off" } else { "on" }),
                    None => String::new(),
                };
                format!("Fixed on {} since {}.{unlock}", plan.name, since.date())
            }
            Self::FixedUnacknowledged { plan } => format!(
                "{} fixes it on, but it was off before that plan applied and nobody has acknowledged the change.",
                plan.name
            ),
            Self::NoEntry => "No entry for exactly this.".to_owned(),
            Self::Entry(chosen) => format!("Its own entry: {}.", turned(chosen)),
            Self::EntryTooOld(chosen) => {
                format!("Its own entry is {}, from before this arose, so it does not cover it.", turned(chosen))
            }
            Self::NoAppEntry => "No entry for the app.".to_owned(),
            Self::AppEntry(chosen) => format!("The entry for its app: {}.", turned(chosen)),
            Self::AppEntryTooOld(chosen) => {
                format!("The entry for its app is {}, from before this arose, so it does not cover it.", turned(chosen))
            }
            Self::NoChoice => format!("The organisation has not chosen about {}.", what.to_lowercase()),
            Self::Choice(chosen) => format!("{what} for the organisation: {}.", turned(chosen)),
            Self::ChoiceTooOld(chosen) => {
                format!(
                    "{what} for the organisation is {}, from before this arose, so it does not cover it.",
                    turned(chosen)
                )
            }
            Self::NotHeld => "Nothing is being held.".to_owned(),
            Self::Held(held) => held.text(catalogue),
            Self::PlanDefault { plan, on } => format!("{}: the default of {}.", on_off(*on), plan.name),
        }
    }
}

impl Held<'_> {
    /// `Would have turned on when the Enterprise trial ended on 3 Oct 2026. Held until you decide.`
    pub fn text(&self, catalogue: &Catalogue) -> String {
        if self.cause == HeldCause::KeptOff {
            return format!("Kept off on {}, although the plan fixes it on.", self.since.date());
        }
        format!("Would have turned on when {} on {}. Held until you decide.", self.event(catalogue), self.since.date())
    }

    fn event(&self, catalogue: &Catalogue) -> String {
        let plan_name = |id: &str| catalogue.plan(id).map_or_else(|| id.to_owned(), |plan| plan.name.clone());
        match self.cause {
            HeldCause::TrialStarted { plan } => format!("the {} trial began", plan_name(plan)),
            HeldCause::TrialEnded { plan } => format!("the {} trial ended", plan_name(plan)),
            HeldCause::PlanChanged { from: Some(from), to: Some(to) } => {
                format!("the plan changed from {} to {}", plan_name(from), plan_name(to))
            }
            HeldCause::PlanChanged { to: Some(to), .. } => format!("the {} plan began", plan_name(to)),
            HeldCause::PlanChanged { .. } => "the plan changed".to_owned(),
            HeldCause::ExemptionEnded { exemption } => {
                let name = catalogue.exemption(exemption).map_or(exemption, |exemption| exemption.name.as_str());
                format!("the exemption ({name}) ended")
            }
            HeldCause::KeptOff => "it was kept off".to_owned(),
            HeldCause::AppAdded => "the app was added".to_owned(),
            HeldCause::ConnectorAdded => "the connector was set up".to_owned(),
        }
    }
}
