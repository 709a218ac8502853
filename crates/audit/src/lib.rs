//! A log that nobody can bend unseen: what an entry says, how entries form a chain, and notes signed over its head.
//!
//! Entries of one scope (an organisation, or the installation itself) are numbered from 1. Each carries the hash of the one
//! before; its own hash is SHA-256 over its canonical JSON (RFC 8785). So whoever knows the head of a chain knows all of it:
//! an entry that was changed, dropped, swapped or put in between is found by [`Chain`], and a [`Checkpoint`] that was kept
//! elsewhere shows a chain that was cut off or written anew.
//!
//! Nothing here reads a clock, a file or a database. The bytes that were hashed are kept as they are and never written again
//! from a parsed entry.

mod action;
mod chain;
mod checkpoint;
mod entry;

pub use action::{Action, Group};
pub use chain::{Broken, Chain, Fault, Head, START};
pub use checkpoint::{Checkpoint, NoteError, PublicKey, SignedNote, SigningKey};
pub use entry::{Actor, ActorKind, Difference, Draft, Entry, Interface, Outcome, Resource, Sealed};

/// SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The bytes of hexadecimal digits; anything else in the text ends it.
pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks_exact(2).map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
