//! What holds for the history of every organisation, whatever happened to it.

use std::collections::BTreeMap;

use policy::{Chosen, Setting};
use service::model::Change;
use service::ports::ControlPlane;

/// Every change of an organisation, oldest first, after checking that the versions have no gap, each change has items, each
/// item starts from where the one before it ended, and the last ones are what stands.
pub(crate) async fn whole_history(store: &dyn ControlPlane, org_id: &str) -> Vec<Change> {
    let snapshot = store.snapshot(org_id).await.unwrap().unwrap();
    let slug = &snapshot.org.slug;
    let mut changes = store.changes(org_id, None, None, u32::MAX).await.unwrap();
    changes.reverse();
    let versions: Vec<i64> = changes.iter().map(|change| change.version).collect();
    assert_eq!(versions, (1..=snapshot.version).collect::<Vec<_>>(), "versions of {slug}");

    let mut settings: BTreeMap<Setting, Chosen> = BTreeMap::new();
    let mut changed_at: BTreeMap<Setting, i64> = BTreeMap::new();
    for change in &changes {
        assert!(!change.items.is_empty(), "change {} of {slug} has no items", change.version);
        for item in &change.items {
            let before = match item.new {
                Some(new) => settings.insert(item.setting.clone(), new),
                None => settings.remove(&item.setting),
            };
            assert_eq!(item.old, before, "{} in change {} of {slug}", item.setting, change.version);
            changed_at.insert(item.setting.clone(), change.version);
        }
    }
    assert_eq!(snapshot.state.settings, settings, "settings of {slug}");
    assert_eq!(snapshot.changed_at, changed_at, "versions of the settings of {slug}");
    changes
}
