//! What people see.
//!
//! A page is a function from the model that a use case returned to HTML; it reads nothing and decides nothing. Islands
//! are the few parts that also run in the browser. Everything works before they do: each action is a form and each
//! step a link, and the islands send the same forms.

pub mod islands;

#[cfg(feature = "ssr")]
mod charts;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
mod curl;
#[cfg(feature = "ssr")]
pub mod document;
#[cfg(feature = "ssr")]
mod icons;
#[cfg(feature = "ssr")]
mod marks;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod sentence;
#[cfg(feature = "ssr")]
pub mod urls;

/// Called once by the page's script; the islands then start one by one.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
