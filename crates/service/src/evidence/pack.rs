//! The pack: what is in it, and checking one.

use audit::{Action, Broken, Chain, Checkpoint, Draft, Entry, Head, NoteError, PublicKey, sha256};
use language::{Dates as _, Language, count, t};
use policy::Timestamp;
use serde::Serialize;
use thiserror::Error;

use super::archive::{self, ArchiveError, File};
use super::{Rewound, StateOn};
use crate::Sluice;
use crate::access::{OrgAuditor, ReadsOrg, difference};
use crate::audit_log::checkpoint_of;
use crate::settings::{SettingsError, value_name};

/// What a pack holds of the audit log: the last entries, so many and so many bytes of them. The last one is always in it.
const MOST_ENTRIES: i64 = 50_000;
const MOST_BYTES: usize = 32 * 1024 * 1024;
const LINES_AT_ONCE: i64 = 500;

const SUMS: &str = "SHA256SUMS";
const KEY: &str = "public-key.txt";
const CHECKPOINT: &str = "audit-checkpoint.txt";
const LOG: &str = "audit.jsonl";
const STATE: &str = "state.json";
const CHANGES: &str = "changes.json";

/// What people read: in each language what says how to check the pack, and the report.
const IN_WORDS: [(Language, &str, &str); 2] =
    [(Language::English, "READ-ME-FIRST.txt", "report.html"), (Language::German, "ZUERST-LESEN.txt", "bericht.html")];

/// Why a pack was not made.
#[derive(Debug, Error)]
pub enum PackError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the pack could not be put together: {0}")]
    Failed(String),
}

impl From<crate::ports::StoreError> for PackError {
    fn from(error: crate::ports::StoreError) -> Self {
        Self::Settings(error.into())
    }
}

#[derive(Serialize)]
struct State<'a> {
    organisation: Organisation<'a>,
    at: String,
    settings_version: i64,
    catalogue_version: &'a str,
    plan: &'a str,
    in_one_sentence: &'a str,
    subscriptions: Vec<Subscribed<'a>>,
    decisions: Vec<Decision<'a>>,
}

#[derive(Serialize)]
struct Subscribed<'a> {
    app: &'a str,
    plan: &'a str,
    trial: bool,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

#[derive(Serialize)]
struct Organisation<'a> {
    id: &'a str,
    slug: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Decision<'a> {
    setting: String,
    label: &'a str,
    kind: &'a str,
    contributes: bool,
    because: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen_at: Option<String>,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: &'a str,
    version: i64,
    at: String,
    who: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverts: Option<&'a str>,
    items: Vec<ChangedItem<'a>>,
}

#[derive(Serialize)]
struct ChangedItem<'a> {
    what: &'a str,
    old: &'static str,
    new: &'static str,
}

/// Puts a pack together and writes that it was taken. `report` makes the page that people read.
///
/// Whoever takes it, the same evidence has the same words, because it is handed on, compared and checked: what programs read is
/// in English, what people read is in it once in each language.
///
/// # Errors
/// When the organisation is gone, the store fails or the pack would be larger than its format allows.
pub async fn export(
    sluice: &Sluice,
    auditor: &OrgAuditor,
    at: Timestamp,
    report: impl Fn(&StateOn, &Checkpoint, &str) -> String,
) -> Result<Vec<u8>, PackError> {
    let then = Rewound::to(sluice, auditor, at).await?;
    let org_id = &auditor.org().id;
    let entry = Draft {
        changes: vec![difference("state on", None, Some(&then.at.rfc3339()))],
        ..auditor.who().did(sluice.now(), Action::EvidenceExport, "evidence", "")
    };
    sluice.store.append(&[(org_id.clone(), entry)]).await?;
    let checkpoint = checkpoint_of(sluice, org_id).await?;
    let (log, first) = log(sluice, &checkpoint).await?;
    let key = sluice.signer.public().to_string();

    let file = |name: &str, text: String| File { name: name.to_owned(), bytes: text.into_bytes() };
    let mut files = Vec::new();
    for (language, read_me_name, report_name) in IN_WORDS {
        language.scope(|| {
            let state = then.told(sluice);
            files.push(file(read_me_name, read_me(&state, report_name, first, &checkpoint)));
            files.push(file(report_name, report(&state, &checkpoint, &key)));
        });
    }
    let (state, changes) = Language::English.scope(|| {
        let state = then.told(sluice);
        (serde_json::to_string_pretty(&state_json(&state)), serde_json::to_string_pretty(&changes_json(&state)))
    });
    let json = |value: serde_json::Result<String>| value.map_err(|error| PackError::Failed(error.to_string()));
    files.extend([
        file(STATE, json(state)?),
        file(CHANGES, json(changes)?),
        file(LOG, log),
        file(CHECKPOINT, checkpoint.sign(&sluice.signer).to_string()),
        file(KEY, format!("{key}\n")),
    ]);
    let sums: String = files.iter().map(|file| format!("{}  {}\n", sha256(&file.bytes), file.name)).collect();
    let sums = format!("# Evidence of {} on {}\n{sums}", auditor.org().slug, then.at.rfc3339());
    files.push(file(SUMS, sluice.signer.sign(&sums).to_string()));
    archive::write(&files).map_err(|error| PackError::Failed(error.to_string()))
}

/// The last entries until the checkpoint, as many as a pack takes; and the number of the first.
async fn log(sluice: &Sluice, checkpoint: &Checkpoint) -> Result<(String, i64), PackError> {
    let until = checkpoint.head.sequence;
    let oldest = (until - MOST_ENTRIES).max(0);
    let (mut end, mut first, mut bytes) = (until, until + 1, 0);
    let mut pieces: Vec<String> = Vec::new();
    // Backwards, so that nothing is read that has no room.
    while end > oldest && first == end + 1 {
        let after = (end - LINES_AT_ONCE).max(oldest);
        let some = u32::try_from(end - after).unwrap_or(u32::MAX);
        let lines = sluice.store.audit_lines(&checkpoint.scope, after, some).await?;
        let (kept, entries) = last_lines(&lines, MOST_BYTES.saturating_sub(bytes), pieces.is_empty());
        bytes += kept.len();
        first -= entries;
        pieces.push(kept.to_owned());
        end = after;
    }
    pieces.reverse();
    Ok((pieces.concat(), first))
}

/// The last lines of a text that have room in so many bytes, and how many they are; `at_least_one` whatever its length.
fn last_lines(text: &str, room: usize, at_least_one: bool) -> (&str, i64) {
    let (mut start, mut count) = (text.len(), 0);
    while start > 0 {
        let line = text[..start - 1].rfind('\n').map_or(0, |end| end + 1);
        if text.len() - line > room && (count > 0 || !at_least_one) {
            break;
        }
        (start, count) = (line, count + 1);
    }
    (&text[start..], count)
}

fn state_json(state: &StateOn) -> State<'_> {
    let decisions = state.decisions.iter().map(|decision| Decision {
        setting: decision.setting.to_string(),
        label: &decision.label,
        kind: decision.kind.id(),
        contributes: decision.contributes,
        because: &decision.because,
        chosen: decision.chosen.map(|(on, _)| value_name(Some(on))),
        chosen_at: decision.chosen.map(|(_, at)| at.rfc3339()),
    });
    State {
        organisation: Organisation { id: &state.org.id, slug: &state.org.slug, name: &state.org.name },
        at: state.at.rfc3339(),
        settings_version: state.version,
        catalogue_version: &state.catalogue,
        plan: &state.plan,
        in_one_sentence: &state.sentence,
        subscriptions: state
            .subscriptions
            .iter()
            .map(|subscription| Subscribed {
                app: &subscription.app,
                plan: &subscription.plan,
                trial: subscription.trial,
                from: subscription.from.rfc3339(),
                until: subscription.until.map(Timestamp::rfc3339),
            })
            .collect(),
        decisions: decisions.collect(),
    }
}

fn changes_json(state: &StateOn) -> Vec<Changed<'_>> {
    state
        .changes
        .iter()
        .map(|change| Changed {
            id: &change.id,
            version: change.version,
            at: change.at.rfc3339(),
            who: &change.who,
            reason: &change.reason,
            reverts: change.reverts.as_deref(),
            items: change
                .items
                .iter()
                .map(|(what, old, new)| ChangedItem { what, old: value_name(*old), new: value_name(*new) })
                .collect(),
        })
        .collect()
}

fn read_me(state: &StateOn, report: &str, first: i64, checkpoint: &Checkpoint) -> String {
    let last = checkpoint.head.sequence;
    let log = if first > 1 {
        t!(
            "{file} does not begin with the first entry: it holds the last ones, {first} to {last}, at most {most} and {size} MB \
             of them. The whole log is exported from the page of the audit log.",
            file = LOG,
            first = count(first),
            last = count(last),
            most = count(MOST_ENTRIES),
            size = MOST_BYTES / 1024 / 1024,
        )
    } else {
        t!("{file} is the whole log, entries 1 to {last}.", file = LOG, last = count(last))
    };
    let files = [
        (report, t!("to read and to print")),
        (STATE, t!("the same for programs: every decision with its reason")),
        (CHANGES, t!("every change until then: who, when, why, from and to")),
        (LOG, t!("the audit log up to the checkpoint; each line carries the hash of the one before")),
        (CHECKPOINT, t!("how far the log had come, signed")),
        (KEY, t!("the key that checks the signatures")),
        (SUMS, t!("the SHA-256 hash of each file, signed")),
    ];
    let mut lines = vec![
        t!(
            "Evidence of the data contribution settings of {organisation} as they stood at {moment}.",
            organisation = state.org.name,
            moment = state.at.date_time(),
        ),
        String::new(),
    ];
    lines.extend(files.map(|(file, what)| format!("{file:22}{what}")));
    lines.extend([
        String::new(),
        log,
        String::new(),
        t!("To check it, on any machine and without a network:").to_owned(),
        String::new(),
        "    sluice verify-evidence FILE.zip".to_owned(),
        String::new(),
        t!("That shows that nothing was changed since it was signed with the key in {file}.", file = KEY),
        t!(
            "To know whose key that is, compare it with the one that the vendor published, or that you noted earlier; {option} \
             takes it.",
            option = "--key",
        ),
        String::new(),
    ]);
    lines.join("\n")
}

/// What a sound pack says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it is evidence of, as its list of hashes says.
    pub title: String,
    pub files: usize,
    /// The entries of the audit log in it: the first and the last number.
    pub entries: (i64, i64),
    pub checkpoint: Checkpoint,
    /// The key that it was checked with.
    pub key: PublicKey,
}

/// Why a pack cannot be relied on.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PackFault {
    #[error("the file: {0}")]
    Archive(#[from] ArchiveError),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} is not text")]
    NotText(&'static str),
    #[error("{file}: {fault}")]
    Note { file: &'static str, fault: NoteError },
    #[error("{0} was changed after it was signed")]
    Changed(String),
    #[error("the files in it are not those that were signed")]
    OtherFiles,
    #[error("{LOG}: {0}")]
    Log(#[from] Broken),
}

/// Checks a pack: that its list is signed with `key` (or with the key inside), that every file is as listed, that no file is
/// more or less, and that the audit log leads to its signed checkpoint.
///
/// # Errors
/// The first thing that is not as it was signed.
pub fn check(bytes: &[u8], key: Option<&PublicKey>) -> Result<Checked, PackFault> {
    let files = archive::read(bytes)?;
    let text = |name: &'static str| {
        let file = files.iter().find(|file| file.name == name).ok_or(PackFault::Missing(name))?;
        std::str::from_utf8(&file.bytes).map_err(|_| PackFault::NotText(name))
    };
    let key = match key {
        Some(key) => key.clone(),
        None => PublicKey::parse(text(KEY)?).map_err(|fault| PackFault::Note { file: KEY, fault })?,
    };
    let sums = key.verify(text(SUMS)?).map_err(|fault| PackFault::Note { file: SUMS, fault })?;
    let (title, listed) = sums.split_once('\n').unwrap_or((sums, ""));
    let listed: Vec<(&str, &str)> = listed.lines().filter_map(|line| line.split_once("  ")).collect();
    // The list stands last and is the only file that is not in it.
    let others = match files.split_last() {
        Some((last, others)) if last.name == SUMS => others,
        _ => return Err(PackFault::OtherFiles),
    };
    if !others.iter().map(|file| file.name.as_str()).eq(listed.iter().map(|(_, name)| *name)) {
        return Err(PackFault::OtherFiles);
    }
    for (file, (hash, name)) in files.iter().zip(&listed) {
        if sha256(&file.bytes) != *hash {
            return Err(PackFault::Changed((*name).to_owned()));
        }
    }
    let checkpoint =
        Checkpoint::verify(text(CHECKPOINT)?, &key).map_err(|fault| PackFault::Note { file: CHECKPOINT, fault })?;
    let log = text(LOG)?;
    let before = match log.lines().next().and_then(|line| Entry::of_line(line).ok()) {
        Some((first, _)) => Head { sequence: first.sequence.saturating_sub(1), hash: first.previous },
        None => Head::start(),
    };
    let first = before.sequence + 1;
    let mut chain = Chain::after(&checkpoint.scope, before, vec![checkpoint.head.clone()]);
    log.lines().try_for_each(|line| chain.next(line))?;
    let last = chain.end()?.sequence;
    if last != checkpoint.head.sequence {
        return Err(PackFault::OtherFiles);
    }
    Ok(Checked {
        title: title.trim_start_matches("# ").to_owned(),
        files: files.len(),
        entries: (first, last),
        checkpoint,
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::last_lines;

    #[test]
    fn the_last_lines_that_have_room_are_kept() {
        let text = "one\ntwo\nthree\n";
        for (room, kept, count) in
            [(14, text, 3), (13, "two\nthree\n", 2), (10, "two\nthree\n", 2), (9, "three\n", 1), (6, "three\n", 1)]
        {
            assert_eq!(last_lines(text, room, true), (kept, count), "{room}");
        }
        assert_eq!(last_lines(text, 5, true), ("three\n", 1), "the last one in any case");
        assert_eq!(last_lines(text, 5, false), ("", 0));
        assert_eq!(last_lines("", 5, true), ("", 0));
    }
}
