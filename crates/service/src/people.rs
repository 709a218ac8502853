//! The directory: the people of an organisation, whom the wash looks for in every spelling.
//!
//! A file replaces everyone who came from a file before. What it would change is said first, without naming anyone.

pub mod csv;

use std::collections::BTreeMap;
use std::sync::Arc;

use language::{Language, t};

pub use deidentify::Person;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::Sluice;
use crate::access::{OrgAdmin, ReadsOrg, Viewer};
use crate::blocking::Stopped;
use crate::knowledge::{KnowledgeError, KnowledgeRefusal, changes, counts, knowledge, write};
use crate::model::{KnowledgeChange, KnowledgeCounts, ListedPerson, NewKnowledge, NewPeople, OrgRef, PeopleDifference};
use crate::ports::StoreError;
use crate::uploads::{Held, Purpose};

/// People of one organisation.
pub const MOST_PEOPLE: usize = 100_000;

/// The largest file of people that is taken, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// People on one page of the list.
pub const PAGE: u32 = 50;

/// Where the people of a file come from, as the store has it.
pub const FILE: &str = "file";

/// What the page of the people shows.
#[derive(Clone, Debug)]
pub struct PeoplePage {
    pub org: OrgRef,
    pub counts: KnowledgeCounts,
    /// For an admin only.
    pub list: Option<PeopleList>,
}

#[derive(Clone, Debug)]
pub struct PeopleList {
    pub search: String,
    pub people: Vec<ListedPerson>,
    /// The page does not begin with the first one.
    pub later: bool,
    /// After whom the next page begins, if there is one.
    pub next: Option<(String, i64)>,
    pub changes: Vec<KnowledgeChange>,
}

/// What replacing the directory by a file would do.
#[derive(Clone, Debug)]
pub struct ImportSummary {
    pub org: OrgRef,
    pub file: String,
    pub people: usize,
    pub before: usize,
    pub difference: PeopleDifference,
    /// The version of what it was compared with.
    pub version: i64,
}

/// The page of the people. Only an admin sees who they are.
///
/// # Errors
/// When the store fails.
pub async fn people_page(
    sluice: &Sluice,
    viewer: &Viewer,
    search: &str,
    after: Option<(String, i64)>,
) -> Result<PeoplePage, StoreError> {
    let list = match viewer {
        Viewer::Admin(admin) => Some(list(sluice, admin, search, after).await?),
        Viewer::Auditor(_) | Viewer::Support(_) => None,
    };
    Ok(PeoplePage { org: viewer.org().clone(), counts: counts(sluice, viewer).await?, list })
}

async fn list(
    sluice: &Sluice,
    admin: &OrgAdmin,
    search: &str,
    after: Option<(String, i64)>,
) -> Result<PeopleList, StoreError> {
    let later = after.is_some();
    let (people, next) = found(sluice, admin, search, after, PAGE).await?;
    Ok(PeopleList { search: search.trim().to_owned(), people, later, next, changes: changes(sluice, admin).await? })
}

/// People with a text in a name, a user name, an address or an account id, after a place of the list; with the place after
/// which there are more.
///
/// # Errors
/// When the store fails.
pub async fn found(
    sluice: &Sluice,
    admin: &OrgAdmin,
    search: &str,
    after: Option<(String, i64)>,
    limit: u32,
) -> Result<(Vec<ListedPerson>, Option<(String, i64)>), StoreError> {
    let start = after.as_ref().map(|(source, place)| (source.as_str(), *place));
    let mut people = sluice.store.people(&admin.org().id, &folded(search), start, limit.saturating_add(1)).await?;
    let more = people.len() > limit as usize;
    people.truncate(limit as usize);
    let next = people.last().filter(|_| more).map(|last| (last.source.clone(), last.place));
    Ok((people, next))
}

/// Holds a file of people until its summary was read. Returns its id.
///
/// # Errors
/// A refusal with everything that is wrong in the file; then it is not held.
pub async fn hold(sluice: &Sluice, admin: &OrgAdmin, name: String, bytes: Vec<u8>) -> Result<String, KnowledgeError> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large().into());
    }
    let bytes = Arc::new(bytes);
    read(Arc::clone(&bytes)).await?;
    Ok(sluice.uploads.hold(sluice.now(), admin, Purpose::People, name, Arc::unwrap_or_clone(bytes)))
}

/// What is said of a file with more than [`MAX_BYTES`].
pub fn too_large() -> KnowledgeRefusal {
    let limit = MAX_BYTES / 1024 / 1024;
    KnowledgeRefusal::File(vec![t!(
        "The file has more than {limit} MB. Export the four columns only, or fewer people.",
        limit
    )])
}

fn held(sluice: &Sluice, admin: &OrgAdmin, id: &str) -> Result<Held, KnowledgeError> {
    sluice.uploads.open(sluice.now(), admin, Purpose::People, id).map_err(|_| KnowledgeError::Gone)
}

/// Says what a file that is held would change.
///
/// # Errors
/// When it is not held any more.
pub async fn summary(sluice: &Sluice, admin: &OrgAdmin, id: &str) -> Result<ImportSummary, KnowledgeError> {
    let held = held(sluice, admin, id)?;
    import_summary(sluice, admin, held.name, held.bytes).await
}

/// Imports a file that is held, and forgets it.
///
/// # Errors
/// When it is not held any more, or something changed since the version that its summary showed.
pub async fn confirm(
    sluice: &Sluice,
    admin: &OrgAdmin,
    id: &str,
    version: i64,
) -> Result<PeopleDifference, KnowledgeError> {
    let held = held(sluice, admin, id)?;
    let difference = import(sluice, admin, version, held.bytes).await?;
    discard(sluice, admin, id);
    Ok(difference)
}

/// Forgets a file at once.
pub fn discard(sluice: &Sluice, admin: &OrgAdmin, id: &str) {
    sluice.uploads.discard(admin, Purpose::People, id);
}

/// Says what a file would change.
///
/// # Errors
/// A refusal with everything that is wrong in the file.
pub async fn import_summary(
    sluice: &Sluice,
    admin: &OrgAdmin,
    file: String,
    bytes: impl Into<Arc<Vec<u8>>>,
) -> Result<ImportSummary, KnowledgeError> {
    let people = read(bytes.into()).await?;
    let known = knowledge(sluice, admin).await?;
    Ok(ImportSummary {
        org: admin.org().clone(),
        file,
        people: people.len(),
        before: known.people.len(),
        difference: difference(&known.people, &people),
        version: known.version,
    })
}

/// Puts the people of a file in the place of everyone who came from a file before. Nothing else may have changed since the
/// version that the summary showed.
///
/// # Errors
/// A refusal with everything that is wrong in the file, or that something changed since.
pub async fn import(
    sluice: &Sluice,
    admin: &OrgAdmin,
    version: i64,
    bytes: impl Into<Arc<Vec<u8>>>,
) -> Result<PeopleDifference, KnowledgeError> {
    let people = read(bytes.into()).await?;
    replace(sluice, admin, Some(version), people).await
}

/// Deletes everyone from the directory.
///
/// # Errors
/// A refusal unless it was confirmed.
pub async fn delete_all(
    sluice: &Sluice,
    admin: &OrgAdmin,
    confirmed: bool,
) -> Result<PeopleDifference, KnowledgeError> {
    if !confirmed {
        return Err(KnowledgeRefusal::NotConfirmed.into());
    }
    replace(sluice, admin, None, Vec::new()).await
}

async fn replace(
    sluice: &Sluice,
    admin: &OrgAdmin,
    version: Option<i64>,
    people: Vec<Person>,
) -> Result<PeopleDifference, KnowledgeError> {
    let known = knowledge(sluice, admin).await?;
    if version.is_some_and(|version| version != known.version) {
        return Err(KnowledgeRefusal::Moved.into());
    }
    let difference = difference(&known.people, &people);
    if difference == PeopleDifference::default() {
        return Ok(difference);
    }
    let new = NewKnowledge {
        by: admin.who().clone(),
        at: sluice.now(),
        terms: Vec::new(),
        people: Some(new_people(people, difference)),
    };
    write(
        sluice,
        admin,
        |version, _| {
            if version == known.version { Ok(Some(new.clone())) } else { Err(KnowledgeRefusal::Moved) }
        },
    )
    .await?;
    Ok(difference)
}

/// People as the store keeps them: in the order of their names.
pub(crate) fn new_people(people: Vec<Person>, difference: PeopleDifference) -> NewPeople {
    let mut people: Vec<(String, Person, String)> = people
        .into_iter()
        .map(|person| {
            let all: Vec<&str> = values(&person).collect();
            let text = folded(&all.join(" "));
            let first = all.first().map(|first| folded(first)).unwrap_or_default();
            (first, person, text)
        })
        .collect();
    people.sort_by(|a, b| (&a.0, &a.2).cmp(&(&b.0, &b.2)));
    NewPeople {
        source: FILE.to_owned(),
        people: people.into_iter().map(|(_, person, text)| (person, text)).collect(),
        difference,
    }
}

fn values(person: &Person) -> impl Iterator<Item = &str> {
    [&person.names, &person.handles, &person.account_ids, &person.emails].into_iter().flatten().map(String::as_str)
}

/// A file may be large: it is read on a thread of its own.
async fn read(bytes: Arc<Vec<u8>>) -> Result<Vec<Person>, KnowledgeError> {
    let language = Language::current();
    tokio::task::spawn_blocking(move || language.scope(|| csv::read(&bytes)))
        .await
        .map_err(|error| KnowledgeError::Failed(Stopped::from(error).to_string()))?
        .map_err(|faults| KnowledgeRefusal::File(faults).into())
}

/// How many came, changed and went. Someone is the same person under the same account id, else user name, else e-mail
/// address, else name.
fn difference(before: &[Person], after: &[Person]) -> PeopleDifference {
    let mut gone: BTreeMap<String, &Person> = before.iter().map(|person| (mark(person), person)).collect();
    let mut difference = PeopleDifference::default();
    for person in after {
        match gone.remove(&mark(person)) {
            None => difference.added += 1,
            Some(before) if before != person => difference.changed += 1,
            Some(_) => {}
        }
    }
    difference.removed = gone.len() as u64;
    difference
}

pub(crate) fn mark(person: &Person) -> String {
    let first = |list: &[String], of: char| list.first().map(|value| format!("{of}{}", value.to_lowercase()));
    first(&person.account_ids, 'a')
        .or_else(|| first(&person.handles, 'h'))
        .or_else(|| first(&person.emails, 'e'))
        .or_else(|| first(&person.names, 'n'))
        .unwrap_or_default()
}

/// A text as people are searched by: small letters without accents, one space between words.
pub(crate) fn folded(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, handle: &str) -> Person {
        Person { names: vec![name.to_owned()], handles: vec![handle.to_owned()], ..Person::default() }
    }

    #[test]
    fn people_are_compared_by_who_they_are() {
        let before = [person("Ines Okafor", "iokafor"), person("Bram Visser", "bvisser"), person("Li Hua", "li")];
        let after =
            [person("Ines Okafor", "iokafor"), person("Bram de Visser", "BVisser"), person("Noor Haddad", "noor")];
        let expected = PeopleDifference { added: 1, changed: 1, removed: 1 };
        assert_eq!(difference(&before, &after), expected);
        assert_eq!(difference(&after, &after), PeopleDifference::default());
    }

    #[test]
    fn the_list_is_in_the_order_of_the_names() {
        let people = vec![person("Émile Roux", "e"), person("ada lovelace", "z"), person("Zoë Ash", "a")];
        let sorted = new_people(people, PeopleDifference::default());
        let names: Vec<_> = sorted.people.iter().map(|(person, _)| person.names[0].as_str()).collect();
        assert_eq!(names, ["ada lovelace", "Émile Roux", "Zoë Ash"]);
        assert_eq!(sorted.people[1].1, "emile roux e");
    }
}
