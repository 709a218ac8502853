//! The audit log: complete, in one chain, and what is done to it past the guards is found.

use std::collections::BTreeSet;

use audit::{Action, ActorKind, Draft, Entry, Fault, Outcome};
use policy::Timestamp;
use service::access::ReadsOrg;
use service::audit_log::{search, verify_log};
use service::ports::AuditFilter;
use service::terms;
use tokio::task::JoinSet;

use crate::console::{Console, setting};

fn entries(log: &str) -> Vec<Entry> {
    log.lines().map(|line| Entry::of_line(line).unwrap().0).collect()
}

async fn whole(console: &Console, slug: &str) -> bool {
    let org = console.org(slug).await;
    verify_log(&console.sluice, &org.id, Vec::new()).await.unwrap().outcome.is_ok()
}

pub(crate) async fn every_change_has_its_entry(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let seeded = entries(&console.log("large").await);
    let changes = console.history("large").await;
    assert_eq!(seeded.len(), changes.len() + 2, "two more for its people and its terms");
    console.set(&admin, Some(false), &setting("space:jira/HR")).await.unwrap();
    terms::add(&console.sluice, &admin, true, "Otter").await.unwrap();
    let log = entries(&console.log("large").await);
    let [.., change, term] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((change.action, change.changes[0].what.as_str()), (Action::SettingsChange, "space:jira/HR"));
    assert_eq!((change.changes[0].old.as_deref(), change.changes[0].new.as_deref()), (None, Some("off")));
    assert_eq!(change.resource.id, console.history("large").await.pop().unwrap().id);
    assert_eq!(change.on_behalf_of.as_deref(), Some(admin.account().id.as_str()));
    assert_eq!((term.action, term.changes[0].new.as_deref()), (Action::TermsChange, Some("always removed")));
    for slug in ["large", "enterprise", "free"] {
        assert!(whole(&console, slug).await, "{slug}");
    }
}

pub(crate) async fn writers_at_once_make_one_chain(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let replicas = [console.sluice.clone(), Console::empty(&url).await.sluice];
    let before = entries(&console.log("large").await).len();
    let mut writing = JoinSet::new();
    for writer in 0..20 {
        let (sluice, admin) = (replicas[writer % 2].clone(), admin.clone());
        writing.spawn(async move {
            for turn in 0..5 {
                let entry = admin.who().did(sluice.now(), Action::AuditVerify, "audit", &format!("{writer}-{turn}"));
                sluice.store.append(&[(admin.org().id.clone(), entry)]).await.unwrap();
            }
        });
    }
    while let Some(done) = writing.join_next().await {
        done.unwrap();
    }
    let log = entries(&console.log("large").await);
    let written: BTreeSet<_> =
        log.iter().map(|entry| entry.resource.id.clone()).filter(|id| id.contains('-')).collect();
    assert_eq!(log.len(), before + 100);
    assert!((0..20).all(|writer| (0..5).all(|turn| written.contains(&format!("{writer}-{turn}")))));
    assert!(whole(&console, "large").await);
}

pub(crate) async fn an_entry_can_neither_be_changed_nor_deleted(url: String) {
    let console = Console::demo(&url).await;
    let before = console.log("large").await;
    let mut statements = vec![
        "UPDATE audit_entries SET body = body",
        "UPDATE audit_entries SET hash = ''",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE sequence = 1",
    ];
    if url.starts_with("postgres") {
        statements.push("TRUNCATE audit_entries");
    } else {
        statements.push("INSERT OR REPLACE INTO audit_entries (scope, sequence, body, hash) SELECT scope, sequence, body, 'x' FROM audit_entries LIMIT 1");
    }
    for statement in statements {
        assert!(console.database.execute_raw(statement).await.is_err(), "{statement}");
        assert_eq!(console.log("large").await, before, "{statement}");
    }
}

pub(crate) async fn tampering_past_the_guards_is_found(url: String) {
    let console = Console::demo(&url).await;
    let org = console.org("large").await;
    let admin = console.admin("large").await;
    for turn in 0..6 {
        console.set(&admin, [Some(false), None][turn % 2], &setting("space:jira/HR")).await.unwrap();
    }
    let run = async |sql: String| console.database.execute_raw(sql.leak()).await.unwrap();
    for guard in ["audit_entries_stay", "audit_entries_are_kept"] {
        let on = if url.starts_with("postgres") { " ON audit_entries" } else { "" };
        run(format!("DROP TRIGGER {guard}{on}")).await;
    }
    let here = format!("scope = '{}'", org.id);
    run(format!("CREATE TABLE kept AS SELECT scope, sequence, body, hash FROM audit_entries WHERE {here}")).await;
    let put_back = format!(
        "DELETE FROM audit_entries WHERE {here}; INSERT INTO audit_entries (scope, sequence, body, hash) \
         SELECT scope, sequence, body, hash FROM kept"
    );
    let last = entries(&console.log("large").await).len() as i64;
    let swap = format!(
        "UPDATE audit_entries SET sequence = -1 WHERE {here} AND sequence = 3; \
         UPDATE audit_entries SET sequence = 3 WHERE {here} AND sequence = 4; \
         UPDATE audit_entries SET sequence = 4 WHERE {here} AND sequence = -1"
    );
    let set = |what: &str, at: i64| format!("UPDATE audit_entries SET {what} WHERE {here} AND sequence = {at}");
    for (tampering, at, fault) in [
        (set("body = replace(body, '\"off\"', '\"on\"')", last), last, Fault::Changed),
        (set("hash = 'ffff' || substr(hash, 5)", 2), 2, Fault::Changed),
        (format!("DELETE FROM audit_entries WHERE {here} AND sequence = 2"), 2, Fault::OutOfOrder(3)),
        (format!("DELETE FROM audit_entries WHERE {here} AND sequence >= {last}"), last, Fault::CutOff(last)),
        (format!("DELETE FROM audit_entries WHERE {here}"), 1, Fault::CutOff(last)),
        (swap, 3, Fault::OutOfOrder(4)),
    ] {
        run(tampering.clone()).await;
        let broken = verify_log(&console.sluice, &org.id, Vec::new()).await.unwrap().outcome.unwrap_err();
        assert_eq!((broken.sequence, broken.fault), (at, fault), "{tampering}");
        run(put_back.clone()).await;
        assert!(whole(&console, "large").await, "put back after {tampering}");
    }
    // Whoever sets the head back as well leaves a whole log; a head that was noted elsewhere tells.
    let known = console.sluice.store.audit_head(&org.id).await.unwrap();
    run(format!("DELETE FROM audit_entries WHERE {here} AND sequence = {last}")).await;
    run(format!(
        "UPDATE audit_heads SET sequence = {0}, hash = (SELECT hash FROM audit_entries WHERE {here} AND sequence = {0}) \
         WHERE {here}",
        last - 1
    ))
    .await;
    assert!(whole(&console, "large").await);
    let told = verify_log(&console.sluice, &org.id, vec![known]).await.unwrap().outcome.unwrap_err();
    assert_eq!(told.fault, Fault::CutOff(last));
}

/// Every combination of conditions finds exactly what fits, page by page, newest first.
pub(crate) async fn a_search_finds_what_a_walk_finds(url: String) {
    let console = Console::demo(&url).await;
    let (one, other) = (console.admin("large").await, console.second_admin("large").await);
    let actions = [Action::SettingsChange, Action::AuditVerify, Action::SupportView];
    for turn in 0..60_usize {
        console.clock.pass_minutes(60);
        let who = if turn % 3 == 0 { other.who() } else { one.who() };
        let kind = ["settings", "page"][turn % 2];
        let mut entry = who.did(console.sluice.now(), actions[turn % 3 % 2 + turn % 2], kind, &format!("{}", turn % 5));
        entry.outcome = [Outcome::Done, Outcome::Denied][usize::from(turn % 7 == 0)];
        let kind = if turn % 4 == 1 { ActorKind::Support } else { ActorKind::Person };
        (entry.actor.id, entry.actor.kind) = (who.account.id.clone(), kind);
        console.sluice.store.append(&[(one.org().id.clone(), entry)]).await.unwrap();
    }
    let all = entries(&console.log("large").await);
    let middle = Timestamp::from_micros(all[all.len() / 2].at);
    let mut found_something = 0;
    for mask in 0..64_u32 {
        let on = |bit: u32| mask & (1 << bit) != 0;
        let filter = AuditFilter {
            actors: if on(0) { vec![other.account().id.clone()] } else { vec![] },
            kinds: if on(5) { vec![ActorKind::Support] } else { vec![] },
            actions: if on(1) { vec![Action::SettingsChange, Action::SupportView] } else { vec![] },
            resource: on(2).then(|| "page:3".to_owned()),
            outcome: on(3).then_some(Outcome::Denied),
            from: None,
            until: on(4).then_some(middle),
        };
        let fits = |entry: &&Entry| {
            let who = filter.actors.contains(&entry.actor.id) || filter.kinds.contains(&entry.actor.kind);
            (who || (filter.actors.is_empty() && filter.kinds.is_empty()))
                && (filter.actions.is_empty() || filter.actions.contains(&entry.action))
                && (!on(2) || (entry.resource.kind == "page" && entry.resource.id == "3"))
                && (!on(3) || entry.outcome == Outcome::Denied)
                && (!on(4) || entry.at < middle.micros())
        };
        let expected: Vec<i64> = all.iter().rev().filter(fits).map(|entry| entry.sequence).collect();
        let mut found = Vec::new();
        let mut below = i64::MAX;
        loop {
            let page = console.sluice.store.audit_search(&one.org().id, &filter, below, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            below = last.sequence;
            found.extend(page.iter().map(|sealed| sealed.sequence));
        }
        found_something += usize::from(!found.is_empty());
        assert_eq!(found, expected, "{filter:?}");
    }
    assert!(found_something > 20, "{found_something}");
    let auditor = service::access::OrgAuditor::from(one.clone());
    let typed = format!("actor:\"{}\" result:denied after:2020-01-01", other.account().name);
    let found = search(&console.sluice, &auditor, &typed, i64::MAX, 100).await.unwrap().unwrap();
    assert!(!found.rows.is_empty() && found.older.is_none());
    assert!(found.rows.iter().all(|row| row.who == other.account().name && row.entry.outcome == Outcome::Denied));
    let nobody = search(&console.sluice, &auditor, "actor:nobody-of-this-name", i64::MAX, 10).await.unwrap().unwrap();
    assert!(nobody.rows.is_empty());
}

/// Names and kinds together find what either finds; a name that means too many says so and leaves nobody out.
pub(crate) async fn a_search_for_actors_leaves_nobody_out(url: String) {
    let console = Console::demo(&url).await;
    let (one, other) = (console.admin("large").await, console.second_admin("large").await);
    let auditor = service::access::OrgAuditor::from(one.clone());
    let people = "INSERT INTO accounts (id, email, name, password_hash) \
                  SELECT 'sam-' || n, 'sam.' || n || '@quay.example', 'Sam Ferry ' || n, '' FROM \
                  (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 60) \
                  SELECT n FROM counted) AS numbers";
    console.database.execute_raw(people).await.unwrap();
    let acts = async |who: &str, kind: ActorKind| {
        let mut entry = one.who().did(console.sluice.now(), Action::AuditVerify, "audit", "");
        (entry.actor.id, entry.actor.kind) = (who.to_owned(), kind);
        console.sluice.store.append(&[(one.org().id.clone(), entry)]).await.unwrap();
    };
    let asked = async |query: &str| search(&console.sluice, &auditor, query, i64::MAX, 1_000).await.unwrap();
    acts(&other.account().id, ActorKind::Person).await;
    acts("sam-1", ActorKind::Support).await;
    acts("sam-2", ActorKind::Person).await;
    let found = |found: Result<service::audit_log::Found, Vec<String>>| -> BTreeSet<String> {
        found.unwrap().rows.into_iter().map(|row| row.entry.actor.id).collect()
    };
    // Fifty-eight others are called so and never acted here.
    assert_eq!(found(asked("actor:sam").await), BTreeSet::from(["sam-1".to_owned(), "sam-2".to_owned()]));
    let name = &other.account().name;
    let both = found(asked(&format!("actor:support actor:\"{name}\"")).await);
    assert_eq!(both, BTreeSet::from(["sam-1".to_owned(), other.account().id.clone()]));
    let twice = asked("actor:support actor:sam-1").await.unwrap().rows;
    assert_eq!(twice.len(), 1, "an entry that fits twice is shown once");

    for n in 3..=60 {
        acts(&format!("sam-{n}"), ActorKind::Person).await;
    }
    let faults = asked("actor:sam").await.unwrap_err();
    assert!(faults[0].contains("means 60 people and keys"), "{faults:?}");
    assert_eq!(found(asked("actor:sam.7@quay.example").await), BTreeSet::from(["sam-7".to_owned()]));
}

/// Whoever tries without end what they may not is refused each time and fills no log, however many try at once.
pub(crate) async fn denied_attempts_fill_no_log(url: String) {
    let console = Console::demo(&url).await;
    let (one, other) = (console.admin("large").await, console.second_admin("large").await);
    let who = |admin: &service::access::OrgAdmin| service::access::Who {
        via: service::access::Via {
            by: service::access::By::Session("0123456789ab".to_owned()),
            ..service::access::Via::command_line()
        },
        ..admin.who().clone()
    };
    let denied = async |admin: &service::access::OrgAdmin| {
        service::audit_log::denied(&console.sluice, &who(admin), one.org(), "/orgs/large/x").await.unwrap()
    };
    let count = async || {
        let log = entries(&console.log("large").await);
        log.into_iter().filter(|entry| entry.outcome == Outcome::Denied).collect::<Vec<_>>()
    };
    let mut trying = JoinSet::new();
    for _ in 0..6 {
        let (sluice, who, org) = (console.sluice.clone(), who(&other), one.org().clone());
        trying.spawn(async move {
            let mut written = 0;
            for _ in 0..10 {
                written += usize::from(service::audit_log::denied(&sluice, &who, &org, "/x").await.unwrap());
            }
            written
        });
    }
    let written: usize = trying.join_all().await.into_iter().sum();
    let log = count().await;
    assert_eq!((written, log.len()), (50, 50));
    let says = |entry: &Entry| entry.because.as_deref().unwrap().contains("not written one by one");
    assert!(says(&log[49]) && !log[..49].iter().any(says));
    assert!(denied(&one).await, "another actor has their own");
    console.clock.pass_minutes(61);
    assert!(denied(&other).await, "an hour later it is told again");
    assert_eq!(count().await.len(), 52);
    assert!(whole(&console, "large").await);
}

/// However many say it at once, also where nothing stands yet.
pub(crate) async fn what_stands_once_is_not_written_again(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let replicas = [console.sluice.clone(), Console::empty(&url).await.sluice];
    for scope in [admin.org().id.as_str(), "new"] {
        let mut writing = JoinSet::new();
        for writer in 0..12 {
            let (sluice, scope) = (replicas[writer % 2].clone(), scope.to_owned());
            let entry = admin.who().did(sluice.now(), Action::DataWithdraw, "withdrawal", &format!("w{}", writer % 3));
            writing.spawn(async move { sluice.store.append_once(&scope, &entry).await.unwrap() });
        }
        let written = writing.join_all().await.into_iter().filter(|written| *written).count();
        let log = entries(&console.sluice.store.audit_lines(scope, 0, 1_000).await.unwrap());
        let about: Vec<_> = log.iter().filter(|entry| entry.action == Action::DataWithdraw).collect();
        assert_eq!((written, about.len()), (3, 3), "{scope}");
        // Another action about the same is another entry.
        let entry = admin.who().did(console.sluice.now(), Action::AuditVerify, "withdrawal", "w0");
        assert!(console.sluice.store.append_once(scope, &entry).await.unwrap());
    }
    assert!(whole(&console, "large").await);
}

pub(crate) async fn time_never_goes_back_in_a_log(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let now = console.sluice.now();
    for minutes in [5, -600, 3] {
        let at = Timestamp::from_micros(now.micros() + minutes * 60_000_000);
        let entry: Draft = admin.who().did(at, Action::AuditVerify, "audit", "");
        console.sluice.store.append(&[(admin.org().id.clone(), entry)]).await.unwrap();
    }
    let times: Vec<i64> = entries(&console.log("large").await).iter().map(|entry| entry.at).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(whole(&console, "large").await);
}

pub(crate) async fn a_refused_change_is_written_as_failed(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let before = console.snapshot("large").await.version;
    console.set(&admin, Some(false), &setting("space:jira/NOWHERE")).await.unwrap_err();
    let last = entries(&console.log("large").await).pop().unwrap();
    assert_eq!((last.action, last.outcome), (Action::SettingsChange, Outcome::Failed));
    assert!(last.because.unwrap().contains("NOWHERE"));
    assert_eq!(console.snapshot("large").await.version, before);
    assert!(whole(&console, "large").await);
}
