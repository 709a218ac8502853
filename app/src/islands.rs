//! The parts that run in the browser. None is needed for anything: each improves a form or a link that works without it.

#![allow(unreachable_pub, reason = "the island macro makes public functions of its own beside ours")]

mod confirm_name;
mod finder;
mod live;
mod selection;
mod upload_check;

pub use confirm_name::ConfirmName;
pub use finder::Finder;
pub use live::Live;
pub use selection::Selection;
pub use upload_check::UploadCheck;

#[cfg(feature = "hydrate")]
fn input(id: &str) -> Option<web_sys::HtmlInputElement> {
    use wasm_bindgen::JsCast;
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// The elements of a form that are checkboxes of the given name, in document order.
#[cfg(feature = "hydrate")]
fn checkboxes(form_id: &str, name: &str) -> Vec<web_sys::HtmlInputElement> {
    use wasm_bindgen::JsCast;
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return Vec::new();
    };
    let selector =
        format!("#{form_id} input[type=checkbox][name={name}], input[type=checkbox][name={name}][form={form_id}]");
    let Ok(nodes) = document.query_selector_all(&selector) else {
        return Vec::new();
    };
    (0..nodes.length())
        .filter_map(|at| nodes.item(at)?.dyn_into::<web_sys::HtmlInputElement>().ok())
        .filter(|input| !input.disabled())
        .collect()
}
