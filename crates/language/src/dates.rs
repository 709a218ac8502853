//! Days and times as people write them. What machines read comes from [`Timestamp`] itself and is the same in every language.

use policy::Timestamp;

use crate::Language;

const ENGLISH: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const GERMAN: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// A moment for people, UTC.
pub trait Dates {
    /// `17 Aug 2026` or `17. August 2026`.
    fn date(self) -> String;

    /// `17 Aug 2026, 10:42 UTC` or `17. August 2026, 10:42 UTC`.
    fn date_time(self) -> String;

    /// `10:42:07 UTC`.
    fn clock_time(self) -> String;
}

impl Dates for Timestamp {
    fn date(self) -> String {
        let day = self.day();
        let mut parts = day.split('-');
        let mut part = || parts.next().and_then(|part| part.parse::<usize>().ok());
        let (Some(year), Some(month), Some(of_month)) = (part(), part(), part()) else { return day };
        let name = |names: [&'static str; 12]| names.get(month.wrapping_sub(1)).copied().unwrap_or_default();
        match Language::current() {
            Language::English => format!("{of_month} {} {year}", name(ENGLISH)),
            Language::German => format!("{of_month}. {} {year}", name(GERMAN)),
        }
    }

    fn date_time(self) -> String {
        let clock = self.clock();
        format!("{}, {} UTC", self.date(), clock.get(..5).unwrap_or(&clock))
    }

    fn clock_time(self) -> String {
        format!("{} UTC", self.clock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_its_readers_write_it() {
        let moment = Timestamp::parse("2026-03-07T10:42:07Z").unwrap();
        let told = || (moment.date(), moment.date_time(), moment.clock_time());
        let of = |of: [&str; 3]| of.map(str::to_owned).into();
        assert_eq!(told(), of(["7 Mar 2026", "7 Mar 2026, 10:42 UTC", "10:42:07 UTC"]));
        let german = of(["7. März 2026", "7. März 2026, 10:42 UTC", "10:42:07 UTC"]);
        assert_eq!(Language::German.scope(told), german);
        assert!(Timestamp::from_micros(i64::MAX).date().ends_with("µs"));
    }
}
