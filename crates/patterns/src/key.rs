//! The key of a period: digests of cells, the sampling of an organisation's cells, and which items are held back.
//!
//! Whoever has no key can neither look a cell up by guessing its text nor compare the digests of two periods. When a period
//! ends its key is destroyed, and with it whatever stayed below the threshold.

use std::fmt;
use std::hash::Hasher;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use siphasher::sip128::SipHasher24;

use crate::part::place;
use crate::vocabulary::Dimension;

/// One item in so many is held back.
const HELD_BACK_ONE_IN: u64 = 10;

/// The key of a period, 32 secret bytes.
#[derive(Clone)]
pub struct Key {
    digests: Hmac<Sha256>,
    samples: Hmac<Sha256>,
    held_back: SipHasher24,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    pub fn new(secret: &[u8; 32]) -> Self {
        let derived = |purpose: &[u8]| {
            let mut whole = keyed(secret);
            whole.update(purpose);
            let bytes: [u8; 32] = whole.finalize().into_bytes().into();
            bytes
        };
        let held_back = derived(b"held back");
        Self {
            digests: keyed(&derived(b"digest of a cell")),
            samples: keyed(&derived(b"sample of an organisation")),
            held_back: sip(&held_back),
        }
    }

    /// Whether an item is not counted but kept out for measuring: one in ten, the same ones whoever asks. `item` is whatever
    /// names the item, and names it always in the same way.
    pub fn holds_back(&self, item: &[u8]) -> bool {
        let mut hasher = self.held_back;
        hasher.write(item);
        hasher.finish().is_multiple_of(HELD_BACK_ONE_IN)
    }

    /// The digest of a cell, from its canonical text.
    pub(crate) fn digest(&self, canonical: &str) -> Digest {
        let mut keyed = self.digests.clone();
        keyed.update(canonical.as_bytes());
        let whole: [u8; 32] = keyed.finalize().into_bytes().into();
        let mut digest = [0; 16];
        digest.copy_from_slice(&whole[..16]);
        Digest(digest)
    }

    /// Of the cells of one value of an organisation that has more than it may contribute to, those with the lowest of these count.
    /// For recounts.
    pub fn place(&self, organisation: &[u8], dimension: Dimension, value: &str) -> u128 {
        place(&self.sampler(organisation), dimension, value)
    }

    /// What orders the cells of an organisation when more come than it may contribute to.
    pub(crate) fn sampler(&self, organisation: &[u8]) -> SipHasher24 {
        let mut keyed = self.samples.clone();
        keyed.update(organisation);
        let bytes: [u8; 32] = keyed.finalize().into_bytes().into();
        sip(&bytes)
    }
}

fn keyed(secret: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(secret);
    Hmac::new(&block.into())
}

fn sip(bytes: &[u8; 32]) -> SipHasher24 {
    let mut key = [0; 16];
    key.copy_from_slice(&bytes[..16]);
    SipHasher24::new_with_key(&key)
}

/// 128 bits in place of a cell; hexadecimal in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes()))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
