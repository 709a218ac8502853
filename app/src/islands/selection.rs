//! Counts the choices of a form and chooses all or none that are shown.

use leptos::prelude::*;

#[island]
pub fn Selection(
    /// The id of the form whose checkboxes named `target` are counted.
    form: String,
    /// What the button is called where all are chosen, and otherwise.
    clear: String,
    all: String,
    /// `{count} chosen`, with the number to be filled in.
    counted: String,
) -> impl IntoView {
    let chosen = RwSignal::new(0usize);
    let of = RwSignal::new(0usize);
    #[cfg(feature = "hydrate")]
    let choose_all = {
        let count = {
            let form = form.clone();
            move || {
                let boxes = super::checkboxes(&form, "target");
                of.set(boxes.len());
                chosen.set(boxes.iter().filter(|input| input.checked()).count());
            }
        };
        // After hydration: what the server rendered has to be found as it is.
        let first_count = count.clone();
        Effect::new(move |_| first_count());
        if let Some(page) = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.get_element_by_id("content"))
        {
            let count = count.clone();
            super::live::listen(&page, "change", move |_| count());
        }
        move |_| {
            let boxes = super::checkboxes(&form, "target");
            let every = boxes.iter().all(|input| input.checked());
            for input in boxes {
                input.set_checked(!every);
            }
            count();
        }
    };
    #[cfg(not(feature = "hydrate"))]
    let choose_all = {
        let _ = form;
        move |_| {}
    };
    view! {
        <span class="selection" class:ready=move || of.get() != 0>
            <button type="button" class="button small quiet" on:click=choose_all>
                {move || if chosen.get() == of.get() { clear.clone() } else { all.clone() }}
            </button>
            <span role="status">{move || counted.replace("{count}", &chosen.get().to_string())}</span>
        </span>
    }
}
