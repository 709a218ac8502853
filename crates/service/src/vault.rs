//! Seals what is contributed under a key of its organisation, and opens it again for as long as that key is there.
//!
//! Every organisation has keys of its own in each region (AES-256-GCM), kept encrypted under a master key that is in no
//! database. A sealed record is bound to its organisation, its region, its place and the generation of its key: moved
//! anywhere else it does not open. Destroying the key takes every record with it, copies of the database included. Nothing
//! of a key may be logged or shown.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use audit::hex;
use base64::prelude::{BASE64_STANDARD, Engine};
use policy::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use crate::data_plane::{KeptKey, Place, Region};
use crate::ports::StoreError;
use crate::target::numbered_by;

/// What the pages call it.
pub const ALGORITHM: &str = "AES-256-GCM";

/// Bytes of a key of either sort.
const KEY_LEN: usize = 32;

#[derive(Debug, Error)]
pub enum VaultError {
    #[error("the master key is not 32 bytes in base64")]
    NotAKey,
    #[error("this machine has no randomness for a key")]
    NoRandomness,
    /// Of another master key, another place, or changed.
    #[error("it does not open with this key at this place")]
    Sealed,
    #[error("the key that sealed this was destroyed")]
    Destroyed,
    /// What wraps keys elsewhere did not do it.
    #[error("the master key cannot be reached: {0}")]
    Unreachable(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Encrypts keys under a master key, here or in a key management system. What a key is bound to has to be the same again.
#[async_trait]
pub trait WrapKeys: fmt::Debug + Send + Sync {
    async fn wrap(&self, key: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError>;

    async fn unwrap(&self, wrapped: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError>;
}

/// A master key in this process's memory, read from a file.
pub struct MasterKey(LessSafeKey);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// `text` is 32 random bytes in base64.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`].
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|_| VaultError::NotAKey)?;
        aead(&bytes).map(Self)
    }

    /// The text of a new one.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn generate() -> Result<String, VaultError> {
        Ok(BASE64_STANDARD.encode(random::<KEY_LEN>()?))
    }
}

#[async_trait]
impl WrapKeys for MasterKey {
    async fn wrap(&self, key: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
        seal(&self.0, key, bound_to)
    }

    async fn unwrap(&self, wrapped: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
        open(&self.0, wrapped, bound_to)
    }
}

/// One generation of an organisation's key.
pub struct DataKey {
    pub generation: i64,
    /// `org`, `region` and the generation: the part that every place begins with.
    bound_to: String,
    seal: LessSafeKey,
    /// The same for every generation until all are destroyed, so that an item is found again under a new key.
    index: hmac::Key,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl DataKey {
    fn of_secret(secret: &[u8], org_id: &str, region: &str, generation: i64) -> Result<Self, VaultError> {
        let (data, index) = secret.split_at_checked(KEY_LEN).ok_or(VaultError::NotAKey)?;
        Ok(Self {
            generation,
            bound_to: bound_to(org_id, region, generation),
            seal: aead(data)?,
            index: hmac::Key::new(hmac::HMAC_SHA256, index),
        })
    }

    /// What an item of a source is called here: 128 bits of a keyed hash.
    pub fn item(&self, app: &str, id: &str) -> String {
        self.keyed("item", &[numbered_by(app), id])
    }

    /// What a part of an item is called here.
    pub fn part(&self, app: &str, id: &str) -> String {
        self.keyed("part", &[numbered_by(app), id])
    }

    /// What a space is called here, where something is told of it.
    pub fn space(&self, app: &str, key: &str) -> String {
        self.keyed("space", &[app, key])
    }

    /// What somebody is called here, whatever the case in which a source writes them.
    pub fn person(&self, called: &str) -> String {
        self.keyed("person", &[&called.trim().to_lowercase()])
    }

    /// By which the same content is known again.
    pub fn digest(&self, plain: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(b"sluice content 1\0");
        context.update(plain);
        hex(context.sign().as_ref())
    }

    fn keyed(&self, what: &str, of: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(b"sluice ");
        context.update(what.as_bytes());
        for part in of {
            context.update(&[0]);
            context.update(part.as_bytes());
        }
        hex(context.sign().as_ref().get(..16).unwrap_or_default())
    }

    /// # Errors
    /// Without randomness.
    pub fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        seal(&self.seal, plain, &self.at(place))
    }

    /// # Errors
    /// [`VaultError::Sealed`] for bytes that were not sealed with this key at this place.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        open(&self.seal, sealed, &self.at(place))
    }

    /// Seals what the organisation adds to the patterns of a period.
    ///
    /// # Errors
    /// Without randomness.
    pub fn seal_part(&self, period: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        seal(&self.seal, plain, &self.at_period(period))
    }

    /// # Errors
    /// [`VaultError::Sealed`] for bytes that were not sealed with this key for this period.
    pub fn open_part(&self, period: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        open(&self.seal, sealed, &self.at_period(period))
    }

    /// No place of a record looks so: an item's name has no such sign.
    fn at_period(&self, period: &str) -> String {
        format!("{}\0patterns\0{period}", self.bound_to)
    }

    fn at(&self, Place { item, part, kind }: &Place) -> String {
        format!("{}\0{item}\0{part}\0{}", self.bound_to, kind.id())
    }
}

/// The key that seals what an organisation contributes now; a new one is made where there is none.
///
/// # Errors
/// When the store of keys or the master key cannot be reached, or the master key is another one.
pub async fn current(
    region: &Region,
    master: &dyn WrapKeys,
    org_id: &str,
    now: Timestamp,
) -> Result<DataKey, VaultError> {
    loop {
        let kept = region.keys.keys(org_id).await?;
        if let Some(key) = kept.iter().rev().find(|key| key.retired_at.is_none() && key.destroyed_at.is_none()) {
            return unwrap(region, master, org_id, key).await;
        }
        next(region, master, org_id, &kept, now).await?;
    }
}

/// Makes a new generation.
///
/// # Errors
/// As [`current`].
pub async fn renew(
    region: &Region,
    master: &dyn WrapKeys,
    org_id: &str,
    now: Timestamp,
) -> Result<DataKey, VaultError> {
    let kept = region.keys.keys(org_id).await?;
    next(region, master, org_id, &kept, now).await?;
    current(region, master, org_id, now).await
}

/// Adds the generation after those that are kept. It finds the same items as they do, unless all of them are destroyed.
/// Whoever is faster makes it; the other one finds it.
async fn next(
    region: &Region,
    master: &dyn WrapKeys,
    org_id: &str,
    kept: &[KeptKey],
    now: Timestamp,
) -> Result<(), VaultError> {
    let index = index(region, master, org_id, kept).await?;
    let generation = kept.last().map_or(1, |key| key.generation + 1);
    add(region, master, org_id, generation, index, now).await
}

/// The key under which a region seals what it takes over from another one. It finds the same items, and its generation is
/// above all in either region. None where the organisation has no key any more: then there is none for it in either.
///
/// # Errors
/// As [`current`].
pub async fn carry(
    from: &Region,
    to: &Region,
    master: &dyn WrapKeys,
    org_id: &str,
    now: Timestamp,
) -> Result<Option<DataKey>, VaultError> {
    let (theirs, ours) = (from.keys.keys(org_id).await?, to.keys.keys(org_id).await?);
    let wanted = index(from, master, org_id, &theirs).await?;
    let newest = |kept: &[KeptKey]| kept.last().map_or(0, |key| key.generation);
    if ours.iter().any(|key| key.destroyed_at.is_none()) {
        if wanted.is_some() && index(to, master, org_id, &ours).await? == wanted {
            return current(to, master, org_id, now).await.map(Some);
        }
        // Made for what has been withdrawn since.
        to.keys.destroy_keys(org_id, newest(&ours), now).await?;
    }
    if wanted.is_none() {
        return Ok(None);
    }
    add(to, master, org_id, newest(&theirs).max(newest(&ours)) + 1, wanted, now).await?;
    current(to, master, org_id, now).await.map(Some)
}

/// The half by which items are found again, from the newest key that is not destroyed.
async fn index(
    region: &Region,
    master: &dyn WrapKeys,
    org_id: &str,
    kept: &[KeptKey],
) -> Result<Option<Vec<u8>>, VaultError> {
    let newest = kept.iter().rev().find_map(|key| key.wrapped.as_deref().map(|wrapped| (key.generation, wrapped)));
    let Some((generation, wrapped)) = newest else { return Ok(None) };
    let secret = master.unwrap(wrapped, &bound_to(org_id, &region.id, generation)).await?;
    secret.get(KEY_LEN..).map(|index| Some(index.to_vec())).ok_or(VaultError::NotAKey)
}

/// Adds a generation with a new key to seal with, and with this index or a new one.
async fn add(
    region: &Region,
    master: &dyn WrapKeys,
    org_id: &str,
    generation: i64,
    index: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<(), VaultError> {
    let mut secret = random::<{ 2 * KEY_LEN }>()?.to_vec();
    if let Some(index) = index {
        secret.truncate(KEY_LEN);
        secret.extend(index);
    }
    let wrapped = master.wrap(&secret, &bound_to(org_id, &region.id, generation)).await?;
    region.keys.add_key(org_id, generation, &wrapped, now).await?;
    Ok(())
}

/// Every key of an organisation that was not destroyed, by generation.
///
/// # Errors
/// As [`current`].
pub async fn all(region: &Region, master: &dyn WrapKeys, org_id: &str) -> Result<BTreeMap<i64, DataKey>, VaultError> {
    let mut keys = BTreeMap::new();
    for kept in region.keys.keys(org_id).await?.iter().filter(|key| key.destroyed_at.is_none()) {
        keys.insert(kept.generation, unwrap(region, master, org_id, kept).await?);
    }
    Ok(keys)
}

/// Tries the master key on one of the keys of a region, if it has any.
///
/// # Errors
/// [`VaultError::Sealed`] if it is not the one that they are wrapped with. Otherwise as [`current`].
pub async fn try_master(region: &Region, master: &dyn WrapKeys) -> Result<(), VaultError> {
    match region.keys.any_key().await? {
        Some((org_id, kept)) => unwrap(region, master, &org_id, &kept).await.map(drop),
        None => Ok(()),
    }
}

async fn unwrap(region: &Region, master: &dyn WrapKeys, org_id: &str, kept: &KeptKey) -> Result<DataKey, VaultError> {
    let wrapped = kept.wrapped.as_deref().ok_or(VaultError::Destroyed)?;
    let secret = master.unwrap(wrapped, &bound_to(org_id, &region.id, kept.generation)).await?;
    DataKey::of_secret(&secret, org_id, &region.id, kept.generation)
}

fn bound_to(org_id: &str, region: &str, generation: i64) -> String {
    format!("sluice key 1\0{org_id}\0{region}\0{generation}")
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

fn aead(key: &[u8]) -> Result<LessSafeKey, VaultError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| VaultError::NotAKey)
}

/// The nonce in front, then what was sealed and its tag. Random nonces are good for four thousand million seals of one key.
fn seal(key: &LessSafeKey, plain: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
    let nonce = random::<NONCE_LEN>()?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let (_, inner) = sealed.split_at_mut(NONCE_LEN);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound_to.as_bytes()), inner)
        .map_err(|_| VaultError::Sealed)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

fn open(key: &LessSafeKey, sealed: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
    let (nonce, inner) = sealed.split_at_checked(NONCE_LEN).ok_or(VaultError::Sealed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Sealed)?;
    let mut inner = inner.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(bound_to.as_bytes()), &mut inner).map_err(|_| VaultError::Sealed)?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use policy::Kind;

    use super::*;

    fn key(org: &str, region: &str, generation: i64) -> DataKey {
        DataKey::of_secret(&[7; 64], org, region, generation).unwrap()
    }

    fn place(item: &str, part: &str, kind: Kind) -> Place {
        Place { item: item.to_owned(), part: part.to_owned(), kind }
    }

    #[test]
    fn a_record_opens_at_its_own_place_only() {
        let own = key("o1", "eu", 1);
        let at = place("a", "", Kind::InApp);
        let sealed = own.seal(&at, b"quiet").unwrap();
        assert_eq!(own.open(&at, &sealed).unwrap(), b"quiet");
        for (other, at) in [
            (key("o2", "eu", 1), at.clone()),
            (key("o1", "us", 1), at.clone()),
            (key("o1", "eu", 2), at.clone()),
            (key("o1", "eu", 1), place("b", "", Kind::InApp)),
            (key("o1", "eu", 1), place("a", "c", Kind::InApp)),
            (key("o1", "eu", 1), place("a", "", Kind::Metadata)),
        ] {
            assert!(matches!(other.open(&at, &sealed), Err(VaultError::Sealed)), "{at:?}");
        }
    }

    #[test]
    fn one_changed_bit_does_not_open() {
        let own = key("o1", "eu", 1);
        let at = place("a", "", Kind::InApp);
        let sealed = own.seal(&at, b"quiet").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(own.open(&at, &changed).is_err(), "bit {bit}");
        }
        assert!(own.open(&at, &sealed[..10]).is_err());
    }

    #[test]
    fn an_item_is_called_the_same_in_every_generation_and_differently_elsewhere() {
        let (one, two) = (key("o1", "eu", 1), key("o1", "eu", 2));
        assert_eq!(one.item("jira", "10"), two.item("jira", "10"));
        assert_eq!(one.digest(b"x"), two.digest(b"x"));
        assert_ne!(one.item("jira", "10"), one.item("jira", "11"));
        assert_ne!(one.item("jira", "10"), one.part("jira", "10"));
        assert_ne!(one.item("a", "bc"), one.item("ab", "c"));
        assert_eq!(one.item("jira", "10"), one.item("jira-service-management", "10"), "they have their ids in common");
        let other = DataKey::of_secret(&[8; 64], "o1", "eu", 1).unwrap();
        assert_ne!(one.item("jira", "10"), other.item("jira", "10"));
    }

    #[tokio::test]
    async fn a_master_key_wraps_and_binds() {
        let master = MasterKey::parse(&MasterKey::generate().unwrap()).unwrap();
        let wrapped = master.wrap(&[9; 64], "here").await.unwrap();
        assert!(!wrapped.windows(8).any(|bytes| bytes == [9; 8]));
        assert_eq!(master.unwrap(&wrapped, "here").await.unwrap(), [9; 64]);
        assert!(master.unwrap(&wrapped, "there").await.is_err());
        let other = MasterKey::parse(&MasterKey::generate().unwrap()).unwrap();
        assert!(other.unwrap(&wrapped, "here").await.is_err());
        assert!(matches!(MasterKey::parse("AAAA"), Err(VaultError::NotAKey)));
    }
}
