//! What many organisations have in common, and suggestions from it.
//!
//! The unit of protection is the organisation. The order of use is always the same:
//!
//! 1. [`observe`] says of one item's leaving fields what it shows: values of fixed vocabularies, phrases and causes.
//! 2. A [`Counter`] of each organisation takes its items one by one and finishes with its [`Part`]: which cells it
//!    contributes to and with how many people, bounded by the [`Rules`]. A tenth of the items is held back for measuring.
//! 3. A [`Tally`] adds up parts by keyed digest, with no clear text in it; the tallies of regions merge.
//! 4. [`Tally::wanted`] names the digests that passed the thresholds; only those are asked for their clear text
//!    ([`Part::reveal`]), and [`release`] makes of them what is [`Published`], with a [`Report`].
//! 5. [`suggest`], [`Measure`] and [`impact`] read what is published and nothing else.
//!
//! ```text
//! items ── observe ──► Counter ──► Part ──► Tally ──► merge ──► wanted ──► reveal ──► release ──► suggest
//!          (in the region, per organisation) │ (digests and counts leave)    │ (clear text above the threshold only)
//! ```
//!
//! This crate must never do input or output, read a clock, draw a random number or hold a key longer than the values that it
//! returns; keys and random bits come in as arguments. It knows no product: which field gives what is data ([`Sources`]).

mod cell;
mod closed;
mod complementary;
mod impact;
mod key;
mod measure;
mod noise;
mod observation;
mod part;
mod phrase;
mod release;
mod rules;
mod sources;
mod suggest;
mod tally;
mod vocabulary;

pub use cell::{Cell, Family, NotACell};
pub use impact::{Impact, impact};
pub use key::{Digest, Key};
pub use measure::{Measure, Score};
pub use noise::{Budget, Noise, Overspent};
pub use observation::{Observation, observe};
pub use part::{Added, Counter, Part, PartCell};
pub use release::{FamilyReport, Numbers, Published, PublishedCell, Release, ReleaseError, Report, release};
pub use rules::{InvalidRules, Rules};
pub use sources::{App, Gives, InvalidSources, Source, Sources};
pub use suggest::{Abstained, Evidence, Suggestion, Suggestions, suggest};
pub use tally::{Count, Tally};
pub use vocabulary::{Dimension, OTHER, Vocabulary, group_of};
