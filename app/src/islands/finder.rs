//! Takes a word that is selected in a text as written into the field for terms, and opens the card of a finding under the
//! pointer. Without it the word is typed, and the card opens on a press.

use leptos::prelude::*;

#[island]
pub fn Finder(
    /// The id of the field that a selected word goes into.
    input: String,
    /// What is said of a word that was taken, with `{word}` to be filled in.
    taken: String,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::start(&input, taken, said);
    #[cfg(not(feature = "hydrate"))]
    let _ = (input, taken);
    view! { <span class="help" role="status">{move || said.get()}</span> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;

    use leptos::prelude::*;
    use wasm_bindgen::prelude::*;
    use web_sys::{Element, Event, HtmlElement};

    /// Letters of a term; what is longer is a passage that someone copies.
    const LONGEST: usize = 100;

    pub(super) fn start(input: &str, told: String, said: RwSignal<String>) {
        let Some(field) = super::super::input(input) else { return };
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        // What was typed by hand stays; only an earlier selection gives way to a new one.
        let taken = RefCell::new(String::new());
        super::super::live::listen(&field.clone(), "input", move |_| said.set(String::new()));
        let Some(page) = document.get_element_by_id("content") else { return };
        for event in ["pointerup", "keyup"] {
            let (field, taken, told) = (field.clone(), taken.clone(), told.clone());
            super::super::live::listen(&page, event, move |_| {
                let Some(word) = selected() else { return };
                let mut taken = taken.borrow_mut();
                if !field.value().is_empty() && field.value() != *taken {
                    return;
                }
                field.set_value(&word);
                said.set(told.replace("{word}", &word));
                *taken = word;
            });
        }
        super::super::live::listen(&page, "pointerover", on_pointer);
        super::super::live::listen(&page, "click", on_click);
    }

    /// The selected word or words, if they stand in a text as written.
    fn selected() -> Option<String> {
        let selection = web_sys::window()?.get_selection().ok()??;
        let text = String::from(selection.to_string());
        let word = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let node = selection.anchor_node()?;
        let element = node.dyn_ref::<Element>().cloned().or_else(|| node.parent_element())?;
        element.closest(".as-written").ok()??;
        (2..=LONGEST).contains(&word.chars().count()).then_some(word)
    }

    /// Opens the card of the finding that a mouse is on; the browser closes it when another opens or on Escape.
    fn on_pointer(event: Event) {
        let mouse = event.dyn_ref::<web_sys::PointerEvent>().is_some_and(|event| event.pointer_type() == "mouse");
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target.filter(|_| mouse) else { return };
        let open = open_card();
        let Some(button) = target.closest("button.finding").ok().flatten() else {
            // Off the finding and its card: a card that the pointer opened closes again.
            let inside = target.closest(".finding-card").ok().flatten().is_some();
            if let Some(card) = open.filter(|card| !inside && card.has_attribute("data-hover")) {
                call(&card, "hidePopover", &JsValue::UNDEFINED);
            }
            return;
        };
        let Some(card) = card_of(button.clone()) else { return };
        // One that was opened by a press stays until it is dismissed.
        if open.as_ref() == Some(&card) || open.is_some_and(|open| !open.has_attribute("data-hover")) {
            return;
        }
        let _ = card.set_attribute("data-hover", "");
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"source".into(), &button);
        call(&card, "showPopover", &options);
    }

    /// A press on a finding whose card the pointer has opened keeps it open instead of closing it.
    fn on_click(event: Event) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(card) = target.and_then(|target| target.closest("button.finding").ok().flatten()).and_then(card_of)
        else {
            return;
        };
        if card.has_attribute("data-hover") {
            let _ = card.remove_attribute("data-hover");
            if open_card().as_ref() == Some(&card) {
                event.prevent_default();
            }
        }
    }

    fn card_of(button: Element) -> Option<HtmlElement> {
        let id = button.get_attribute("popovertarget")?;
        web_sys::window()?.document()?.get_element_by_id(&id)?.dyn_into().ok()
    }

    fn open_card() -> Option<HtmlElement> {
        let open = web_sys::window()?.document()?.query_selector(".finding-card:popover-open").ok()??;
        open.dyn_into().ok()
    }

    /// The browser's own methods for cards, which these bindings do not have.
    fn call(card: &HtmlElement, method: &str, options: &JsValue) {
        let function = js_sys::Reflect::get(card, &method.into()).ok().and_then(|method| method.dyn_into().ok());
        let function: Option<js_sys::Function> = function;
        if let Some(function) = function {
            let _ = function.call1(card, options);
        }
    }
}
