//! Support's looks: one at a time, begun with a purpose, over on time, ended by either side, and always in the log.

use audit::{Action, Entry};
use policy::Catalogue;
use service::access::{NoAccess, OrgAuditor, SupportReview, Via, Viewer, Who, viewer};
use service::model::{Purpose, Review};
use service::support::{self, ReviewRefusal, Support, SupportError};

use crate::console::Console;

async fn robin(console: &Console) -> Who {
    let accounts = console.sluice.store.all_accounts().await.unwrap();
    let account = accounts.into_iter().find(|account| account.email.starts_with("robin")).unwrap();
    Who { account, via: Via::command_line() }
}

async fn looks(console: &Console) -> Result<Review, NoAccess> {
    Ok(reviewing(console).await?.review().clone())
}

async fn reviewing(console: &Console) -> Result<SupportReview, NoAccess> {
    let who = robin(console).await;
    match viewer(console.sluice.store.as_ref(), who, "large", console.sluice.now()).await? {
        Viewer::Support(review) => Ok(review),
        other => panic!("{other:?}"),
    }
}

async fn enter(console: &Console, purpose: Option<Purpose>, case: &str) -> Result<Review, SupportError> {
    let support = Support::of(robin(console).await).unwrap();
    support::enter(&console.sluice, &support, "large", purpose, case).await
}

async fn actions(console: &Console) -> Vec<Action> {
    let log = console.log("large").await;
    log.lines()
        .map(|line| Entry::of_line(line).unwrap().0.action)
        .filter(|action| action.id().starts_with("support"))
        .collect()
}

pub(crate) async fn support_looks_for_a_while_and_is_ended(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    assert!(Support::of(admin.who().clone()).is_none());
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })));
    for (purpose, case) in [
        (None, "CS-1"),
        (Some(Purpose::Incident), " "),
        (Some(Purpose::Incident), "a b"),
        (Some(Purpose::Incident), &"9".repeat(41)),
    ] {
        assert!(matches!(enter(&console, purpose, case).await, Err(SupportError::Refused(_))), "{purpose:?} {case}");
    }
    assert_eq!(actions(&console).await, []);

    let review = enter(&console, Some(Purpose::Incident), " CS-10482 ").await.unwrap();
    assert_eq!((review.case.as_str(), review.purpose), ("CS-10482", Purpose::Incident));
    assert_eq!(looks(&console).await.unwrap(), review);
    assert_eq!(enter(&console, Some(Purpose::Billing), "CS-2").await.unwrap(), review, "it is open already");
    console.clock.pass_minutes(29);
    assert!(looks(&console).await.is_ok());
    console.clock.pass_minutes(1);
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })), "its time is over");
    assert!(matches!(
        support::stop(&console.sluice, &admin, &review.id).await,
        Err(SupportError::Refused(ReviewRefusal::Over))
    ));

    let again = enter(&console, Some(Purpose::Incident), "CS-10482").await.unwrap();
    let other = console.admin("enterprise").await;
    assert!(matches!(support::stop(&console.sluice, &other, &again.id).await, Err(SupportError::NotFound)));
    support::stop(&console.sluice, &admin, &again.id).await.unwrap();
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })));
    assert_eq!(actions(&console).await, [Action::SupportEnter, Action::SupportEnter, Action::SupportEnd]);
    let seen = support::access(&console.sluice, &OrgAuditor::from(admin)).await.unwrap();
    assert_eq!(seen.reviews.len(), 2);
}

pub(crate) async fn an_organisation_can_be_asked_first(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    support::set_must_ask(&console.sluice, &admin, true).await.unwrap();
    support::set_must_ask(&console.sluice, &admin, true).await.unwrap();
    let asked = enter(&console, Some(Purpose::Rights), "CS-7").await.unwrap();
    assert!(asked.is_asked());
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })));
    assert!(matches!(
        enter(&console, Some(Purpose::Rights), "CS-7").await,
        Err(SupportError::Refused(ReviewRefusal::AskedAlready))
    ));
    console.clock.pass_minutes(60);
    support::approve(&console.sluice, &admin, &asked.id).await.unwrap();
    let open = looks(&console).await.unwrap();
    assert_eq!(open.starts_at, Some(console.sluice.now()), "its time begins with the answer");
    assert!(support::approve(&console.sluice, &admin, &asked.id).await.is_err());
    let support = Support::of(robin(&console).await).unwrap();
    support::leave(&console.sluice, &support, "large").await.unwrap();
    support::leave(&console.sluice, &support, "large").await.unwrap();
    let refused = enter(&console, Some(Purpose::Rights), "CS-8").await.unwrap();
    support::stop(&console.sluice, &admin, &refused.id).await.unwrap();
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })));
    use Action::{SupportApprove, SupportEnd, SupportRefuse, SupportRequest, SupportRule};
    let expected = [SupportRule, SupportRequest, SupportApprove, SupportEnd, SupportRequest, SupportRefuse];
    assert_eq!(actions(&console).await, expected);
}

/// Two tabs, or two servers: whoever is second goes on with what the first began.
pub(crate) async fn of_many_looks_at_once_one_is_begun(url: String) {
    let console = Console::demo(&url).await;
    for (must_ask, begun) in [(false, Action::SupportEnter), (true, Action::SupportRequest)] {
        support::set_must_ask(&console.sluice, &console.admin("large").await, must_ask).await.unwrap();
        let tabs = [(); 8].map(|()| {
            let console = console.clone();
            tokio::spawn(async move { enter(&console, Some(Purpose::Incident), "CS-1").await })
        });
        let mut ids = Vec::new();
        for tab in tabs {
            match tab.await.unwrap() {
                Ok(review) => ids.push(review.id),
                Err(error) => assert!(matches!(error, SupportError::Refused(ReviewRefusal::AskedAlready)), "{error:?}"),
            }
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(actions(&console).await.iter().filter(|action| **action == begun).count(), 1);
    }
}

pub(crate) async fn leaving_ends_everything_that_is_open(url: String) {
    let console = Console::demo(&url).await;
    enter(&console, Some(Purpose::Incident), "CS-1").await.unwrap();
    // As a version did that let two tabs in.
    let twice = "INSERT INTO support_reviews (id, org_id, account_id, purpose, case_number, asked_at, starts_at, ends_at) \
                 SELECT 'second', org_id, account_id, purpose, case_number, asked_at, starts_at, ends_at FROM support_reviews";
    console.database.execute_raw(twice).await.unwrap();
    let support = Support::of(robin(&console).await).unwrap();
    support::leave(&console.sluice, &support, "large").await.unwrap();
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })));
    assert_eq!(actions(&console).await, [Action::SupportEnter, Action::SupportEnd, Action::SupportEnd]);
}

pub(crate) async fn having_to_ask_ends_what_is_running(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let review = enter(&console, Some(Purpose::Incident), "CS-1").await.unwrap();
    support::set_must_ask(&console.sluice, &admin, true).await.unwrap();
    assert!(matches!(looks(&console).await, Err(NoAccess::NoReview { .. })));
    assert_eq!(actions(&console).await, [Action::SupportEnter, Action::SupportRule, Action::SupportEnd]);
    let org = console.org("large").await;
    let ended = console.sluice.store.review(&org.id, &review.id).await.unwrap().unwrap();
    assert_eq!(ended.ended_by.as_ref(), Some(&admin.account().id));
    // What was allowed is not ended by saying it again.
    let asked = enter(&console, Some(Purpose::Incident), "CS-2").await.unwrap();
    support::approve(&console.sluice, &admin, &asked.id).await.unwrap();
    support::set_must_ask(&console.sluice, &admin, true).await.unwrap();
    assert!(looks(&console).await.is_ok());
}

/// The capability was made while the look was open; by the time the page is to be shown it is over.
pub(crate) async fn no_page_is_shown_after_the_end(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let review = enter(&console, Some(Purpose::Incident), "CS-1").await.unwrap();
    let reviewing = reviewing(&console).await.unwrap();
    support::looked(&console.sluice, &reviewing, "/first").await.unwrap();
    support::stop(&console.sluice, &admin, &review.id).await.unwrap();
    let second = support::looked(&console.sluice, &reviewing, "/second").await;
    assert!(matches!(second, Err(NoAccess::NoReview { .. })), "{second:?}");
    assert_eq!(actions(&console).await, [Action::SupportEnter, Action::SupportView, Action::SupportEnd]);

    enter(&console, Some(Purpose::Incident), "CS-2").await.unwrap();
    let late = self::reviewing(&console).await.unwrap();
    console.clock.pass_minutes(30);
    assert!(support::looked(&console.sluice, &late, "/late").await.is_err());
}

/// However many looks there were: what an admin can still end is never below them.
pub(crate) async fn what_is_open_comes_first(url: String) {
    let console = Console::demo(&url).await;
    let open = enter(&console, Some(Purpose::Incident), "CS-1").await.unwrap();
    let later = "INSERT INTO support_reviews (id, org_id, account_id, purpose, case_number, asked_at, starts_at, ends_at, ended_at) \
                 SELECT 'over-' || n, org_id, account_id, purpose, case_number, asked_at + n, starts_at, ends_at, starts_at \
                 FROM support_reviews, (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 60) \
                 SELECT n FROM counted) AS numbers";
    console.database.execute_raw(later).await.unwrap();
    let admin = console.admin("large").await;
    let seen = support::access(&console.sluice, &OrgAuditor::from(admin)).await.unwrap().reviews;
    assert_eq!(seen[0], open);
    assert_eq!((seen.len(), seen[1].id.as_str()), (51, "over-60"));
    let support = Support::of(robin(&console).await).unwrap();
    let door = support::entry(&console.sluice, &support, "large").await.unwrap();
    assert_eq!(door.review, Some(open));
}

pub(crate) async fn a_look_is_as_long_as_the_catalogue_says(url: String) {
    let mut console = Console::demo(&url).await;
    let text = include_str!("../../../policy/catalogue.toml").replace("review_minutes = 30", "review_minutes = 10");
    console.sluice.catalogues = service::Catalogues::new(Catalogue::parse(&text).unwrap(), &Default::default());
    enter(&console, Some(Purpose::Incident), "CS-1").await.unwrap();
    console.clock.pass_minutes(9);
    assert!(looks(&console).await.is_ok());
    console.clock.pass_minutes(1);
    assert!(looks(&console).await.is_err());
}
