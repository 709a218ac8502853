//! The walk-through: one work item through the five steps, one page each.
//!
//! Where the presenter is stands in the address. An item that somebody typed never does: it goes along in the form whose buttons
//! then stand in the place of the links, so it is in no address, no history and no log.

use language::{count, decimal, t, tn};
use leptos::prelude::*;
use policy::{Catalogue, Category, Kind};
use service::preview::{Kind as Mark, PreviewField};
use service::releases::{Dimension, ReleaseView, Score};
use service::settings::rows::Control;
use service::walkthrough::{
    Abstained, Example, LONGEST_TEXT, LONGEST_TITLE, MOST_POINTS, Meeting, Suggested, Suggestion, Switch, Tried, Walk,
};

use crate::components::{Tone, message, state};
use crate::icons::{Icon, icon};
use crate::marks;
use crate::pages::patterns::{as_written, demonstration, dimension_name, per_cent, value_name};
use crate::urls;
use service::words;

/// The form that carries what was typed.
const FORM: &str = "walk";

/// A step, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(u8);

impl Step {
    pub const FIRST: Self = Self(1);
    pub const PATTERNS: Self = Self(4);
    pub const SUGGESTIONS: Self = Self(5);
    const LAST: u8 = 5;

    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|step| (1..=Self::LAST).contains(step)).map(Self)
    }

    fn all() -> impl Iterator<Item = Self> {
        (1..=Self::LAST).map(Self)
    }

    fn before(self) -> Option<Self> {
        (self.0 > 1).then(|| Self(self.0 - 1))
    }

    fn after(self) -> Option<Self> {
        (self.0 < Self::LAST).then(|| Self(self.0 + 1))
    }

    /// One word for the list of steps.
    pub fn name(self) -> &'static str {
        match self.0 {
            1 => t!("Settings"),
            2 => t!("Classify"),
            3 => t!("De-identify"),
            4 => t!("Patterns"),
            _ => t!("Suggestions"),
        }
    }

    fn title(self) -> &'static str {
        match self.0 {
            1 => t!("An admin decides what may leave"),
            2 => t!("Each field is sorted"),
            3 => t!("Marks of people are replaced"),
            4 => t!("Only what many share is learned"),
            _ => t!("What was learned helps with the next item"),
        }
    }
}

/// Where the presenter is: everything that an address may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub step: Step,
    pub tried: Tried,
    pub example: Example,
    /// Whoever is signed in and their organisations are not shown.
    pub names_hidden: bool,
    /// The item is being typed.
    pub editing: bool,
}

impl Place {
    /// As the query of an address.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let on_off = |on: bool| if on { "on" } else { "off" }.to_owned();
        let pairs = [
            Some(("step", self.step.0.to_string())),
            (self.example != Example::default()).then(|| ("item", self.example.id().to_owned())),
            self.tried.plan.clone().map(|plan| ("plan", plan)),
            self.tried.metadata.map(|on| ("metadata", on_off(on))),
            self.tried.in_app.map(|on| ("in-app", on_off(on))),
            self.names_hidden.then(|| ("names", "hidden".to_owned())),
            self.editing.then(|| ("edit", "on".to_owned())),
        ];
        pairs.into_iter().flatten().collect()
    }

    fn address(&self) -> String {
        urls::with_query(urls::WALKTHROUGH, &self.pairs())
    }

    fn at(&self, step: Step) -> Self {
        Self { step, editing: false, ..self.clone() }
    }

    fn with(&self, kind: Kind, on: bool) -> Self {
        let mut place = Self { editing: false, ..self.clone() };
        match kind {
            Kind::Metadata => place.tried.metadata = Some(on),
            Kind::InApp => place.tried.in_app = Some(on),
        }
        place
    }
}

/// What was typed, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    pub title: String,
    pub description: String,
    pub comment: String,
    pub points: String,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    pub place: Place,
    /// Somebody is, whether their name is shown or not.
    pub signed_in: bool,
    pub walk: Walk,
    /// For the fourth step, and for the fifth.
    pub meeting: Option<Meeting>,
    pub suggested: Option<Suggested>,
    /// None for an example.
    pub typed: Option<Typed>,
    /// What is wrong with what was typed; the example is shown then.
    pub faults: Vec<String>,
}

/// How one goes somewhere from here: a link, or a button of the form that carries what was typed.
struct Ways<'a> {
    place: &'a Place,
    typed: Option<&'a Typed>,
}

impl Ways<'_> {
    fn go(
        &self,
        to: &Place,
        class: &'static str,
        id: Option<&'static str>,
        current: Option<&'static str>,
        label: AnyView,
    ) -> AnyView {
        let keys = match id {
            Some("back") => Some("ArrowLeft"),
            Some("next") => Some("ArrowRight"),
            _ => None,
        };
        if self.typed.is_some() {
            let query = to.pairs();
            let query = urls::with_query("", &query);
            return view! {
                <button class=class id=id form=FORM name="to" value=query aria-current=current aria-keyshortcuts=keys>{label}</button>
            }
            .into_any();
        }
        view! { <a class=class id=id href=to.address() aria-current=current aria-keyshortcuts=keys>{label}</a> }
            .into_any()
    }
}

pub fn walkthrough(shown: Shown, catalogue: &Catalogue) -> AnyView {
    let Shown { place, walk, typed, faults, .. } = &shown;
    let ways = Ways { place, typed: typed.as_ref().filter(|_| faults.is_empty()) };
    let carried = ways.typed.map(|typed| {
        let fields = [
            ("title", &typed.title),
            ("description", &typed.description),
            ("comment", &typed.comment),
            ("points", &typed.points),
        ];
        let fields = fields.map(|(name, value)| view! { <input type="hidden" name=name value=value.clone()/> });
        view! { <form method="post" action=urls::WALKTHROUGH id=FORM data-keeps-nothing hidden>{fields.into_iter().collect_view()}</form> }
    });
    let stage = match place.step.0 {
        1 => settings(&shown, &ways, catalogue),
        2 => classify(walk),
        3 => deidentify(walk, &ways),
        4 => shown.meeting.as_ref().map_or_else(|| ().into_any(), |meeting| patterns(meeting, walk)),
        _ => shown.suggested.as_ref().map_or_else(|| ().into_any(), suggestions),
    };
    let faults = (!faults.is_empty()).then(|| {
        let faults = faults.iter().map(|fault| view! { <li>{fault.clone()}</li> }).collect_view();
        message(
            Tone::Error,
            t!("This item was not taken").to_owned(),
            view! { <ul>{faults}</ul><p>{t!("Nothing was stored.")}</p> },
        )
    });
    view! {
        <div class="walk">
            {carried}
            {steps(place, &ways)}
            <header class="walk-head">
                <h1>{place.step.title()}</h1>
                <p class="walk-sentence">{sentence(&shown)}</p>
            </header>
            {faults}
            <div class="walk-stage">{stage}</div>
            {foot(&shown, &ways)}
        </div>
    }
    .into_any()
}

fn steps(place: &Place, ways: &Ways<'_>) -> AnyView {
    let steps = Step::all()
        .map(|step| {
            let current = (step == place.step).then_some("step");
            let class = if step.0 < place.step.0 { "walk-step walk-step-done" } else { "walk-step" };
            let name = step.name();
            let number = step.0;
            let label = view! { <span class="walk-number" aria-hidden="true">{number}</span><span class="walk-name">{name}</span> }.into_any();
            view! { <li>{ways.go(&place.at(step), class, None, current, label)}</li> }
        })
        .collect_view();
    view! { <nav aria-label=t!("Steps")><ol class="walk-steps">{steps}</ol></nav> }.into_any()
}

/// What this step does with this item, in one sentence.
fn sentence(shown: &Shown) -> String {
    let Shown { place: Place { step, .. }, walk, .. } = shown;
    let leaves = |category| walk.of(category).filter(|field| field.leaves).count();
    let (metadata, in_app) = (leaves(Category::Metadata), leaves(Category::InApp));
    let never = walk.of(Category::Never).count();
    let found = walk.item.found().count();
    match step.0 {
        1 => match (metadata > 0, in_app > 0) {
            (true, true) => {
                t!("Of this item metadata leaves, and what people wrote once names are replaced.").to_owned()
            }
            (true, false) => t!("Of this item only metadata leaves. What people wrote stays.").to_owned(),
            (false, true) => t!("Of this item only what people wrote leaves, once names are replaced.").to_owned(),
            (false, false) => t!("Nothing of this item leaves.").to_owned(),
        },
        2 => {
            tn!(
                leave = metadata + in_app,
                "{leave} field would leave; {never} never do, whatever the settings say.",
                "{leave} fields would leave; {never} never do, whatever the settings say.",
                never
            )
        }
        3 if in_app == 0 => t!("In-app data is off, so the text stays where it is and is not read.").to_owned(),
        3 => tn!(
            found,
            "{found} mark of a person is replaced before anything is stored.",
            "{found} marks of people are replaced before anything is stored."
        ),
        4 => shown.meeting.as_ref().map(met).unwrap_or_default(),
        _ => shown.suggested.as_ref().map(told).unwrap_or_default(),
    }
}

fn foot(shown: &Shown, ways: &Ways<'_>) -> AnyView {
    let Shown { place, walk, .. } = shown;
    let back = place.step.before().map(|step| {
        let name = step.name();
        let label =
            view! { {icon(Icon::ChevronLeft)}<span>{t!("Back")}</span><span class="walk-go-name">{name}</span> }
                .into_any();
        ways.go(&place.at(step), "button walk-go", Some("back"), None, label)
    });
    let next = place.step.after().map(|step| {
        let name = step.name();
        let label =
            view! { <span>{t!("Next")}</span><span class="walk-go-name">{name}</span>{icon(Icon::ChevronRight)} }
                .into_any();
        ways.go(&place.at(step), "button primary walk-go", Some("next"), None, label)
    });
    let again = place.step.after().is_none().then(|| {
        let label = t!("Begin again").into_any();
        ways.go(&place.at(Step::FIRST), "button walk-go", Some("next"), None, label)
    });
    let hidden = Place { names_hidden: !place.names_hidden, ..place.clone() };
    let label = if place.names_hidden { t!("Show my organisations") } else { t!("Hide my organisations") };
    let names = shown
        .signed_in
        .then(|| ways.go(&hidden, "button quiet small walk-names", Some("names"), None, label.into_any()));
    view! {
        <footer class="walk-foot">
            <div class="walk-back">{back}</div>
            <p class="walk-item clip">{icon(Icon::Document)}<span class="clip" translate="no">{walk.written.title.clone()}</span></p>
            {names}
            <div class="walk-next">{next}{again}</div>
        </footer>
    }
    .into_any()
}

// Step 1 ---------------------------------------------------------------------------------------------------------------

fn settings(shown: &Shown, ways: &Ways<'_>, catalogue: &Catalogue) -> AnyView {
    let Shown { place, walk, .. } = shown;
    let plans = catalogue
        .plans
        .iter()
        .map(|plan| {
            let to = Place {
                tried: Tried { plan: Some(plan.id.clone()), ..Tried::default() },
                editing: false,
                ..place.clone()
            };
            let current = (plan.id == walk.plan).then_some("true");
            let name = view! { <span translate="no">{plan.name.clone()}</span> }.into_any();
            ways.go(&to, "walk-choice", None, current, name)
        })
        .collect_view();
    let switches = walk.switches.iter().map(|switch| self::switch(switch, place, ways)).collect_view();
    let item = if place.editing || !shown.faults.is_empty() { editor(shown, ways) } else { item(shown, ways) };
    view! {
        <div class="walk-columns">
            {item}
            <section class="walk-panel" aria-labelledby="walk-settings">
                <h2 id="walk-settings">{t!("The settings")}</h2>
                <p class="help">{t!("Try a plan and the two switches. Nothing is saved.")}</p>
                <div class="walk-choices" role="group" aria-label=t!("Plan")>{plans}</div>
                <div class="rows">{switches}</div>
            </section>
        </div>
    }
    .into_any()
}

fn switch(switch: &Switch, place: &Place, ways: &Ways<'_>) -> AnyView {
    let Switch { kind, row, why } = switch;
    let name = words::kind(*kind);
    let (locked, control) = match &row.control {
        Control::Locked(reason) => {
            let reason = reason.clone();
            (Some(view! { <p class="locked">{icon(Icon::Lock)}{reason}</p> }), ().into_any())
        }
        _ => {
            let label = if row.on { t!("Turn off") } else { t!("Turn on") };
            let label = view! { {label}<span class="sr-only">{format!(" {name}")}</span> }.into_any();
            (None, ways.go(&place.with(*kind, !row.on), "button small", None, None, label))
        }
    };
    let asked = why
        .because
        .iter()
        .map(|step| view! { <li>{step.question}" "<strong>{step.answer.clone()}</strong></li> })
        .collect_view();
    let because = locked.is_none().then(|| view! { <p class="because">{row.because.clone()}</p> });
    view! {
        <div class="walk-switch">
            <div class="walk-switch-head"><h3>{name}</h3>{state(row.on, row.held())}{control}</div>
            {because}
            {locked}
            <details class="because-fold"><summary>{t!("Every rule that was asked")}</summary><ol>{asked}</ol></details>
        </div>
    }
    .into_any()
}

/// The item as it was written, and the others that can be chosen.
fn item(shown: &Shown, ways: &Ways<'_>) -> AnyView {
    let Shown { place, walk, typed, .. } = shown;
    let written = &walk.written;
    let points = written.points.map(
        |points| view! { <span class="lozenge">{tn!(points, "{points} story point", "{points} story points")}</span> },
    );
    let type_of =
        walk.of(Category::Metadata).find(|field| field.path.starts_with("issuetype.name")).and_then(first_text);
    let type_of = type_of.map(|name| view! { <span class="lozenge" translate="no">{name}</span> });
    // An example is always a link: choosing one leaves what was typed behind.
    let examples = Example::ALL
        .map(|example| {
            let current = (typed.is_none() && example == place.example).then_some("true");
            let href = Place { example, editing: false, ..place.clone() }.address();
            view! { <li><a class="walk-example" translate="no" href=href aria-current=current>{example.written().title}</a></li> }
        })
        .into_iter()
        .collect_view();
    let edit = Place { editing: true, ..place.clone() };
    let label = if typed.is_some() { t!("Change what you typed") } else { t!("Type your own") };
    let people = (!written.comment.is_empty())
        .then(|| view! { <p class="walk-comment"><span class="help">{t!("Comment")}</span><span translate="no">{written.comment.clone()}</span></p> });
    view! {
        <section class="walk-panel" aria-labelledby="walk-item">
            <h2 id="walk-item">{t!("The work item")}</h2>
            <article class="card walk-card">
                <p class="walk-title" translate="no">{written.title.clone()}</p>
                <p class="walk-lozenges">{type_of}{points}</p>
                <p class="walk-text" translate="no">{written.description.clone()}</p>
                {people}
            </article>
            <div class="walk-change">
                <details class="walk-others">
                    <summary>{icon(Icon::ChevronRight)}{t!("Another item")}</summary>
                    <ul>{examples}</ul>
                </details>
                {ways.go(&edit, "button small", Some("type"), None, label.into_any())}
            </div>
        </section>
    }
    .into_any()
}

/// Where an item is typed. It posts, so nothing of it comes into an address.
fn editor(shown: &Shown, ways: &Ways<'_>) -> AnyView {
    let Shown { place, walk, typed, .. } = shown;
    let written = &walk.written;
    let typed = typed.clone().unwrap_or_else(|| Typed {
        title: written.title.clone(),
        description: written.description.clone(),
        comment: written.comment.clone(),
        points: written.points.map(|points| points.to_string()).unwrap_or_default(),
    });
    let back = Place { editing: false, ..place.clone() };
    let to = urls::with_query("", &back.pairs());
    let (title_most, text_most, points_most) =
        (LONGEST_TITLE.to_string(), LONGEST_TEXT.to_string(), MOST_POINTS.to_string());
    view! {
        <section class="walk-panel" aria-labelledby="walk-item">
            <h2 id="walk-item">{t!("The work item")}</h2>
            <form method="post" action=urls::WALKTHROUGH class="walk-editor" data-keeps-nothing>
                <div class="walk-editor-head">
                    <div class="field"><label for="title">{t!("Title")}</label><input id="title" name="title" type="text" value=typed.title maxlength=title_most autocomplete="off" required/></div>
                    <div class="field"><label for="points">{t!("Story points")}</label><input id="points" name="points" type="number" min="0" max=points_most value=typed.points autocomplete="off"/></div>
                </div>
                <div class="field"><label for="description">{t!("Description")}</label><textarea id="description" name="description" rows="3" maxlength=text_most.clone()>{typed.description}</textarea></div>
                <div class="field"><label for="comment">{t!("Comment")}</label><textarea id="comment" name="comment" rows="2" maxlength=text_most>{typed.comment}</textarea></div>
                <p class="help">{t!("Write made-up names. It is kept nowhere: not in an address, not in a log. Type, priority and people are those of the example.")}</p>
                <div class="button-row">
                    <button class="button primary small" name="to" value=to>{t!("Use this item")}</button>
                    {ways.go(&back, "button small", None, None, t!("Cancel").into_any())}
                </div>
            </form>
        </section>
    }
    .into_any()
}

// Step 2 ---------------------------------------------------------------------------------------------------------------

fn classify(walk: &Walk) -> AnyView {
    let column = |category: Category, id: &'static str, what: &'static str| {
        let fields: Vec<&PreviewField> = walk.of(category).collect();
        let leaves = fields.iter().any(|field| field.leaves);
        let fate = if category == Category::Never {
            view! { <span class="state state-off">{icon(Icon::Lock)}{t!("Stays")}</span> }.into_any()
        } else if leaves {
            view! { <span class="state state-on">{icon(Icon::Check)}{t!("May leave")}</span> }.into_any()
        } else {
            view! { <span class="state state-off">{icon(Icon::Cross)}{t!("Stays")}</span> }.into_any()
        };
        let rows = fields
            .iter()
            .map(|field| {
                view! { <div><dt>{field.name.clone()}</dt><dd class="clip" translate="no">{first_text(field)}</dd></div> }
            })
            .collect_view();
        view! {
            <section class=format!("walk-panel walk-sort walk-sort-{id}") aria-labelledby=format!("sort-{id}")>
                <div class="walk-sort-head"><h2 id=format!("sort-{id}")>{words::category(category)}</h2>{fate}</div>
                <p class="help">{what}</p>
                <dl class="walk-fields">{rows}</dl>
            </section>
        }
    };
    view! {
        {held_back(walk)}
        <div class="walk-columns walk-columns-three">
            {column(Category::Metadata, "metadata", t!("Numbers, dates, types and states. It says nothing that a person wrote."))}
            {column(Category::InApp, "in-app", t!("What people write. It leaves only after de-identification."))}
            {column(Category::Never, "never", t!("People, files and links. No setting lets them leave."))}
        </div>
    }
    .into_any()
}

/// The first lines of a field as written, in one.
fn first_text(field: &PreviewField) -> Option<String> {
    let values = field.values.iter().map(|value| {
        let parts = value.pairs.iter().flat_map(|pair| &pair.written);
        parts.map(text_of).collect::<Vec<_>>().join("")
    });
    let text = values.collect::<Vec<_>>().join(", ");
    (!text.is_empty()).then_some(text)
}

fn text_of(part: &service::preview::Part) -> &str {
    use service::preview::Part;
    match part {
        Part::Text(text) | Part::Freed(text) => text,
        Part::Found(found) => &found.text,
    }
}

// Step 3 ---------------------------------------------------------------------------------------------------------------

fn deidentify(walk: &Walk, ways: &Ways<'_>) -> AnyView {
    let fields: Vec<&PreviewField> = walk.of(Category::InApp).collect();
    let leaves = fields.iter().any(|field| field.leaves);
    let (marked, plain): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| is_prose(field));
    let rows = marked.into_iter().map(before_after).collect_view();
    let plain_names = plain.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
    let also = (!plain.is_empty() && leaves).then(|| {
        view! { <p class="help walk-also">{t!("Looked through as well, and left as they are: {plain_names}.", plain_names)}</p> }
    });
    let kinds = leaves.then(|| found_kinds(walk));
    let off = (!leaves && walk.item.held_back.is_none()).then(|| {
        let on = ways.place.with(Kind::InApp, true);
        let label = t!("Show it as if in-app data were on").into_any();
        view! { <div class="walk-off">{ways.go(&on, "button", None, None, label)}</div> }
    });
    view! {
        {held_back(walk)}
        <div class="card walk-wash">
            <div class="walk-wash-head" aria-hidden="true"><span></span><span>{t!("As written")}</span><span>{t!("What leaves")}</span></div>
            {rows}
        </div>
        <div class="walk-below">{kinds}{also}{off}</div>
    }
    .into_any()
}

/// The title, and whatever had something found in it: the rest is short and leaves as it is.
fn is_prose(field: &PreviewField) -> bool {
    ["summary", "description", "comment"].iter().any(|path| field.path.starts_with(path))
        || field.found().next().is_some()
}

fn before_after(field: &PreviewField) -> AnyView {
    let pairs = || field.values.iter().flat_map(|value| &value.pairs);
    let written =
        pairs().map(|pair| view! { <p>{pair.written.iter().map(marks::written).collect_view()}</p> }).collect_view();
    let leaving = if field.leaves {
        pairs()
            .map(|pair| view! { <p translate="no">{pair.leaving.iter().map(marks::leaving).collect_view()}</p> })
            .collect_view()
            .into_any()
    } else {
        view! { <p class="stays">{icon(Icon::Cross)}{t!("Stays.")}</p> }.into_any()
    };
    let same = field.leaves && pairs().all(|pair| pair.is_same());
    let class = if same { "walk-wash-row walk-same" } else { "walk-wash-row" };
    view! {
        <div class=class role="group" aria-label=field.name.clone()>
            <strong>{field.name.clone()}</strong>
            <div class="walk-written"><span class="sr-only">{t!("As written:")}" "</span><div translate="no">{written}</div></div>
            <div class="walk-leaving"><span class="sr-only">{t!("What leaves:")}" "</span>{leaving}</div>
        </div>
    }
    .into_any()
}

fn found_kinds(walk: &Walk) -> AnyView {
    let kinds = Mark::ALL
        .into_iter()
        .map(|kind| (kind, walk.item.found().filter(|found| found.kind == kind).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| {
            view! {
                <li>
                    <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{words::finding(kind)}</span>
                    " "<span class="count">{count}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="walk-kinds" aria-label=t!("What was found, by kind")>{kinds}</ul> }.into_any()
}

/// The proof pass found something again: then nothing of the item leaves.
fn held_back(walk: &Walk) -> Option<AnyView> {
    walk.item.held_back.as_ref().map(|rules| {
        let rules = rules.join(", ");
        message(
            Tone::Held,
            t!("Held back").to_owned(),
            view! { <p>{t!("The proof pass found something again in what would leave ({rules}), so nothing of this item leaves.", rules)}</p> },
        )
    })
}

// Step 4 ---------------------------------------------------------------------------------------------------------------

/// Marks that are shown: those that many share, and those that too few do.
const LEARNED_SHOWN: usize = 7;
const HIDDEN_SHOWN: usize = 4;

/// Organisations that are drawn one by one; more are one bar.
const DRAWN_SINGLY: u64 = 60;

fn met(meeting: &Meeting) -> String {
    let Some(release) = &meeting.release else {
        return t!("There is no release yet: nothing was learned from anyone.").to_owned();
    };
    if meeting.marks.is_empty() {
        return t!("Nothing of this item leaves, so nothing of it is counted.").to_owned();
    }
    let learned = meeting.marks.iter().filter(|mark| mark.organisations.is_some()).count();
    let hidden = meeting.marks.len() - learned;
    let organisations = release.rules.k_organisations;
    t!(
        "{learned} of its marks are shared by {organisations} organisations or more, and learned. {hidden} are left out.",
        learned,
        organisations,
        hidden
    )
}

fn patterns(meeting: &Meeting, walk: &Walk) -> AnyView {
    let Some(release) = &meeting.release else {
        return view! { <p class="empty">{t!("A release is made for each period as soon as organisations have contributed.")}</p> }.into_any();
    };
    let threshold = u64::from(release.rules.k_organisations);
    let most = meeting.marks.iter().filter_map(|mark| mark.organisations).max().unwrap_or_default().max(threshold * 2);
    let learned = meeting.marks.iter().filter(|mark| mark.organisations.is_some()).take(LEARNED_SHOWN);
    let hidden = meeting.marks.iter().filter(|mark| mark.organisations.is_none()).take(HIDDEN_SHOWN);
    let rows = learned
        .chain(hidden)
        .map(|mark| {
            let (value, translate) = (value_name(mark.dimension, &mark.value), as_written(mark.dimension, &mark.value));
            let told = match mark.organisations {
                Some(organisations) => view! { <strong>{count(organisations)}</strong> }.into_any(),
                None => view! { <span class="meet-hidden">{icon(Icon::Cross)}{t!("left out")}</span> }.into_any(),
            };
            view! {
                <li class="meet-row">
                    <span class="meet-name"><span class="help">{dimension_name(mark.dimension)}</span><span class="clip" translate=translate>{value}</span></span>
                    {meet_bar(mark.organisations, threshold, most)}
                    <span class="meet-told">{told}</span>
                </li>
            }
        })
        .collect_view();
    let report = &release.report;
    let people = release.rules.k_people;
    let version = release.version;
    let title = t!("The line: {threshold} organisations and {people} people", threshold, people);
    let off = meeting.marks.is_empty().then(|| {
        let title = walk.written.title.clone();
        view! { <p class="empty">{t!("“{title}” stays where it is. Go back to the settings and turn something on to see it meet others.", title)}</p> }
    });
    view! {
        <div class="walk-columns walk-columns-meet">
            <section class="walk-panel card meet" aria-labelledby="meet">
                <div class="meet-head"><h2 id="meet">{t!("This item and other organisations")}</h2><p class="help">{title}</p></div>
                {off}
                <ol class="meet-rows">{rows}</ol>
                <p class="help">{t!("Each block is one organisation, never which. Left out is what too few share, and what would give that away. No number of it is known: only keyed digests are compared, and they are dropped when the period ends.")}</p>
            </section>
            <aside class="walk-panel" aria-label=t!("The current release")>
                <dl class="meet-figures">
                    {meet_figure(u64::from(report.organisations), t!("organisations in"))}
                    {meet_figure(report.cells, t!("patterns looked at"))}
                    {meet_figure(report.published, t!("published"))}
                    {meet_figure(report.folded + report.suppressed, t!("below the line"))}
                </dl>
                <p class="help"><a href=urls::PATTERNS>{t!("Release {version}: everything that was published and left out", version)}</a></p>
                {demonstration(release)}
            </aside>
        </div>
    }
    .into_any()
}

fn meet_figure(value: u64, what: &'static str) -> AnyView {
    view! { <div><dt>{what}</dt><dd>{count(value)}</dd></div> }.into_any()
}

/// Organisations beside the threshold. Of what is below it no number is known, so none is drawn.
fn meet_bar(organisations: Option<u64>, threshold: u64, most: u64) -> AnyView {
    let place =
        |count: u64| format!("{}%", count.saturating_mul(1_000).checked_div(most).unwrap_or_default() as f64 / 10.0);
    let line = place(threshold);
    let drawn = match organisations {
        Some(count) if count <= DRAWN_SINGLY => {
            let length = (count * 10).to_string();
            view! { <line class="meet-organisations" x1="0" x2=place(count) y1="50%" y2="50%" pathLength=length stroke-dasharray="8 2"></line> }.into_any()
        }
        Some(count) => {
            view! { <line class="meet-organisations" x1="0" x2=place(count) y1="50%" y2="50%"></line> }.into_any()
        }
        None => {
            view! { <line class="meet-below" x1="0" x2=line.clone() y1="50%" y2="50%" stroke-dasharray="2 6"></line> }
                .into_any()
        }
    };
    view! {
        <svg class="meet-bar" aria-hidden="true" focusable="false" width="100%" height="100%">
            {drawn}
            <line class="meet-line" x1=line.clone() x2=line y1="0" y2="100%"></line>
        </svg>
    }
    .into_any()
}

// Step 5 ---------------------------------------------------------------------------------------------------------------

fn told(suggested: &Suggested) -> String {
    let (Some(release), Some(all)) = (&suggested.release, &suggested.suggestions) else {
        return t!("There is no release yet, so there is nothing to suggest from.").to_owned();
    };
    let fields = [&all.types, &all.priorities, &all.durations, &all.causes];
    let version = release.version;
    if fields.iter().all(|field| field.is_err()) {
        return t!("Nothing is suggested: what this item says is shared by too few organisations.").to_owned();
    }
    t!(
        "Suggested from release {version} alone, as if the item were new and only its text and story points were known.",
        version
    )
}

fn suggestions(suggested: &Suggested) -> AnyView {
    let (Some(release), Some(all)) = (&suggested.release, &suggested.suggestions) else {
        return view! { <p class="empty">{t!("A release is made for each period as soon as organisations have contributed.")}</p> }.into_any();
    };
    let measure = &release.measure;
    let phrases = all.phrases.as_ref().ok().map(|phrases| {
        let phrases = phrases
            .iter()
            .map(|phrase| {
                let support = tn!(support = phrase.support, "{support} organisation", "{support} organisations");
                view! { <li><strong translate="no">{phrase.value.clone()}</strong>" "<span class="help">{support}</span></li> }
            })
            .collect_view();
        view! { <section class="suggest-phrases" aria-labelledby="phrases"><h2 id="phrases">{t!("Others say")}</h2><ul>{phrases}</ul></section> }
    });
    view! {
        <div class="suggest">
            {suggestion(Dimension::Cause, t!("Possible root cause"), &all.causes, None, release)}
            {suggestion(Dimension::Type, t!("Type"), &all.types, Some(&measure.types), release)}
            {suggestion(Dimension::Priority, t!("Priority"), &all.priorities, Some(&measure.priorities), release)}
            {suggestion(Dimension::Duration, t!("Time to resolve"), &all.durations, Some(&measure.durations), release)}
        </div>
        {phrases}
        {demonstration(release)}
        <p class="help">
            {t!("Percentages: of the people who had the evidence, so many had it with this value; who had it with several counts for each, as if they were as many people, and who had it with something too rare to show counts as well. Support is a number of organisations, never which. Times as often: how much more common this is here than in general. How often it is right was tried on items that were held back.")}" "
            <a href=urls::PATTERNS>{t!("How it was measured")}</a>
        </p>
    }
    .into_any()
}

fn suggestion(
    dimension: Dimension,
    name: &'static str,
    found: &Result<Vec<Suggestion>, Abstained>,
    score: Option<&Score>,
    release: &ReleaseView,
) -> AnyView {
    let body = match found {
        Err(why) => view! { <p class="suggest-none">{icon(Icon::Pause)}{abstained(*why, release)}</p> }.into_any(),
        Ok(found) => {
            let rows = found
                .iter()
                .map(|one| {
                    let confidence = per_cent(one.confidence);
                    let support = tn!(support = one.support, "{support} organisation", "{support} organisations");
                    let lift = decimal(f64::from(one.lift) / 100.0, 1);
                    let lift = t!("{lift} times as often", lift);
                    let value = value_name(dimension, &one.value);
                    let label = format!("{value}: {confidence}");
                    let evidence = one.evidence.as_ref().map(|evidence| {
                        let (dimension, value) =
                            (dimension_name(evidence.dimension), value_name(evidence.dimension, &evidence.value));
                        view! { <p class="help">{t!("Evidence: {dimension} “{value}”", dimension, value)}</p> }
                    });
                    view! {
                        <li class="suggest-one">
                            <p class="suggest-value"><strong translate=as_written(dimension, &one.value)>{value}</strong><span>{confidence}</span></p>
                            <meter min="0" max="1000" value=one.confidence.to_string() aria-label=label translate=as_written(dimension, &one.value)></meter>
                            <p class="help">{format!("{support} · {lift}")}</p>
                            {evidence}
                        </li>
                    }
                })
                .collect_view();
            view! { <ol>{rows}</ol> }.into_any()
        }
    };
    let measured = score.and_then(|score| {
        let (right, baseline) = (per_cent(score.right_share()?), per_cent(score.baseline_share()?));
        Some(view! { <p class="suggest-measure">{t!("Right in {right} of cases; always naming the most common: {baseline}.", right, baseline)}</p> })
    });
    let id = format!("suggest-{}", dimension.id());
    view! {
        <section class="card suggest-card" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{name}</h2>
            {body}
            {measured}
        </section>
    }
    .into_any()
}

fn abstained(why: Abstained, release: &ReleaseView) -> String {
    let organisations = release.rules.k_organisations;
    match why {
        Abstained::Known => t!("The item says it itself.").to_owned(),
        Abstained::TooFewOrganisations => {
            t!(
                "Nothing: support is too thin. Fewer than {organisations} organisations share what this item says.",
                organisations
            )
        }
        Abstained::NothingStandsOut => t!("Nothing: no value stands out.").to_owned(),
    }
}
