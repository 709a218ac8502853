//! Just enough of a reader of HTML to see a page as a browser does: which tags, which attributes, which text.

/// A tag that opens, with its attributes as they mean, not as they are escaped.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

enum Part {
    Tag(Tag),
    /// The name of a tag that closes.
    End(String),
    Text(String),
}

/// Every tag of a page, in order.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    parts(page).into_iter().filter_map(|part| if let Part::Tag(tag) = part { Some(tag) } else { None }).collect()
}

/// What a person reads: the text with spaces as one.
pub(crate) fn text(page: &str) -> String {
    let text: String = parts(page)
        .into_iter()
        .filter_map(|part| if let Part::Text(text) = part { Some(text) } else { None })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a person reads or hears in a language: each text and each attribute that is told, trimmed, in order. What is marked as
/// nobody's to translate (`translate="no"`, code, what a machine said) or as in another language than the page is not among it.
pub(crate) fn told(page: &str) -> Vec<String> {
    const ATTRIBUTES: [&str; 5] = ["title", "aria-label", "aria-description", "placeholder", "alt"];
    const CODE: [&str; 5] = ["code", "samp", "kbd", "pre", "textarea"];
    let mut told = Vec::new();
    // The name of the element that is passed over, and how many of that name are open.
    let mut passed: Option<(String, usize)> = None;
    for part in parts(page) {
        match (part, &mut passed) {
            (Part::Tag(tag), Some((name, open))) if tag.name == *name => *open += 1,
            (Part::End(tag), Some((name, open))) if tag == *name => {
                *open -= 1;
                if *open == 0 {
                    passed = None;
                }
            }
            (_, Some(_)) | (Part::End(_), None) => {}
            (Part::Tag(tag), None)
                if tag.attribute("translate") == Some("no")
                    || (tag.name != "html" && tag.attribute("lang").is_some())
                    || CODE.contains(&tag.name.as_str()) =>
            {
                passed = (tag.name != "input").then_some((tag.name, 1));
            }
            (Part::Tag(tag), None) => {
                told.extend(ATTRIBUTES.iter().filter_map(|name| tag.attribute(name)).map(str::to_owned));
            }
            (Part::Text(text), None) => told.push(text),
        }
    }
    let trimmed = told.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    trimmed.filter(|text| text.chars().any(char::is_alphabetic)).collect()
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = page;
    while let Some((text, from)) = rest.split_once('<') {
        parts.push(Part::Text(unescaped(text)));
        if let Some(comment) = from.strip_prefix("!--") {
            rest = comment.split_once("-->").unwrap_or_default().1;
            continue;
        }
        // Without a name it is no tag but a character that should have been escaped.
        if !from.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            parts.push(Part::Text("<".to_owned()));
            rest = from;
            continue;
        }
        let (tag, after) = tag(from);
        rest = after;
        // What stands in these is no HTML.
        if ["script", "style"].contains(&tag.name.as_str()) {
            rest = rest.find(&format!("</{}", tag.name)).map_or("", |end| &rest[end..]);
        }
        if let Some(name) = tag.name.strip_prefix('/') {
            parts.push(Part::End(name.to_owned()));
        } else if !from.starts_with('!') {
            parts.push(Part::Tag(tag));
        }
    }
    parts.push(Part::Text(unescaped(rest)));
    parts
}

/// A tag from behind its `<`, and what follows behind its `>`.
fn tag(from: &str) -> (Tag, &str) {
    let end = from.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(from.len());
    let mut tag = Tag { name: from[..end].trim_end_matches('/').to_lowercase(), attributes: Vec::new() };
    let mut rest = &from[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return (tag, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        let end = rest[1..].find(|c: char| c.is_whitespace() || "=>/".contains(c)).map_or(rest.len(), |end| end + 1);
        let name = rest[..end].to_lowercase();
        rest = &rest[end..];
        let mut value = "";
        if let Some(from) = rest.strip_prefix('=') {
            (value, rest) = match from.chars().next() {
                Some(quote @ ('"' | '\'')) => from[1..].split_once(quote).unwrap_or((&from[1..], "")),
                _ => from.split_at(from.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(from.len())),
            };
        }
        tag.attributes.push((name, unescaped(value)));
    }
}

fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escape, meaning)| text.replace(escape, meaning))
}

#[test]
fn a_page_is_read_as_a_browser_reads_it() {
    let page = "<!DOCTYPE html><p class=a title='x>\"y' hidden>1 &lt; 2</p><!--<b>--><input value=\"a&quot;&amp;lt;\"/>\
                <script nonce=n>if (a<b) '<i>'</script> 3 < 4<br/>";
    let tags = tags(page);
    let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["p", "input", "script", "br"]);
    assert_eq!(tags[0].attribute("title"), Some("x>\"y"));
    assert_eq!(tags[0].attribute("hidden"), Some(""));
    assert_eq!(tags[1].attribute("value"), Some("a\"&lt;"));
    assert_eq!(text(page), "1 < 2 3 < 4");
    let broken = super::html::tags("<input value=\"\" onfocus=\"alert(1)\">");
    assert_eq!(broken[0].attribute("onfocus"), Some("alert(1)"));
}
