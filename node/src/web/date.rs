//! Moments and days as people read them.

use super::words;
use koinon_protocol::time::Millis;
use maud::{Markup, html};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// The first moment of the year 10000: later ones are told as never.
const END: u64 = 253_402_300_800_000;

/// A moment's day, in words and for machines.
pub(crate) fn day(moment: Millis) -> Markup {
    html! { @if moment.0 >= END { (words::NEVER) } @else { time datetime=(iso(moment)) { (in_words(moment)) } } }
}

/// A moment to the minute, UTC.
pub(crate) fn minute(moment: Millis) -> Markup {
    let (hour, minute) = (moment.0 % DAY / 3_600_000, moment.0 % 3_600_000 / 60_000);
    html! { (day(moment)) @if moment.0 < END { ", " (format!("{hour:02}:{minute:02}")) " UTC" } }
}

/// A day that a body gives as YYYY-MM-DD; anything else as it stands.
pub(crate) fn written(text: &str) -> Markup {
    let parts: Vec<u64> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [year, month @ 1..=12, day] if text.len() == 10 => html! { time datetime=(text) { (spelt(year, month, day)) } },
        _ => html! { (super::text::clean(text)) },
    }
}

/// The day of a moment, YYYY-MM-DD: sorts as it reads and compares with days in bodies.
pub(crate) fn iso(moment: Millis) -> String {
    let (year, month, day) = civil(moment.0.min(END - 1) / DAY);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day of a moment in words.
pub(crate) fn in_words(moment: Millis) -> String {
    let (year, month, day) = civil(moment.0.min(END - 1) / DAY);
    spelt(year, month, day)
}

fn spelt(year: u64, month: u64, day: u64) -> String {
    let name =
        usize::try_from(month).ok().and_then(|month| words::MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or_default();
    format!("{day} {name} {year}")
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
    fn moments_read_as_the_calendar_says() {
        assert_eq!(in_words(Millis(951_782_400_000)), "29 February 2000");
        assert_eq!(iso(Millis(1_709_251_199_999)), "2024-02-29");
        assert_eq!(
            minute(Millis(1_773_307_800_000)).into_string(),
            "<time datetime=\"2026-03-12\">12 March 2026</time>, 09:30 UTC"
        );
        assert_eq!(day(Millis(u64::MAX)).into_string(), words::NEVER);
        assert_eq!(written("2024-03-01").into_string(), "<time datetime=\"2024-03-01\">1 March 2024</time>");
        assert_eq!(written("<b>").into_string(), "&lt;b&gt;");
    }
}
