//! The audit log of an organisation: searching it, taking it away, and showing that nobody bent it.
//!
//! What accompanies a change is written by the store, in the transaction of the change. What stands for itself (a sign-in, a
//! denied attempt, an export) is written here. There is no way to change or delete an entry.

use std::collections::BTreeSet;

use audit::{
    Action, Actor, ActorKind, Broken, Chain, Checkpoint, Draft, Entry, Head, Interface, Outcome, Sealed, SignedNote,
};
use language::{kept, t, told};
use policy::{Catalogue, Timestamp};

use crate::Sluice;
use crate::access::{AuditsOrg, OrgAuditor, ReadsOrg, Who};
use crate::model::{Account, OrgRef};
use crate::people::folded;
use crate::ports::{AuditFilter, KnownActor, StoreError};

/// The log of what belongs to no organisation.
pub const INSTALLATION: &str = "installation";

/// Of a path that somebody typed, what is kept: more than any path of ours has.
const LONGEST_PATH: usize = 200;

/// A path as the log has it.
pub(crate) fn kept_path(path: &str) -> String {
    path.chars().take(LONGEST_PATH).collect()
}

/// Denied attempts of one actor that a log takes in an hour: more than a person makes by mistake, and too few to bury a log
/// or to fill a disk.
const MOST_DENIED: i64 = 50;

/// Writes that something was tried without the right to it. `what` is the path of a page, without a query. Whether it was
/// written: see [`append_denied`].
///
/// # Errors
/// When the store fails.
pub async fn denied(sluice: &Sluice, who: &Who, org: &OrgRef, what: &str) -> Result<bool, StoreError> {
    let entry = who.did(sluice.now(), Action::AccessDenied, "page", &kept_path(what));
    append_denied(sluice, &org.id, entry, kept!("The role does not allow it.")).await
}

const NO_MORE: &str = kept!("More within the hour are not written one by one.");

/// What an entry says of why, in the language of who reads: it is kept in English.
pub fn told_because(because: &str) -> String {
    let (because, more) = match because.strip_suffix(NO_MORE) {
        Some(because) => (because.trim_end(), Some(told(NO_MORE))),
        None => (because, None),
    };
    let scope = because.strip_prefix("The key does not have the scope ").and_then(|scope| scope.strip_suffix('.'));
    let because = match scope {
        Some(scope) => t!("The key does not have the scope {scope}.", scope),
        None => told(because).to_owned(),
    };
    [Some(because.as_str()), more].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What contributed data was read for, as the catalogue calls it in the language of who reads; a purpose that it does not have
/// any more as it was kept.
fn told_purpose(catalogue: &Catalogue, entry: &Entry) -> Option<String> {
    let read = (entry.action == Action::DataRead).then_some(&entry.resource.id)?;
    catalogue.purpose(read).map(|purpose| purpose.name.clone()).or_else(|| entry.reason.clone())
}

/// Appends a denied attempt, the one way to do so: [`MOST_DENIED`] of an actor in an hour, and the last of them says that no
/// more are written. Attempts beyond that are refused all the same; whoever calls counts them in the metrics.
pub(crate) async fn append_denied(
    sluice: &Sluice,
    scope: &str,
    entry: Draft,
    because: &str,
) -> Result<bool, StoreError> {
    let an_hour_ago = Timestamp::from_micros(entry.at - 3_600_000_000);
    let decide = |before: i64| {
        let because = match before + 1 {
            last if last == MOST_DENIED => format!("{because} {NO_MORE}"),
            _ => because.to_owned(),
        };
        let entry = Draft { outcome: Outcome::Denied, because: Some(because), ..entry.clone() };
        (before < MOST_DENIED).then_some(entry)
    };
    sluice.store.append_denied(scope, &entry.actor.id, an_hour_ago, &decide).await
}

/// Writes that someone signed in or out, in the log of each of their organisations; of the vendor's own people in the
/// installation's.
///
/// # Errors
/// When the store fails.
pub async fn session(sluice: &Sluice, who: &Who, action: Action) -> Result<(), StoreError> {
    let entry = who.did(sluice.now(), action, "account", &who.account.id);
    append_for(sluice, &who.account, &entry).await
}

/// Writes that somebody failed to sign in: for a known address to the logs of the account's organisations, otherwise to the
/// installation's. What was typed is never written.
///
/// # Errors
/// When the store fails.
pub async fn sign_in_failed(sluice: &Sluice, email: &str, request: &str, because: &str) -> Result<(), StoreError> {
    let known = sluice.store.account_by_email(&email.trim().to_lowercase()).await?.map(|(account, _)| account);
    let id = known.as_ref().map_or("", |account| account.id.as_str());
    let (now, nobody) = (sluice.now().micros(), Actor::nobody(ActorKind::Unknown));
    let entry = Draft {
        request: request.to_owned(),
        outcome: Outcome::Failed,
        because: Some(because.to_owned()),
        ..Draft::new(now, nobody, Interface::Web, Action::SignIn, "account", id)
    };
    match known {
        Some(account) => append_for(sluice, &account, &entry).await,
        None => sluice.store.append(&[(INSTALLATION.to_owned(), entry)]).await,
    }
}

/// Appends an entry about an account wherever it belongs.
pub(crate) async fn append_for(sluice: &Sluice, account: &Account, entry: &Draft) -> Result<(), StoreError> {
    sluice.store.append(&entries_for(sluice, account, entry).await?).await
}

/// An entry about an account with each log that it belongs to.
pub(crate) async fn entries_for(
    sluice: &Sluice,
    account: &Account,
    entry: &Draft,
) -> Result<Vec<(String, Draft)>, StoreError> {
    let orgs = sluice.store.organisations_of(&account.id).await?;
    let mut scopes: Vec<String> = orgs.into_iter().map(|(org, _)| org.id).collect();
    if scopes.is_empty() || account.staff.is_some() {
        scopes = vec![INSTALLATION.to_owned()];
    }
    Ok(scopes.into_iter().map(|scope| (scope, entry.clone())).collect())
}

/// Entries on one page.
pub const PAGE: u32 = 50;

/// Lines that are read at once: a few hundred kilobytes.
const LINES_AT_ONCE: u32 = 1_000;

/// Of a search, in bytes.
const LONGEST_SEARCH: usize = 500;

/// Accounts and keys that the names in a search may mean.
const MOST_ACTORS: usize = 50;

/// A page of the log.
#[derive(Clone, Debug)]
pub struct AuditPage {
    pub org: OrgRef,
    /// The search as it was typed.
    pub query: String,
    /// What of it cannot be understood; then nothing is shown.
    pub faults: Vec<String>,
    /// Newest first.
    pub rows: Vec<AuditRow>,
    /// Entries that are no entries any more: somebody changed them.
    pub unreadable: Vec<i64>,
    /// The number below which the next page begins, if there is one.
    pub older: Option<i64>,
    pub head: Head,
    /// What checks this installation's signatures.
    pub public_key: String,
}

#[derive(Clone, Debug)]
pub struct AuditRow {
    pub entry: Entry,
    pub hash: String,
    pub at: Timestamp,
    /// Whoever acted, by name as it is now.
    pub who: String,
    /// On whose behalf, where that is someone else.
    pub on_behalf_of: Option<String>,
    /// What contributed data was read for; none of anything else.
    pub purpose: Option<String>,
}

/// Searches the log; entries below a number, newest first.
///
/// # Errors
/// When the store fails. A search that cannot be understood is no error: the page says what is wrong with it.
pub async fn page(
    sluice: &Sluice,
    cap: &impl AuditsOrg,
    query: &str,
    below: Option<i64>,
) -> Result<AuditPage, StoreError> {
    let org = cap.org().clone();
    let mut page = AuditPage {
        head: sluice.store.audit_head(&org.id).await?,
        public_key: sluice.signer.public().to_string(),
        org,
        query: query.trim().to_owned(),
        faults: Vec::new(),
        rows: Vec::new(),
        unreadable: Vec::new(),
        older: None,
    };
    match search(sluice, cap, query, below.unwrap_or(i64::MAX), PAGE).await? {
        Ok(found) => (page.rows, page.older, page.unreadable) = (found.rows, found.older, found.unreadable),
        Err(faults) => page.faults = faults,
    }
    Ok(page)
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Newest first.
    pub rows: Vec<AuditRow>,
    /// The number below which there is more.
    pub older: Option<i64>,
    /// Entries that are no entries any more: somebody changed them.
    pub unreadable: Vec<i64>,
}

/// Searches the log, with a page as long as `limit`; or says what is wrong with the search.
///
/// # Errors
/// When the store fails.
pub async fn search(
    sluice: &Sluice,
    cap: &impl AuditsOrg,
    query: &str,
    below: i64,
    limit: u32,
) -> Result<Result<Found, Vec<String>>, StoreError> {
    let asked = match Asked::read(query) {
        Ok(asked) => asked,
        Err(faults) => return Ok(Err(faults)),
    };
    let filter = match asked.filter(sluice, cap.org()).await? {
        Ok(Some(filter)) => filter,
        Ok(None) => return Ok(Ok(Found::default())),
        Err(fault) => return Ok(Err(vec![fault])),
    };
    let mut found = sluice.store.audit_search(&cap.org().id, &filter, below, limit.saturating_add(1)).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let older = found.last().filter(|_| more).map(|last| last.sequence);
    let (rows, unreadable) = rows(sluice, found).await?;
    Ok(Ok(Found { rows, older, unreadable }))
}

async fn rows(sluice: &Sluice, found: Vec<Sealed>) -> Result<(Vec<AuditRow>, Vec<i64>), StoreError> {
    let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
    for sealed in found {
        match Entry::of_line(&sealed.line()) {
            Ok(entry) => entries.push(entry),
            Err(_) => unreadable.push(sealed.sequence),
        }
    }
    let ids = entries.iter().flat_map(|(entry, _)| [Some(&entry.actor.id), entry.on_behalf_of.as_ref()]);
    let ids: BTreeSet<String> = ids.flatten().filter(|id| !id.is_empty()).cloned().collect();
    let names = sluice.store.actor_names(&ids.into_iter().collect::<Vec<_>>()).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let row = |(entry, hash): (Entry, String)| AuditRow {
        at: Timestamp::from_micros(entry.at),
        who: match entry.actor.kind {
            ActorKind::System => t!("Command line").to_owned(),
            ActorKind::Unknown => t!("of who did it" | "Unknown").to_owned(),
            _ => name(&entry.actor.id),
        },
        on_behalf_of: entry.on_behalf_of.as_deref().map(name),
        purpose: told_purpose(sluice.catalogue(), &entry),
        entry,
        hash,
    };
    Ok((entries.into_iter().map(row).collect(), unreadable))
}

/// What can be asked for, each with an example.
pub fn qualifiers() -> [(&'static str, &'static str); 6] {
    [
        ("actor", t!("a name, an e-mail address, or one of person, support, operator, key, system, unknown")),
        ("action", t!("an action such as settings.change, or a group such as settings")),
        ("resource", t!("a kind such as settings, or a setting such as space:jira/WEB")),
        ("result", t!("done, denied or failed")),
        ("after", t!("a day such as 2026-08-17, that day included")),
        ("before", t!("a day such as 2026-09-01, that day not included")),
    ]
}

/// A search as it was typed.
#[derive(Debug, Default)]
struct Asked {
    actors: Vec<String>,
    filter: AuditFilter,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Vec<String>> {
        if query.len() > LONGEST_SEARCH {
            return Err(vec![t!(
                "The search has more than {most} characters. Use fewer conditions.",
                most = LONGEST_SEARCH
            )]);
        }
        let mut asked = Self::default();
        let mut faults = Vec::new();
        for word in words(query) {
            let Some((name, value)) = word.split_once(':').filter(|(_, value)| !value.is_empty()) else {
                let names: Vec<String> = qualifiers().iter().map(|(name, _)| format!("{name}:")).collect();
                faults.push(t!(
                    "“{word}” is no condition. Write one of {names} and a value behind it.",
                    word,
                    names = names.join(", ")
                ));
                continue;
            };
            if let Err(fault) = asked.take(name, value) {
                faults.push(fault);
            }
        }
        if faults.is_empty() { Ok(asked) } else { Err(faults) }
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let day = || {
            Timestamp::parse(value).ok_or_else(|| {
                t!("“{value}” is no day. Write it as 2026-08-17, or with a time as 2026-08-17T10:00:00Z.", value)
            })
        };
        match name {
            "actor" => self.actors.push(value.to_owned()),
            "action" => {
                let all = Action::ALL.iter().copied();
                let group = format!("{value}.");
                let meant: Vec<Action> = all.filter(|a| a.id() == value || a.id().starts_with(&group)).collect();
                if meant.is_empty() {
                    return Err(t!("There is no action “{value}”. The page of actions lists them all.", value));
                }
                self.filter.actions.extend(meant);
                self.filter.actions.sort_unstable();
                self.filter.actions.dedup();
            }
            "resource" => self.filter.resource = Some(value.to_owned()),
            "result" => {
                let outcome = Outcome::parse(value);
                self.filter.outcome =
                    Some(outcome.ok_or_else(|| t!("“{value}” is no result. Write done, denied or failed.", value))?);
            }
            "after" => self.filter.from = Some(day()?),
            "before" => self.filter.until = Some(day()?),
            _ => return Err(t!("“{name}:” cannot be searched for.", name)),
        }
        Ok(())
    }

    /// The filter with names turned into ids; none if they are nobody's. A name means whoever is called so and acted in
    /// this log, and nobody else.
    async fn filter(
        mut self,
        sluice: &Sluice,
        org: &OrgRef,
    ) -> Result<Result<Option<AuditFilter>, String>, StoreError> {
        let (kinds, names): (Vec<&String>, Vec<&String>) =
            self.actors.iter().partition(|asked| ActorKind::parse(asked).is_some());
        self.filter.kinds = kinds.into_iter().filter_map(|asked| ActorKind::parse(asked)).collect();
        if !names.is_empty() {
            let sought: Vec<_> = names.into_iter().map(|asked| (asked.as_str(), folded(asked))).collect();
            let means = |actor: &KnownActor, (asked, sought): &(&str, String)| {
                actor.id == *asked || actor.email.as_deref() == Some(*asked) || folded(&actor.name).contains(sought)
            };
            let acted = sluice.store.audit_actors(&org.id).await?.into_iter();
            let meant = acted.filter(|actor| sought.iter().any(|sought| means(actor, sought)));
            self.filter.actors = meant.map(|actor| actor.id).collect();
        }
        let found = self.filter.actors.len();
        if found > MOST_ACTORS {
            return Ok(Err(t!(
                "What stands after actor: means {found} people and keys, and a search takes {most}. Write more of the name, or an e-mail address.",
                found,
                most = MOST_ACTORS
            )));
        }
        let nobody = !self.actors.is_empty() && found == 0 && self.filter.kinds.is_empty();
        Ok(Ok((!nobody).then_some(self.filter)))
    }
}

/// Words between spaces; what stands in quotes after a colon is one word without them.
fn words(query: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in query.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What verifying found.
#[derive(Clone, Debug)]
pub struct Verified {
    pub at: Timestamp,
    /// The head of a log that is whole, or the first entry that is not as it was written.
    pub outcome: Result<Head, Broken>,
}

/// Walks a whole log from its first entry and compares its end with the head that the store keeps, and with heads that are
/// known from elsewhere.
///
/// # Errors
/// When the store fails.
pub async fn verify_log(sluice: &Sluice, scope: &str, mut known: Vec<Head>) -> Result<Verified, StoreError> {
    known.push(sluice.store.audit_head(scope).await?);
    let mut chain = Chain::new(scope, known);
    let mut lines = sluice.store.audit_lines(scope, 0, LINES_AT_ONCE).await?;
    let outcome = loop {
        if lines.is_empty() {
            break chain.end();
        }
        let after = chain.head().sequence + i64::try_from(lines.lines().count()).unwrap_or(i64::MAX);
        // The database reads the next lines while these are checked.
        let next = sluice.store.audit_lines(scope, after, LINES_AT_ONCE);
        let check = async { lines.lines().try_for_each(|line| chain.next(line)) };
        let (next, checked) = tokio::join!(next, check);
        if let Err(broken) = checked {
            break Err(broken);
        }
        lines = next?;
        tokio::task::yield_now().await;
    };
    Ok(Verified { at: sluice.now(), outcome })
}

/// Verifies an organisation's log because a person asked for it, and writes that down.
///
/// # Errors
/// When the store fails.
pub async fn verify(sluice: &Sluice, auditor: &OrgAuditor) -> Result<Verified, StoreError> {
    let verified = verify_log(sluice, &auditor.org().id, Vec::new()).await?;
    let entry = auditor.who().did(verified.at, Action::AuditVerify, "audit", "");
    let entry = match &verified.outcome {
        Ok(_) => entry,
        Err(broken) => Draft { outcome: Outcome::Failed, because: Some(broken.to_string()), ..entry },
    };
    sluice.store.append(&[(auditor.org().id.clone(), entry)]).await?;
    Ok(verified)
}

/// Signs the head of a log as it is now.
///
/// # Errors
/// When the store fails.
pub async fn checkpoint_of(sluice: &Sluice, scope: &str) -> Result<Checkpoint, StoreError> {
    let head = sluice.store.audit_head(scope).await?;
    Ok(Checkpoint { scope: scope.to_owned(), head, at: sluice.now().micros() })
}

/// A signed checkpoint for a person to keep.
///
/// # Errors
/// When the store fails.
pub async fn checkpoint(sluice: &Sluice, auditor: &OrgAuditor) -> Result<SignedNote, StoreError> {
    let org = auditor.org();
    let entry = auditor.who().did(sluice.now(), Action::AuditCheckpoint, "audit", "");
    sluice.store.append(&[(org.id.clone(), entry)]).await?;
    Ok(checkpoint_of(sluice, &org.id).await?.sign(&sluice.signer))
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The very lines that were hashed: what `sluice verify-audit --file` takes.
    Lines,
    /// For a spreadsheet; it cannot be verified.
    Csv,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Lines, Self::Csv];

    /// As it stands in an address, in the log and at the end of a file's name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Lines => "jsonl",
            Self::Csv => "csv",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Lines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.id() == id)
    }
}

/// Begins an export: writes that it was taken, and says how far it goes.
///
/// # Errors
/// When the store fails.
pub async fn export(sluice: &Sluice, auditor: &OrgAuditor, form: Form) -> Result<Export, StoreError> {
    let org_id = auditor.org().id.clone();
    let entry = auditor.who().did(sluice.now(), Action::AuditExport, "audit", form.id());
    sluice.store.append(&[(org_id.clone(), entry)]).await?;
    let until = sluice.store.audit_head(&org_id).await?.sequence;
    Ok(Export { sluice: sluice.clone(), scope: org_id, form, after: 0, until, begun: false })
}

/// An export under way, in pieces, so that a long log is never in memory as a whole.
#[derive(Debug)]
pub struct Export {
    sluice: Sluice,
    scope: String,
    form: Form,
    after: i64,
    until: i64,
    begun: bool,
}

impl Export {
    /// The next piece; none after the last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let head = (self.form == Form::Csv && !std::mem::replace(&mut self.begun, true)).then_some(CSV_HEAD);
        let left = u32::try_from(self.until - self.after).unwrap_or(u32::MAX).min(LINES_AT_ONCE);
        if left == 0 {
            return Ok(head.map(str::to_owned));
        }
        let lines = self.sluice.store.audit_lines(&self.scope, self.after, left).await?;
        self.after += i64::from(left);
        if self.form == Form::Lines {
            return Ok(Some(lines));
        }
        let sealed = |line: &str| Entry::of_line(line).map_err(|error| StoreError(Box::new(error)));
        let mut piece = head.unwrap_or_default().to_owned();
        for line in lines.lines() {
            let (entry, hash) = sealed(line)?;
            piece.push_str(&csv_line(&entry, &hash));
        }
        Ok(Some(piece))
    }
}

const CSV_HEAD: &str = "sequence,time,actor,actor kind,on behalf of,interface,action,resource,result,changes,reason,because,request,hash\r\n";

fn csv_line(entry: &Entry, hash: &str) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    let changes: Vec<String> = entry
        .changes
        .iter()
        .map(|change| format!("{}: {} -> {}", change.what, value(&change.old), value(&change.new)))
        .collect();
    let cells = [
        entry.sequence.to_string(),
        Timestamp::from_micros(entry.at).rfc3339(),
        entry.actor.id.clone(),
        entry.actor.kind.id().to_owned(),
        value(&entry.on_behalf_of),
        entry.interface.id().to_owned(),
        entry.action.id().to_owned(),
        format!("{}:{}", entry.resource.kind, entry.resource.id),
        entry.outcome.id().to_owned(),
        changes.join("; "),
        value(&entry.reason),
        value(&entry.because),
        entry.request.clone(),
        hash.to_owned(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    cells.join(",") + "\r\n"
}

/// In quotes; what a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_in_english_is_told_in_the_language_of_who_reads() {
        let denied = format!("The role does not allow it. {NO_MORE}");
        for (kept, german) in [
            (
                denied.as_str(),
                "Die Rolle erlaubt es nicht. Weitere innerhalb der Stunde werden nicht einzeln aufgeschrieben.",
            ),
            ("The key does not have the scope write.", "Der Schlüssel hat nicht den Umfang write."),
            ("What nobody translated.", "What nobody translated."),
        ] {
            assert_eq!(told_because(kept), kept);
            assert_eq!(language::Language::German.scope(|| told_because(kept)), german);
        }
    }

    #[test]
    fn a_search_is_words_with_conditions() {
        let asked = Asked::read("actor:\"Sanne de Wit\" action:settings result:denied after:2026-08-17").unwrap();
        assert_eq!(asked.actors, ["Sanne de Wit"]);
        assert_eq!(asked.filter.actions, [Action::SettingsChange]);
        assert_eq!(asked.filter.outcome, Some(Outcome::Denied));
        assert_eq!(asked.filter.from, Timestamp::parse("2026-08-17"));
        assert!(Asked::read("  ").unwrap().filter == AuditFilter::default());
    }

    #[test]
    fn a_search_that_makes_no_sense_says_why() {
        for (query, said) in [
            ("sanne", "“sanne” is no condition. Write one of actor:"),
            ("actor:", "“actor:” is no condition."),
            ("who:me", "“who:” cannot be searched for."),
            ("action:fly", "There is no action “fly”."),
            ("result:maybe", "Write done, denied or failed."),
            ("after:yesterday", "“yesterday” is no day."),
        ] {
            let faults = Asked::read(query).unwrap_err();
            assert!(faults[0].contains(said), "{query}: {faults:?}");
        }
        assert_eq!(Asked::read("a b").unwrap_err().len(), 2);
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
