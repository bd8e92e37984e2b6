//! Moments as people read them.

use koinon_protocol::time::{Date, Millis};
use std::time::{SystemTime, UNIX_EPOCH};

/// This computer's clock; 1970 when it stands before that.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The moment in RFC 3339, as in `2026-11-24T09:30:00Z`; the bare number of milliseconds from the year 10000 on.
pub fn rfc3339(moment: Millis) -> String {
    moment.rfc3339().unwrap_or_else(|| format!("{} ms after 1970", moment.0))
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
    Date::read(text).and_then(Date::start).ok_or_else(|| "give a day of the calendar, as in 2026-11-24".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_as_it_was_written_and_what_has_no_date_is_told_in_milliseconds() {
        assert_eq!(day_or_moment(day("2026-11-24").unwrap()), "2026-11-24");
        assert_eq!(day_or_moment(day("2026-11-24").unwrap().plus(1000)), "2026-11-24T00:00:01Z");
        assert!(day("2023-02-29").is_err() && day("1969-12-31").is_err());
        assert_eq!(rfc3339(Millis(u64::MAX)), "18446744073709551615 ms after 1970");
    }
}
