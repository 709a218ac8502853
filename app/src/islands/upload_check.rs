//! Says at once when a file is larger than the server takes. The server refuses it in any case.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
const MAX_BYTES: f64 = 20.0 * 1024.0 * 1024.0;

#[island]
pub fn UploadCheck(
    /// The id of the file input.
    input: String,
    /// What is said of a file that is too large, with its `{size}` in MB to be filled in.
    too_large: String,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    if let Some(target) = super::input(&input) {
        let read = target.clone();
        super::live::listen(&target, "change", move |_| {
            let file = read.files().and_then(|files| files.get(0));
            said.set(match file {
                Some(file) if file.size() > MAX_BYTES => {
                    too_large.replace("{size}", &(file.size() / 1_048_576.0).ceil().to_string())
                }
                Some(file) => format!("{} kB", (file.size() / 1024.0).ceil()),
                None => String::new(),
            });
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (input, too_large);
    view! { <p class="help" role="status">{move || said.get()}</p> }
}
