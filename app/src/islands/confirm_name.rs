//! Says, while it is typed, whether the organisation's name matches. The server checks it again.

use leptos::prelude::*;

#[island]
pub fn ConfirmName(
    /// The id of the input.
    input: String,
    /// What has to be typed.
    expected: String,
    /// What is said while it matches, and while it does not.
    matching: String,
    differing: String,
) -> impl IntoView {
    let matches = RwSignal::new(None::<bool>);
    #[cfg(feature = "hydrate")]
    if let Some(target) = super::input(&input) {
        let read = target.clone();
        super::live::listen(&target, "input", move |_| {
            let typed = read.value();
            matches.set((!typed.is_empty()).then(|| typed.trim() == expected));
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (input, expected);
    view! {
        <p class="help" role="status">
            {move || match matches.get() {
                None => String::new(),
                Some(true) => matching.clone(),
                Some(false) => differing.clone(),
            }}
        </p>
    }
}
