//! Points in time, as whole microseconds since 1970-01-01 UTC: the one form in which Sluice stores and compares them.
//!
//! Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, Time};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Microseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The first moment of a day, UTC.
    pub fn start_of(date: Date) -> Self {
        let seconds = OffsetDateTime::new_utc(date, Time::MIDNIGHT).unix_timestamp();
        Self(seconds * 1_000_000)
    }

    /// So much later; at the end of time it stays there.
    #[must_use]
    pub fn plus(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Reads `2026-08-17` (its first moment, UTC) or a full RFC 3339 time.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return Some(Self::start_of(date));
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok().map(Self)
    }

    /// Reads the same as the moment of a question: how did things stand? A day means its end, so that what was done on it
    /// counts.
    pub fn parse_as_of(text: &str) -> Option<Self> {
        let moment = Self::parse(text)?;
        let whole_day = Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).is_ok();
        Some(if whole_day { Self(moment.plus_days(1).0 - 1) } else { moment })
    }

    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(MICROS_PER_DAY)))
    }

    /// Whole days from `earlier` to `self`, rounded up: a promise of "in 3 days" is never late.
    pub const fn days_since(self, earlier: Self) -> i64 {
        let micros = self.0.saturating_sub(earlier.0);
        micros.div_euclid(MICROS_PER_DAY) + (micros.rem_euclid(MICROS_PER_DAY) != 0) as i64
    }

    /// `2026-08-17`: its day, UTC, in the form whose order is that of time.
    pub fn day(self) -> String {
        self.format(format_description!("[year]-[month]-[day]"))
    }

    /// `10:42:07`: its time of day, UTC.
    pub fn clock(self) -> String {
        self.format(format_description!("[hour]:[minute]:[second]"))
    }

    /// `2026-08-17T10:42:07.123456Z`, for machines and for `<time datetime>`.
    pub fn rfc3339(self) -> String {
        self.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"))
    }

    fn format(self, description: &[time::format_description::BorrowedFormatItem<'_>]) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .ok()
            .and_then(|moment| moment.format(description).ok())
            // Beyond the year 9999 there is no calendar to print; the number still says which moment it is.
            .unwrap_or_else(|| format!("{} µs", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_its_first_moment_are_the_same() {
        let date = Timestamp::parse("2026-08-17").unwrap();
        assert_eq!(date, Timestamp::parse("2026-08-17T00:00:00Z").unwrap());
        assert_eq!(date, Timestamp::parse("2026-08-17T02:00:00+02:00").unwrap());
        assert_eq!(date.day(), "2026-08-17");
        assert_eq!(date.rfc3339(), "2026-08-17T00:00:00.000000Z");
        let end = Timestamp::parse_as_of(" 2026-08-17 ").unwrap();
        assert_eq!(end.rfc3339(), "2026-08-17T23:59:59.999999Z");
        assert_eq!(Timestamp::parse_as_of("2026-08-17T00:00:00Z"), Some(date));
        assert_eq!(Timestamp::parse_as_of("17.8.2026"), None);
        assert_eq!(Timestamp::parse("17.8.2026"), None);
    }

    #[test]
    fn days_are_rounded_up() {
        let start = Timestamp::parse("2026-08-17").unwrap();
        assert_eq!(start.plus_days(3).days_since(start), 3);
        assert_eq!(Timestamp::from_micros(start.plus_days(3).micros() + 1).days_since(start), 4);
        assert_eq!(start.days_since(start), 0);
    }
}
