//! The same over the API: what a part of a page does, as a command to copy.
//!
//! A command never holds a key. It names the variables that hold the key and the address, so that neither lands in a
//! shell's history by being pasted.

use language::t;
use leptos::prelude::*;

use crate::icons::{Icon, icon};
use crate::sentence::sentence;
use crate::urls;

/// A request of the API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// With its query: `/api/v1/orgs/large/settings`.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub payload: Payload,
}

/// What a request brings along.
#[derive(Clone, Debug, Default)]
pub enum Payload {
    /// Nothing: it reads.
    #[default]
    Nothing,
    /// Nothing but the wish: it is a POST.
    Wish,
    Json(String),
    /// A file of a media type, by a name that stands for it.
    File(&'static str, String),
}

impl Request {
    fn text(&self) -> String {
        let mut lines = vec!["curl -sS -H \"Authorization: Bearer $SLUICE_KEY\"".to_owned()];
        lines.extend(self.headers.iter().map(|(name, value)| format!("  -H {}", quoted(&format!("{name}: {value}")))));
        match &self.payload {
            Payload::Nothing => {}
            Payload::Wish => lines.push("  -X POST".to_owned()),
            Payload::Json(body) => lines.push(format!("  -H 'Content-Type: application/json' -d {}", quoted(body))),
            Payload::File(name, media_type) => {
                let header = quoted(&format!("Content-Type: {media_type}"));
                lines.push(format!("  -H {header} --data-binary {}", quoted(&format!("@{name}"))));
            }
        }
        lines.push(format!("  \"$SLUICE_URL\"{}", quoted(&self.path)));
        lines.join(" \\\n")
    }
}

/// A text as one word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The command by itself.
pub(crate) fn command(request: &Request) -> AnyView {
    let code = |text: &'static str| view! { <code>{text}</code> }.into_any();
    view! {
        <pre class="curl" tabindex="0"><code>{request.text()}</code></pre>
        <p class="help">
            {sentence(
                t!("{key} holds an API key, {url} the address of this console."),
                [("key", code("SLUICE_KEY")), ("url", code("SLUICE_URL"))],
            )}
            " "<a href=urls::API>{t!("API reference")}</a>
        </p>
    }
    .into_any()
}

/// The command folded away under a line that says what it does: `Read the settings`.
pub(crate) fn as_curl(what: &str, request: &Request) -> AnyView {
    view! {
        <details class="as-curl">
            <summary>{icon(Icon::ChevronRight)}{t!("As cURL")}<span class="sr-only">": "{what.to_owned()}</span></summary>
            <p class="help">{what.to_owned()}</p>
            {command(request)}
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_request_whatever_is_in_it() {
        let request = Request {
            path: "/api/v1/orgs/large/history?setting=space%3Ajira%2FO'Brien".to_owned(),
            headers: vec![("If-Match".to_owned(), "\"7\"".to_owned())],
            payload: Payload::Json("{\"reason\": \"it's $HOME `now`\"}".to_owned()),
        };
        assert_eq!(
            request.text(),
            "curl -sS -H \"Authorization: Bearer $SLUICE_KEY\" \\\n  -H 'If-Match: \"7\"' \\\n  \
             -H 'Content-Type: application/json' -d '{\"reason\": \"it'\\''s $HOME `now`\"}' \\\n  \
             \"$SLUICE_URL\"'/api/v1/orgs/large/history?setting=space%3Ajira%2FO'\\''Brien'"
        );
    }

    #[test]
    fn a_command_sends_what_the_request_brings_along() {
        let text = |payload| Request { path: "/api/v1/x".to_owned(), payload, ..Request::default() }.text();
        let file = text(Payload::File("people.csv", "text/csv".to_owned()));
        assert!(file.contains("-H 'Content-Type: text/csv' --data-binary '@people.csv'"), "{file}");
        assert!(text(Payload::Wish).contains(" -X POST "), "a POST without a body is still one");
        let reads = text(Payload::Nothing);
        assert!(!reads.contains("-X") && !reads.contains("-d"), "{reads}");
    }
}
