//! One row of the settings page: a switch, its state, and why it is so.

use policy::{Catalogue, Decision, Kind, Reason, Rule, Setting, Timestamp, decide};

use crate::model::Snapshot;
use crate::settings::label;
use crate::words;

/// A switch as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub setting: Setting,
    pub label: String,
    pub on: bool,
    /// What the entry or switch itself says, if anything was chosen.
    pub chosen: Option<bool>,
    /// The rule that decided, and what it said in a sentence.
    pub rule: Option<Rule>,
    pub because: String,
    pub control: Control,
}

impl Row {
    pub fn held(&self) -> bool {
        matches!(self.control, Control::Held(_) | Control::HeldAbove)
    }
}

/// What can be done with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// It can be turned on and off.
    Open,
    /// A widening waits for a decision: the sentence says which.
    Held(String),
    /// The organisation's own widening waits, and with it everything that follows the organisation.
    HeldAbove,
    /// It cannot be changed: the sentence says why and what would unlock it.
    Locked(String),
}

/// The row of a setting at a time.
pub fn row(catalogue: &Catalogue, snapshot: &Snapshot, setting: &Setting, at: Timestamp) -> Row {
    let kind = setting.kind();
    let decision = decide(catalogue, &snapshot.state, &setting.target(), kind, at);
    Row {
        setting: setting.clone(),
        label: label(catalogue, snapshot, setting),
        on: decision.contributes,
        chosen: snapshot.state.chosen(setting).map(|chosen| chosen.on),
        rule: decision.decided_by().map(Reason::rule),
        because: reason_text(catalogue, &decision, kind),
        control: control(catalogue, &decision, setting),
    }
}

/// The sentence of the rule that decided.
pub fn reason_text(catalogue: &Catalogue, decision: &Decision<'_>, kind: Kind) -> String {
    decision.decided_by().map(|reason| words::reason(reason, catalogue, kind)).unwrap_or_default()
}

/// What can be done about a decision: exemption, scope and plan cannot be overruled by a switch.
fn control(catalogue: &Catalogue, decision: &Decision<'_>, setting: &Setting) -> Control {
    if let Some(held) = decision.held() {
        let own_entry =
            decision.because.iter().any(|reason| matches!(reason, Reason::EntryTooOld(_) | Reason::AppEntryTooOld(_)));
        let above = held.concerns_organisation() && !own_entry && !matches!(setting, Setting::Organisation(_));
        return if above { Control::HeldAbove } else { Control::Held(words::held(&held, catalogue)) };
    }
    match decision.decided_by() {
        Some(reason) if matches!(reason.rule(), Rule::Exemption | Rule::Scope | Rule::FixedByPlan) => {
            Control::Locked(words::reason(reason, catalogue, setting.kind()))
        }
        _ => Control::Open,
    }
}
