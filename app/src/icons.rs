//! The icons: drawn on a 16 px grid with a 1.5 px stroke. They say nothing by themselves, so each is hidden from
//! assistive technology and stands beside a word.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Alert,
    Bars,
    Bin,
    Check,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    Close,
    Cross,
    Document,
    Download,
    Gate,
    Help,
    History,
    Home,
    Info,
    Key,
    Lines,
    Lock,
    Menu,
    Moon,
    More,
    Pause,
    People,
    Person,
    Search,
    Shield,
    Sun,
    Tag,
    Undo,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2.5 14 13.5H2L8 2.5ZM8 6.5v3.2M8 11.6v.2",
            Self::Bars => "M2 13.5h12M4 13V9M8 13V3M12 13V6",
            Self::Bin => "M3 4.5h10M6 4.5V2.8h4v1.7M4.3 4.5l.7 9h6l.7-9M6.8 7v4M9.2 7v4",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::ChevronDown => "M4 6l4 4 4-4",
            Self::ChevronLeft => "M10 4 6 8l4 4",
            Self::ChevronRight => "M6 4l4 4-4 4",
            Self::Close | Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Document => "M4 2h5l3.5 3.5V14H4V2ZM9 2v3.5h3.5M6 8.5h4M6 11h4",
            Self::Download => "M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
            Self::Gate => "M2.5 3v10M13.5 3v10M2.5 5h11M5.5 5v4M8 5v4M10.5 5v4M4 12.5c1.3-1.2 2.7-1.2 4 0s2.7 1.2 4 0",
            Self::Help => {
                "M5.8 6a2.2 2.2 0 1 1 3.3 1.9C8.3 8.4 8 8.9 8 9.6M8 12v.2M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z"
            }
            Self::History => "M2.5 8a5.5 5.5 0 1 1 1.6 3.9M2.2 4.5v3.6h3.6M8 5.2v3.1l2 1.3",
            Self::Home => "M2.5 7.5 8 2.8l5.5 4.7M4 6.6v6.9h8V6.6M6.8 13.5V9.8h2.4v3.7",
            Self::Info => "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 7.2v4M8 4.8V5",
            Self::Key => "M10.5 2a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM8 8l-5.5 5.5M4.5 11.5l1.8 1.8M10.5 5v.1",
            Self::Lines => "M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.5M6 8h7.5M6 12h5",
            Self::Lock => "M4 7.2h8V14H4V7.2ZM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2",
            Self::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            Self::Moon => "M13 9.4A5.4 5.4 0 0 1 6.6 3a5.4 5.4 0 1 0 6.4 6.4Z",
            Self::More => "M3.5 8h.1M8 8h.1M12.5 8h.1",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::People => {
                "M6 8a2.4 2.4 0 1 0 0-4.8A2.4 2.4 0 0 0 6 8ZM1.5 13.5c.4-2.5 2.1-3.6 4.5-3.6s4.1 1.1 4.5 3.6M10.6 3.5a2.2 2.2 0 0 1 0 4.2M12 10.2c1.4.5 2.3 1.6 2.5 3.3"
            }
            Self::Person => "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 14c.5-2.8 2.5-4 5.2-4s4.7 1.2 5.2 4",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4 13.8 13.8",
            Self::Shield => "M8 1.8 13 3.6v4c0 3-2 5.3-5 6.6-3-1.3-5-3.6-5-6.6v-4L8 1.8Z",
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"
            }
            Self::Tag => "M2.5 2.8h5.2l5.8 5.8-4.9 4.9-6.1-5.8V2.8ZM5.4 5.7v.1",
            Self::Undo => "M5.5 3 2.5 6l3 3M2.8 6H9a4 4 0 0 1 0 8H6.5",
        }
    }
}

pub(crate) fn icon(icon: Icon) -> impl IntoView {
    let class = if icon == Icon::More { "icon icon-dots" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
