//! Puts placeholders where the texts of an item hold personal data.
//!
//! All texts of an item are read together: each is turned into a view and looked at by every detector; whom one place shows
//! to be a person is then looked for in all of them. What is found becomes findings without overlaps, and the output is read
//! once more by the same rules: nothing may be found again.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::detect::{self, Candidate, Detector};
use crate::hits::{self, Hit, Replaced};
use crate::lexicon::{self, look_up};
use crate::names::{Names, stable_name};
use crate::placeholders::{Identity, Placeholders, TokenKey};
use crate::scan::Scan;
use crate::terms::Terms;
use crate::view::View;
use crate::words::{fold, folded_words};
use crate::{Dictionary, Directory, Finding, Format, Kind, Person, markup, people};

/// What this engine does not find yet, in sentences for the people who preview its work.
pub const LIMITS: &[&str] = &[
    "Names of people whom neither the directory nor a list of names knows, where nothing around them says that they are names.",
    "Names that are also ordinary words, such as Will or Rose, where nothing around them says that they are names.",
    "Names inside longer words, file names and names in code.",
    "User names that stand bare in a sentence and belong to nobody the organisation knows.",
    "Phone, card and identity numbers that break off, are misspelled or stand without any word that says what they are.",
    "Addresses that are spread over a text, and descriptions that point at a person without a name.",
    "What pictures and other attachments show.",
];

/// How often the output is read again before an item is held back. Once is enough for nearly all that people write.
const PROOFS: usize = 8;

/// A rule that is no surer than this says nothing about other places of the item.
const GUESS: u8 = 50;

/// Finds personal data in texts; made once for an organisation.
pub struct Deidentifier {
    directory: Names,
    terms: Terms,
    /// What stands for each person of the directory in keyed tokens.
    stable: Vec<String>,
    detectors: Vec<Box<dyn Detect>>,
    tokens: Option<TokenKey>,
}

/// A detector that is added from outside, such as a model for names. It sees what the built-in ones see.
pub trait Detect: Send + Sync {
    /// What it finds in a text, in any order: byte ranges at character boundaries, and the rule that holds for each.
    fn find(&self, text: &str) -> Vec<(Range<usize>, &'static Detector)>;
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
    pub fn new(directory: &Directory, dictionary: &Dictionary) -> Self {
        lexicon::prepare();
        let stable = directory.people().iter().map(stable_name).collect();
        Self {
            directory: Names::of_directory(directory.people()),
            terms: Terms::new(dictionary),
            stable,
            detectors: Vec::new(),
            tokens: None,
        }
    }

    /// Writes keyed tokens instead of numbers: the same person has the same token in all items, for as long as the key is the
    /// same. Whoever drops the key ends that for good.
    #[must_use]
    pub fn with_tokens(mut self, key: TokenKey) -> Self {
        self.tokens = Some(key);
        self
    }

    /// Adds a detector beside the built-in ones.
    #[must_use]
    pub fn with_detector(mut self, detector: Box<dyn Detect>) -> Self {
        self.detectors.push(detector);
        self
    }

    /// Replaces the personal data in the texts of one item, in the order given. A name that one text shows to be a name is
    /// found in all of them, and one person has one number throughout.
    ///
    /// Outside the findings every text keeps every byte. Time is linear in the length of the texts.
    ///
    /// # Errors
    /// When the proof pass still finds something in the output: the item must then not leave.
    pub fn item(&self, texts: &[Text<'_>]) -> Result<Vec<Deidentified>, ProofFailed> {
        self.item_with(texts, &[])
    }

    /// The same where `users` are people whom the item itself names, such as who wrote it. The directory need not know them.
    ///
    /// # Errors
    /// As [`Self::item`].
    pub fn item_with(&self, texts: &[Text<'_>], users: &[Person]) -> Result<Vec<Deidentified>, ProofFailed> {
        let users = Names::of_users(users, &self.directory);
        let mut hits = self.find(texts, &users);
        let mut again = Vec::new();
        for _ in 0..=PROOFS {
            let done = self.replace(texts, &hits);
            if hits.iter().all(Vec::is_empty) {
                return Ok(done.into_iter().map(|done| done.into_deidentified()).collect());
            }
            let outputs: Vec<Text<'_>> =
                texts.iter().zip(&done).map(|(text, done)| Text { text: &done.text, format: text.format }).collect();
            again = self.find(&outputs, &users);
            if again.iter().all(Vec::is_empty) {
                return Ok(done.into_iter().map(|done| done.into_deidentified()).collect());
            }
            for ((hits, again), done) in hits.iter_mut().zip(&again).zip(&done) {
                hits.extend(again.iter().map(|hit| done.in_source(hit)));
            }
        }
        let mut detectors: Vec<&'static str> = again.iter().flatten().map(|hit| hit.detector.id).collect();
        detectors.sort_unstable();
        detectors.dedup();
        Err(ProofFailed { detectors })
    }

    fn replace(&self, texts: &[Text<'_>], hits: &[Vec<Hit>]) -> Vec<Replaced> {
        let mut placeholders = Placeholders::new(self.tokens.as_ref(), &self.stable);
        texts.iter().zip(hits).map(|(text, hits)| Replaced::new(*text, hits, &mut placeholders)).collect()
    }

    /// What is to be replaced in each text of an item, without overlaps.
    fn find(&self, texts: &[Text<'_>], users: &Names) -> Vec<Vec<Hit>> {
        let views: Vec<View<'_>> = texts.iter().map(|text| markup::view(text.text, text.format)).collect();
        let scans: Vec<Scan<'_>> = views.iter().map(|view| Scan::new(&view.text)).collect();
        let mut found = Vec::with_capacity(texts.len());
        let mut kept = Vec::with_capacity(texts.len());
        for (view, scan) in views.iter().zip(&scans) {
            let mut candidates = detect::find(scan);
            candidates.extend(view.given.iter().cloned());
            self.directory.find(scan, &mut candidates);
            users.find(scan, &mut candidates);
            people::find(scan, &mut candidates);
            kept.push(self.terms.find(scan, &mut candidates));
            for detector in &self.detectors {
                // What it says is checked: a range that is none must not stop the wash.
                candidates.extend(detector.find(scan.text).into_iter().filter_map(
                    |(Range { start, end }, detector)| {
                        let identity = Identity::Text(fold(scan.text.get(start..end)?));
                        Some(Candidate { start, end, detector, identity })
                    },
                ));
            }
            found.push(candidates);
        }
        let people = self.people_of_item(&scans, &found, users);
        let names = Names::of_item(&people);
        for (scan, candidates) in scans.iter().zip(&mut found) {
            names.find(scan, candidates);
            for candidate in candidates {
                self.identify(candidate, users, &names);
            }
        }
        let each = views.iter().zip(&scans).zip(found.into_iter().zip(kept));
        each.map(|((view, scan), (candidates, kept))| hits::resolve(view, scan, candidates, &kept)).collect()
    }

    /// The people whom the texts show and neither the directory nor the item's users have, each once.
    fn people_of_item(&self, scans: &[Scan<'_>], found: &[Vec<Candidate>], users: &Names) -> Vec<Person> {
        let mut people: Vec<Person> = Vec::new();
        let mut seen = HashSet::new();
        let shown =
            scans.iter().zip(found).flat_map(|(scan, found)| found.iter().map(move |candidate| (scan, candidate)));
        for (scan, candidate) in shown {
            let (kind, Identity::Text(called)) = (candidate.detector.kind, &candidate.identity) else { continue };
            if candidate.detector.score <= GUESS
                || !matches!(kind, Kind::Person | Kind::Handle | Kind::Email | Kind::AccountId)
                || self.known(called, users).is_some()
                || !seen.insert((kind, called))
            {
                continue;
            }
            let called = called.trim_start_matches('@').to_owned();
            people.push(match kind {
                Kind::Person => {
                    let written = scan.text[candidate.start..candidate.end].trim_start_matches('@');
                    Person { names: vec![written.to_owned()], ..Person::default() }
                }
                Kind::Handle => Person { names: name_of(&called), handles: vec![called], ..Person::default() },
                Kind::AccountId => Person { account_ids: vec![called], ..Person::default() },
                _ => Person {
                    names: called.split_once('@').map(|(local, _)| name_of(local)).unwrap_or_default(),
                    emails: vec![called],
                    ..Person::default()
                },
            });
        }
        once_each(people)
    }

    /// Whom a name, a user name or an id means.
    fn known(&self, called: &str, users: &Names) -> Option<Identity> {
        self.directory.identity(called).or_else(|| users.identity(called))
    }

    /// Ties what was found to a person of the directory or of the item.
    fn identify(&self, candidate: &mut Candidate, users: &Names, names: &Names) {
        let Identity::Text(called) = &candidate.identity else { return };
        if matches!(candidate.detector.kind, Kind::Person | Kind::Handle | Kind::AccountId)
            && let Some(identity) = self.known(called, users).or_else(|| names.identity(called))
        {
            candidate.identity = identity;
        }
    }
}

/// The name in a user name or a mailbox such as `ines.okafor`, if both parts may be names.
fn name_of(local: &str) -> Vec<String> {
    let parts: Vec<&str> = local.split(['.', '_', '-']).collect();
    let may_be = |part: &&str| {
        let known = look_up(&fold(part));
        part.len() > 1 && part.chars().all(char::is_alphabetic) && (known.is_name() || !known.is_ordinary())
    };
    match parts[..] {
        [first, last]
            if may_be(&first)
                && may_be(&last)
                && (look_up(&fold(first)).is_name() || look_up(&fold(last)).is_name()) =>
        {
            vec![format!("{first} {last}")]
        }
        _ => Vec::new(),
    }
}

/// Leaves out a person whose name is part of exactly one longer one: `Ines` beside `Ines Okafor`.
fn once_each(mut people: Vec<Person>) -> Vec<Person> {
    let words = |person: &Person| person.names.first().map(|name| folded_words(name)).unwrap_or_default();
    people.sort_by_key(|person| std::cmp::Reverse(words(person).len()));
    let mut longer: HashMap<String, usize> = HashMap::new();
    people.retain(|person| {
        let words = words(person);
        if let [only] = &words[..]
            && person.handles.is_empty()
            && longer.get(only) == Some(&1)
        {
            return false;
        }
        for word in words {
            *longer.entry(word).or_default() += 1;
        }
        true
    });
    people
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

    fn one(text: &str) -> Deidentified {
        deidentifier().item(&[Text { text, format: Format::Text }]).unwrap().remove(0)
    }

    fn output(text: &str) -> String {
        one(text).text
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
        let text = "Okafor, Ines; INES; iokafor; @iokafor; [~accountid:5b10ac8d82e05b22cc7d4ef5]; 5b10ac8d82e05b22cc7d4ef5; ines.okafor";
        let expected = "[PERSON_2]; [PERSON_2]; [HANDLE_2]; [HANDLE_2]; [ACCOUNT_ID_2]; [ACCOUNT_ID_2]; [HANDLE_2]";
        let texts = ["Bram", text].map(|text| Text { text, format: Format::Text });
        let done = deidentifier().item(&texts).unwrap();
        assert_eq!((done[0].text.as_str(), done[1].text.as_str()), ("[PERSON_1]", expected));
    }

    #[test]
    fn users_of_the_item_are_known_in_it_and_nowhere_else() {
        let users = [
            Person { names: vec!["Otto Lind".into()], handles: vec!["olind".into()], ..Person::default() },
            Person { names: vec!["Xandrel Okafor".into()], handles: vec!["iokafor".into()], ..Person::default() },
        ];
        let text = "lind and Xandrel, then olind; Ines wrote: otto.lind did";
        let texts = [Text { text, format: Format::Text }];
        let with = deidentifier().item_with(&texts, &users).unwrap().remove(0);
        assert_eq!(with.text, "[PERSON_1] and [PERSON_2], then [HANDLE_1]; [PERSON_2] wrote: [HANDLE_1] did");
        let without = deidentifier().item(&texts).unwrap().remove(0);
        assert!(without.text.contains("Xandrel"), "{}", without.text);
    }

    #[test]
    fn a_name_shown_in_one_text_is_found_in_all() {
        let texts = ["Zdravka Quellin (zquellin) asked", "Quellin said so, zquellin too"]
            .map(|text| Text { text, format: Format::Text });
        let done = Deidentifier::new(&Directory::default(), &Dictionary::default()).item(&texts).unwrap();
        assert_eq!(done[0].text, "[PERSON_1] ([HANDLE_1]) asked");
        assert_eq!(done[1].text, "[PERSON_1] said so, [HANDLE_1] too");
    }

    #[test]
    fn terms_are_removed_or_kept_as_the_organisation_says() {
        let dictionary = Dictionary {
            always: vec!["Blue Falcon".into(), "xk-9".into()],
            never: vec!["Jenkins".into(), "Martin Server".into()],
        };
        let engine = Deidentifier::new(&Directory::default(), &dictionary);
        let done = engine
            .item(&[Text {
                text: "blue_falcon (XK-9) runs on Martin Server, thanks Jenkins and Martin",
                format: Format::Text,
            }])
            .unwrap();
        assert_eq!(done[0].text, "[TERM_1] ([TERM_2]) runs on Martin Server, thanks Jenkins and [PERSON_1]");
    }

    #[test]
    fn every_format_comes_back_valid() {
        let adf = r#"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"5b10","text":"@Zoe"}},{"type":"text","text":" asked In"},{"type":"text","text":"es","marks":[{"type":"strong"}]},{"type":"text","text":" or \u0042ram"}]}]}"#;
        for (format, text, expected) in [
            (
                Format::Adf,
                adf,
                r#"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"[ACCOUNT_ID_1]","text":"[PERSON_2]"}},{"type":"text","text":" asked [PERSON_3]"},{"type":"text","text":" ","marks":[{"type":"strong"}]},{"type":"text","text":" or [PERSON_4]"}]}]}"#,
            ),
            (Format::Html, "<p>In<b>es</b> Ok&auml;for</p>", "<p>[PERSON_1]<b></b></p>"),
            (
                Format::Wiki,
                "*Ines* *Okafor* or {color:red}Bram{color}",
                "*[PERSON_1]* ** or {color:red}[PERSON_2]{color}",
            ),
            (Format::Markdown, "**Ines** `x` <ines\\@example.org>", "**[PERSON_1]** `x` <[EMAIL_1]>"),
        ] {
            let done = deidentifier().item(&[Text { text, format }]).unwrap();
            assert_eq!(done[0].text, expected);
        }
    }

    #[test]
    fn a_second_find_beside_a_replacement_keeps_its_place() {
        for text in [
            "I<b Ir>for",
            "cc Yn",
            "<p>I<b>nes</b> Okafor &lt;a&#65;b<![CDATA[Bram cc ser]]>\u{301}-- I",
            "xbh|.User%\\e&gt; <ri:user rier]]><!-- Ines --><a r%\\e&gt; ",
        ] {
            for format in Format::ALL {
                let done = deidentifier().item(&[Text { text, format }]).unwrap();
                let again = deidentifier().item(&[Text { text: &done[0].text, format }]).unwrap();
                assert_eq!(again[0].text, done[0].text);
            }
        }
    }

    #[test]
    fn a_detector_from_outside_is_asked_as_well() {
        struct Model;
        static MODEL: Detector = Detector::new("model.person", Kind::Person, 70, "A model takes it for a name.");
        impl Detect for Model {
            fn find(&self, text: &str) -> Vec<(Range<usize>, &'static Detector)> {
                let found = text.match_indices("quux").map(|(at, quux)| (at..at + quux.len(), &MODEL));
                // The last is no range of this text.
                found.chain([(1..text.len() + 1, &MODEL)]).collect()
            }
        }
        let engine = deidentifier().with_detector(Box::new(Model));
        let done = engine.item(&[Text { text: "a quux b quux", format: Format::Text }]).unwrap();
        assert_eq!(done[0].text, "a [PERSON_1] b [PERSON_1]");
    }

    #[test]
    fn keyed_tokens_are_the_same_in_every_item_and_differ_by_key() {
        let text =
            |engine: &Deidentifier, text| engine.item(&[Text { text, format: Format::Text }]).unwrap().remove(0).text;
        let with = |secret: u8, org| deidentifier().with_tokens(TokenKey::new(&[secret; 32], org));
        let one = text(&with(1, "a"), "Ines Okafor");
        assert_eq!(one, text(&with(1, "a"), "INES").replace(' ', ""));
        assert_ne!(one, text(&with(2, "a"), "Ines Okafor"));
        assert_ne!(one, text(&with(1, "b"), "Ines Okafor"));
        assert_eq!(text(&with(1, "a"), &one), one);
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
        let done = one("é Ines");
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
