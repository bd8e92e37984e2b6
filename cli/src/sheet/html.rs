//! HTML that is made of texts and of what stands in this program: nothing that came from elsewhere can be markup.

use crate::paper::clean;

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of this program.
    pub(super) fn fixed(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// This, and what follows it.
    pub(super) fn then(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// A text, without control characters and what turns its direction.
pub(super) fn text(text: &str) -> Html {
    let mut out = String::new();
    for letter in clean(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    Html(out)
}

/// An element; no class where that is empty.
pub(super) fn wrap(name: &'static str, class: &'static str, inside: impl IntoIterator<Item = Html>) -> Html {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let inside: String = inside.into_iter().map(Html::into_string).collect();
    Html(format!("<{name}{class}>{inside}</{name}>\n"))
}

pub(super) fn paragraph(said: &str) -> Html {
    wrap("p", "", [text(said)])
}

/// An id or a key, to be compared digit by digit.
pub(super) fn code(id: &str) -> Html {
    wrap("code", "", [text(id)])
}

pub(super) fn list(class: &'static str, items: &[&str]) -> Html {
    list_of(class, items.iter().map(|item| text(item)))
}

pub(super) fn list_of(class: &'static str, items: impl IntoIterator<Item = Html>) -> Html {
    wrap("ul", class, items.into_iter().map(|item| wrap("li", "", [item])))
}

/// A question and its answer.
pub(super) fn row(label: &str, value: impl IntoIterator<Item = Html>) -> Html {
    wrap("div", "", [wrap("dt", "", [text(label)]), wrap("dd", "", value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_text_can_be_markup() {
        let hostile = "<script>alert('1')</script>&amp;\"><img src=x onerror=alert(1)>\u{202e}\u{7}";
        let made = wrap("p", "", [text(hostile), code(hostile)]).into_string();
        let inside = made.replace("<p>", "").replace("</p>", "").replace("<code>", "").replace("</code>", "");
        assert!(!inside.contains(['<', '>', '"', '\'', '\u{202e}', '\u{7}']), "{made}");
        assert!(inside.contains("&amp;amp;"), "what was written is what is read");
    }
}
