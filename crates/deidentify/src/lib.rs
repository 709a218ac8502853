//! Reads work items out of an export, and finds and replaces personal data in their text.
//!
//! The order of use is always the same: build one [`Deidentifier`] from what the organisation knows, [`Export::read`] the
//! bytes, then give it of each item all texts that may leave and the people whom the item names
//! ([`item_with`](Deidentifier::item_with)). Other items of the file have no part in it: an item comes out the same whether
//! it comes alone or with others.
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
pub use export::{App, Event, Export, Item, Leaf, ReadError, Value, Webhook, item, webhook};
pub use finding::Finding;
pub use format::Format;
pub use kind::Kind;
pub use markup::decoded_references;
pub use people::unknown_words;
pub use placeholders::TokenKey;
pub use terms::term_key;
