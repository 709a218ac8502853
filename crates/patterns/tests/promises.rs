//! What a release promises, tried on made-up organisations: through the public interface, beside a recount that is written
//! the plain way and shares no code with it.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers as well")]

use std::collections::{BTreeMap, BTreeSet};

use patterns::{
    Added, Budget, Cell, Counter, Digest, Dimension, Family, Key, Measure, Noise, Observation, Part, Published,
    Release, ReleaseError, Rules, Sources, Tally, impact, observe, release, suggest,
};
use proptest::prelude::*;

#[path = "../../../bench/organisations.rs"]
#[allow(dead_code, reason = "the benches use all of it")]
mod organisations;

fn sources() -> Sources {
    let sources: Sources = toml::from_str(include_str!("sources.toml")).unwrap();
    sources.check().unwrap();
    sources
}

fn key() -> Key {
    Key::new(&[7; 32])
}

/// Thresholds that a handful of made-up organisations can reach.
fn low() -> Rules {
    Rules {
        k_organisations: 3,
        k_people: 4,
        largest_share: 70,
        two_largest_share: 90,
        people_a_cell: 3,
        ..Rules::default()
    }
}

/// An item in numbers: author, type, priority, phrase, cause.
type Small = (u8, usize, usize, usize, Option<usize>);

const TYPES: [&str; 6] = ["Bug", "Incident", "Task", "Story", "Epic", "Other"];
const PRIORITIES: [&str; 4] = ["High", "Medium", "Low", "Other"];
const PHRASES: [&str; 6] = ["login error", "slow page", "lost order", "dark mode", "new laptop", "blank screen"];
const CAUSES: [&str; 3] = ["full disk", "stale cache", "missing index"];

fn shows((_, kind, priority, phrase, cause): Small) -> Observation {
    Observation {
        values: BTreeMap::from([
            (Dimension::Type, TYPES[kind].to_owned()),
            (Dimension::Priority, PRIORITIES[priority].to_owned()),
        ]),
        phrases: BTreeSet::from([PHRASES[phrase].to_owned()]),
        causes: cause.map(|cause| CAUSES[cause].to_owned()).into_iter().collect(),
    }
}

/// Items are numbered through, so that a tenth is held back as anywhere.
fn part(rules: &Rules, sources: &Sources, key: &Key, organisation: usize, items: &[Small]) -> Part {
    let mut counter = Counter::new(key, rules, sources, &organisation.to_le_bytes());
    for (number, item) in items.iter().enumerate() {
        let name = format!("{organisation}-{number}");
        counter.add(name.as_bytes(), Some(&[item.0]), &shows(*item));
    }
    counter.finish()
}

fn parts(rules: &Rules, sources: &Sources, key: &Key, world: &[Vec<Small>]) -> Vec<Part> {
    world.iter().enumerate().map(|(number, items)| part(rules, sources, key, number, items)).collect()
}

fn released(rules: &Rules, sources: &Sources, key: &Key, parts: &[Part]) -> (Tally, Release) {
    let mut tally = Tally::default();
    parts.iter().for_each(|part| tally.add_part(part));
    let wanted = tally.wanted(rules);
    let revealed: Vec<Cell> = parts.iter().flat_map(|part| part.reveal(&wanted)).collect();
    let release = release(rules, sources, key, &tally, revealed, None).unwrap();
    (tally, release)
}

fn world() -> impl Strategy<Value = Vec<Vec<Small>>> {
    let cause = prop::option::of(0..CAUSES.len());
    let item = (0..6_u8, 0..TYPES.len(), 0..PRIORITIES.len(), 0..PHRASES.len(), cause);
    prop::collection::vec(prop::collection::vec(item, 0..25), 1..12)
}

/// Organisations and people of every cell that a small item can be in, counted the plain way.
fn recount(rules: &Rules, key: &Key, world: &[Vec<Small>]) -> BTreeMap<String, Vec<u64>> {
    let group = |kind: &str| match kind {
        "Bug" | "Incident" => Some("* Defects"),
        "Task" | "Story" => Some("* Planned work"),
        _ => None,
    };
    let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (organisation, items) in world.iter().enumerate() {
        let mut own: BTreeMap<String, BTreeSet<u8>> = BTreeMap::new();
        for (number, item) in items.iter().enumerate() {
            if key.holds_back(format!("{organisation}-{number}").as_bytes()) {
                continue;
            }
            let (author, kind, priority, phrase, cause) = *item;
            let (kind, priority, phrase) = (TYPES[kind], PRIORITIES[priority], PHRASES[phrase]);
            let mut cells = vec![
                "all".to_owned(),
                format!("type={kind}"),
                format!("priority={priority}"),
                format!("type+priority={kind}|{priority}"),
                format!("phrase={phrase}"),
                format!("phrase+type={phrase}|{kind}"),
                format!("phrase+priority={phrase}|{priority}"),
            ];
            if let Some(group) = group(kind) {
                cells.extend([format!("type={group}"), format!("type+priority={group}|{priority}")]);
            }
            if let Some(cause) = cause.map(|cause| CAUSES[cause]) {
                cells.extend([format!("cause={cause}"), format!("phrase+cause={phrase}|{cause}")]);
            }
            for cell in cells {
                own.entry(cell).or_default().insert(author);
            }
        }
        for (cell, people) in own {
            all.entry(cell).or_default().push((people.len() as u64).min(rules.people_a_cell.into()));
        }
    }
    all
}

fn passes(rules: &Rules, people: &[u64]) -> bool {
    let mut sorted = people.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    let all: u64 = sorted.iter().sum();
    let share = |count: usize| sorted.iter().take(count).sum::<u64>() * 100;
    people.len() >= rules.k_organisations as usize
        && all >= rules.k_people.into()
        && share(1) <= all * u64::from(rules.largest_share)
        && share(2) <= all * u64::from(rules.two_largest_share)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every published number is that of the recount, and every open cell that passes in the recount is published; of the
    /// fixed ones all but those that complementary suppression took, which the report counts.
    #[test]
    fn a_release_is_what_a_plain_recount_says(world in world()) {
        let (rules, sources, key) = (low(), sources(), key());
        let (tally, Release { published, report }) = released(&rules, &sources, &key, &parts(&rules, &sources, &key, &world));
        let naive = recount(&rules, &key, &world);
        prop_assert_eq!(tally.len(), naive.len());
        let mut missing = 0;
        for (id, people) in &naive {
            let cell: Cell = id.parse().unwrap();
            let numbers = published.get(&cell).map(|numbers| (numbers.organisations, numbers.people));
            match (passes(&rules, people), numbers) {
                (true, Some(numbers)) => prop_assert_eq!(numbers, (people.len() as u64, people.iter().sum()), "{}", id),
                (true, None) => {
                    prop_assert!(cell.family.is_fixed(), "{} is missing", id);
                    missing += 1;
                }
                (false, shown) => prop_assert_eq!(shown, None, "{} shows", id),
            }
        }
        prop_assert_eq!(report.complementary, missing);
        prop_assert_eq!(report.published, published.len() as u64);
        prop_assert_eq!(report.published + report.folded + report.suppressed, tally.len() as u64);
        prop_assert!(published.iter().all(|cell| naive.contains_key(&cell.cell.to_string())));
    }

    /// Whatever fewer than k organisations share is in no output in clear: not in what is published, not in the report, not in
    /// the tally that leaves the region.
    #[test]
    fn below_k_nothing_appears(world in world()) {
        let (rules, sources, key) = (low(), sources(), key());
        let (tally, Release { published, report }) = released(&rules, &sources, &key, &parts(&rules, &sources, &key, &world));
        let mut outputs = vec![serde_json::to_string(&published).unwrap(), format!("{published:?}")];
        outputs.extend([serde_json::to_string(&report).unwrap(), format!("{report:?}")]);
        let suggestions = PHRASES.iter().map(|phrase| {
            let item = Observation { phrases: BTreeSet::from([(*phrase).to_owned()]), ..Observation::default() };
            let mut suggestions = suggest(&published, &item);
            // What one typed comes back to oneself only; it must not come as a suggestion.
            suggestions.phrases = Ok(suggestions.phrases.unwrap_or_default().into_iter().filter(|own| own.value != *phrase || own.support < 3).collect());
            for own in [&mut suggestions.types, &mut suggestions.priorities, &mut suggestions.causes].into_iter().flatten() {
                own.iter_mut().for_each(|own| own.evidence = None);
            }
            if let Ok(own) = &mut suggestions.phrases {
                own.iter_mut().for_each(|own| own.evidence = None);
            }
            serde_json::to_string(&suggestions).unwrap()
        });
        outputs.extend(suggestions.collect::<Vec<_>>());
        let naive = recount(&rules, &key, &world);
        for word in PHRASES.iter().map(|phrase| ("phrase", phrase)).chain(CAUSES.iter().map(|cause| ("cause", cause))) {
            let organisations = naive.get(&format!("{}={}", word.0, word.1)).map_or(0, Vec::len);
            if organisations < rules.k_organisations as usize {
                prop_assert!(outputs.iter().all(|output| !output.contains(word.1)), "{} of {}", word.1, organisations);
            }
        }
        let tally = serde_json::to_string(&tally).unwrap();
        for word in PHRASES.iter().chain(&CAUSES).chain(&TYPES).chain(&PRIORITIES) {
            prop_assert!(!tally.contains(word));
        }
    }

    /// Without any one organisation no number that stays published differs by more than its bound.
    #[test]
    fn no_organisation_moves_a_number_by_more_than_its_bound(world in world(), who in any::<prop::sample::Index>()) {
        let (rules, sources, key) = (low(), sources(), key());
        let all = parts(&rules, &sources, &key, &world);
        let who = who.index(all.len());
        let mut without = all.clone();
        let own = without.remove(who);
        let (_, Release { published, .. }) = released(&rules, &sources, &key, &all);
        let (_, Release { published: fewer, .. }) = released(&rules, &sources, &key, &without);
        for cell in published.iter() {
            if let Some(numbers) = fewer.get(&cell.cell) {
                prop_assert!(cell.organisations - numbers.organisations <= 1);
                prop_assert!(cell.people - numbers.people <= u64::from(rules.people_a_cell));
            }
        }
        let impact = impact(&published, &own);
        let mine: BTreeSet<&str> = own.cells.iter().map(|cell| cell.id.as_str()).collect();
        let takes_part = published.iter().filter(|cell| mine.contains(cell.cell.to_string().as_str()));
        prop_assert_eq!(impact.takes_part, takes_part.count() as u64);
        prop_assert!(impact.people <= impact.people_at_most);
        // Of those that would fall, none is published without it.
        let naive = recount(&rules, &key, &world);
        let falls = |id: &str, own: u32| {
            naive[id].len() as u64 == u64::from(rules.k_organisations)
                || naive[id].iter().sum::<u64>() - u64::from(own) < u64::from(rules.k_people)
        };
        let shown = |id: &str| published.get(&id.parse().unwrap()).is_some();
        let fall = own.cells.iter().filter(|cell| shown(&cell.id) && falls(&cell.id, cell.people));
        let fall: Vec<_> = fall.collect();
        prop_assert_eq!(impact.would_fall, fall.len() as u64);
        prop_assert!(fall.iter().all(|cell| fewer.get(&cell.id.parse().unwrap()).is_none()));
    }

    /// The figures of a field are shares of the same people: of those who had the evidence, as a recount has them, and never more
    /// than there are.
    #[test]
    fn suggested_shares_are_of_the_people_who_had_the_evidence(world in world(), phrases in 1..64_u8, priority in 0..4_usize) {
        let (rules, sources, key) = (low(), sources(), key());
        let (_, Release { published, .. }) = released(&rules, &sources, &key, &parts(&rules, &sources, &key, &world));
        let naive = recount(&rules, &key, &world);
        let people = |id: &str| naive.get(id).map_or(0, |people| people.iter().sum::<u64>());
        let said = PHRASES.iter().enumerate().filter(|(at, _)| phrases >> at & 1 == 1);
        let item = Observation {
            values: BTreeMap::from([(Dimension::Priority, PRIORITIES[priority].to_owned())]),
            phrases: said.map(|(_, phrase)| (*phrase).to_owned()).collect(),
            ..Observation::default()
        };
        let suggestions = suggest(&published, &item);
        for (field, found) in [("type", suggestions.types), ("cause", suggestions.causes)] {
            let Ok(found) = found else { continue };
            let evidence = found[0].evidence.clone().unwrap();
            let own = people(&format!("{}={}", evidence.dimension.id(), evidence.value));
            prop_assert!(found.iter().all(|one| one.evidence.as_ref() == Some(&evidence)));
            prop_assert!(found.iter().map(|one| u64::from(one.confidence)).sum::<u64>() <= 1000, "{:?}", found);
            for one in found {
                let both = match evidence.dimension {
                    Dimension::Phrase => people(&format!("phrase+{field}={}|{}", evidence.value, one.value)),
                    _ => people(&format!("{field}+priority={}|{}", one.value, evidence.value)),
                };
                prop_assert!(u64::from(one.confidence) <= both * 1000 / own, "{:?} of {} and {}", one, both, own);
            }
        }
    }

    /// No row and no column whose total is published has exactly one cell that is hidden, and so on with what is then known.
    #[test]
    fn no_hidden_cell_follows_from_margins(world in world()) {
        let (rules, sources, key) = (low(), sources(), key());
        let (_, Release { published, .. }) = released(&rules, &sources, &key, &parts(&rules, &sources, &key, &world));
        let naive = recount(&rules, &key, &world);
        let shows = |id: &str| published.get(&id.parse().unwrap()).is_some();
        let mut unknown: BTreeSet<&str> =
            naive.keys().map(String::as_str).filter(|id| id.starts_with("type+priority=") && !shows(id)).collect();
        let hidden = unknown.clone();
        let groups = [("* Defects", vec!["Bug", "Incident"]), ("* Planned work", vec!["Task", "Story"])];
        let rows = TYPES.into_iter().chain(groups.iter().map(|(group, _)| *group));
        let cell = |kind: &str, priority: &str| format!("type+priority={kind}|{priority}");
        let mut lines: Vec<(String, Vec<String>)> = rows
            .map(|kind| (format!("type={kind}"), PRIORITIES.iter().map(|priority| cell(kind, priority)).collect()))
            .collect();
        lines.extend(PRIORITIES.iter().map(|priority| {
            (format!("priority={priority}"), TYPES.iter().map(|kind| cell(kind, priority)).collect())
        }));
        for (group, kinds) in &groups {
            lines.extend(PRIORITIES.iter().map(|priority| {
                (cell(group, priority), kinds.iter().map(|kind| cell(kind, priority)).collect())
            }));
        }
        loop {
            let found = lines.iter().find_map(|(total, members)| {
                let mut left = members.iter().chain([total]).filter_map(|id| unknown.get(id.as_str()).copied());
                let first = left.next()?;
                let is_known = shows(total) || !total.starts_with("type+") && !naive.contains_key(total) || hidden.contains(total.as_str());
                (is_known && left.next().is_none()).then_some(first)
            });
            let Some(found) = found else { break };
            prop_assert!(false, "{} follows", found);
            unknown.remove(found);
        }
    }

    /// Any split of the organisations over regions, merged in any order, is the same tally.
    #[test]
    fn tallies_merge_in_any_order(world in world(), regions in prop::collection::vec(0..3_usize, 12)) {
        let (rules, sources, key) = (low(), sources(), key());
        let parts = parts(&rules, &sources, &key, &world);
        let mut whole = Tally::default();
        let mut split = [Tally::default(), Tally::default(), Tally::default()];
        for (part, region) in parts.iter().zip(&regions) {
            whole.add_part(part);
            split[*region].add_part(part);
        }
        let merged = |order: [usize; 3]| {
            let mut merged = Tally::default();
            order.into_iter().for_each(|region| merged.merge(split[region].clone()));
            merged
        };
        let right = {
            let mut right = split[1].clone();
            right.merge(split[2].clone());
            let mut first = split[0].clone();
            first.merge(right);
            first
        };
        prop_assert_eq!(&merged([0, 1, 2]), &whole);
        prop_assert_eq!(&merged([2, 0, 1]), &whole);
        prop_assert_eq!(&right, &whole);
        let stored = Tally::of(whole.organisations(), whole.iter().map(|(digest, count)| (*digest, *count)));
        prop_assert_eq!(&stored, &whole);
        let json: Tally = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        prop_assert_eq!(&json, &whole);
    }

    /// An organisation contributes to no more cells of a family than it may, and the choice does not hang on the order of items.
    #[test]
    fn contributions_are_bounded(world in world(), cells in 1..5_usize) {
        let (sources, key) = (sources(), key());
        let rules = Rules { fixed_cells: cells, phrase_cells: cells, people_a_cell: 2, ..low() };
        for (number, items) in world.iter().enumerate() {
            let bounded = part(&rules, &sources, &key, number, items);
            let mut families: BTreeMap<String, usize> = BTreeMap::new();
            for cell in &bounded.cells {
                prop_assert!((1..=2).contains(&cell.people));
                *families.entry(cell.id.split('=').next().unwrap().to_owned()).or_default() += 1;
            }
            prop_assert!(families.values().all(|count| *count <= cells));
            let mut counter = Counter::new(&key, &rules, &sources, &number.to_le_bytes());
            for (at, item) in items.iter().enumerate().rev() {
                counter.add(format!("{number}-{at}").as_bytes(), Some(&[item.0]), &shows(*item));
            }
            let backwards = counter.finish();
            // The first people to fill a cell may differ; which cells and how many people may not.
            prop_assert_eq!(backwards, bounded);
        }
    }
}

#[test]
fn one_odd_label_in_an_organisation_of_ten_thousand_items_never_shows() {
    let (rules, sources, key) = (Rules::default(), sources(), key());
    let counted = |organisation: u32, items: u32, odd: bool| {
        let mut counter = Counter::new(&key, &rules, &sources, &organisation.to_le_bytes());
        for number in 0..items {
            let title = if odd { "Quagzorb ticket for the flimwot" } else { "Login error on iOS" };
            let kind = if odd { "Quagzorb" } else { "Bug" };
            let fields = [("issuetype.name", kind), ("summary", title), ("summary", "Login error on iOS")];
            let shows = observe(&sources, "jira", fields);
            let author = (number % 500).to_le_bytes();
            counter.add(format!("{organisation}-{number}").as_bytes(), Some(&author), &shows);
        }
        counter.finish()
    };
    let parts: Vec<Part> =
        (0..30).map(|number| if number == 0 { counted(0, 10_000, true) } else { counted(number, 50, false) }).collect();
    let (_, Release { published, report }) = released(&rules, &sources, &key, &parts);
    assert!(published.get(&Cell::new(Family::one(Dimension::Phrase), ["login error"])).is_some());
    assert!(published.get(&Cell::new(Family::one(Dimension::Type), ["Bug"])).is_some());
    let output = format!("{published:?} {report:?} {}", serde_json::to_string(&published).unwrap()).to_lowercase();
    assert!(!output.contains("quagzorb") && !output.contains("flimwot"));
    assert!(parts[0].cells.iter().any(|cell| cell.id.contains("quagzorb")), "the test must be able to fail");
}

#[test]
fn a_cell_is_sampled_whoever_comes_first() {
    let (sources, key) = (sources(), key());
    let rules = Rules { phrase_cells: 20, ..low() };
    let chosen = |organisation: u8| -> BTreeSet<String> {
        let mut counter = Counter::new(&key, &rules, &sources, &[organisation]);
        for number in 0..400_u32 {
            let phrases = BTreeSet::from([format!("phrase {}", number % 200)]);
            counter.add(&number.to_le_bytes(), None, &Observation { phrases, ..Observation::default() });
        }
        let cells = counter.finish().cells;
        cells.into_iter().map(|cell| cell.id).filter(|id| id.starts_with("phrase=")).collect()
    };
    let (one, other) = (chosen(1), chosen(2));
    assert_eq!((one.len(), other.len()), (20, 20));
    assert_ne!(one, other, "organisations must not choose alike");
    let early = |id: &&String| (0..20).any(|number| **id == format!("phrase=phrase {number}"));
    assert!(one.iter().filter(early).count() < 10, "the first must not be chosen");
}

#[test]
fn digests_under_another_key_differ_and_nothing_of_another_key_is_released() {
    let (rules, sources) = (low(), sources());
    let world: Vec<Vec<Small>> =
        (0..6).map(|_| (0..40_u8).map(|number| (number % 5, 0, 0, 0, Some(0))).collect()).collect();
    let (one, other) = (key(), Key::new(&[8; 32]));
    let (here, there) = (parts(&rules, &sources, &one, &world), parts(&rules, &sources, &other, &world));
    let digests = |parts: &[Part]| -> BTreeSet<Digest> {
        parts.iter().flat_map(|part| &part.cells).map(|cell| cell.digest).collect()
    };
    assert!(digests(&here).is_disjoint(&digests(&there)));
    let (tally, Release { published, .. }) = released(&rules, &sources, &one, &here);
    assert!(!published.is_empty());
    let revealed = tally.wanted(&rules);
    let cells: Vec<Cell> = here.iter().flat_map(|part| part.reveal(&revealed)).collect();
    let foreign = release(&rules, &sources, &other, &tally, cells, None).unwrap();
    assert!(foreign.published.is_empty());
    let wrong = [Cell::new(Family::one(Dimension::Phrase), ["made up"])];
    assert!(
        !serde_json::to_string(&release(&rules, &sources, &one, &tally, wrong, None).unwrap().published)
            .unwrap()
            .contains("made up")
    );
}

#[test]
fn a_tenth_is_held_back_and_not_counted() {
    let (rules, sources, key) = (low(), sources(), key());
    let held = (0..100_000_u32).filter(|number| key.holds_back(&number.to_le_bytes())).count();
    assert!((9_600..10_400).contains(&held), "{held}");
    let mut counter = Counter::new(&key, &rules, &sources, b"one");
    let shows = shows((0, 0, 0, 0, None));
    let back =
        (0..1000_u32).filter(|number| counter.add(&number.to_le_bytes(), None, &shows) == Added::HeldBack).count();
    let part = counter.finish();
    assert_eq!((part.items, part.held_back), (1000 - back as u64, back as u64));
    assert!(part.cells.iter().all(|cell| cell.people == 1), "items of nobody known are of one person");
}

#[test]
fn noise_costs_budget_and_hides_phrases_of_few() {
    let sources = sources();
    let key = key();
    let families = BTreeSet::from([Family::one(Dimension::Type), Family::one(Dimension::Phrase)]);
    let rules = Rules { phrase_cells: 2, epsilon_thousandths: Some(1000), families, ..low() };
    let world: Vec<Vec<Small>> =
        (0..40).map(|_| (0..40_u8).map(|number| (number % 5, 0, 0, 0, None)).collect()).collect();
    let parts = parts(&rules, &sources, &key, &world);
    let mut tally = Tally::default();
    parts.iter().for_each(|part| tally.add_part(part));
    let wanted = tally.wanted(&rules);
    let revealed: Vec<Cell> = parts.iter().flat_map(|part| part.reveal(&wanted)).collect();
    let mut state = 1_u64;
    let mut bits = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state ^ state >> 29
    };
    let mut budget = Budget::new(1500);
    let noisy =
        release(&rules, &sources, &key, &tally, revealed.clone(), Some(Noise { budget: &mut budget, bits: &mut bits }))
            .unwrap();
    assert_eq!((budget.left(), noisy.report.epsilon_spent), (500, 1000));
    let bug = noisy.published.get(&Cell::new(Family::one(Dimension::Type), ["Bug"])).unwrap();
    assert!(
        noisy.published.within.organisations > 0
            && bug.organisations.abs_diff(40) <= 5 * noisy.published.within.organisations
    );
    assert_eq!(
        noisy.published.of(Family::one(Dimension::Phrase)).count(),
        0,
        "40 organisations do not stand out of the noise"
    );
    let again =
        release(&rules, &sources, &key, &tally, revealed.clone(), Some(Noise { budget: &mut budget, bits: &mut bits }));
    assert!(matches!(again, Err(ReleaseError::Overspent(_))));
    assert_eq!(release(&rules, &sources, &key, &tally, revealed, None).unwrap_err(), ReleaseError::NoNoise);
}

/// The bench's organisations, in small.
fn made_up() -> (Sources, Published, Measure, organisations::World) {
    let (rules, sources, key) = (Rules::default(), sources(), key());
    let world = organisations::World { organisations: 60, items: 12_000 };
    let mut parts = Vec::new();
    let mut held_back = Vec::new();
    for organisation in 0..world.organisations {
        let mut counter = Counter::new(&key, &rules, &sources, &organisation.to_le_bytes());
        for item in world.items(organisation) {
            let fields = item.fields();
            let shows = observe(&sources, "jira", fields.iter().map(|(field, value)| (*field, value.as_str())));
            if counter.add(item.id.as_bytes(), Some(&item.author.to_le_bytes()), &shows) == Added::HeldBack {
                held_back.push(shows);
            }
        }
        parts.push(counter.finish());
    }
    let (_, Release { published, .. }) = released(&rules, &sources, &key, &parts);
    let mut measure = Measure::default();
    for half in held_back.chunks(held_back.len().div_ceil(2)) {
        let mut own = Measure::default();
        half.iter().for_each(|item| own.add(&published, item));
        measure.merge(&own);
    }
    (sources, published, measure, world)
}

#[test]
fn suggestions_beat_the_most_common_value_and_say_nothing_when_support_is_thin() {
    let (sources, published, measure, world) = made_up();
    for score in [&measure.types, &measure.priorities, &measure.durations] {
        assert!(score.items > 500, "{score:?}");
        assert!(score.right > score.baseline_right, "{score:?}");
        assert!(score.suggested <= score.items && score.baseline_right <= score.baseline_right_of_all, "{score:?}");
    }
    let title = "Fix login error on iOS after the latest mobile update";
    let item = observe(&sources, "jira", [("summary", title), ("customfield_10016", "3")]);
    let suggestions = suggest(&published, &item);
    let best = |of: &Result<Vec<patterns::Suggestion>, _>| of.as_ref().unwrap()[0].clone();
    assert_eq!(best(&suggestions.types).value, "Bug");
    assert_eq!(best(&suggestions.priorities).value, "High");
    assert_eq!(best(&suggestions.causes).value, "expired session token");
    assert!(suggestions.phrases.as_ref().unwrap().iter().any(|phrase| phrase.value == "login error"));
    for own in suggestions.types.iter().chain(&suggestions.causes).flatten() {
        assert!(own.support >= published.rules.k_organisations.into() && own.confidence <= 1000, "{own:?}");
    }
    // Only what many share: the words of single organisations are nowhere.
    let nothing = observe(&sources, "jira", [("summary", "Flimwot of the quagzorb")]);
    let nothing = suggest(&published, &nothing);
    assert_eq!(nothing.types, Err(patterns::Abstained::TooFewOrganisations));
    assert_eq!(nothing.phrases, Err(patterns::Abstained::TooFewOrganisations));
    let known = observe(&sources, "jira", [("summary", title), ("issuetype.name", "Story")]);
    assert_eq!(suggest(&published, &known).types, Err(patterns::Abstained::Known));
    let output = serde_json::to_string(&published).unwrap();
    for organisation in 0..world.organisations {
        assert!(!output.contains(&organisations::World::word_of(organisation)));
    }
    let again: Published = serde_json::from_str(&output).unwrap();
    assert_eq!(again, published);
}

/// Ten organisations whose people write items as `items` has them: (author, type, phrase).
fn alike(items: impl Fn(usize) -> Vec<(u8, usize, usize)>) -> Published {
    let (rules, sources, key) = (Rules { people_a_cell: 20, ..low() }, sources(), key());
    // Each several times, as some are held back.
    let often = |(author, kind, phrase)| std::iter::repeat_n((author, kind, 0, phrase, None), 8);
    let world: Vec<Vec<Small>> = (0..10).map(|number| items(number).into_iter().flat_map(often).collect()).collect();
    released(&rules, &sources, &key, &parts(&rules, &sources, &key, &world)).1.published
}

fn types_for(published: &Published, phrases: &[&str]) -> Vec<(String, u16, u64)> {
    let phrases = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
    let suggestions = suggest(published, &Observation { phrases, ..Observation::default() });
    suggestions.types.unwrap().into_iter().map(|one| (one.value, one.confidence, one.support)).collect()
}

/// Everything else that goes on: each type once, so that none is rare as such.
const ELSE: [(u8, usize, usize); 6] = [(10, 0, 3), (11, 1, 3), (12, 2, 3), (13, 3, 3), (14, 4, 3), (15, 5, 3)];

#[test]
fn a_share_counts_those_whose_value_is_hidden() {
    // With "login error" two of three had a bug, and the third something that too few share with it.
    let published = alike(|number| [vec![(0, 0, 0), (1, 0, 0), (2, 1 + number / 2, 0)], ELSE.to_vec()].concat());
    let shown =
        published.of(Family::two(Dimension::Phrase, Dimension::Type)).filter(|of| of.cell.values[0] == PHRASES[0]);
    assert_eq!(shown.count(), 1);
    assert_eq!(types_for(&published, &["login error"]), [("Bug".to_owned(), 666, 10)]);

    // What is on no list is not suggested, and counts among all.
    let published = alike(|_| [vec![(0, 0, 0), (1, 5, 0), (2, 5, 0)], ELSE.to_vec()].concat());
    assert_eq!(types_for(&published, &["login error"]), [("Bug".to_owned(), 333, 10)]);
}

#[test]
fn two_values_are_never_both_certain() {
    let published = alike(|_| [vec![(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 3, 1), (4, 3, 1)], ELSE.to_vec()].concat());
    let suggested = types_for(&published, &["login error", "slow page"]);
    assert_eq!(suggested, [("Bug".to_owned(), 1000, 10)], "what the other one says is not told beside it");
    assert_eq!(types_for(&published, &["slow page"]), [("Story".to_owned(), 1000, 10)]);
}

/// One attack on membership: the attacker knows what every other organisation contributes and what the target would, sees the
/// published cells, and guesses by which of the two worlds makes them likelier. How often that is right, of as many trials.
fn attacked(rules: &Rules, trials: u32) -> f64 {
    let (sources, key) = (sources(), key());
    let items: Vec<Small> =
        (0..120_u8).map(|number| (number, number as usize % 6, number as usize % 4, 0, None)).collect();
    let with: Vec<Part> = (0..40).map(|number| part(rules, &sources, &key, number, &items)).collect();
    let tally = |parts: &[Part]| {
        let mut tally = Tally::default();
        parts.iter().for_each(|part| tally.add_part(part));
        tally
    };
    let worlds = [tally(&with[1..]), tally(&with)];
    let exact = worlds.each_ref().map(|tally| {
        let quiet = Rules { epsilon_thousandths: None, ..rules.clone() };
        release(&quiet, &sources, &key, tally, [], None).unwrap().published
    });
    assert_eq!(exact[0].len(), exact[1].len(), "every cell is well above the thresholds in both worlds");
    let mut state = 11_u64;
    let mut bits = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    let mut right = 0;
    for _ in 0..trials {
        let takes_part = bits() & 1 == 1;
        let mut budget = Budget::new(u32::MAX);
        let noise = Noise { budget: &mut budget, bits: &mut bits };
        let seen = release(rules, &sources, &key, &worlds[usize::from(takes_part)], [], Some(noise)).unwrap().published;
        let (mut without, mut with) = (0.0, 0.0);
        for cell in seen.iter() {
            for (of, distance) in exact.iter().zip([&mut without, &mut with]) {
                let known = of.get(&cell.cell).unwrap();
                // The noise is as much wider as 95 of 100 of it is.
                *distance += cell.organisations.abs_diff(known.organisations) as f64 / seen.within.organisations as f64;
                *distance += cell.people.abs_diff(known.people) as f64 / seen.within.people as f64;
            }
        }
        let guess = if with == without { bits() & 1 == 1 } else { with < without };
        right += u32::from(guess == takes_part);
    }
    f64::from(right) / f64::from(trials)
}

/// With noise of epsilon nobody guesses better than e^epsilon to 1 whether one organisation is in, however much they know.
#[test]
fn whoever_knows_all_others_can_hardly_tell_whether_one_is_in() {
    const TRIALS: u32 = 2_000;
    // Four standard errors of that many throws of a coin.
    let error = 4.0 * (0.25 / f64::from(TRIALS)).sqrt();
    let bound = 1.0_f64.exp() / (1.0 + 1.0_f64.exp());
    let rules = |families: &[Family], epsilon| Rules {
        people_a_cell: 20,
        epsilon_thousandths: Some(epsilon),
        families: families.iter().copied().collect(),
        ..low()
    };
    let everything = [Family::EVERYTHING];
    let fixed = [Family::EVERYTHING, Family::one(Dimension::Priority)];
    for families in [&everything[..], &fixed] {
        let right = attacked(&rules(families, 1000), TRIALS);
        assert!(right <= bound + error, "{right} beside {bound} of {families:?}");
    }
    let weak = attacked(&rules(&everything, 8000), TRIALS);
    assert!(weak > bound + error, "the attack works where noise is too little: {weak}");
}

#[test]
fn rules_that_cannot_hold_are_refused() {
    assert!(Rules::default().check(false).is_ok());
    assert!(low().check(false).is_err());
    assert!(low().check(true).is_ok());
    for wrong in [
        Rules { k_organisations: 9, ..Rules::default() },
        Rules { k_people: 19, ..Rules::default() },
        Rules { largest_share: 0, ..Rules::default() },
        Rules { two_largest_share: 39, ..Rules::default() },
        Rules { people_a_cell: 0, ..Rules::default() },
        Rules { epsilon_thousandths: Some(0), ..Rules::default() },
    ] {
        assert!(wrong.check(false).is_err(), "{wrong:?}");
    }
    let read: Rules = toml::from_str("k_organisations = 30\nfamilies = [\"all\", \"type\", \"phrase+type\"]").unwrap();
    assert_eq!((read.k_organisations, read.families.len()), (30, 3));
    assert!(toml::from_str::<Rules>("families = [\"colour\"]").is_err());
}
