//! Signed notes: what this installation vouches for, checkable with its public key alone.
//!
//! The form is that of signed notes (C2SP signed-note): a text, an empty line, and a signature line of Ed25519. A checkpoint is
//! such a note of three lines (the log's name, how many entries, the hash of the last one in base64) and a fourth with the time.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Head, hex, unhex};

/// The algorithm's number in signed notes.
const ED25519_NOTE: u8 = 1;
const SIGNATURE_LINE: &str = "\u{2014} ";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    #[error("the key is not 32 bytes in base64")]
    NotAKey,
    #[error("this is not a signed note")]
    NotANote,
    #[error("the note is not signed with this key")]
    OtherKey,
    #[error("the signature does not fit the text: one of them was changed")]
    Forged,
    #[error("the note is signed, but it is no checkpoint of an audit log")]
    NotACheckpoint,
}

/// Signs notes under the installation's name.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Checks notes. Its text is what people keep: `sluice+1a2b3c4d+AbCd…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    bytes: [u8; 32],
}

impl SigningKey {
    /// `seed` is the secret, 32 random bytes in base64.
    ///
    /// # Errors
    /// [`NoteError::NotAKey`].
    pub fn of_seed(name: &str, seed: &str) -> Result<Self, NoteError> {
        let seed = BASE64_STANDARD.decode(seed.trim()).map_err(|_| NoteError::NotAKey)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NoteError::NotAKey)?;
        let bytes = pair.public_key().as_ref().try_into().map_err(|_| NoteError::NotAKey)?;
        Ok(Self { pair, public: PublicKey { name: name.to_owned(), bytes } })
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a text. An end of line is added if it has none, as a note must have one.
    pub fn sign(&self, text: &str) -> SignedNote {
        let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
        let signature = self.pair.sign(text.as_bytes());
        let mut signed = self.public.id().to_vec();
        signed.extend_from_slice(signature.as_ref());
        let line = format!("{SIGNATURE_LINE}{} {}\n", self.public.name, BASE64_STANDARD.encode(signed));
        SignedNote { text, signatures: line }
    }
}

impl PublicKey {
    /// The four bytes by which a signature line says which key it is of.
    fn id(&self) -> [u8; 4] {
        let mut hashed = Sha256::new();
        hashed.update(self.name.as_bytes());
        hashed.update([b'\n', ED25519_NOTE]);
        hashed.update(self.bytes);
        let digest = hashed.finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// # Errors
    /// [`NoteError::NotAKey`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::NotAKey);
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| NoteError::NotAKey)?;
        let [ED25519_NOTE, bytes @ ..] = key.as_slice() else { return Err(NoteError::NotAKey) };
        let bytes = bytes.try_into().map_err(|_| NoteError::NotAKey)?;
        let key = Self { name: name.to_owned(), bytes };
        if hex(&key.id()) == id { Ok(key) } else { Err(NoteError::NotAKey) }
    }

    /// Checks a note and gives back its text.
    ///
    /// # Errors
    /// Why the text cannot be relied on.
    pub fn verify<'n>(&self, note: &'n str) -> Result<&'n str, NoteError> {
        let at = note.rfind("\n\n").ok_or(NoteError::NotANote)?;
        let (text, signatures) = (&note[..=at], &note[at + 2..]);
        let mut lines = signatures.lines().peekable();
        if lines.peek().is_none() {
            return Err(NoteError::NotANote);
        }
        for line in lines {
            let (name, signed) =
                line.strip_prefix(SIGNATURE_LINE).and_then(|line| line.split_once(' ')).ok_or(NoteError::NotANote)?;
            let signed = BASE64_STANDARD.decode(signed).map_err(|_| NoteError::NotANote)?;
            let Some((id, signature)) = signed.split_at_checked(4) else { return Err(NoteError::NotANote) };
            if name == self.name && id == self.id() {
                let key = UnparsedPublicKey::new(&ED25519, self.bytes);
                return key.verify(text.as_bytes(), signature).map(|()| text).map_err(|_| NoteError::Forged);
            }
        }
        Err(NoteError::OtherKey)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519_NOTE];
        key.extend_from_slice(&self.bytes);
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), BASE64_STANDARD.encode(key))
    }
}

/// A text and its signature, ready to be written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: String,
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.text, self.signatures)
    }
}

/// How far a log had come at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub scope: String,
    pub head: Head,
    /// Microseconds since 1970 UTC.
    pub at: i64,
}

const ORIGIN: &str = "sluice audit log ";
const TIME: &str = "time ";

impl Checkpoint {
    pub fn sign(&self, key: &SigningKey) -> SignedNote {
        let hash = BASE64_STANDARD.encode(unhex(&self.head.hash));
        key.sign(&format!("{ORIGIN}{}\n{}\n{hash}\n{TIME}{}\n", self.scope, self.head.sequence, self.at))
    }

    /// Reads a signed checkpoint.
    ///
    /// # Errors
    /// A note that is not signed with `key`, or is no checkpoint.
    pub fn verify(note: &str, key: &PublicKey) -> Result<Self, NoteError> {
        Self::read(key.verify(note)?).ok_or(NoteError::NotACheckpoint)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let scope = lines.next()?.strip_prefix(ORIGIN)?.to_owned();
        let sequence = lines.next()?.parse().ok()?;
        let hash = hex(&BASE64_STANDARD.decode(lines.next()?).ok()?);
        let at = lines.next()?.strip_prefix(TIME)?.parse().ok()?;
        Some(Self { scope, head: Head { sequence, hash }, at })
    }
}
