//! The catalogue: the vendor's rules as data, read from TOML and checked as a whole.
//!
//! A catalogue that exists is valid: it can only be made by [`Catalogue::parse`], which refuses a file with the line and
//! the fault. Nothing else in Sluice knows a plan, an app or a field by name.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::Spanned;

use crate::{Kind, Timestamp, Translation};

/// Minutes of one look of support, where the file does not say.
const REVIEW_MINUTES: u32 = 30;
/// A working day: longer than that, nobody looks for one reason.
const LONGEST_REVIEW: u32 = 8 * 60;

/// The programme's rules at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    pub version: String,
    pub programme: Programme,
    pub support: Support,
    pub clocks: Vec<Clock>,
    /// Where data can be kept. The first is where an organisation is unless something else is said.
    pub regions: Vec<Region>,
    /// What contributed data may be read for.
    pub purposes: Vec<Purpose>,
    pub patterns: Patterns,
    /// Lowest first.
    pub plans: Vec<Plan>,
    pub exemptions: Vec<Exemption>,
    pub apps: Vec<App>,
    pub platform_apps: Vec<PlatformApp>,
    pub connector_kinds: Vec<ConnectorKind>,
    pub fields: Vec<Field>,
    /// App, then path, to the place in `fields`.
    by_path: HashMap<String, HashMap<String, usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    pub announced: Timestamp,
    pub rollout_complete: Timestamp,
    pub in_force: Timestamp,
    pub retention_years: u32,
    /// What the vendor calls its apps and its connectors.
    pub apps_name: String,
    pub connectors_name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub id: String,
    pub name: String,
    pub days: u32,
    /// What has to stop contributing for it to start.
    pub kinds: Vec<Kind>,
    pub why: String,
}

/// What the vendor's support is bound by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// How long one look at an organisation lasts.
    pub review_minutes: u32,
}

/// Where the data of organisations can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub id: String,
    pub name: String,
}

/// What contributed data may be read for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    pub id: String,
    pub name: String,
    pub why: String,
}

/// What is learned from contributed data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns {
    pub period: PatternPeriod,
    /// The id of the purpose for which contributed data is read to make them.
    pub purpose: String,
    /// Noise of all releases of a calendar year; spent only if the rules ask for noise.
    pub yearly_epsilon_thousandths: u32,
    pub rules: patterns::Rules,
    /// The rules on the demo's database, where nobody is real.
    pub demo: patterns::Rules,
    pub sources: patterns::Sources,
}

/// As often as a release is made by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatternPeriod {
    #[default]
    Month,
    Quarter,
}

impl PatternPeriod {
    /// The period that a moment is in: `2026-11`, or `2026-Q4`.
    pub fn of(self, at: Timestamp) -> String {
        let day = at.day();
        let (year, month) = (day.get(..4).unwrap_or(&day), day.get(5..7).and_then(|month| month.parse::<u8>().ok()));
        match self {
            Self::Month => day.get(..7).unwrap_or(&day).to_owned(),
            Self::Quarter => format!("{year}-Q{}", month.unwrap_or(1).div_ceil(3)),
        }
    }

    /// Whether the period of this name, whichever its length, ended before a moment.
    pub fn is_over(name: &str, at: Timestamp) -> bool {
        let length = if name.contains('Q') { Self::Quarter } else { Self::Month };
        name < length.of(at).as_str()
    }
}

/// A plan and what it says of each kind of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub id: String,
    pub name: String,
    pub metadata: PlanRule,
    pub in_app: PlanRule,
}

impl Plan {
    pub fn rule(&self, kind: Kind) -> PlanRule {
        match kind {
            Kind::Metadata => self.metadata,
            Kind::InApp => self.in_app,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRule {
    pub default_on: bool,
    /// An admin cannot change it.
    pub fixed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    pub id: String,
    pub name: String,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub id: String,
    pub name: String,
    /// What its items are called, in the plural: "work items".
    pub items: String,
    /// The app whose part of the dictionary answers for what this app's own part leaves open.
    #[serde(default)]
    pub fields_like: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformApp {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorKind {
    pub id: String,
    pub name: String,
    pub eligible: bool,
    pub why: String,
}

/// One line of the field dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// An app or a platform app.
    pub app: String,
    pub path: String,
    pub name: String,
    pub category: Category,
    pub why: String,
    #[serde(default)]
    pub example: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    Metadata,
    InApp,
    Never,
}

impl Category {
    /// The kind of data whose decision governs a field of this category; none for what never leaves.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Metadata => Some(Kind::Metadata),
            Self::InApp => Some(Kind::InApp),
            Self::Never => None,
        }
    }
}

/// A catalogue file that cannot be used. `line` and `column` count from 1.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}, column {column}: {what}")]
pub struct CatalogueError {
    pub line: usize,
    pub column: usize,
    pub what: String,
}

/// The catalogue that ships with Sluice.
#[derive(Debug)]
pub struct BuiltIn;

impl BuiltIn {
    pub const TEXT: &'static str = include_str!("../catalogue.toml");
    /// Its German.
    pub const GERMAN: &'static str = include_str!("../catalogue.de.toml");
}

impl Catalogue {
    /// Reads and checks a catalogue.
    ///
    /// # Errors
    /// The first fault, with its line and column: not TOML, a missing or unknown entry, an id twice, a field of an app
    /// that does not exist, dates out of order.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            fault(text, &span, error.message().trim().to_owned())
        })?;
        file.check(text)
    }

    /// The catalogue that ships with Sluice.
    ///
    /// # Errors
    /// None in a build whose tests pass; the type says so because the product has no other way to stop.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::parse(BuiltIn::TEXT)
    }

    /// The same rules in other words. What the translation does not have stays as it is.
    #[must_use]
    pub fn translated(&self, translation: &Translation) -> Self {
        let mut translated = self.clone();
        for text in translated.texts() {
            if let Some(other) = translation.get(text) {
                *text = other.to_owned();
            }
        }
        translated
    }

    /// The texts that a translation does not have.
    pub fn missing(&self, translation: &Translation) -> BTreeSet<String> {
        let mut of = self.clone();
        of.texts().into_iter().filter(|text| translation.get(text).is_none()).map(|text| text.clone()).collect()
    }

    /// Every text that is for people. The examples are data of a customer, and not told but shown.
    fn texts(&mut self) -> Vec<&mut String> {
        let mut texts = vec![&mut self.programme.apps_name, &mut self.programme.connectors_name];
        texts.extend(self.clocks.iter_mut().flat_map(|clock| [&mut clock.name, &mut clock.why]));
        texts.extend(self.regions.iter_mut().map(|region| &mut region.name));
        texts.extend(self.purposes.iter_mut().flat_map(|purpose| [&mut purpose.name, &mut purpose.why]));
        texts.extend(self.plans.iter_mut().map(|plan| &mut plan.name));
        texts.extend(self.exemptions.iter_mut().flat_map(|exemption| [&mut exemption.name, &mut exemption.why]));
        texts.extend(self.apps.iter_mut().flat_map(|app| [&mut app.name, &mut app.items]));
        texts.extend(self.platform_apps.iter_mut().map(|app| &mut app.name));
        texts.extend(self.connector_kinds.iter_mut().flat_map(|kind| [&mut kind.name, &mut kind.why]));
        texts.extend(self.fields.iter_mut().flat_map(|field| [&mut field.name, &mut field.why]));
        texts
    }

    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// The place of a plan in the order; higher is a higher plan.
    pub fn rank(&self, id: &str) -> Option<usize> {
        self.plans.iter().position(|plan| plan.id == id)
    }

    pub fn app(&self, id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.id == id)
    }

    pub fn platform_app(&self, id: &str) -> Option<&PlatformApp> {
        self.platform_apps.iter().find(|app| app.id == id)
    }

    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }

    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.id == id)
    }

    pub fn connector_kind(&self, id: &str) -> Option<&ConnectorKind> {
        self.connector_kinds.iter().find(|kind| kind.id == id)
    }

    pub fn exemption(&self, id: &str) -> Option<&Exemption> {
        self.exemptions.iter().find(|exemption| exemption.id == id)
    }

    /// The lowest plan above `plan` on which an admin can change this kind, if there is one: what unlocks a fixed switch.
    pub fn unlocked_by(&self, plan: &str, kind: Kind) -> Option<&Plan> {
        let rank = self.rank(plan)?;
        self.plans.iter().skip(rank + 1).find(|plan| !plan.rule(kind).fixed)
    }

    /// The dictionary's line for a field of an app: the longest listed path that `path` is or lies under.
    pub fn field(&self, app: &str, path: &str) -> Option<&Field> {
        self.own_field(app, path).or_else(|| self.own_field(self.app(app)?.fields_like.as_deref()?, path))
    }

    fn own_field(&self, app: &str, path: &str) -> Option<&Field> {
        let paths = self.by_path.get(app)?;
        let mut prefix = path;
        loop {
            if let Some(&at) = paths.get(prefix) {
                return self.fields.get(at);
            }
            prefix = &prefix[..prefix.rfind('.')?];
        }
    }
}

/// The file as written, before the checks that need all of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    programme: ProgrammeIn,
    #[serde(default)]
    support: SupportIn,
    #[serde(default)]
    clock: Vec<Spanned<Clock>>,
    #[serde(default)]
    region: Vec<Spanned<Region>>,
    #[serde(default)]
    purpose: Vec<Spanned<Purpose>>,
    #[serde(default)]
    patterns: Option<Spanned<PatternsIn>>,
    #[serde(default)]
    plan: Vec<Spanned<PlanIn>>,
    #[serde(default)]
    exemption: Vec<Spanned<Exemption>>,
    #[serde(default)]
    app: Vec<Spanned<App>>,
    #[serde(default)]
    platform_app: Vec<Spanned<PlatformApp>>,
    #[serde(default)]
    connector_kind: Vec<Spanned<ConnectorKind>>,
    #[serde(default)]
    field: Vec<Spanned<Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgrammeIn {
    announced: Spanned<toml::value::Datetime>,
    rollout_complete: Spanned<toml::value::Datetime>,
    in_force: Spanned<toml::value::Datetime>,
    retention_years: u32,
    apps_name: String,
    connectors_name: String,
}

/// What is left out is as it was before it could be said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SupportIn {
    review_minutes: Option<Spanned<u32>>,
}

impl SupportIn {
    fn check(self, text: &str) -> Result<Support, CatalogueError> {
        let Some(minutes) = self.review_minutes else {
            return Ok(Support { review_minutes: REVIEW_MINUTES });
        };
        if !(1..=LONGEST_REVIEW).contains(minutes.get_ref()) {
            let what = format!("`review_minutes` is {}; choose 1 to {LONGEST_REVIEW}", minutes.get_ref());
            return Err(fault(text, &minutes.span(), what));
        }
        Ok(Support { review_minutes: minutes.into_inner() })
    }
}

/// Without it nothing is learned.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatternsIn {
    #[serde(default)]
    period: PatternPeriod,
    purpose: String,
    #[serde(default)]
    yearly_epsilon_thousandths: u32,
    #[serde(default)]
    rules: patterns::Rules,
    #[serde(default)]
    demo: DemoRulesIn,
    #[serde(default)]
    sources: patterns::Sources,
}

/// What is left out is as everywhere.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoRulesIn {
    k_organisations: Option<u32>,
    k_people: Option<u32>,
}

impl PatternsIn {
    fn check(self) -> Result<Patterns, String> {
        let Self { period, purpose, yearly_epsilon_thousandths, rules, demo, sources } = self;
        rules.check(false).map_err(|fault| format!("`patterns.rules`: {fault}"))?;
        let demo = patterns::Rules {
            k_organisations: demo.k_organisations.unwrap_or(rules.k_organisations),
            k_people: demo.k_people.unwrap_or(rules.k_people),
            ..rules.clone()
        };
        demo.check(true).map_err(|fault| format!("`patterns.demo`: {fault}"))?;
        sources.check().map_err(|fault| format!("`patterns.sources`: {fault}"))?;
        if rules.epsilon_thousandths.is_some_and(|cost| cost > yearly_epsilon_thousandths) {
            return Err("`patterns`: one release costs more noise than `yearly_epsilon_thousandths` has".to_owned());
        }
        Ok(Patterns { period, purpose, yearly_epsilon_thousandths, rules, demo, sources })
    }
}

impl Catalogue {
    /// What of the patterns' part does not go together with the rest.
    fn patterns_fault(&self) -> Option<String> {
        let Patterns { purpose, sources, .. } = &self.patterns;
        // Without sources nothing is ever read.
        if !sources.app.is_empty() && self.purpose(purpose).is_none() {
            return Some(format!("`patterns.purpose` names `{purpose}`, which is no purpose"));
        }
        sources.app.iter().find_map(|(id, app)| {
            if self.app(id).is_none() && self.platform_app(id).is_none() {
                return Some(format!("`patterns.sources` names `{id}`, which is no app"));
            }
            let leaves = |field: &str| {
                let listed = self.field(id, field);
                listed.is_some_and(|listed| listed.path == field && listed.category != Category::Never)
            };
            let wrong = app.fields.iter().find(|source| !leaves(&source.field))?;
            Some(format!("`patterns.sources`: `{}` is no field of `{id}` that leaves", wrong.field))
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanIn {
    id: String,
    name: String,
    metadata: PlanRuleIn,
    in_app: PlanRuleIn,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanRuleIn {
    default: OnOff,
    fixed: bool,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum OnOff {
    On,
    Off,
}

impl PlanRuleIn {
    fn rule(&self) -> PlanRule {
        PlanRule { default_on: self.default == OnOff::On, fixed: self.fixed }
    }
}

impl File {
    fn check(self, text: &str) -> Result<Catalogue, CatalogueError> {
        let start = 0..0;
        if self.version.trim().is_empty() {
            return Err(fault(text, &start, "`version` is empty; give this catalogue a version"));
        }
        let announced = day(text, &self.programme.announced)?;
        let rollout_complete = day(text, &self.programme.rollout_complete)?;
        let in_force = day(text, &self.programme.in_force)?;
        if rollout_complete < announced {
            let span = self.programme.rollout_complete.span();
            return Err(fault(text, &span, "`rollout_complete` is before `announced`"));
        }
        if in_force < rollout_complete {
            let span = self.programme.in_force.span();
            return Err(fault(text, &span, "`in_force` is before `rollout_complete`"));
        }

        for (what, empty) in [
            ("plan", self.plan.is_empty()),
            ("app", self.app.is_empty()),
            ("connector_kind", self.connector_kind.is_empty()),
            ("clock", self.clock.is_empty()),
            ("region", self.region.is_empty()),
            ("field", self.field.is_empty()),
        ] {
            if empty {
                return Err(fault(text, &start, format!("there is no [[{what}]]; at least one is needed")));
            }
        }

        let support = self.support.check(text)?;
        let clocks = unique(text, "clock", self.clock, |clock| &clock.id)?;
        let regions = unique(text, "region", self.region, |region| &region.id)?;
        let purposes = unique(text, "purpose", self.purpose, |purpose| &purpose.id)?;
        let exemptions = unique(text, "exemption", self.exemption, |exemption| &exemption.id)?;
        let connector_kinds = unique(text, "connector_kind", self.connector_kind, |kind| &kind.id)?;
        let plans = unique(text, "plan", self.plan, |plan| &plan.id)?
            .into_iter()
            .map(|plan| Plan {
                id: plan.id,
                name: plan.name,
                metadata: plan.metadata.rule(),
                in_app: plan.in_app.rule(),
            })
            .collect();
        // Apps and platform apps share one space of ids: a target names either.
        let platform_spans: Vec<_> = self.platform_app.iter().map(Spanned::span).collect();
        let apps = unique(text, "app", self.app, |app| &app.id)?;
        let platform_apps = unique(text, "platform_app", self.platform_app, |app| &app.id)?;
        for app in &apps {
            if let Some(other) = app.fields_like.as_ref().filter(|other| !apps.iter().any(|app| app.id == **other)) {
                let what = format!("app `{}`: `fields_like` names `{other}`, which is no app", app.id);
                return Err(fault(text, &start, what));
            }
        }
        for (platform_app, span) in platform_apps.iter().zip(&platform_spans) {
            if apps.iter().any(|app| app.id == platform_app.id) {
                let what = format!("`{}` is an app and a platform app; it can be one of them", platform_app.id);
                return Err(fault(text, span, what));
            }
        }

        let mut fields = Vec::with_capacity(self.field.len());
        let mut by_path: HashMap<String, HashMap<String, usize>> = HashMap::new();
        for spanned in self.field {
            let span = spanned.span();
            let field = spanned.into_inner();
            let is_app = apps.iter().any(|app| app.id == field.app);
            if !is_app && !platform_apps.iter().any(|app| app.id == field.app) {
                return Err(fault(text, &span, format!("field `{}`: there is no app `{}`", field.path, field.app)));
            }
            if field.path.split('.').any(str::is_empty) {
                return Err(fault(text, &span, format!("field path `{}` has an empty part", field.path)));
            }
            let paths = by_path.entry(field.app.clone()).or_default();
            if paths.insert(field.path.clone(), fields.len()).is_some() {
                let what = format!("field `{}` of `{}` stands here a second time", field.path, field.app);
                return Err(fault(text, &span, what));
            }
            fields.push(field);
        }

        let patterns_at = self.patterns.as_ref().map_or(start, Spanned::span);
        let patterns = self.patterns.map(Spanned::into_inner).unwrap_or_default();
        let patterns = patterns.check().map_err(|what| fault(text, &patterns_at, what))?;
        let catalogue = Catalogue {
            version: self.version,
            programme: Programme {
                announced,
                rollout_complete,
                in_force,
                retention_years: self.programme.retention_years,
                apps_name: self.programme.apps_name,
                connectors_name: self.programme.connectors_name,
            },
            support,
            clocks,
            regions,
            purposes,
            patterns,
            plans,
            exemptions,
            apps,
            platform_apps,
            connector_kinds,
            fields,
            by_path,
        };
        match catalogue.patterns_fault() {
            Some(what) => Err(fault(text, &patterns_at, what)),
            None => Ok(catalogue),
        }
    }
}

/// The entries of one list, with each id well formed and only once.
fn unique<T>(
    text: &str,
    list: &str,
    entries: Vec<Spanned<T>>,
    id: impl Fn(&T) -> &String,
) -> Result<Vec<T>, CatalogueError> {
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(entries.len());
    for spanned in entries {
        let span = spanned.span();
        let entry = spanned.into_inner();
        let name = id(&entry);
        let well_formed =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !well_formed {
            let what = format!("{list} id `{name}`: use small letters, digits and hyphens");
            return Err(fault(text, &span, what));
        }
        if !seen.insert(name.clone()) {
            return Err(fault(text, &span, format!("{list} `{name}` stands here a second time")));
        }
        kept.push(entry);
    }
    Ok(kept)
}

fn day(text: &str, value: &Spanned<toml::value::Datetime>) -> Result<Timestamp, CatalogueError> {
    let written = value.get_ref().to_string();
    Timestamp::parse(&written)
        .ok_or_else(|| fault(text, &value.span(), format!("`{written}` is not a day; write it as 2026-08-17")))
}

pub(crate) fn fault(text: &str, span: &Range<usize>, what: impl Into<String>) -> CatalogueError {
    let before = text.get(..span.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    CatalogueError {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        what: what.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &str, to: &str) -> CatalogueError {
        assert!(BuiltIn::TEXT.contains(from), "the built-in catalogue no longer says {from:?}");
        Catalogue::parse(&BuiltIn::TEXT.replacen(from, to, 1)).unwrap_err()
    }

    fn line_of(text: &str) -> usize {
        BuiltIn::TEXT.lines().position(|line| line.contains(text)).unwrap() + 1
    }

    #[test]
    fn the_built_in_catalogue_is_valid_and_says_what_the_programme_says() {
        let catalogue = Catalogue::built_in().unwrap();
        let rules: Vec<_> = catalogue
            .plans
            .iter()
            .map(|p| (p.id.as_str(), p.metadata.default_on, p.metadata.fixed, p.in_app.default_on, p.in_app.fixed))
            .collect();
        assert_eq!(
            rules,
            [
                ("free", true, true, true, false),
                ("standard", true, true, true, false),
                ("premium", true, true, false, false),
                ("enterprise", true, false, false, false),
            ]
        );
        assert_eq!(catalogue.programme.announced.day(), "2026-04-16");
        assert_eq!(catalogue.programme.rollout_complete.day(), "2026-05-19");
        assert_eq!(catalogue.programme.in_force.day(), "2026-08-17");
        assert_eq!(catalogue.programme.retention_years, 7);
        assert_eq!(catalogue.clocks.iter().map(|c| c.days).collect::<Vec<_>>(), [30, 90, 90]);
        assert_eq!(catalogue.unlocked_by("free", Kind::Metadata).unwrap().id, "enterprise");
        assert!(catalogue.unlocked_by("enterprise", Kind::Metadata).is_none());
    }

    #[test]
    fn a_look_of_support_has_a_length() {
        let minutes = |text: &str| Catalogue::parse(text).map(|catalogue| catalogue.support.review_minutes);
        let said = "review_minutes = 30";
        assert_eq!(minutes(&BuiltIn::TEXT.replace(said, "review_minutes = 15")), Ok(15));
        assert_eq!(minutes(&BuiltIn::TEXT.replace(said, "")), Ok(30));
        assert_eq!(minutes(&BuiltIn::TEXT.replace(&format!("[support]\n{said}"), "")), Ok(30));
        for wrong in ["0", "481"] {
            let fault = refused(said, &format!("review_minutes = {wrong}"));
            assert_eq!(fault.line, line_of(said), "{fault}");
        }
    }

    #[test]
    fn patterns_have_rules_that_can_hold() {
        let patterns = Catalogue::built_in().unwrap().patterns;
        assert_eq!((patterns.rules.k_organisations, patterns.rules.k_people), (20, 50));
        assert_eq!(patterns.demo, patterns::Rules { k_organisations: 5, k_people: 8, ..patterns.rules.clone() });
        let at = |day: &str| Timestamp::parse(day).unwrap();
        assert_eq!(PatternPeriod::Month.of(at("2026-11-22")), "2026-11");
        let quarters = ["2026-01-01", "2026-03-31", "2026-04-01", "2026-12-31"];
        assert_eq!(
            quarters.map(|day| PatternPeriod::Quarter.of(at(day))),
            ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4"]
        );
        for (name, over) in [
            ("2026-10", true),
            ("2026-11", false),
            ("2026-12", false),
            ("2025-12", true),
            ("2026-Q3", true),
            ("2026-Q4", false),
            ("2027-Q1", false),
        ] {
            assert_eq!(PatternPeriod::is_over(name, at("2026-11-22")), over, "{name}");
        }
        for (from, to, said) in [
            ("k_organisations = 20 ", "k_organisations = 9 ", "k_organisations must be at least 10"),
            ("k_people = 8", "k_people = 4", "`patterns.demo`"),
            ("purpose = \"model-improvement\"", "purpose = \"fun\"", "names `fun`, which is no purpose"),
            (
                "field = \"summary\", gives",
                "field = \"assignee\", gives",
                "`assignee` is no field of `jira` that leaves",
            ),
            ("[patterns.sources.app.rovo]", "[patterns.sources.app.ravo]", "names `ravo`, which is no app"),
        ] {
            let fault = refused(from, to);
            assert!(fault.what.contains(said), "{fault}");
            assert_eq!(fault.line, line_of("[patterns]"), "{fault}");
        }
        // A catalogue of before says nothing of them, and nothing is learned.
        let (before, rest) = BuiltIn::TEXT.split_once("# Patterns: what contributed").unwrap();
        let (_, after) = rest.split_once("# Plans, lowest first.").unwrap();
        let old = Catalogue::parse(&format!("{before}#{after}")).unwrap();
        assert!(old.patterns.sources.app.is_empty());
    }

    #[test]
    fn the_longest_path_wins_and_an_unlisted_field_is_not_found() {
        let catalogue = Catalogue::built_in().unwrap();
        let category = |path| catalogue.field("jira", path).map(|field| field.category);
        assert_eq!(category("comment.comments.body"), Some(Category::InApp));
        assert_eq!(category("comment.comments.author.displayName"), Some(Category::Never));
        assert_eq!(category("status.statusCategory.name"), Some(Category::Metadata));
        assert_eq!(category("status.name"), Some(Category::InApp));
        assert_eq!(category("status.iconUrl"), None);
        assert_eq!(category("customfield_99999"), None);
        assert!(catalogue.field("no-such-app", "summary").is_none());

        let search = |path| catalogue.field("rovo", path).map(|field| field.category);
        assert_eq!(search("query"), Some(Category::InApp));
        assert_eq!(search("prompt"), Some(Category::InApp));
        assert_eq!(search("resultCount"), Some(Category::Metadata));
        assert_eq!(search("user.displayName"), Some(Category::Never));
        assert_eq!(search("results.title"), Some(Category::Never));
        assert_eq!(search("page"), None);

        let request = |path| catalogue.field("jira-service-management", path).map(|field| field.category);
        assert_eq!(request("sla.firstResponse.goalHours"), Some(Category::Metadata));
        assert_eq!(request("summary"), Some(Category::InApp), "Jira's list answers for what is not in its own");
    }

    #[test]
    fn a_wrong_catalogue_is_refused_with_its_line() {
        let twice = refused("id = \"standard\"", "id = \"free\"");
        assert!(twice.what.contains("plan `free` stands here a second time"), "{twice}");
        assert_eq!(twice.line, line_of("id = \"standard\"") - 1, "the table starts a line above its id");

        let unknown_key = refused("retention_years = 7", "retention_yaers = 7");
        assert_eq!(unknown_key.line, line_of("retention_years"), "{unknown_key}");

        let bad_default = refused("in_app = { default = \"on\"", "in_app = { default = \"maybe\"");
        assert_eq!(bad_default.line, line_of("in_app = { default = \"on\""), "{bad_default}");
        assert!(bad_default.what.contains("maybe"), "{bad_default}");

        let dates = refused("in_force = 2026-08-17", "in_force = 2026-01-01");
        assert!(dates.what.contains("before `rollout_complete`"), "{dates}");
        assert_eq!(dates.line, line_of("in_force = 2026-08-17"));

        let no_app = refused("app = \"jira\"\npath = \"summary\"", "app = \"jura\"\npath = \"summary\"");
        assert!(no_app.what.contains("there is no app `jura`"), "{no_app}");

        let no_platform_app = refused("app = \"rovo\"\npath = \"query\"", "app = \"ravo\"\npath = \"query\"");
        assert!(no_platform_app.what.contains("there is no app `ravo`"), "{no_platform_app}");
        assert_eq!(no_platform_app.line, line_of("path = \"query\"") - 2, "the table starts two lines above");

        let not_toml = Catalogue::parse("version = ").unwrap_err();
        assert_eq!(not_toml.line, 1);
    }
}
