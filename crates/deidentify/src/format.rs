//! The forms in which work is written.

/// How a text is to be read. In every form the text comes back in the same form, still valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Whatever a person typed or pasted; wiki mark-up and character references are understood where they stand.
    #[default]
    Text,
    /// Atlassian Document Format: one JSON document.
    Adf,
    /// Jira's wiki mark-up.
    Wiki,
    /// HTML or Confluence's storage format.
    Html,
    Markdown,
}

impl Format {
    pub const ALL: [Self; 5] = [Self::Text, Self::Adf, Self::Wiki, Self::Html, Self::Markdown];

    /// The name on a command line: `adf`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Adf => "adf",
            Self::Wiki => "wiki",
            Self::Html => "html",
            Self::Markdown => "markdown",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }
}
