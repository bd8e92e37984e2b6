//! Moments as people read them.

use koinon_protocol::time::Millis;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// The first moment of the year 10000, from where RFC 3339 has no form.
const END: u64 = 253_402_300_800_000;

/// This computer's clock; 1970 when it stands before that.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The moment in RFC 3339, as in `2026-11-24T09:30:00Z`; the bare number of milliseconds from the year 10000 on.
pub fn rfc3339(moment: Millis) -> String {
    if moment.0 >= END {
        return format!("{} ms after 1970", moment.0);
    }
    let (year, month, day) = civil(moment.0 / DAY);
    let seconds = moment.0 % DAY / 1000;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The day alone when the moment is its first in UTC, as in `2026-11-24`; else as [`rfc3339`].
pub fn day_or_moment(moment: Millis) -> String {
    let text = rfc3339(moment);
    text.strip_suffix("T00:00:00Z").map_or(text.clone(), str::to_owned)
}

/// The first moment, in UTC, of a day that is written as in `2026-11-24`; 1970 to 9999.
///
/// # Errors
/// What would be right.
pub fn day(text: &str) -> Result<Millis, String> {
    let parts: Vec<u64> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let wrong = || "give a day of the calendar, as in 2026-11-24".to_owned();
    let [year @ 1970..=9999, month @ 1..=12, date @ 1..=31] = parts[..] else { return Err(wrong()) };
    let moment = Millis(days_before(year, month, date) * DAY);
    if day_or_moment(moment) == text { Ok(moment) } else { Err(wrong()) }
}

/// Days from 1970-01-01 to a Gregorian date: the inverse of [`civil`].
fn days_before(year: u64, month: u64, date: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + date - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The Gregorian date of a day counted from 1970-01-01, by eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let from_march_of_0 = days + 719_468;
    let (era, of_era) = (from_march_of_0 / 146_097, from_march_of_0 % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_as_it_was_written_and_only_days_of_the_calendar_are_taken() {
        for text in ["1970-01-01", "2000-02-29", "2026-11-24", "2100-03-01", "9999-12-31"] {
            assert_eq!(day_or_moment(day(text).unwrap()), text);
        }
        for text in ["2023-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-01T00:00:00Z", "", "1969-12-31", "2026-04-31"]
        {
            assert!(day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_read_as_the_calendar_says() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (END - 1, "9999-12-31T23:59:59Z"),
            (u64::MAX, "18446744073709551615 ms after 1970"),
        ] {
            assert_eq!(rfc3339(Millis(millis)), text);
        }
    }
}
