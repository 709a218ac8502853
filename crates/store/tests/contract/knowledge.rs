//! Terms and people: what is written is read back with its history, as a whole or not at all.

use service::access::{ReadsOrg as _, Viewer};
use service::knowledge::{KnowledgeError, KnowledgeRefusal, changes, counts, knowledge};
use service::model::{Knowledge, NewKnowledge, NewPeople, PeopleDifference};
use service::people::{self, Person};
use service::ports::ChangeError;
use service::terms::{self, Wanted, Written};

use crate::console::Console;

fn wanted(pairs: &[(&str, Option<bool>)]) -> Vec<Wanted> {
    pairs.iter().map(|(term, to)| Wanted { term: (*term).to_owned(), to: *to }).collect()
}

fn listed(known: &Knowledge) -> Vec<(&str, bool)> {
    known.terms.iter().map(|term| (term.term.as_str(), term.removed)).collect()
}

/// Everything of an organisation that the wash knows, as one text.
async fn everything(console: &Console, slug: &str) -> String {
    let admin = console.admin(slug).await;
    let known = knowledge(&console.sluice, &admin).await.unwrap();
    let (counts, changes) =
        (counts(&console.sluice, &admin).await.unwrap(), changes(&console.sluice, &admin).await.unwrap());
    format!("{} {:?} {:?} {counts:?} {changes:#?}", known.version, known.terms, known.people)
}

pub(crate) async fn terms_are_kept_with_their_history(url: String) {
    let console = Console::demo(&url).await;
    let (sluice, admin) = (&console.sluice, console.admin("large").await);
    let settings = console.everything("large").await;
    let before = knowledge(sluice, &admin).await.unwrap();
    assert_eq!((before.version, before.terms.len(), before.people.len()), (2, 4, 14));

    console.clock.pass_minutes(3);
    let lines = "Kestrel 李\n\n  Ocean   ÖL \r\nproject falcon\nQuay & Søn's \"Løft\"; DROP TABLE terms; --";
    let written = terms::add(sluice, &admin, true, lines).await.unwrap();
    assert_eq!(written, Written { changed: 3, unchanged: 1 });
    let added = wanted(&[("ÓCEAN OL", None), ("Marlow", None), ("Otter", Some(false))]);
    terms::set(sluice, &admin, &added).await.unwrap();

    let known = knowledge(sluice, &admin).await.unwrap();
    assert_eq!(known.version, 4);
    let expected = [
        ("Heron pilot", true),
        ("Jackson serializer", false),
        ("Kestrel 李", true),
        ("Otter", false),
        ("Project Falcon", true),
        ("Quay & Søn's \"Løft\"; DROP TABLE terms; --", true),
    ];
    assert_eq!(listed(&known), expected);
    let otter = known.terms.iter().find(|term| term.folded == "otter").unwrap();
    assert_eq!((otter.added_at, otter.added_by.as_str()), (sluice.now(), admin.account().name.as_str()));
    assert_eq!(known.people, before.people, "nobody came or went");

    let history = changes(sluice, &admin).await.unwrap();
    assert_eq!(history.iter().map(|change| change.version).collect::<Vec<_>>(), [4, 3, 2, 1]);
    let items: Vec<_> = history[0].terms.iter().map(|item| (item.folded.as_str(), item.old, item.new)).collect();
    assert_eq!(items, [("marlow", Some(false), None), ("ocean ol", Some(true), None), ("otter", None, Some(false))]);
    assert_eq!((history[3].people.added, history[3].terms.len()), (14, 0));

    let counted = counts(sluice, &admin).await.unwrap();
    assert_eq!((counted.version, counted.removed_terms, counted.kept_terms, counted.people()), (4, 4, 2, 14));
    assert_eq!(console.everything("large").await, settings, "the settings and their history have no part in it");
}

pub(crate) async fn a_refused_term_leaves_nothing(url: String) {
    let console = Console::demo(&url).await;
    let (sluice, admin) = (&console.sluice, console.admin("large").await);
    let before = everything(&console, "large").await;
    let many: String = (0..terms::MOST_TERMS).map(|n| format!("term {n}\n")).collect();
    for (removed, lines, said) in [
        (true, "", "No term was typed."),
        (true, " \n\t\n", "No term was typed."),
        (true, "Otter\nx\n--\n", "Line 2 has 1 letter"),
        (true, "Otter\nMarlow", "“Marlow” is never removed. Delete it there"),
        (false, "HERON  PILOT", "“HERON PILOT” is always removed."),
        (false, &many, "That would make 2,004 terms, and 2,000 fit."),
    ] {
        let refused = terms::add(sluice, &admin, removed, lines).await.unwrap_err().to_string();
        assert!(refused.contains(said), "{lines:.40}: {refused}");
        assert_eq!(everything(&console, "large").await, before, "{lines:.40}");
    }
    let unchanged = terms::add(sluice, &admin, true, "heron pilot").await.unwrap();
    assert_eq!(unchanged, Written { changed: 0, unchanged: 1 });
    assert_eq!(everything(&console, "large").await, before, "what stands already is no change");
    assert!(matches!(
        people::delete_all(sluice, &admin, false).await,
        Err(KnowledgeError::Refused(KnowledgeRefusal::NotConfirmed))
    ));
    assert_eq!(everything(&console, "large").await, before);
}

/// A file of people with a name each.
fn file(names: impl IntoIterator<Item = String>) -> Vec<u8> {
    let lines: String = names.into_iter().map(|name| format!("{name},{}\n", name.to_lowercase())).collect();
    format!("display_name,username\n{lines}").into_bytes()
}

pub(crate) async fn people_are_replaced_as_a_whole(url: String) {
    let console = Console::demo(&url).await;
    let (sluice, admin) = (&console.sluice, console.admin("large").await);
    let names = || (0..2_500).map(|n| format!("Name{n:04}"));
    let summary = people::import_summary(sluice, &admin, "people.csv".to_owned(), file(names())).await.unwrap();
    assert_eq!((summary.people, summary.before, summary.version), (2_500, 14, 2));
    assert_eq!(summary.difference, PeopleDifference { added: 2_500, changed: 0, removed: 14 });
    assert_eq!(knowledge(sluice, &admin).await.unwrap().people.len(), 14, "looking changes nothing");

    people::import(sluice, &admin, summary.version, file(names())).await.unwrap();
    let known = knowledge(sluice, &admin).await.unwrap();
    assert_eq!((known.version, known.people.len()), (3, 2_500));
    assert_eq!((known.people[0].names[0].as_str(), known.people[0].handles[0].as_str()), ("Name0000", "name0000"));

    // Whoever looked before that has to look again.
    let stale = people::import(sluice, &admin, summary.version, file(names())).await;
    assert!(matches!(stale, Err(KnowledgeError::Refused(KnowledgeRefusal::Moved))), "{stale:?}");
    let same = people::import(sluice, &admin, 3, file(names())).await.unwrap();
    assert_eq!(same, PeopleDifference::default());
    assert_eq!(knowledge(sluice, &admin).await.unwrap().version, 3, "the same people are no change");

    let fewer = file(names().skip(2).chain(["New".to_owned()]));
    let difference = people::import(sluice, &admin, 3, fewer).await.unwrap();
    assert_eq!(difference, PeopleDifference { added: 1, changed: 0, removed: 2 });
    let bad = people::import(sluice, &admin, 4, b"username\nok\nb,c\n".to_vec()).await.unwrap_err().to_string();
    assert!(bad.contains("Line 3 has 2 values"), "{bad}");

    console.clock.pass_minutes(1);
    let gone = people::delete_all(sluice, &admin, true).await.unwrap();
    assert_eq!(gone.removed, 2_499);
    let known = knowledge(sluice, &admin).await.unwrap();
    assert_eq!((known.version, known.people.len(), known.terms.len()), (5, 0, 4), "the terms stay");
    assert!(counts(sluice, &admin).await.unwrap().sources.is_empty());
    let history = format!("{:?}", changes(sluice, &admin).await.unwrap());
    assert!(!history.contains("Name") && !history.contains("Sarpong"), "the history names nobody: {history}");
}

pub(crate) async fn people_are_listed_page_by_page(url: String) {
    let console = Console::demo(&url).await;
    let (sluice, admin) = (&console.sluice, console.admin("large").await);
    let odd = ["100% Sure", "Under_score", "Bang! Smith", "Back\\slash", "Ünal Öz", "李雷"];
    let names = odd.map(str::to_owned).into_iter().chain((0..120).map(|n| format!("Name {n:03}")));
    people::import(sluice, &admin, 2, file(names)).await.unwrap();

    let viewer = Viewer::Admin(admin.clone());
    let mut walked = Vec::new();
    let mut after = None;
    let mut pages = 0;
    loop {
        let list = people::people_page(sluice, &viewer, "", after).await.unwrap().list.unwrap();
        assert!(list.people.len() <= people::PAGE as usize);
        walked.extend(list.people.into_iter().map(|listed| listed.person));
        pages += 1;
        after = list.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(walked, knowledge(sluice, &admin).await.unwrap().people, "each once, in order");

    for (search, found) in [
        ("name 01", 10),
        ("NAME 119", 1),
        ("%", 1),
        ("_", 1),
        ("!", 1),
        ("\\", 1),
        ("unal", 1),
        ("ÖZ", 1),
        ("雷", 1),
        ("nobody", 0),
        ("' OR 1=1 --", 0),
    ] {
        let list = people::people_page(sluice, &viewer, search, None).await.unwrap().list.unwrap();
        assert_eq!(list.people.len(), found, "{search}");
    }
}

pub(crate) async fn knowledge_stays_in_its_organisation(url: String) {
    let console = Console::demo(&url).await;
    let (sluice, admin) = (&console.sluice, console.admin("large").await);
    let other = everything(&console, "enterprise").await;
    terms::add(sluice, &admin, true, "Otter").await.unwrap();
    people::delete_all(sluice, &admin, true).await.unwrap();
    assert_eq!(everything(&console, "enterprise").await, other);

    for org_id in ["", "no-such-id"] {
        let store = &sluice.store;
        assert_eq!(store.knowledge(org_id).await.unwrap(), Knowledge::default());
        assert!(store.terms(org_id).await.unwrap().is_empty());
        assert!(store.people(org_id, "", None, 10).await.unwrap().is_empty());
        assert!(store.knowledge_changes(org_id, 10).await.unwrap().is_empty());
        let outcome = store.change_knowledge(org_id, &|_, _| Ok(None)).await;
        assert!(matches!(outcome, Err(ChangeError::Store(_))), "{outcome:?}");
    }
}

pub(crate) async fn writers_at_once_lose_no_term(url: String) {
    let console = Console::demo(&url).await;
    let admins = [console.admin("large").await, console.second_admin("large").await];
    let writing: Vec<_> = (0..24)
        .map(|n| {
            let (sluice, admin) = (console.sluice.clone(), admins[n % 2].clone());
            tokio::spawn(async move {
                terms::add(
                    &sluice,
                    &admin,
                    n % 3 == 0,
                    &format!("Same\nterm {n}").replace("Same", &format!("Pair {}", n / 2)),
                )
                .await
                .is_ok()
            })
        })
        .collect();
    let mut refused = 0;
    for one in writing {
        refused += usize::from(!one.await.unwrap());
    }
    let known = knowledge(&console.sluice, &admins[0]).await.unwrap();
    let history = console.sluice.store.knowledge_changes(&admins[0].org().id, 100).await.unwrap();
    assert_eq!(known.version, 2 + 24 - refused as i64);
    assert_eq!(history.len() as i64, known.version, "each change has its line");
    let ends: std::collections::BTreeMap<String, Option<bool>> =
        history.iter().rev().flat_map(|change| &change.terms).map(|item| (item.folded.clone(), item.new)).collect();
    let stand: Vec<_> = known.terms.iter().map(|term| (term.folded.clone(), Some(term.removed))).collect();
    assert_eq!(ends.into_iter().filter(|(_, to)| to.is_some()).collect::<Vec<_>>(), stand);
}

pub(crate) async fn a_change_of_knowledge_that_fails_anywhere_leaves_nothing(url: String) {
    let console = Console::demo(&url).await;
    let postgres = url.starts_with("postgres");
    let run = async |sql: String| console.database.execute_raw(sql.leak()).await.unwrap();
    let admin = console.admin("large").await;
    let person = Person { names: vec!["Zed".to_owned()], ..Person::default() };
    let new = NewKnowledge {
        by: admin.who().clone(),
        at: console.sluice.now(),
        terms: terms_of(&[("Otter", None, Some(true)), ("Marlow", Some(false), None)]),
        people: Some(NewPeople {
            source: people::FILE.to_owned(),
            people: vec![(person, "zed".to_owned())],
            difference: PeopleDifference { added: 1, changed: 0, removed: 14 },
        }),
    };
    let before = everything(&console, "large").await;
    for statement in [
        "BEFORE UPDATE ON organisations",
        "AFTER INSERT ON knowledge_changes",
        "AFTER INSERT ON knowledge_change_terms",
        "AFTER INSERT ON terms",
        "AFTER DELETE ON terms",
        "AFTER DELETE ON people",
        "AFTER DELETE ON people_sources",
        "AFTER INSERT ON people_sources",
        "AFTER INSERT ON people",
    ] {
        if postgres {
            run(format!(
                "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$; \
                 CREATE TRIGGER fault {statement} FOR EACH ROW EXECUTE FUNCTION fault()"
            ))
            .await;
        } else {
            run(format!("CREATE TRIGGER fault {statement} BEGIN SELECT RAISE(ABORT, 'broken'); END")).await;
        }
        let outcome = console.sluice.store.change_knowledge(&admin.org().id, &|_, _| Ok(Some(new.clone()))).await;
        assert!(matches!(outcome, Err(ChangeError::Store(_))), "{statement}: {outcome:?}");
        run(if postgres { "DROP FUNCTION fault CASCADE" } else { "DROP TRIGGER fault" }.to_owned()).await;
        assert_eq!(everything(&console, "large").await, before, "{statement}");
    }
    let written = console.sluice.store.change_knowledge(&admin.org().id, &|_, _| Ok(Some(new.clone()))).await;
    assert!(matches!(written, Ok(Some(3))), "{written:?}");
}

fn terms_of(items: &[(&str, Option<bool>, Option<bool>)]) -> Vec<service::model::NewTerm> {
    let term = |(term, old, new): &(&str, Option<bool>, Option<bool>)| service::model::NewTerm {
        term: (*term).to_owned(),
        folded: term.to_lowercase(),
        old: *old,
        new: *new,
    };
    items.iter().map(term).collect()
}
