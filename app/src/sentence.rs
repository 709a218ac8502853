//! A sentence with markup in it: one text in each language, whose holes are filled with what has to be more than text.

use leptos::prelude::*;

/// Fills the holes of a text such as `t!("Nothing leaves before {date}.")` with views, each by its name.
pub(crate) fn sentence<const N: usize>(text: &'static str, views: [(&str, AnyView); N]) -> AnyView {
    let mut views: Vec<(&str, AnyView)> = views.into();
    let mut parts: Vec<AnyView> = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        let (name, after) = from.split_once('}').unwrap_or((from, ""));
        // An empty text would be told as a space.
        if !before.is_empty() {
            parts.push(before.into_any());
        }
        if let Some(at) = views.iter().position(|(of, _)| *of == name) {
            parts.push(views.swap_remove(at).1);
        }
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(rest.into_any());
    }
    parts.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_by_name_wherever_they_stand() {
        let link = || view! { <a href="/terms">"two {terms}"</a> }.into_any();
        let told = |text| {
            let html = sentence(text, [("people", "3 people".into_any()), ("terms", link())]).to_html();
            html.replace("<!>", "")
        };
        assert_eq!(told("It knows {people} and {terms}."), "It knows 3 people and <a href=\"/terms\">two {terms}</a>.");
        assert_eq!(told("{terms} und {people}"), "<a href=\"/terms\">two {terms}</a> und 3 people");
    }
}
