//! In which language a text, a date or a number is told to people.
//!
//! The English text in the code is the key: `t!("Sign in")`, `t!("{name} is off", name = row.label)`,
//! `tn!(count, "{count} space", "{count} spaces")`. In German it is looked up in the tables below `german/`. A test reads the
//! sources and fails for a text without German, for German with other holes, and for German that nothing asks for.
//!
//! Which language is a property of the task and not an argument: the sentences of a page are made in the use cases as well as
//! in the page, and whoever asks is the same for all of them. It is English unless something else is said, so the worker, the
//! command line and the tests are. What is stored never depends on it: codes, or English under [`Language::scope`].

mod dates;
mod numbers;
mod table;

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

pub use dates::Dates;
pub use numbers::{count, decimal};
pub use table::{fill, german, text, told};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    German,
}

thread_local! {
    static CURRENT: Cell<Language> = const { Cell::new(Language::English) };
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// As in `lang`, `Content-Language` and `Accept-Language`: `en`, `de`.
    pub fn id(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.id() == id)
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The language that an `Accept-Language` header asks for most, of those that there are; the first named of equals. None if
    /// it asks for neither.
    pub fn preferred(accepted: &str) -> Option<Self> {
        let mut best: Option<(Self, u16)> = None;
        for range in accepted.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths);
            let of =
                |language: &Self| name.split('-').next().is_some_and(|part| part.eq_ignore_ascii_case(language.id()));
            let language = if name == "*" { Some(Self::English) } else { Self::ALL.into_iter().find(of) };
            let (Some(language), Some(weight @ 1..)) = (language, weight) else { continue };
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// The language of what is told now.
    pub fn current() -> Self {
        CURRENT.get()
    }

    /// Does something in this language.
    pub fn scope<T>(self, task: impl FnOnce() -> T) -> T {
        let _back = Back(CURRENT.replace(self));
        task()
    }

    /// A future that speaks this language whenever it is polled. What it spawns does not: that takes
    /// [`Language::current`] along.
    pub fn within<F: Future>(self, future: F) -> Within<F> {
        Within { language: self, future: Box::pin(future) }
    }
}

/// Puts the language back that was spoken before, whatever happens in between.
struct Back(Language);

impl Drop for Back {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// See [`Language::within`].
#[derive(Debug)]
pub struct Within<F> {
    language: Language,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.language.scope(|| self.future.as_mut().poll(context))
    }
}

/// `0.8` as 800; none if it is no weight.
fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.trim().parse().ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    (0.0..=1.0).contains(&weight).then_some((weight * 1000.0) as u16)
}

/// A text for people in the language that is spoken: `&'static str` without holes, a `String` with them.
///
/// Holes are named, and filled by name: `t!("{name} is off", name = row.label)`, or `t!("{name} is off", name)` with a variable
/// of that name. Where one English text has two meanings, what it is of stands before it: `t!("switch" | "Open")`.
#[macro_export]
macro_rules! t {
    ($text:literal $(,)?) => {
        $crate::text($text, $text)
    };
    ($of:literal | $text:literal $(,)?) => {
        $crate::text(::std::concat!($of, "|", $text), $text)
    };
    ($text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::filled!($text, $text, $($name = $crate::value!($name $(= $value)?)),+)
    };
    ($of:literal | $text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::filled!(::std::concat!($of, "|", $text), $text, $($name = $crate::value!($name $(= $value)?)),+)
    };
}

/// A text with a number that decides its form: `tn!(count = spaces.len(), "{count} space", "{count} spaces")`. The number is
/// filled in as people write it; further holes follow as with [`t!`].
#[macro_export]
macro_rules! tn {
    ($count:ident $(= $number:expr)?, $one:literal, $more:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let number = $crate::value!($count $(= $number)?);
        let shown = $crate::count(number);
        if number == 1 {
            $crate::t!($one, $count = shown $(, $name = $crate::value!($name $(= $value)?))*)
        } else {
            $crate::t!($more, $count = shown $(, $name = $crate::value!($name $(= $value)?))*)
        }
    }};
}

/// A sentence that is kept as it stands here, in English, and told with [`told`] in the language of who reads.
#[macro_export]
macro_rules! kept {
    ($text:literal) => {
        $text
    };
}

/// Part of [`t!`]: a value, or the variable of the hole's name.
#[doc(hidden)]
#[macro_export]
macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}

/// Part of [`t!`]: the compiler compares the holes of the English text with the values.
#[doc(hidden)]
#[macro_export]
macro_rules! filled {
    ($key:expr, $text:literal, $($name:ident = $value:expr),+) => {
        match ($(&$value,)+) {
            ($($name,)+) => match $crate::german($key) {
                ::std::option::Option::Some(german) => {
                    $crate::fill(german, &[$((::std::stringify!($name), $name as &dyn ::std::fmt::Display)),+])
                }
                ::std::option::Option::None => ::std::format!($text, $($name = $name),+),
            },
        }
    };
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Waker;

    use super::*;

    #[test]
    fn the_browser_says_which_it_prefers() {
        let cases = [
            ("de", Some(Language::German)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("en-GB,en;q=0.9,de;q=0.8", Some(Language::English)),
            ("fr, en;q=0.5, DE;q=0.7", Some(Language::German)),
            ("nl,fr", None),
            ("nl,*;q=0.1", Some(Language::English)),
            ("de;q=0, en;q=0.1", Some(Language::English)),
            ("de;q=high,en;q=2", None),
            ("den,deutsch", None),
            ("", None),
        ];
        for (accepted, expected) in cases {
            assert_eq!(Language::preferred(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn a_scope_ends_also_in_a_panic() {
        assert_eq!(Language::current(), Language::English);
        let panicked =
            std::panic::catch_unwind(|| Language::German.scope(|| assert_eq!(Language::current(), Language::English)));
        assert!(panicked.is_err());
        assert_eq!(Language::current(), Language::English);
        Language::German.scope(|| {
            assert_eq!(Language::English.scope(Language::current), Language::English);
            assert_eq!(Language::current(), Language::German);
        });
    }

    #[test]
    fn a_future_speaks_its_language_at_every_poll() {
        let mut polled = 0;
        let mut future = Language::German.within(poll_fn(|_| {
            polled += 1;
            assert_eq!(Language::current(), Language::German);
            if polled == 2 { Poll::Ready(()) } else { Poll::Pending }
        }));
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut future).poll(&mut context).is_pending());
        assert_eq!(Language::current(), Language::English);
        assert!(Pin::new(&mut future).poll(&mut context).is_ready());
    }

    #[test]
    fn texts_and_numbers_are_in_the_language() {
        let of = |language: Language, count: usize| {
            language.scope(|| {
                (t!("Sign in"), tn!(ended = count, "Signed out: {ended} browser.", "Signed out: {ended} browsers."))
            })
        };
        assert_eq!(of(Language::English, 1), ("Sign in", "Signed out: 1 browser.".to_owned()));
        assert_eq!(of(Language::English, 1200), ("Sign in", "Signed out: 1,200 browsers.".to_owned()));
        assert_eq!(of(Language::German, 1200), ("Anmelden", "Abgemeldet: 1.200 Browser.".to_owned()));
        let name = "{name}";
        assert_eq!(Language::German.scope(|| t!("Account of {name}", name)), "Konto von {name}", "a value is no text");
    }
}
