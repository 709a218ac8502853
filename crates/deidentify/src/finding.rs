//! What was found in a text, and why.

use serde::Serialize;

use crate::Kind;

/// One piece of personal data in the text that was given, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// First byte in the given text.
    pub start: usize,
    /// One past the last byte in the given text; both ends are character boundaries. Mark-up may stand between.
    pub end: usize,
    pub kind: Kind,
    /// Stable id of the rule that found it, such as `email.address`.
    pub detector: &'static str,
    /// One sentence for a person: why this was taken for personal data.
    pub evidence: &'static str,
    /// How sure the rule is, in percent.
    pub score: u8,
    /// What the output says instead, such as `[EMAIL_1]`.
    pub placeholder: String,
}
