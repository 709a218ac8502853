//! Keeps the page in place: sends the page's own forms and follows its own links by fetch, and puts the answer where the
//! page was.
//!
//! It knows nothing of what a form does. The server answers exactly as it answers a browser without scripts, so there is
//! one truth, and what is shown is never ahead of it. If anything is unexpected, the browser does what it always did.

use leptos::prelude::*;

/// What no answer came to.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser waits for answers"))]
enum Lost {
    Nothing,
    /// It may have been saved.
    Change,
    /// Nothing would have been saved, and what was typed is still there.
    Question,
}

#[island]
pub fn Live(
    /// What is said while a form is on its way.
    saving: String,
    /// What is said when no answer came to a change.
    unanswered: String,
    /// The same where nothing would have been saved.
    try_again: String,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let lost = RwSignal::new(Lost::Nothing);
    let lost_text = move || match lost.get() {
        Lost::Nothing => String::new(),
        Lost::Change => unanswered.clone(),
        Lost::Question => try_again.clone(),
    };
    #[cfg(feature = "hydrate")]
    browser::start(saving, said, lost);
    #[cfg(not(feature = "hydrate"))]
    let _ = saving;
    view! {
        <div class="sr-only" role="status" aria-live="polite" id="announcer">{move || said.get()}</div>
        <div class="lost" class:shown=move || lost.get() != Lost::Nothing role="alert">{lost_text}</div>
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::listen;

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::{Cell, RefCell};

    use super::Lost;
    use leptos::prelude::*;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{
        Document, DomParser, Element, Event, EventTarget, FormData, Headers, HtmlElement, HtmlFormElement, MouseEvent,
        RequestInit, Response, SubmitEvent, SupportedType, Url, UrlSearchParams, Window,
    };

    const PAGE: &str = "page";

    thread_local! {
        /// Counts the steps. A page that was asked for and overtaken by a later step is not shown any more.
        static STEPS: Cell<u32> = const { Cell::new(0) };
        /// The address of the page that is shown, without its fragment.
        static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
    }

    fn shown_address() -> String {
        let href = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
        without_fragment(&href).to_owned()
    }

    /// Listens for as long as the target exists.
    pub(crate) fn listen(target: &EventTarget, event: &str, on: impl FnMut(Event) + 'static) {
        let closure = Closure::<dyn FnMut(Event)>::new(on);
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        closure.forget();
    }

    pub(super) fn start(saving: String, said: RwSignal<String>, lost: RwSignal<Lost>) {
        let Some(window) = web_sys::window() else { return };
        let Some(document) = window.document() else { return };
        let _ = document.document_element().map(|root| root.set_attribute("data-live", ""));

        listen(&document, "submit", move |event| {
            if let Some(visit) = Visit::of_submit(&event) {
                event.prevent_default();
                if visit.saves {
                    said.set(saving.clone());
                }
                spawn_local(visit.go(said, lost));
            }
        });
        listen(&document, "click", move |event| {
            close_other_menus(&event);
            if let Some(visit) = Visit::of_click(&event) {
                event.prevent_default();
                spawn_local(visit.go(said, lost));
            }
        });
        listen(&document, "keydown", |event| {
            let escape = event.dyn_ref::<web_sys::KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
            if escape {
                close_menus(None);
            }
            press_shortcut(&event);
        });
        SHOWN.set(shown_address());
        again(said);
        listen(&window, "popstate", move |_| {
            // A link within the page: the browser does that itself, and nothing that was typed may be lost.
            if SHOWN.with_borrow(|shown| *shown == shown_address()) {
                return;
            }
            let Some(href) = web_sys::window().and_then(|window| window.location().href().ok()) else {
                return;
            };
            let visit = Visit { url: href, body: None, saves: false, control: None, history: History::Keep };
            spawn_local(visit.go(said, lost));
        });
    }

    /// How often a part of a page that changes by itself is looked for, in milliseconds.
    const AGAIN: i32 = 2_000;

    /// Looks again, for as long as the site is open.
    fn again(said: RwSignal<String>) {
        let Some(window) = web_sys::window() else { return };
        let later = Closure::once_into_js(move || {
            spawn_local(async move {
                refresh(said).await;
                again(said);
            });
        });
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(later.unchecked_ref(), AGAIN);
    }

    /// Asks for the page that is shown and takes over its one part that says `data-refresh`, which it says for as long as
    /// something is under way. Not while nobody looks, and not while the focus is in that part.
    async fn refresh(said: RwSignal<String>) -> Option<()> {
        const PART: &str = "[data-refresh]";
        let document = web_sys::window()?.document()?;
        let part = document.query_selector(PART).ok()??;
        let (step, address) = (STEPS.get(), shown_address());
        let busy = |part: &Element| document.active_element().is_some_and(|focused| part.contains(Some(&focused)));
        if document.hidden() || busy(&part) {
            return None;
        }
        let options = RequestInit::new();
        let by_itself = Headers::new().ok()?;
        by_itself.set("x-by-itself", "1").ok()?;
        options.set_headers(&by_itself);
        let response = JsFuture::from(web_sys::window()?.fetch_with_str_and_init(&address, &options)).await.ok()?;
        let response: Response = response.dyn_into().ok()?;
        if !response.ok() || response.redirected() {
            return None;
        }
        let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        // Somebody went on meanwhile: what they see is newer.
        if step != STEPS.get() || busy(&part) {
            return None;
        }
        let answer = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
        let fresh = answer.get_element_by_id(&part.id())?;
        part.replace_with_with_node_1(&fresh).ok()?;
        if !fresh.has_attribute("data-refresh") {
            said.set(fresh.query_selector(".sentence").ok()??.text_content()?);
        }
        Some(())
    }

    #[derive(Clone, Copy, PartialEq)]
    enum History {
        /// A new place, unless it is the same one again.
        Push,
        /// The place is already in the history.
        Keep,
    }

    /// One step: where to, with what, and what was pressed.
    struct Visit {
        url: String,
        body: Option<JsValue>,
        /// Whether something is kept of it. A form that posts only to keep what is typed out of an address says
        /// `data-keeps-nothing`.
        saves: bool,
        control: Option<Element>,
        history: History,
    }

    impl Visit {
        fn of_submit(event: &Event) -> Option<Self> {
            if event.default_prevented() {
                return None;
            }
            let event = event.dyn_ref::<SubmitEvent>()?;
            let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
            // As with links: what has a target leaves the site.
            if form.has_attribute("target") {
                return None;
            }
            let submitter: Option<HtmlElement> = event.submitter();
            let own = |name: &str| submitter.as_ref().and_then(|button| button.get_attribute(name));
            let action = own("formaction").or_else(|| form.get_attribute("action")).unwrap_or_default();
            let method = own("formmethod").or_else(|| form.get_attribute("method")).unwrap_or_default();
            let data = FormData::new_with_form(&form).ok()?;
            if let Some(name) = own("name") {
                let _ = data.append_with_str(&name, &own("value").unwrap_or_default());
            }
            let url = resolved(&action)?;
            let multipart = form.get_attribute("enctype").is_some_and(|kind| kind == "multipart/form-data");
            let fields = || UrlSearchParams::new_with_str_sequence_sequence(data.as_ref()).ok();
            let control = submitter.map(Into::into);
            if method.eq_ignore_ascii_case("post") {
                let body = if multipart { data.into() } else { fields()?.into() };
                let saves = !form.has_attribute("data-keeps-nothing");
                return Some(Self { url: url.href(), body: Some(body), saves, control, history: History::Push });
            }
            url.set_search(&String::from(fields()?.to_string()));
            Some(Self { url: url.href(), body: None, saves: false, control, history: History::Push })
        }

        fn of_click(event: &Event) -> Option<Self> {
            if event.default_prevented() {
                return None;
            }
            let click = event.dyn_ref::<MouseEvent>()?;
            if click.button() != 0 || click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key() {
                return None;
            }
            let link = event.target()?.dyn_into::<Element>().ok()?.closest("a[href]").ok()??;
            if link.has_attribute("target") || link.has_attribute("download") || link.get_attribute("rel").is_some() {
                return None;
            }
            let href = link.get_attribute("href")?;
            if href.starts_with('#') {
                return None;
            }
            let url = resolved(&href)?;
            Some(Self { url: url.href(), body: None, saves: false, control: Some(link), history: History::Push })
        }

        async fn go(self, said: RwSignal<String>, lost: RwSignal<Lost>) {
            if let Some(control) = &self.control {
                // A second press while the first is on its way changes nothing.
                if control.has_attribute("aria-busy") {
                    return;
                }
                let _ = control.set_attribute("aria-busy", "true");
            }
            let focus = self.control.as_ref().map(Element::id).filter(|id| !id.is_empty());
            lost.set(Lost::Nothing);
            if self.fetch(focus, said, lost).await.is_none() {
                self.give_up(lost);
            }
        }

        async fn fetch(&self, focus: Option<String>, said: RwSignal<String>, lost: RwSignal<Lost>) -> Option<()> {
            let window = web_sys::window()?;
            let document = window.document()?;
            let step = STEPS.replace(STEPS.get().wrapping_add(1)).wrapping_add(1);
            let options = RequestInit::new();
            if let Some(body) = &self.body {
                options.set_method("POST");
                options.set_body(body);
            }
            let response = JsFuture::from(window.fetch_with_str_and_init(&self.url, &options)).await.ok()?;
            let response: Response = response.dyn_into().ok()?;
            let html = response.headers().get("content-type").ok()??;
            if !html.starts_with("text/html") {
                return None;
            }
            let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
            if step != STEPS.get() {
                // Overtaken. A page is simply not shown; after a change the page is asked for again, so that what is shown
                // is what holds now, whichever answer came last.
                if self.body.is_some() {
                    let url = window.location().href().ok()?;
                    let again = Self { url, body: None, saves: false, control: None, history: History::Keep };
                    spawn_local(again.go(said, lost));
                }
                return Some(());
            }
            let answer = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
            let fragment = Url::new(&self.url).ok().map(|url| url.hash()).unwrap_or_default();
            let landed = if response.redirected() {
                response.url()
            } else {
                format!("{}{fragment}", without_fragment(&response.url()))
            };
            let same_page = path_of(&landed) == window.location().pathname().unwrap_or_default();
            put_in_place(&document, &answer)?;
            // An answer that is no place of its own, such as a refused form, leaves the address alone.
            let is_place = self.body.is_none() || response.redirected();
            if self.history == History::Push && is_place {
                remember(&window, &landed);
            }
            SHOWN.set(shown_address());
            settle(&window, &document, focus, same_page, said);
            Some(())
        }

        /// A page is left to the browser. A change is never sent twice: it may have arrived, so the page stays as it is
        /// and says that the outcome is not known.
        fn give_up(&self, lost: RwSignal<Lost>) {
            if let Some(control) = &self.control {
                let _ = control.remove_attribute("aria-busy");
            }
            if self.body.is_some() {
                lost.set(if self.saves { Lost::Change } else { Lost::Question });
            } else if let Some(window) = web_sys::window() {
                let _ = window.location().set_href(&self.url);
            }
        }
    }

    /// An address of this site; anything else is the browser's.
    fn resolved(address: &str) -> Option<Url> {
        let location = web_sys::window()?.location();
        let url = Url::new_with_base(address, &location.href().ok()?).ok()?;
        (url.origin() == location.origin().ok()?).then_some(url)
    }

    fn without_fragment(url: &str) -> &str {
        url.split('#').next().unwrap_or(url)
    }

    fn path_of(url: &str) -> String {
        Url::new(url).map(|url| url.pathname()).unwrap_or_default()
    }

    /// Puts the answer's page where the page was, with its title, language and colours, and starts its islands.
    fn put_in_place(document: &Document, answer: &Document) -> Option<()> {
        let page = document.get_element_by_id(PAGE)?;
        let fresh = answer.get_element_by_id(PAGE)?;
        document.set_title(&answer.title());
        if let (Some(root), Some(answered)) = (document.document_element(), answer.document_element()) {
            for attribute in ["lang", "data-theme"] {
                let _ = answered.get_attribute(attribute).map(|value| root.set_attribute(attribute, &value));
            }
        }
        page.replace_with_with_node_1(&fresh).ok()?;
        let hydrate = js_sys::Reflect::get(&web_sys::window()?.into(), &"__hydrateIsland".into()).ok()?;
        let hydrate: js_sys::Function = hydrate.dyn_into().ok()?;
        let islands = fresh.query_selector_all("leptos-island").ok()?;
        for at in 0..islands.length() {
            let Some(island) = islands.item(at).and_then(|node| node.dyn_into::<Element>().ok()) else {
                continue;
            };
            let id = island.get_attribute("data-component").unwrap_or_default();
            let _ = hydrate.call2(&JsValue::NULL, &island, &id.into());
        }
        Some(())
    }

    fn remember(window: &Window, url: &str) {
        let Ok(history) = window.history() else { return };
        let here = window.location().href().unwrap_or_default();
        let _ = if here == url {
            history.replace_state_with_url(&JsValue::NULL, "", Some(url))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(url))
        };
    }

    /// Moves the focus to where the eye should go, and says what happened.
    fn settle(window: &Window, document: &Document, focus: Option<String>, same_page: bool, said: RwSignal<String>) {
        let by_selector = |selector: &str| {
            document.query_selector(selector).ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok())
        };
        let told = by_selector("[role=alert], #flag");
        said.set(told.as_ref().map_or_else(|| document.title(), |element| element.text_content().unwrap_or_default()));
        let kept = focus.and_then(|id| document.get_element_by_id(&id)).and_then(|e| e.dyn_into::<HtmlElement>().ok());
        let fragment = window.location().hash().unwrap_or_default();
        let anchored = fragment.strip_prefix('#').and_then(|id| document.get_element_by_id(id));
        if let (true, Some(control)) = (same_page, &kept) {
            let _ = control.focus();
            if let Some(alert) = by_selector("[role=alert]") {
                alert.scroll_into_view();
            }
            return;
        }
        if let Some(anchored) = anchored {
            anchored.scroll_into_view();
        } else if !same_page {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
        if let Some(place) = told.or_else(|| by_selector("#content")) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(same_page);
            let _ = place.focus_with_options(&options);
        }
    }

    /// Presses the control that names the key in `aria-keyshortcuts`, unless the key means something where the focus is.
    fn press_shortcut(event: &Event) -> Option<()> {
        let event: &web_sys::KeyboardEvent = event.dyn_ref()?;
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() || event.default_prevented() {
            return None;
        }
        let focused: Element = event.target()?.dyn_into().ok()?;
        if focused.closest("input, textarea, select, [role=region][tabindex]").ok()?.is_some() {
            return None;
        }
        let key = event.key();
        // A name of a key, and nothing that could end the selector.
        if !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let control = web_sys::window()?.document()?.query_selector(&format!("[aria-keyshortcuts={key}]")).ok()??;
        control.dyn_into::<HtmlElement>().ok()?.click();
        Some(())
    }

    fn close_other_menus(event: &Event) {
        let clicked = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        close_menus(clicked.and_then(|element| element.closest("details.menu").ok().flatten()));
    }

    fn close_menus(except: Option<Element>) {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else {
            return;
        };
        let Ok(open) = document.query_selector_all("details.menu[open]") else {
            return;
        };
        for at in 0..open.length() {
            let Some(menu) = open.item(at).and_then(|node| node.dyn_into::<Element>().ok()) else {
                continue;
            };
            if Some(&menu) != except.as_ref() {
                let _ = menu.remove_attribute("open");
            }
        }
    }
}
