//! Text that strangers wrote, as pages show it: in a language that the reader has, without characters that deceive.

use maud::{Markup, Render, html};
use serde_json::{Map, Value};
use unicode_normalization::char::is_combining_mark;

/// The most languages that are read from a request: more than anybody speaks.
const LANGUAGES: usize = 16;
/// The language of the interface, for readers who name none.
const DEFAULT: &str = "en";
/// The most marks that stay on one letter: Vietnamese needs two, Hebrew with cantillation three.
const MARKS: usize = 4;
/// What may follow an address without belonging to it.
const CLOSING: &str = ".,;:!?)>\"”“»";
/// The most bytes of a language tag (RFC 5646, section 4.4.1).
const TAG: usize = 35;

/// What a reader understands, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Languages(Vec<String>);

impl Languages {
    /// Reads an `Accept-Language` header (RFC 9110, section 12.5.4) behind what was asked for in the address, if anything was.
    pub(crate) fn read(asked: Option<&str>, header: &str) -> Self {
        let mut ranked: Vec<(u32, String)> = header.split(',').take(LANGUAGES).filter_map(ranked).collect();
        ranked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let named = ranked.into_iter().filter(|(weight, _)| *weight > 0).map(|(_, language)| language);
        let mut languages: Vec<String> = asked.and_then(primary).into_iter().collect();
        for language in named {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        if languages.is_empty() {
            languages.push(DEFAULT.to_owned());
        }
        Self(languages)
    }

    /// The languages, the best first; at least one.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// These languages and, behind them, the one of a tag.
    pub(crate) fn also(&self, tag: &str) -> Self {
        let more = primary(tag).filter(|language| !self.has(language));
        Self(self.0.iter().cloned().chain(more).collect())
    }

    /// Whether the reader named this language.
    pub(crate) fn has(&self, language: &str) -> bool {
        self.0.iter().any(|each| each == language)
    }
}

fn ranked(part: &str) -> Option<(u32, String)> {
    let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
    let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).filter(|q| (0.0..=1.0).contains(q))?;
    Some(((weight * 1000.0) as u32, primary(tag)?))
}

fn primary(tag: &str) -> Option<String> {
    let language = tag.trim().split('-').next()?.to_ascii_lowercase();
    (matches!(language.len(), 2 | 3) && language.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(language)
}

/// A text with its language; renders as an element that says so, since screen readers need to know.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// A tag that is safe to write; none when it is not known.
    pub(crate) language: Option<String>,
    /// What [`clean`] left.
    pub(crate) text: String,
}

impl Said {
    /// A text in a language.
    pub(crate) fn new(language: &str, text: &str) -> Self {
        let sound = (1..=TAG).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Self { language: sound.then(|| language.to_owned()), text: clean(text) }
    }

    /// A text in no language, such as a code.
    pub(crate) fn plain(text: &str) -> Self {
        Self { language: None, text: clean(text) }
    }

    /// The best of several: the reader's, then English, then any.
    pub(crate) fn best<'a>(texts: impl Iterator<Item = (&'a str, &'a str)> + Clone, languages: &Languages) -> Option<Self> {
        let usable = texts.filter(|(_, text)| !text.trim().is_empty());
        let of = |wanted: &str| usable.clone().find(|(tag, _)| primary(tag).as_deref() == Some(wanted));
        let wanted = languages.iter().chain([DEFAULT]).find_map(of);
        wanted.or_else(|| usable.clone().next()).map(|(tag, text)| Self::new(tag, text))
    }

    /// The best text of a localised field of a body.
    pub(crate) fn of_field(texts: &Map<String, Value>, languages: &Languages) -> Option<Self> {
        Self::best(texts.iter().filter_map(|(tag, text)| Some((tag.as_str(), text.as_str()?))), languages)
    }

    /// The language, when the reader did not name it.
    pub(crate) fn foreign(&self, languages: &Languages) -> Option<&str> {
        self.language.as_deref().filter(|tag| !primary(tag).is_some_and(|language| languages.has(&language)))
    }

    /// The text in paragraphs, with its web and mail addresses as links.
    pub(crate) fn paragraphs(&self) -> Markup {
        let paragraphs = self.text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
        html! {
            div.said lang=[self.language.as_deref()] dir="auto" {
                @for paragraph in paragraphs {
                    p dir="auto" {
                        @for (index, line) in paragraph.lines().enumerate() {
                            @if index > 0 { br; }
                            (linked(line))
                        }
                    }
                }
            }
        }
    }
}

impl Render for Said {
    fn render(&self) -> Markup {
        html! { span lang=[self.language.as_deref()] dir="auto" { (self.text) } }
    }
}

/// The text without what deceives the eye: controls, characters that turn the direction of what follows, and towers of marks.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        match c {
            _ if marks > MARKS => {}
            '\n' | '\t' => out.push(c),
            '\r' => {}
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            _ if deceives(c) => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(c),
        }
    }
    out
}

/// Controls; bidirectional marks, embeddings, overrides and isolates; invisible operators, annotations, tags and the byte order mark.
/// The joiners stay: Persian and emoji need them.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A line in which whole words that are https or mail addresses are links; what a link shows is where it leads.
pub(crate) fn linked(line: &str) -> Markup {
    html! {
        @for word in line.split_inclusive(char::is_whitespace) {
            @let (before, rest) = word.split_at(word.len() - word.trim_start_matches(['(', '<', '"', '„', '“', '«']).len());
            @let address = rest.trim_end_matches(|c: char| c.is_whitespace() || CLOSING.contains(c));
            @match target(address) {
                Some(target) => {
                    (before)
                    a href=(target) rel="external nofollow ugc noopener noreferrer" { (address) }
                    (rest[address.len()..])
                }
                None => (word),
            }
        }
    }
}

fn target(address: &str) -> Option<String> {
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'`'));
    if !plain {
        return None;
    }
    if let Some(rest) = address.strip_prefix("https://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return (host.contains('.') && !host.contains('@')).then(|| address.to_owned());
    }
    let (name, host) = address.split_once('@')?;
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'))
    };
    (word(name) && word(host) && host.contains('.') && address.len() <= 254).then(|| format!("mailto:{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_reader_gets_the_language_that_they_prefer_and_else_any() {
        let texts = [("pl", "Gmina"), ("en", "Commune"), ("ro", "Comuna")];
        let best = |asked, header| Said::best(texts.into_iter(), &Languages::read(asked, header)).unwrap().text;
        assert_eq!(best(None, "fi, ro;q=0.5, pl;q=0.7"), "Gmina");
        assert_eq!(best(Some("ro"), "pl"), "Comuna");
        assert_eq!(best(None, "fi"), "Commune");
        assert_eq!(best(None, "ro;q=0, pl-PL;q=0.1, ;;;, *;q=2"), "Gmina");
        let only = Said::best([("el", "Δήμος")].into_iter(), &Languages::read(None, "fi")).unwrap();
        assert_eq!(only.language.as_deref(), Some("el"));
    }

    #[test]
    fn hostile_text_is_shown_as_text() {
        let page = Said::new("en\" onload=\"x", "<script>alert(1)</script> \u{202e}gnp.exe").render().into_string();
        assert_eq!(page, "<span dir=\"auto\">&lt;script&gt;alert(1)&lt;/script&gt; \u{fffd}gnp.exe</span>");
        let tower = format!("a{}", "\u{301}".repeat(500));
        assert_eq!(clean(&tower).chars().count(), 1 + MARKS);
    }

    #[test]
    fn only_whole_https_and_mail_addresses_become_links() {
        let page = linked("See (https://example.org/a?b=1&c=2), or ask office@example.org.").into_string();
        assert!(page.contains("(<a href=\"https://example.org/a?b=1&amp;c=2\" rel="), "{page}");
        assert!(page.contains("<a href=\"mailto:office@example.org\""), "{page}");
        for text in
            ["javascript:alert(1)", "http://example.org", "https://user@example.org", "https://exämple.org", "data:text/html,x"]
        {
            assert!(!linked(text).into_string().contains("<a"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_deceives_is_left(text in any::<String>()) {
            let text = clean(&text);
            prop_assert!(!text.chars().any(|c| deceives(c) && !matches!(c, '\n' | '\t')));
            let page = linked(&text).into_string();
            prop_assert!(!page.replace("<a href=", "").replace("</a>", "").contains('<'));
        }
    }
}
