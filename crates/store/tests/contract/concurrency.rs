//! Many people at once: nothing is lost, nothing is half seen.

use std::collections::BTreeMap;

use policy::Setting;
use service::Sluice;
use service::access::{OrgAdmin, ReadsOrg};
use service::settings::change::{Outcome, Wish, change};
use service::settings::{Refusal, SettingsError};
use tokio::task::JoinSet;

use crate::console::{Console, setting};

/// Every organisation here has them.
const SPACES: [&str; 4] = ["space:jira/HR", "space:jira/LEGAL", "space:jira/OPS", "space:jira/SEC"];

/// In one process and in a second one beside it, on one organisation and on several.
pub(crate) async fn writers_at_once_lose_nothing(url: String) {
    let console = Console::demo(&url).await;
    let replicas = [console.clone(), Console::empty(&url).await];
    for slugs in [&["enterprise"][..], &["large", "enterprise", "premium", "trial"]] {
        let mut expected = BTreeMap::new();
        let mut writers = Vec::new();
        for writer in 0..50 {
            let slug = slugs[writer % slugs.len()];
            let version = expected.entry(slug).or_insert(console.snapshot(slug).await.version);
            *version += 4;
            writers.push((writer, replicas[writer % 3 % 2].sluice.clone(), console.admin(slug).await));
        }
        let mut writing: JoinSet<()> = writers
            .into_iter()
            .map(|(writer, sluice, admin)| async move {
                for turn in 0..4 {
                    toggle(&sluice, &admin, &setting(SPACES[(writer + turn) % SPACES.len()])).await;
                }
            })
            .collect();
        while let Some(done) = writing.join_next().await {
            done.unwrap();
        }
        for (slug, version) in expected {
            assert_eq!(console.history(slug).await.len() as i64, version, "{slug}");
        }
    }
}

/// Turns a space off, or removes its entry; looks again as long as someone else was faster.
async fn toggle(sluice: &Sluice, admin: &OrgAdmin, setting: &Setting) {
    loop {
        let seen = sluice.store.snapshot(&admin.org().id).await.unwrap().unwrap();
        let to = if seen.state.chosen(setting).is_some() { None } else { Some(false) };
        let wish = Wish::Set { to, settings: vec![setting.clone()] };
        match change(sluice, admin, &wish, seen.version).await {
            Ok(Outcome::Changed { .. }) => return,
            Ok(Outcome::Unchanged) | Err(SettingsError::Refused(Refusal::Conflict(_))) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A page is read in several statements; a change between two of them must not show.
pub(crate) async fn a_snapshot_is_of_one_moment(url: String) {
    let console = Console::demo(&url).await;
    let org = console.org("large").await;
    let writing = {
        let (console, admin) = (console.clone(), console.admin("large").await);
        tokio::spawn(async move {
            for turn in 0..100 {
                toggle(&console.sluice, &admin, &setting(SPACES[turn % SPACES.len()])).await;
            }
        })
    };
    let mut versions = Vec::new();
    while !writing.is_finished() {
        let snapshot = console.sluice.store.snapshot(&org.id).await.unwrap().unwrap();
        assert_eq!(snapshot.changed_at.values().max(), Some(&snapshot.version));
        versions.push(snapshot.version);
    }
    writing.await.unwrap();
    assert!(versions.is_sorted(), "a later look sees an earlier state: {versions:?}");
    versions.dedup();
    assert!(versions.len() > 5, "nothing was read while it was written: {versions:?}");
}
