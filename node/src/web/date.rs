//! Moments and days as people read them.

use super::words;
use koinon_protocol::time::{Date, Millis};
use maud::{Markup, html};

/// A moment's day, in words and for machines; from the year 10000 on it is told as never.
pub(crate) fn day(moment: Millis) -> Markup {
    html! { @if let Some(date) = moment.date() { time datetime=(date) { (spelt(date)) } } @else { (words::NEVER) } }
}

/// A moment to the minute, UTC.
pub(crate) fn minute(moment: Millis) -> Markup {
    let text = moment.rfc3339();
    html! { (day(moment)) @if let Some(minute) = text.as_deref().and_then(|text| text.get(11..16)) { ", " (minute) " UTC" } }
}

/// A day that a body gives as YYYY-MM-DD; anything else as it stands.
pub(crate) fn written(text: &str) -> Markup {
    match Date::read(text) {
        Some(date) => html! { time datetime=(date) { (spelt(date)) } },
        None => html! { (super::text::clean(text)) },
    }
}

/// The day of a moment, YYYY-MM-DD: sorts as it reads and compares with days in bodies.
pub(crate) fn iso(moment: Millis) -> String {
    moment.date().map(|date| date.to_string()).unwrap_or_default()
}

fn spelt(date: Date) -> String {
    let name = usize::try_from(date.month() - 1).ok().and_then(|month| words::MONTHS.get(month)).copied().unwrap_or_default();
    format!("{} {name} {}", date.day(), date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_the_calendar_says() {
        assert_eq!(day(Millis(951_782_400_000)).into_string(), "<time datetime=\"2000-02-29\">29 February 2000</time>");
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
