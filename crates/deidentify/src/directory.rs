//! The people whom a file or an item names, each once.

use std::collections::{HashMap, HashSet};

/// What a file says of one person. Any list may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Person {
    /// Display names, such as `Ines Okafor` or `Okafor, Ines`.
    pub names: Vec<String>,
    /// User names and user keys.
    pub handles: Vec<String>,
    pub account_ids: Vec<String>,
    pub emails: Vec<String>,
}

impl Person {
    fn lists(&mut self) -> [&mut Vec<String>; 4] {
        [&mut self.names, &mut self.handles, &mut self.account_ids, &mut self.emails]
    }

    /// What makes two records the same person: a shared account id or handle; without either, the same names and e-mails.
    fn marks(&self) -> Vec<String> {
        let ids = self.account_ids.iter().map(|id| format!("id {}", id.to_lowercase()));
        let handles = self.handles.iter().map(|handle| format!("handle {}", handle.to_lowercase()));
        let marks: Vec<String> = ids.chain(handles).collect();
        if marks.is_empty() { vec![format!("names {:?} {:?}", self.names, self.emails)] } else { marks }
    }
}

/// The people of one file, in the order in which the file first names them; no value stands twice in one person's list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    people: Vec<Person>,
}

impl Directory {
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    pub fn into_people(self) -> Vec<Person> {
        self.people
    }

    pub fn len(&self) -> usize {
        self.people.len()
    }

    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// Merges the records that share an account id or a handle, also when only a third record ties them together.
impl FromIterator<Person> for Directory {
    fn from_iter<I: IntoIterator<Item = Person>>(records: I) -> Self {
        let mut records_once = Records::default();
        for record in records {
            records_once.add(record);
        }
        records_once.merge()
    }
}

/// The different user records of a file, which repeats each of them many times.
#[derive(Default)]
pub(crate) struct Records {
    in_order: Vec<Person>,
    seen: HashSet<Person>,
}

impl Records {
    pub(crate) fn len(&self) -> usize {
        self.in_order.len()
    }

    pub(crate) fn add(&mut self, mut record: Person) {
        for list in record.lists() {
            list.retain(|value| !value.trim().is_empty());
        }
        if record != Person::default() && self.seen.insert(record.clone()) {
            self.in_order.push(record);
        }
    }

    pub(crate) fn merge(self) -> Directory {
        let mut groups = Groups::new(self.in_order.len());
        let mut first_with = HashMap::new();
        for (at, record) in self.in_order.iter().enumerate() {
            for mark in record.marks() {
                groups.join(at, *first_with.entry(mark).or_insert(at));
            }
        }
        let mut people: Vec<Person> = Vec::new();
        let mut position = HashMap::new();
        for (at, mut record) in self.in_order.into_iter().enumerate() {
            let person = *position.entry(groups.first(at)).or_insert(people.len());
            if person == people.len() {
                people.push(record);
            } else {
                for (mine, theirs) in people[person].lists().into_iter().zip(record.lists()) {
                    mine.append(theirs);
                }
            }
        }
        for list in people.iter_mut().flat_map(Person::lists) {
            let mut seen = HashSet::new();
            list.retain(|value| seen.insert(value.clone()));
        }
        Directory { people }
    }
}

/// Which records are the same person: each points at an earlier record of its group, or at itself when it is the first.
struct Groups {
    earlier: Vec<usize>,
}

impl Groups {
    fn new(len: usize) -> Self {
        Self { earlier: (0..len).collect() }
    }

    /// The first record of the group; shortens the way there for the next time.
    fn first(&mut self, mut at: usize) -> usize {
        while self.earlier[at] != at {
            self.earlier[at] = self.earlier[self.earlier[at]];
            at = self.earlier[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.earlier[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(names: &[&str], handles: &[&str], account_ids: &[&str]) -> Person {
        let owned = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        Person { names: owned(names), handles: owned(handles), account_ids: owned(account_ids), emails: Vec::new() }
    }

    #[test]
    fn records_of_one_person_become_one() {
        let directory: Directory = [
            person(&["Ines Okafor"], &["iokafor"], &[]),
            person(&["Bram Visser"], &[], &["5b10ac8d82e05b22cc7d4ef5"]),
            person(&["Okafor, Ines"], &["IOkafor", "JIRAUSER77"], &[]),
            person(&["Bram Visser"], &["bvisser"], &["5b10ac8d82e05b22cc7d4ef5"]),
        ]
        .into_iter()
        .collect();
        assert_eq!(directory.len(), 2);
        assert_eq!(directory.people()[0].names, ["Ines Okafor", "Okafor, Ines"]);
        assert_eq!(directory.people()[0].handles, ["iokafor", "IOkafor", "JIRAUSER77"]);
        assert_eq!(directory.people()[1].handles, ["bvisser"]);
        assert_eq!(directory.people()[1].names, ["Bram Visser"]);
    }

    #[test]
    fn a_third_record_ties_two_together() {
        let records = [
            person(&["Tomas"], &["tomas1"], &[]),
            person(&["T. Riva"], &[], &["x1"]),
            person(&[], &["tomas1"], &["x1"]),
        ];
        let directory: Directory = records.into_iter().collect();
        assert_eq!(directory.len(), 1);
        assert_eq!(directory.people()[0].names, ["Tomas", "T. Riva"]);
    }

    #[test]
    fn two_people_of_one_name_stay_two_when_their_handles_differ() {
        let records = [person(&["Ines Okafor"], &["ines1"], &[]), person(&["Ines Okafor"], &["ines2"], &[])];
        assert_eq!(records.into_iter().collect::<Directory>().len(), 2);
    }

    #[test]
    fn empty_records_are_nobody() {
        let records = [person(&[" "], &[""], &[]), Person::default()];
        assert!(records.into_iter().collect::<Directory>().is_empty());
    }

    #[test]
    fn one_person_of_very_many_names_is_no_trouble() {
        let records = (0..100_000).map(|n| person(&[&format!("Name {n}")], &["same"], &[]));
        let directory: Directory = records.collect();
        assert_eq!((directory.len(), directory.people()[0].names.len()), (1, 100_000));
    }
}
