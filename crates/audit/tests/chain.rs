//! Whatever is done to a log, the first entry that it was done to is named.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use audit::{
    Action, Actor, ActorKind, Broken, Chain, Checkpoint, Difference, Draft, Entry, Fault, Head, Interface, NoteError,
    Outcome, PublicKey, Resource, SigningKey,
};
use proptest::prelude::*;

fn draft(number: i64, reason: &str) -> Draft {
    Draft {
        at: 1_780_000_000_000_000 + number,
        actor: Actor { id: "account-1".into(), kind: ActorKind::Person, session: Some("0a1b2c3d".into()) },
        on_behalf_of: None,
        interface: Interface::Web,
        request: "4b0c".into(),
        action: Action::SettingsChange,
        resource: Resource { id: "organisation".into(), kind: "settings".into() },
        changes: vec![Difference { what: "space:jira/WEB".into(), old: Some("off".into()), new: None }],
        outcome: Outcome::Done,
        because: None,
        reason: Some(reason.into()),
        reverts: None,
    }
}

fn log(scope: &str, entries: i64) -> Vec<String> {
    let mut head = Head::start();
    let line = |number| {
        let sealed = draft(number, "Agreed — \"é\"\n\u{1}").seal(scope, &head).unwrap();
        head = sealed.head();
        sealed.line()
    };
    (0..entries).map(line).collect()
}

fn walk(lines: &[String], known: Vec<Head>) -> Result<Head, Broken> {
    let mut chain = Chain::new("org", known);
    lines.iter().try_for_each(|line| chain.next(line))?;
    chain.end()
}

fn head_at(lines: &[String], sequence: usize) -> Head {
    let mut chain = Chain::new("org", Vec::new());
    lines[..sequence].iter().for_each(|line| chain.next(line).unwrap());
    chain.head().clone()
}

fn key() -> SigningKey {
    SigningKey::of_seed("sluice", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()
}

#[test]
fn an_entry_is_canonical_json() {
    let line = &log("org", 1)[0];
    // Parsed into a map, whose order is that of the keys, it is written the same.
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(&value.to_string(), line);
    assert!(line.contains(r#""reason":"Agreed — \"é\"\n\u0001""#), "{line}");
    let (entry, hash) = Entry::of_line(line).unwrap();
    assert_eq!((entry.sequence, entry.previous.as_str(), hash.len()), (1, audit::START, 64));
}

#[test]
fn every_kind_of_tampering_has_its_name() {
    let lines = log("org", 5);
    let fault = |lines: &[String]| walk(lines, vec![head_at(&log("org", 5), 5)]).unwrap_err();
    assert_eq!(walk(&lines, vec![]).unwrap(), head_at(&lines, 5));

    let mut changed = lines.clone();
    changed[2] = changed[2].replace("\"off\"", "\"on\"");
    assert_eq!(fault(&changed), Broken { sequence: 3, fault: Fault::Changed });
    let mut dropped = lines.clone();
    dropped.remove(1);
    assert_eq!(fault(&dropped), Broken { sequence: 2, fault: Fault::OutOfOrder(3) });
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    assert_eq!(fault(&swapped), Broken { sequence: 4, fault: Fault::OutOfOrder(5) });
    assert_eq!(fault(&lines[..4]), Broken { sequence: 5, fault: Fault::CutOff(5) });
    let mut foreign = lines.clone();
    foreign[0] = log("other", 1).remove(0);
    assert_eq!(fault(&foreign), Broken { sequence: 1, fault: Fault::Foreign });
    // Written anew from the third entry on, with right hashes throughout: only a checkpoint tells.
    let mut head = head_at(&lines, 2);
    let mut rewritten = lines[..2].to_vec();
    for number in 2..5 {
        let sealed = draft(number, "Something else").seal("org", &head).unwrap();
        head = sealed.head();
        rewritten.push(sealed.line());
    }
    assert!(walk(&rewritten, vec![]).is_ok());
    assert_eq!(fault(&rewritten), Broken { sequence: 5, fault: Fault::Rewritten });
    // One line of the new chain among the old ones does not follow, or is not followed.
    let mut patched = lines.clone();
    patched[2].clone_from(&rewritten[2]);
    assert_eq!(fault(&patched), Broken { sequence: 4, fault: Fault::Unlinked });
}

#[test]
fn a_checkpoint_is_read_back_with_the_public_key_alone() {
    let head = head_at(&log("org", 3), 3);
    let note = Checkpoint { scope: "org".into(), head: head.clone(), at: 7 }.sign(&key()).to_string();
    let public = PublicKey::parse(&key().public().to_string()).unwrap();
    assert_eq!(Checkpoint::verify(&note, &public).unwrap(), Checkpoint { scope: "org".into(), head, at: 7 });
    assert_eq!(note.lines().count(), 6, "{note}");

    let other = SigningKey::of_seed("sluice", "ICECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    assert_eq!(other.public().verify(&note), Err(NoteError::OtherKey));
    assert_eq!(Checkpoint::verify(&key().sign("hello").to_string(), &public), Err(NoteError::NotACheckpoint));
    for wrong in ["", "\n\n", "a\n\n", "a\n\nb c\n", "a\n\n\u{2014} sluice AAAA\n"] {
        assert!(public.verify(wrong).is_err(), "{wrong:?}");
    }
    for wrong in ["", "sluice", "sluice+00000000+AQ==", &key().public().to_string().replace("sluice", "other")] {
        assert_eq!(PublicKey::parse(wrong), Err(NoteError::NotAKey), "{wrong}");
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_is_found_where_it_is(line in 0..6_usize, at in 0..10_000_usize, bit in 0..8_u8) {
        let mut lines = log("org", 6);
        let known = vec![head_at(&lines, 6)];
        let mut bytes = lines[line].clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        // What is no text any more cannot even be read as a line.
        if let Ok(text) = String::from_utf8(bytes) {
            lines[line] = text;
            let broken = walk(&lines, known).unwrap_err();
            prop_assert_eq!(broken.sequence, i64::try_from(line).unwrap() + 1);
        }
    }

    #[test]
    fn a_flipped_bit_of_a_note_is_found(at in 0..10_000_usize, bit in 0..8_u8) {
        let head = head_at(&log("org", 3), 3);
        let note = Checkpoint { scope: "org".into(), head, at: 7 }.sign(&key()).to_string();
        let mut bytes = note.into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(Checkpoint::verify(&text, key().public()).is_err());
        }
    }

    #[test]
    fn nothing_that_can_be_typed_breaks_a_line(reason in "\\PC*|[\\x00-\\x7f]*") {
        let sealed = draft(1, &reason).seal("org", &Head::start()).unwrap();
        prop_assert!(!sealed.line().contains('\n'));
        prop_assert_eq!(Entry::of_line(&sealed.line()).unwrap().0.reason.unwrap(), reason);
        prop_assert!(Chain::new("org", vec![]).next(&sealed.line()).is_ok());
    }
}
