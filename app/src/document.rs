//! The document around every page: head, top bar, side navigation, and how a view becomes HTML.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use language::{Language, t};
use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::nonce::Nonce;
use leptos::prelude::*;
use policy::Timestamp;
use service::model::{Account, OrgRef, Review, Role, StaffRole};

use crate::icons::{Icon, icon};
use crate::islands::Live;
use crate::pages::support::banner;
use crate::urls;

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn id(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.id() == id)
    }

    fn name(self) -> &'static str {
        match self {
            Self::System => t!("As the system"),
            Self::Light => t!("Light"),
            Self::Dark => t!("Dark"),
        }
    }
}

/// Where in the console a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Overview,
    Contribution,
    Preview,
    Ledger,
    Removal,
    Terms,
    People,
    History,
    DataTypes,
    /// Who has which role.
    Members,
    /// What a member asks about.
    Spaces,
    Keys,
    Audit,
    Evidence,
    SupportAccess,
    Support,
    SupportDesk,
    Safeguards,
    Impact,
    /// The walk-through has the whole width.
    Walkthrough,
    Elsewhere,
}

/// What every page shows besides itself.
#[derive(Clone, Debug)]
pub struct Frame {
    pub nonce: String,
    pub assets: LeptosOptions,
    pub theme: Theme,
    /// The path of this page, to come back to after a preference was changed.
    pub here: String,
    /// Who is signed in, and the organisations that they can switch to, each with their role there.
    pub signed_in: Option<(Account, Vec<(OrgRef, Role)>)>,
    pub org: Option<OrgRef>,
    /// What this account is in the organisation; none for support.
    pub role: Option<Role>,
    /// The review that support has open in it, and the time now.
    pub review: Option<(Review, Timestamp)>,
    pub demo: bool,
}

/// Renders a page in its frame.
///
/// The model is complete before rendering starts, so nothing here waits: no suspense, no stream, no way for a page to hang.
pub fn render(frame: Frame, title: &str, place: Place, body: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| {
        provide_context(Nonce::from_value(frame.nonce.clone()));
        document(frame, title, place, body()).to_html()
    });
    owner.unset_with_forced_cleanup();
    html
}

fn document(frame: Frame, title: &str, place: Place, body: AnyView) -> impl IntoView {
    let title = match &frame.org {
        Some(org) => format!("{title} · {} · Sluice", org.name),
        None => format!("{title} · Sluice"),
    };
    let assets = frame.assets.clone();
    let under_review = match (&frame.org, &frame.review) {
        (Some(org), Some((review, now))) => Some(banner(org, review, *now)),
        _ => None,
    };
    let has_side = frame.signed_in.is_some() && place != Place::Walkthrough;
    let stylesheet = format!("/{}/{}.css", assets.site_pkg_dir, assets.output_name);
    view! {
        <!DOCTYPE html>
        <html lang=Language::current().id() data-theme=frame.theme.id()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title}</title>
                <link rel="stylesheet" href=stylesheet/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HydrationScripts options=assets islands=true/>
            </head>
            <body>
                <div id="page">
                    <a class="skip" href="#content">{t!("Skip to content")}</a>
                    {top_bar(&frame)}
                    {under_review}
                    <div class="layout">
                        {has_side.then(|| side(&frame, place))}
                        <main id="content" tabindex="-1">{body}</main>
                    </div>
                    {(place != Place::Walkthrough).then(foot)}
                </div>
                <Live
                    saving=t!("Saving").to_owned()
                    unanswered=t!("No answer came. It is not certain whether this was saved: load the page again to see.").to_owned()
                    try_again=t!("No answer came. What you typed is still here: try again.").to_owned()
                />
            </body>
        </html>
    }
}

fn top_bar(frame: &Frame) -> AnyView {
    let signed_in = frame.signed_in.is_some();
    let home = if signed_in { urls::ORGANISATIONS } else { urls::SIGN_IN };
    view! {
        <header class="topbar">
            {signed_in.then(|| view! {
                <a class="button quiet nav-open" href="#side">{icon(Icon::Menu)}<span>{t!("Menu")}</span></a>
            })}
            <a class="brand" href=home>{icon(Icon::Gate)}<span translate="no">"Sluice"</span></a>
            {frame.signed_in.as_ref().map(|(_, orgs)| switcher(frame, orgs))}
            <div class="topbar-end">
                {frame.org.as_ref().filter(|_| frame.role != Some(Role::Member)).map(|org| view! {
                    <a class="button quiet" href=urls::data_types(&org.slug)>
                        {icon(Icon::Help)}<span class="wide">{t!("What counts as what")}</span>
                    </a>
                })}
                {(!signed_in).then(|| other_language(frame))}
                {theme_menu(frame)}
                {frame.signed_in.as_ref().map(|(account, _)| account_menu(account))}
            </div>
        </header>
    }
    .into_any()
}

/// What is open to everyone, whoever they are.
fn foot() -> AnyView {
    view! {
        <footer class="foot">
            <a href=urls::SAFEGUARDS>{t!("Safeguards")}</a>
            <a href=urls::WALKTHROUGH>{t!("Walk-through")}</a>
            <a href=urls::PATTERNS>{t!("Patterns")}</a>
            <a href=urls::API>{t!("API")}</a>
        </footer>
    }
    .into_any()
}

fn switcher(frame: &Frame, orgs: &[(OrgRef, Role)]) -> AnyView {
    let current = frame.org.as_ref().map_or(t!("Choose an organisation"), |org| org.name.as_str()).to_owned();
    let here = frame.org.as_ref().map(|org| org.id.clone());
    let links = orgs
        .iter()
        .map(|(org, _)| {
            let current = (Some(&org.id) == here.as_ref()).then_some("true");
            view! { <li><a href=urls::organisation(&org.slug) aria-current=current translate="no">{org.name.clone()}</a></li> }
        })
        .collect_view();
    view! {
        <details class="menu switcher">
            <summary>
                <span class="sr-only">{t!("Organisation")}": "</span>
                <span class="clip" translate="no">{current}</span>{icon(Icon::ChevronDown)}
            </summary>
            <div class="menu-body">
                <ul>{links}</ul>
                <a class="menu-foot" href=urls::ORGANISATIONS>{t!("All organisations")}</a>
            </div>
        </details>
    }
    .into_any()
}

fn theme_menu(frame: &Frame) -> AnyView {
    let chosen = frame.theme;
    let symbol = if chosen == Theme::Dark { Icon::Moon } else { Icon::Sun };
    let options = Theme::ALL
        .map(|theme| {
            view! {
                <li>
                    <button name="theme" value=theme.id() aria-pressed=(theme == chosen).to_string()>
                        {theme.name()}
                    </button>
                </li>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <details class="menu menu-right">
            <summary id="theme-menu">{icon(symbol)}<span class="sr-only">{t!("Colours")}</span></summary>
            <form class="menu-body" method="post" action=urls::THEME>
                <input type="hidden" name="back" value=frame.here.clone()/>
                <ul>{options}</ul>
            </form>
        </details>
    }
    .into_any()
}

/// The other language, one click away, for whoever has no account page to choose on.
fn other_language(frame: &Frame) -> AnyView {
    let others = Language::ALL.into_iter().filter(|language| *language != Language::current());
    let buttons = others
        .map(|language| {
            view! {
                <button class="button quiet" name="language" value=language.id() lang=language.id() translate="no">
                    {language.own_name()}
                </button>
            }
        })
        .collect_view();
    view! {
        <form method="post" action=urls::LANGUAGE>
            <input type="hidden" name="back" value=frame.here.clone()/>
            {buttons}
        </form>
    }
    .into_any()
}

fn account_menu(account: &Account) -> AnyView {
    let mut parts = account.name.split_whitespace().filter_map(|part| part.chars().next());
    let initials: String = parts.next().into_iter().chain(parts.next_back()).collect();
    let role = account.staff.map(|staff| view! { <p class="help">{staff.name()}</p> });
    view! {
        <details class="menu menu-right">
            <summary>
                <span class="avatar" aria-hidden="true" translate="no">{initials}</span>
                <span class="sr-only">{t!("Account of {name}", name = account.name)}</span>
            </summary>
            <div class="menu-body">
                <div class="menu-head">
                    <p translate="no"><strong>{account.name.clone()}</strong></p>
                    <p class="help" translate="no">{account.email.clone()}</p>
                    {role}
                </div>
                <ul><li><a href=urls::ACCOUNT>{t!("Your account")}</a></li></ul>
                <form method="post" action=urls::SIGN_OUT><button>{t!("Sign out")}</button></form>
            </div>
        </details>
    }
    .into_any()
}

fn side(frame: &Frame, place: Place) -> AnyView {
    // A member asks about spaces and goes nowhere else.
    let member = frame.org.as_ref().filter(|_| frame.role == Some(Role::Member));
    let link = |to: Place, href: String, symbol: Icon, name: &'static str| {
        let current = (to == place).then_some("page");
        view! { <li><a href=href aria-current=current>{icon(symbol)}{name}</a></li> }.into_any()
    };
    let of_org = frame.org.as_ref().filter(|_| member.is_none()).map(|org| {
        let slug = &org.slug;
        let members =
            (frame.role == Some(Role::Admin)).then(|| link(Place::Members, urls::members(slug), Icon::Lock, t!("Roles")));
        // Support reads the settings and why they are so; what the organisation keeps for itself has no link.
        let inside = frame.role.is_some();
        let own = |to, href, symbol, name| inside.then(|| link(to, href, symbol, name));
        view! {
            <p class="side-group" id="side-security">{t!("Security")}</p>
            <ul aria-labelledby="side-security">
                {(!inside).then(|| link(Place::Support, urls::support_summary(slug), Icon::Info, t!("At a glance")))}
                {link(Place::Contribution, urls::settings(slug), Icon::Gate, t!("Data contribution"))}
                {own(Place::Preview, urls::preview(slug), Icon::Document, t!("Preview"))}
                {link(Place::Ledger, urls::ledger(slug), Icon::Bars, t!("Ledger"))}
                {link(Place::Removal, urls::removal(slug), Icon::Bin, t!("Removal"))}
                {own(Place::Terms, urls::terms(slug), Icon::Tag, t!("Terms"))}
                {own(Place::People, urls::people(slug), Icon::Person, t!("People"))}
                {link(Place::History, urls::history(slug), Icon::History, t!("History"))}
                {link(Place::DataTypes, urls::data_types(slug), Icon::Info, t!("What counts as what"))}
                {members}
                {(frame.role == Some(Role::Admin)).then(|| link(Place::Keys, urls::keys(slug), Icon::Key, t!("API keys")))}
            </ul>
            <p class="side-group" id="side-trust">{t!("Trust")}</p>
            <ul aria-labelledby="side-trust">
                {link(Place::Safeguards, urls::safeguards(slug), Icon::Shield, t!("Safeguards"))}
                {own(Place::Impact, urls::impact(slug), Icon::People, t!("Without us"))}
                {own(Place::Audit, urls::audit(slug), Icon::Lines, t!("Audit log"))}
                {own(Place::Evidence, urls::evidence(slug), Icon::Document, t!("Evidence"))}
                {own(Place::SupportAccess, urls::support_access(slug), Icon::Help, t!("Support access"))}
            </ul>
        }
        .into_any()
    });
    let support = frame.signed_in.as_ref().is_some_and(|(account, _)| account.staff == Some(StaffRole::Support));
    let first = if let Some(org) = member {
        link(Place::Spaces, urls::spaces(&org.slug), Icon::Gate, t!("Spaces"))
    } else if support {
        link(Place::SupportDesk, urls::SUPPORT.to_owned(), Icon::Search, t!("Find an organisation"))
    } else {
        link(Place::Overview, urls::ORGANISATIONS.to_owned(), Icon::Shield, t!("Organisations"))
    };
    view! {
        <nav class="side" id="side" aria-label=t!("Console")>
            <a class="button quiet nav-close" href="#content">{icon(Icon::Close)}{t!("Close menu")}</a>
            <ul>{first}</ul>
            {of_org}
            {frame.demo.then(|| view! { <p class="side-note">{t!("Demo data: made-up organisations and people.")}</p> })}
        </nav>
    }
    .into_any()
}
