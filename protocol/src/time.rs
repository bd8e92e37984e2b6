//! Time as the protocol knows it: an argument, never a call to a clock; and the calendar by which people read it.

use crate::wire::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// Milliseconds since 1970-01-01 UTC, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// The first moment of the year 10000, from where neither RFC 3339 nor [`Date`] has a form.
    pub const YEAR_10000: Self = Self(253_402_300_800_000);

    /// This moment and `millis` later, at most the end of time.
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How many milliseconds this is after `earlier`; zero when it is before.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Its day, in UTC; none from the year 10000 on.
    pub fn date(self) -> Option<Date> {
        (self < Self::YEAR_10000).then(|| Date::after(self.0 / DAY))
    }

    /// The moment in RFC 3339, to the second below it, as in `2026-11-24T09:30:00Z`; none from the year 10000 on.
    pub fn rfc3339(self) -> Option<String> {
        let seconds = self.0 % DAY / 1000;
        self.date().map(|date| format!("{date}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60))
    }

    /// The moment that [`Millis::rfc3339`] writes so; none for any other text.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('T')?;
        let mut parts = time.strip_suffix('Z')?.split(':').map(|part| part.parse::<u32>().ok());
        let seconds = parts.try_fold(0, |sum: u64, part| sum.checked_mul(60)?.checked_add(part?.into()))?;
        let moment = Date::read(day)?.start()?.plus(seconds.checked_mul(1000)?);
        (moment.rfc3339()? == text).then_some(moment)
    }
}

/// A day of the Gregorian calendar, from the year 0 to 9999. Made by [`Millis::date`] and [`Date::read`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// The day that is written `YYYY-MM-DD`; none for any other text.
    pub fn read(text: &str) -> Option<Self> {
        let digits = |from: usize, to: usize| {
            let part = text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse().ok())
        };
        let date = Self { year: digits(0, 4)?, month: digits(5, 7)?, day: digits(8, 10)? };
        let exists = (1..=days_of(date.year, date.month)).contains(&date.day);
        (exists && date.to_string() == text).then_some(date)
    }

    /// The year.
    pub fn year(self) -> u64 {
        self.year
    }

    /// 1 to 12.
    pub fn month(self) -> u64 {
        self.month
    }

    /// Of the month, from 1.
    pub fn day(self) -> u64 {
        self.day
    }

    /// Its first moment in UTC; none before 1970. Years begin in March here, so that a leap day ends one.
    pub fn start(self) -> Option<Millis> {
        let year = self.year.checked_sub(u64::from(self.month <= 2))?;
        let (era, of_era) = (year / 400, year % 400);
        let from_march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let of_year = (153 * from_march + 2) / 5 + self.day - 1;
        let from_march_of_0 = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        from_march_of_0.checked_sub(BEFORE_1970).map(|days| Millis(days * DAY))
    }

    /// So many days after 1970-01-01: the inverse of [`Date::start`].
    fn after(days: u64) -> Self {
        let from_march_of_0 = days + BEFORE_1970;
        let (era, of_era) = (from_march_of_0 / 146_097, from_march_of_0 % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self { year: era * 400 + year_of_era + u64::from(month <= 2), month, day }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Days from the first of March of the year 0 to 1970-01-01.
const BEFORE_1970: u64 = 719_468;

fn days_of(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u64::from(is_leap),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_read_as_the_calendar_says() {
        for (millis, text) in [
            (0, Some("1970-01-01T00:00:00Z")),
            (951_782_400_000, Some("2000-02-29T00:00:00Z")),
            (1_709_251_199_999, Some("2024-02-29T23:59:59Z")),
            (4_107_542_400_000, Some("2100-03-01T00:00:00Z")),
            (Millis::YEAR_10000.0 - 1, Some("9999-12-31T23:59:59Z")),
            (Millis::YEAR_10000.0, None),
            (u64::MAX, None),
        ] {
            assert_eq!(Millis(millis).rfc3339().as_deref(), text);
        }
    }

    #[test]
    fn only_days_of_the_calendar_in_their_one_form_are_read() {
        for text in ["0000-02-29", "1970-01-01", "2000-02-29", "2024-02-29", "2026-11-24", "9999-12-31"] {
            assert_eq!(Date::read(text).map(|date| date.to_string()).as_deref(), Some(text));
        }
        for text in ["2023-02-29", "2100-02-29", "2024-13-01", "2026-00-10", "2026-04-31", "2026-04-00", "2026-1-01", "26-01-01"]
        {
            assert_eq!(Date::read(text), None, "{text}");
        }
        for text in ["", "2026-01-01T00:00:00Z", "+026-01-01", "2026/01/01", "é024-01-1", "2026-01-é"] {
            assert_eq!(Date::read(text), None, "{text}");
        }
        assert_eq!(Date::read("1969-12-31").unwrap().start(), None);
    }

    #[test]
    fn only_moments_in_their_one_form_are_read() {
        for text in ["2026-11-24T09:30:00", "2026-11-24T24:00:00Z", "2026-11-24T09:30Z", "2026-11-24T9:30:00Z", "2026-11-24"] {
            assert_eq!(Millis::from_rfc3339(text), None, "{text}");
        }
        for text in ["2026-11-24T09:60:00Z", "2026-11-24T09:30:00.5Z", "2026-11-24t09:30:00z", "1969-12-31T23:59:59Z", "T"] {
            assert_eq!(Millis::from_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_read_as_it_was_written(millis in 0..Millis::YEAR_10000.0) {
            let moment = Millis(millis);
            let second = Millis(millis - millis % 1000);
            prop_assert_eq!(Millis::from_rfc3339(&moment.rfc3339().unwrap()), Some(second));
            let day = moment.date().unwrap();
            prop_assert_eq!(Date::read(&day.to_string()), Some(day));
            prop_assert_eq!(day.start(), Some(Millis(millis - millis % DAY)));
        }
    }
}
