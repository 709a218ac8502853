//! Reads work items out of an export, and finds and replaces personal data in their text.
//!
//! The order of use is always the same: [`Export::read`] the bytes, ask it for its [`people`](Export::people), build one
//! [`Deidentifier`] from them and from what the organisation knows, then give it all texts of an [`item`](Deidentifier::item)
//! that may leave.
//!
//! This crate decides nothing about what may leave, and it must never do input or output, read a clock, draw a random number
//! or keep a text: the same bytes always give the same answer, and nothing outlives the values it returns.

mod attributes;
mod cues;
mod deidentify;
mod detect;
mod dictionary;
mod directory;
mod export;
mod finding;
mod format;
mod hits;
mod kind;
mod lexicon;
mod markup;
mod names;
mod people;
mod phrases;
mod placeholders;
mod scan;
mod terms;
mod view;
mod words;

pub use attributes::{Attributes, Complexity, Length, Task, attributes, similarity};
pub use deidentify::{Deidentified, Deidentifier, Detect, LIMITS, ProofFailed, Text};
pub use detect::Detector;
pub use dictionary::Dictionary;
pub use directory::{Directory, Person};
pub use export::{App, Export, Item, Leaf, ReadError, Value};
pub use finding::Finding;
pub use format::Format;
pub use kind::Kind;
pub use markup::decoded_references;
pub use people::unknown_words;
pub use placeholders::TokenKey;
pub use terms::term_key;
