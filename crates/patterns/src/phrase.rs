//! Phrases and causes of a text.
