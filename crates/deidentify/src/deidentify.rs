//! Puts placeholders where a text holds personal data.
//!
//! The detectors look at a text in runs between placeholders, and again at what is left between their findings until
//! nothing more is found. So the output, given in once more, comes back as it is: what a finding hid from another detector
//! has been looked at, and a placeholder is never evidence for or against anything.

use crate::detect::{self, Candidate};
use crate::names::Names;
use crate::placeholders::{self, Identity};
use crate::scan::Scan;
use crate::{Dictionary, Directory, Finding, Format, Kind, Placeholders};

/// What this engine does not find yet, in sentences for the people who preview its work.
pub const LIMITS: &[&str] = &[
    "Names of people whom the file does not list as a user, such as someone a comment only talks about.",
    "First or last names that are written in small letters, have fewer than three letters, or are also ordinary words, unless the full name stands there.",
    "Nicknames, initials and other spellings of a listed name, such as Joerg for Jörg.",
    "Short user names and user names that are ordinary words, unless they stand in a mention or after an @.",
    "Names inside longer words, file names and names in code.",
    "Phone numbers without an international prefix, an area code in parentheses or a word such as \"phone\" in front.",
    "E-mail addresses that are spelled out or encoded.",
    "Postal addresses, dates of birth, bank, card and national identity numbers.",
    "Passwords, tokens and keys, except those in front of the host of a link.",
    "What pictures and other attachments show.",
];

/// How often a text is looked at again. Two times are enough for what people write; the bound keeps the time linear.
const ROUNDS: usize = 8;

/// Finds personal data in texts; made once for the people of a file.
pub struct Deidentifier {
    names: Names,
}

/// A text of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'t> {
    pub text: &'t str,
    pub format: Format,
}

/// The proof pass found personal data in the output: the item must not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the proof pass found something again ({})", detectors.join(", "))]
pub struct ProofFailed {
    /// Ids of the rules that found something.
    pub detectors: Vec<&'static str>,
}

/// A text after its personal data were replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deidentified {
    pub text: String,
    /// In the order of the given text, without overlaps.
    pub findings: Vec<Finding>,
}

impl std::fmt::Debug for Deidentifier {
    /// Says nothing of the people it knows.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deidentifier").finish_non_exhaustive()
    }
}

impl Deidentifier {
    pub fn new(directory: &Directory, _dictionary: &Dictionary) -> Self {
        Self { names: Names::new(directory) }
    }

    /// Replaces the personal data in the texts of one item, in the order given. A name that one text shows to be a name is
    /// found in all of them, and one person has one number throughout.
    ///
    /// # Errors
    /// When the proof pass finds anything in the output: the item must then not leave.
    pub fn item(&self, texts: &[Text<'_>]) -> Result<Vec<Deidentified>, ProofFailed> {
        let mut numbers = Placeholders::new();
        Ok(texts.iter().map(|text| self.run(text.text, &mut numbers)).collect())
    }

    /// Replaces the personal data in `text`. Numbers go on where the item's earlier texts left off.
    ///
    /// Outside the findings the text keeps every byte. Time is linear in the length of the text.
    pub fn run(&self, text: &str, numbers: &mut Placeholders) -> Deidentified {
        let mut output = String::with_capacity(text.len());
        let mut findings = Vec::new();
        let mut copied = 0;
        for Candidate { start, end, detector, identity } in self.find(text) {
            let placeholder = numbers.placeholder(detector.kind, &identity);
            output.push_str(&text[copied..start]);
            output.push_str(&placeholder);
            copied = end;
            let (kind, evidence, score) = (detector.kind, detector.evidence, detector.score);
            findings.push(Finding { start, end, kind, detector: detector.id, evidence, score, placeholder });
        }
        output.push_str(&text[copied..]);
        Deidentified { text: output, findings }
    }

    /// Every finding in `text`, in order and without overlaps.
    fn find(&self, text: &str) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut runs = between(0, text.len(), placeholders::find(text));
        for _ in 0..ROUNDS {
            let mut open = Vec::new();
            for (start, end) in runs {
                let mut inside = self.find_in_run(&text[start..end]);
                for candidate in &mut inside {
                    candidate.start += start;
                    candidate.end += start;
                }
                if !inside.is_empty() {
                    open.extend(between(start, end, inside.iter().map(|candidate| (candidate.start, candidate.end))));
                    found.append(&mut inside);
                }
            }
            if open.is_empty() {
                break;
            }
            runs = open;
        }
        found.sort_unstable_by_key(|candidate| candidate.start);
        found
    }

    fn find_in_run(&self, text: &str) -> Vec<Candidate> {
        let mut found = detect::find(&Scan::new(text));
        self.names.find(text, &mut found);
        for candidate in &mut found {
            if matches!(candidate.detector.kind, Kind::Handle | Kind::AccountId)
                && let Identity::Text(called) = &candidate.identity
                && let Some(person) = self.names.person(called)
            {
                candidate.identity = Identity::Person(person);
            }
        }
        without_overlaps(found)
    }
}

/// The stretches of `start..end` between the `taken` ranges, which are in order; empty ones are left out.
fn between(start: usize, end: usize, taken: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut from = start;
    for (taken_start, taken_end) in taken.chain([(end, end)]) {
        if from < taken_start {
            open.push((from, taken_start));
        }
        from = taken_end;
    }
    open
}

/// Makes one of the candidates that overlap: it reaches over all of them, so that nothing found stays readable, and is what
/// the longest of them is; of equal ones what the detector found that is asked first.
fn without_overlaps(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by_key(|candidate| candidate.start);
    let mut apart: Vec<Candidate> = Vec::with_capacity(found.len());
    let mut longest = 0;
    for candidate in found {
        match apart.last_mut().filter(|last| candidate.start < last.end) {
            Some(last) => {
                last.end = last.end.max(candidate.end);
                if candidate.len() > longest {
                    longest = candidate.len();
                    last.detector = candidate.detector;
                    last.identity = candidate.identity;
                }
            }
            None => {
                longest = candidate.len();
                apart.push(candidate);
            }
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Person;

    fn deidentifier() -> Deidentifier {
        let person = |name: &str, handle: &str, id: &str| Person {
            names: vec![name.into()],
            handles: vec![handle.into()],
            account_ids: vec![id.into()],
            emails: Vec::new(),
        };
        let people = [
            person("Ines Okafor", "iokafor", "5b10ac8d82e05b22cc7d4ef5"),
            person("Bram Visser", "bram.visser", "712020:f58131cb-b67d-43c7-b30d-6b58d40bd077"),
            person("Li Hua", "li", "ug:17-abc.9"),
        ];
        Deidentifier::new(&people.into_iter().collect(), &Dictionary::default())
    }

    fn output(text: &str) -> String {
        deidentifier().run(text, &mut Placeholders::new()).text
    }

    #[test]
    fn a_comment_is_replaced_piece_by_piece() {
        let text = "Hi [~bram.visser], Ines Okafor's phone is +49 30 5550 1234 and Ines' mail ines@example.org.\n\
                    Bram: see https://wiki.example.org/display/~iokafor or 10.0.4.17 (SDK 5.1.1.2).";
        let expected = "Hi [HANDLE_1], [PERSON_2]'s phone is [PHONE_1] and [PERSON_2]' mail [EMAIL_1].\n\
                        [PERSON_1]: see [URL_1] or [IP_1] (SDK 5.1.1.2).";
        assert_eq!(output(text), expected);
    }

    #[test]
    fn markup_stays_valid() {
        for (text, expected) in [
            ("<p>Ines Okafor &lt;ines@example.org&gt;</p>", "<p>[PERSON_1] &lt;[EMAIL_1]&gt;</p>"),
            ("<a href=\"mailto:ines@example.org\">Ines</a>", "<a href=\"mailto:[EMAIL_1]\">[PERSON_1]</a>"),
            ("<ri:user ri:account-id=\"5b10ac8d82e05b22cc7d4ef5\"/>", "<ri:user ri:account-id=\"[ACCOUNT_ID_1]\"/>"),
            ("[her page|https://wiki.example.org/~iokafor]", "[her page|[URL_1]]"),
            ("{quote}Ines{quote} |10.0.4.17|", "{quote}[PERSON_1]{quote} |[IP_1]|"),
        ] {
            assert_eq!(output(text), expected);
        }
    }

    #[test]
    fn one_person_keeps_the_number_in_every_spelling_and_text() {
        let (engine, mut numbers) = (deidentifier(), Placeholders::new());
        engine.run("Bram", &mut numbers);
        let text = "Okafor, Ines; INES; iokafor; @iokafor; [~accountid:5b10ac8d82e05b22cc7d4ef5]; 5b10ac8d82e05b22cc7d4ef5; ines.okafor";
        let expected = "[PERSON_2]; [PERSON_2]; [HANDLE_2]; [HANDLE_2]; [ACCOUNT_ID_2]; [ACCOUNT_ID_2]; [PERSON_2]";
        assert_eq!(engine.run(text, &mut numbers).text, expected);
    }

    #[test]
    fn overlapping_findings_become_the_longest_and_leave_nothing() {
        assert_eq!(output("@Ines Okafor"), "[PERSON_1]");
        assert_eq!(output("ftp://ines@example.org/x"), "[URL_1]");
        assert_eq!(output("bram.visser@example.org"), "[EMAIL_1]");
        assert_eq!(output("id=ug:17-abc.9;"), "id=[ACCOUNT_ID_1];");
    }

    #[test]
    fn findings_say_where_and_why() {
        let done = deidentifier().run("é Ines", &mut Placeholders::new());
        let finding = &done.findings[0];
        assert_eq!((finding.start, finding.end, finding.kind), (3, 7, Kind::Person));
        assert_eq!((finding.detector, finding.placeholder.as_str()), ("name.part", "[PERSON_1]"));
        assert!(finding.evidence.ends_with('.'));
    }

    #[test]
    fn placeholders_in_the_text_stay_as_they_are() {
        let text = "[PERSON_4] wrote to [EMAIL_1], not to [HANDLE_x].";
        assert_eq!(output(text), text);
    }

    #[test]
    fn what_a_finding_hid_is_looked_at_again() {
        // The underscore joins the name to the address at first.
        assert_eq!(output("a@example.org_Ines"), "[EMAIL_1]_[PERSON_1]");
    }
}
