//! Reads each format into a view: what a person sees as text, and the identifiers that only the mark-up holds.
//!
//! A reader must take any input, however broken, must never lose a text that is visible, and is linear in the input.

mod adf;
mod html;
mod light;
mod references;

pub use references::decoded as decoded_references;

use crate::format::Format;
use crate::view::View;

/// The view of a text in a format.
pub(crate) fn view(text: &str, format: Format) -> View<'_> {
    match format {
        Format::Text => light::plain(text),
        Format::Wiki => light::wiki(text),
        Format::Markdown => light::markdown(text),
        Format::Html => html::view(text),
        Format::Adf => adf::view(text),
    }
}
