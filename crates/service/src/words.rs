//! Rules and reasons in words: one place for the sentences that the pages, the command line and the API show.

use audit::{Action, Fault, Group};
use deidentify::ReadError;
use language::{Dates as _, t};
use policy::{Catalogue, Category, Chosen, Held, HeldCause, Kind, Reason, Rule};

/// `On` or `Off`, the only two states a switch has.
pub fn on_off(on: bool) -> &'static str {
    if on { t!("On") } else { t!("Off") }
}

pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Metadata => t!("Metadata"),
        Kind::InApp => t!("In-app data"),
    }
}

/// As [`kind`], within a sentence.
pub fn kind_within(kind: Kind) -> &'static str {
    match kind {
        Kind::Metadata => t!("within a sentence" | "metadata"),
        Kind::InApp => t!("within a sentence" | "in-app data"),
    }
}

pub fn category(category: Category) -> &'static str {
    match category {
        Category::Metadata => kind(Kind::Metadata),
        Category::InApp => kind(Kind::InApp),
        Category::Never => t!("Never leaves"),
    }
}

/// The question that a rule asks.
pub fn question(rule: Rule) -> &'static str {
    match rule {
        Rule::Exemption => t!("Is the organisation exempt?"),
        Rule::InForce => t!("Is the programme in force?"),
        Rule::Scope => t!("Is this in scope?"),
        Rule::FixedByPlan => t!("Does the plan fix it?"),
        Rule::Entry => t!("Is there an entry for exactly this?"),
        Rule::AppEntry => t!("Is there an entry for its app?"),
        Rule::OrganisationChoice => t!("Did the organisation choose?"),
        Rule::Held => t!("Is a default being held?"),
        Rule::PlanDefault => t!("What does the plan say?"),
    }
}

fn turned(chosen: &Chosen) -> String {
    let date = chosen.at.date();
    if chosen.on { t!("on since {date}", date) } else { t!("off since {date}", date) }
}

/// A rule's answer in one or two sentences.
pub fn reason(reason: &Reason<'_>, catalogue: &Catalogue, of: Kind) -> String {
    let what = kind(of);
    match reason {
        Reason::NotExempt => t!("No exemption applies.").to_owned(),
        Reason::Exempt { exemption, id, since } => {
            let (name, why) =
                exemption.map_or((*id, ""), |exemption| (exemption.name.as_str(), exemption.why.as_str()));
            t!("Exempt since {date}: {name}. {why} Nothing contributes.", date = since.date(), name, why)
                .replace("  ", " ")
        }
        Reason::InForce { since } => t!("In force since {date}.", date = since.date()),
        Reason::NotYetInForce { from } => {
            t!("Nothing leaves before {date}, whatever the settings say.", date = from.date())
        }
        Reason::InScope => t!("Yes.").to_owned(),
        Reason::UnknownApp => t!("This app has no data contribution setting, so nothing of it contributes.").to_owned(),
        Reason::AppNotInUse => t!("The organisation has no active subscription for this app.").to_owned(),
        Reason::NoActivePlan => t!("The organisation has no active plan.").to_owned(),
        Reason::UnknownConnector => t!("The organisation has no such connector.").to_owned(),
        Reason::ConnectorNotEligible { kind, id } => match kind {
            Some(kind) => t!("{name} connector: not eligible. {why}", name = kind.name, why = kind.why),
            None => t!("Connectors of the kind `{id}` are not eligible.", id),
        },
        Reason::NotFixed { plan } => t!("{plan} leaves it to the organisation.", plan = plan.name),
        Reason::Fixed { plan, on, since } => {
            let fixed = t!("Fixed on {plan} since {date}.", plan = plan.name, date = since.date());
            match catalogue.unlocked_by(&plan.id, of) {
                Some(higher) if *on => format!("{fixed} {}", t!("{plan} can turn this off.", plan = higher.name)),
                Some(higher) => format!("{fixed} {}", t!("{plan} can turn this on.", plan = higher.name)),
                None => fixed,
            }
        }
        Reason::FixedUnacknowledged { plan } => t!(
            "{plan} fixes it on, but it was off before that plan applied and nobody has acknowledged the change.",
            plan = plan.name
        ),
        Reason::NoEntry => t!("No entry for exactly this.").to_owned(),
        Reason::Entry(chosen) => t!("Its own entry: {turned}.", turned = turned(chosen)),
        Reason::EntryTooOld(chosen) => {
            t!("Its own entry is {turned}, from before this arose, so it does not cover it.", turned = turned(chosen))
        }
        Reason::NoAppEntry => t!("No entry for the app.").to_owned(),
        Reason::AppEntry(chosen) => t!("The entry for its app: {turned}.", turned = turned(chosen)),
        Reason::AppEntryTooOld(chosen) => t!(
            "The entry for its app is {turned}, from before this arose, so it does not cover it.",
            turned = turned(chosen)
        ),
        Reason::NoChoice => match of {
            Kind::Metadata => t!("The organisation has not chosen about metadata.").to_owned(),
            Kind::InApp => t!("The organisation has not chosen about in-app data.").to_owned(),
        },
        Reason::Choice(chosen) => t!("{what} for the organisation: {turned}.", what, turned = turned(chosen)),
        Reason::ChoiceTooOld(chosen) => t!(
            "{what} for the organisation is {turned}, from before this arose, so it does not cover it.",
            what,
            turned = turned(chosen)
        ),
        Reason::NotHeld => t!("Nothing is being held.").to_owned(),
        Reason::Held(cause) => held(cause, catalogue),
        Reason::PlanDefault { plan, on } => {
            t!("{on}: the default of {plan}.", on = on_off(*on), plan = plan.name)
        }
    }
}

/// What happened, in a sentence without its end. The audit log keeps the id; its sentence is told in the reader's language.
pub fn action(action: Action) -> &'static str {
    language::text(action.says(), action.says())
}

/// What actions are about.
pub fn action_group(group: Group) -> &'static str {
    language::text(group.name(), group.name())
}

/// What a kind of finding is called, singular. The engine knows no language; what it says is told here.
pub fn finding(kind: deidentify::Kind) -> &'static str {
    language::text(kind.name(), kind.name())
}

/// Why the engine took something for personal data.
pub fn evidence(evidence: &'static str) -> &'static str {
    language::text(evidence, evidence)
}

/// What the engine does not find yet.
pub fn limits() -> impl Iterator<Item = &'static str> {
    deidentify::LIMITS.iter().map(|limit| language::text(limit, limit))
}

/// Why a file cannot be read, and where: `line 3, column 2 (item 1): this is not valid JSON`.
pub fn unreadable(error: &ReadError) -> String {
    let what = row_of_another_length(&error.what).unwrap_or_else(|| language::told(&error.what).to_owned());
    let Some(line) = error.line else { return what };
    let entry = error.entry.map(|entry| format!("{entry}, ")).unwrap_or_default();
    let place = match error.column {
        Some(column) => t!("line {line}, column {column}", line, column),
        None => t!("line {line}", line),
    };
    let item = error.item.map(|item| format!(" ({})", t!("item {item}", item))).unwrap_or_default();
    format!("{entry}{place}{item}: {what}")
}

/// The one fault of a file that has numbers in it.
fn row_of_another_length(what: &str) -> Option<String> {
    let numbers = what.strip_prefix("the row does not fit the headings (cells: ")?.strip_suffix(')')?;
    let (cells, headings) = numbers.split_once(", headings: ")?;
    Some(t!("the row does not fit the headings (cells: {cells}, headings: {headings})", cells, headings))
}

/// What is wrong with an entry of an audit log, in a part of a sentence.
pub fn log_fault(fault: &Fault) -> String {
    match fault {
        Fault::Unreadable => t!("it cannot be read as an entry").to_owned(),
        Fault::Changed => t!("its content is not what was hashed when it was written").to_owned(),
        Fault::OutOfOrder(number) => {
            t!("entry {number} stands in its place: entries were dropped, put in or swapped", number)
        }
        Fault::Unlinked => t!("it does not follow from the entry before it").to_owned(),
        Fault::Foreign => t!("it belongs to another log").to_owned(),
        Fault::CutOff(entries) => t!("the log ends before it, but {entries} entries had been written", entries),
        Fault::Rewritten => {
            t!("it is not the entry that the signed checkpoint names: the log was written anew").to_owned()
        }
    }
}

/// `Would have turned on when the Enterprise trial ended on 3 Oct 2026. Held until you decide.`
pub fn held(held: &Held<'_>, catalogue: &Catalogue) -> String {
    let plan_name = |id: &str| catalogue.plan(id).map_or_else(|| id.to_owned(), |plan| plan.name.clone());
    let date = held.since.date();
    match held.cause {
        HeldCause::KeptOff => t!("Kept off on {date}, although the plan fixes it on.", date),
        HeldCause::TrialStarted { plan } => t!(
            "Would have turned on when the {plan} trial began on {date}. Held until you decide.",
            plan = plan_name(plan),
            date
        ),
        HeldCause::TrialEnded { plan } => t!(
            "Would have turned on when the {plan} trial ended on {date}. Held until you decide.",
            plan = plan_name(plan),
            date
        ),
        HeldCause::PlanChanged { from: Some(from), to: Some(to) } => t!(
            "Would have turned on when the plan changed from {from} to {to} on {date}. Held until you decide.",
            from = plan_name(from),
            to = plan_name(to),
            date
        ),
        HeldCause::PlanChanged { to: Some(to), .. } => t!(
            "Would have turned on when the {plan} plan began on {date}. Held until you decide.",
            plan = plan_name(to),
            date
        ),
        HeldCause::PlanChanged { .. } => {
            t!("Would have turned on when the plan changed on {date}. Held until you decide.", date)
        }
        HeldCause::ExemptionEnded { exemption } => {
            let name = catalogue.exemption(exemption).map_or(exemption, |exemption| exemption.name.as_str());
            t!("Would have turned on when the exemption ({name}) ended on {date}. Held until you decide.", name, date)
        }
        HeldCause::AppAdded => {
            t!("Would have turned on when the app was added on {date}. Held until you decide.", date)
        }
        HeldCause::ConnectorAdded => {
            t!("Would have turned on when the connector was set up on {date}. Held until you decide.", date)
        }
    }
}

#[cfg(test)]
mod tests {
    use deidentify::Export;
    use language::Language;

    use super::*;

    #[test]
    fn what_the_engine_says_is_told_in_the_language_of_who_reads() {
        let broken = Export::read(b"{\"issues\": [").unwrap_err();
        assert_eq!(unreadable(&broken), broken.to_string());
        let german = Language::German.scope(|| unreadable(&broken));
        assert!(
            german.starts_with("Zeile 1, Spalte ") && german.ends_with("die Datei endet mitten in einem Wert"),
            "{german}"
        );
        let uneven = Export::read(b"Issue key,Summary\nA-1\n").unwrap_err();
        assert_eq!(unreadable(&uneven), uneven.to_string());
        let german = Language::German.scope(|| unreadable(&uneven));
        assert!(german.ends_with("(Zellen: 1, Überschriften: 2)"), "{german}");
        for kind in deidentify::Kind::ALL {
            assert_ne!(Language::German.scope(|| finding(kind)), kind.name());
        }
        assert!(limits().zip(Language::German.scope(|| limits().collect::<Vec<_>>())).all(|(one, other)| one != other));
    }

    #[test]
    fn a_fault_of_the_log_is_told_as_the_chain_writes_it() {
        let faults = [Fault::Unreadable, Fault::Changed, Fault::OutOfOrder(7), Fault::Unlinked];
        for fault in faults.into_iter().chain([Fault::Foreign, Fault::CutOff(9), Fault::Rewritten]) {
            assert_eq!(log_fault(&fault), fault.to_string());
            assert_ne!(Language::German.scope(|| log_fault(&fault)), fault.to_string());
        }
    }
}
