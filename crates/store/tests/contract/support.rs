//! Support's looks: begun with a purpose, over on time, ended by either side, and always in the log.

use audit::{Action, Entry};
use service::access::{NoAccess, OrgAuditor, Via, Viewer, Who, viewer};
use service::model::{Purpose, Review};
use service::support::{self, REVIEW_MINUTES, ReviewRefusal, Support, SupportError};

use crate::console::Console;

async fn robin(console: &Console) -> Who {
    let accounts = console.sluice.store.all_accounts().await.unwrap();
    let account = accounts.into_iter().find(|account| account.email.starts_with("robin")).unwrap();
    Who { account, via: Via::command_line() }
}

async fn looks(console: &Console) -> Result<Review, NoAccess> {
    let who = robin(console).await;
    match viewer(console.sluice.store.as_ref(), who, "large", console.sluice.now()).await? {
        Viewer::Support(review) => Ok(review.review().clone()),
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
    console.clock.pass_minutes(REVIEW_MINUTES - 1);
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
