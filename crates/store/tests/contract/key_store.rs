//! The keys of a region: one generation after the other, and gone for good once they are destroyed.

use std::path::Path;
use std::sync::Arc;

use policy::Timestamp;
use service::data_plane::KeptKey;
use store::KeyDatabase;

const ORG: &str = "org-a";
const OTHER: &str = "org-b";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_000_000_000_000 + seconds * 1_000_000)
}

fn key(generation: i64, wrapped: Option<&[u8]>, retired: Option<i64>, destroyed: Option<i64>) -> KeptKey {
    KeptKey {
        generation,
        wrapped: wrapped.map(<[u8]>::to_vec),
        made_at: at(generation),
        retired_at: retired.map(at),
        destroyed_at: destroyed.map(at),
    }
}

pub(crate) async fn keys_are_made_retired_and_destroyed(url: String) {
    let keys = KeyDatabase::open(&url).unwrap().keys;
    assert!(keys.keys(ORG).await.unwrap().is_empty());
    assert!(keys.add_key(ORG, 1, b"first", at(1)).await.unwrap());
    assert!(!keys.add_key(ORG, 1, b"another", at(2)).await.unwrap());
    assert!(keys.add_key(ORG, 2, b"second", at(2)).await.unwrap());
    assert!(keys.add_key(OTHER, 1, b"other", at(1)).await.unwrap());
    let expected = [key(1, Some(b"first"), Some(2), None), key(2, Some(b"second"), None, None)];
    assert_eq!(keys.keys(ORG).await.unwrap(), expected);
    keys.retire_keys(ORG, 2, at(3)).await.unwrap();
    let expected = [key(1, Some(b"first"), Some(2), None), key(2, Some(b"second"), Some(3), None)];
    assert_eq!(keys.keys(ORG).await.unwrap(), expected);
    assert_eq!(keys.destroy_keys(ORG, 1, at(4)).await.unwrap(), [1]);
    assert_eq!(keys.destroy_keys(ORG, 2, at(5)).await.unwrap(), [2]);
    assert!(keys.destroy_keys(ORG, 2, at(6)).await.unwrap().is_empty());
    assert!(!keys.add_key(ORG, 2, b"again", at(7)).await.unwrap(), "a destroyed one does not come back");
    assert!(keys.add_key(ORG, 3, b"third", at(3)).await.unwrap());
    assert_eq!(keys.destroy_keys(ORG, 3, at(8)).await.unwrap(), [3]);
    let expected = [key(1, None, Some(2), Some(4)), key(2, None, Some(3), Some(5)), key(3, None, Some(8), Some(8))];
    assert_eq!(keys.keys(ORG).await.unwrap(), expected);
    assert_eq!(keys.keys(OTHER).await.unwrap(), [key(1, Some(b"other"), None, None)]);
}

/// Of many who make the next key at once, one does; the others use that one.
pub(crate) async fn the_next_key_is_made_once(url: String) {
    let keys = KeyDatabase::open(&url).unwrap().keys;
    let makers = (0..8_u8).map(|maker| {
        let keys = Arc::clone(&keys);
        tokio::spawn(async move { keys.add_key(ORG, 1, &[maker], at(1)).await.unwrap() })
    });
    let mut made = Vec::new();
    for (maker, task) in makers.collect::<Vec<_>>().into_iter().enumerate() {
        if task.await.unwrap() {
            made.push(u8::try_from(maker).unwrap());
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(keys.keys(ORG).await.unwrap()[0].wrapped.as_deref(), Some(&made[..]));
}

/// A key of sixty bytes that no other part of the file can happen to look like.
fn wrapped(org: usize, generation: i64) -> Vec<u8> {
    format!("[{org:04}:{generation:02} of sixty bytes, give or take a few for the length {}]", "~".repeat(org % 7))
        .into_bytes()
}

/// How many of the keys stand in the files of a database, whatever table or free space they are in.
pub(crate) fn in_files(database: &Path, keys: &[Vec<u8>]) -> usize {
    let mut bytes = Vec::new();
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut file = database.as_os_str().to_owned();
        file.push(suffix);
        bytes.extend(std::fs::read(file).unwrap_or_default());
    }
    keys.iter().filter(|key| bytes.windows(key.len()).any(|window| window == &key[..])).count()
}

/// What is destroyed is in no file any more, wherever pages were split and moved around before.
pub(crate) async fn a_destroyed_key_is_nowhere(url: String) {
    let keys = KeyDatabase::open(&url).unwrap().keys;
    let orgs = 120;
    // In an order in which pages are split in the middle.
    for org in (0..orgs).map(|org| org * 49 % orgs) {
        for generation in 1..=3 {
            let key = wrapped(org, generation);
            assert!(keys.add_key(&format!("org-{org}"), generation, &key, at(generation)).await.unwrap());
        }
    }
    let destroyed: Vec<usize> = (0..orgs).filter(|org| org % 3 == 0).collect();
    let gone: Vec<Vec<u8>> =
        destroyed.iter().flat_map(|org| (1..=2).map(|generation| wrapped(*org, generation))).collect();
    let file = url.strip_prefix("sqlite:").map(Path::new);
    if let Some(file) = file {
        assert_eq!(in_files(file, &gone), gone.len(), "they are found as long as they are there");
    }
    for org in &destroyed {
        assert_eq!(keys.destroy_keys(&format!("org-{org}"), 2, at(9)).await.unwrap(), [1, 2]);
    }
    for org in 0..orgs {
        let kept = keys.keys(&format!("org-{org}")).await.unwrap();
        let kept: Vec<bool> = kept.iter().map(|key| key.wrapped.is_some()).collect();
        assert_eq!(kept, [org % 3 != 0, org % 3 != 0, true]);
    }
    if let Some(file) = file {
        assert_eq!(in_files(file, &gone), 0, "of {}", gone.len());
        assert_eq!(in_files(file, &[wrapped(0, 3), wrapped(1, 1)]), 2);
    }
}
