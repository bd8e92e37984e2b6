//! Text for a terminal: wrapped to its width, coloured where that helps, and free of what a terminal would obey.

use std::io::{self, IsTerminal as _};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns where nobody says how many there are: off a terminal, as in a pipe or a test.
const WIDTH: usize = 80;
/// No line is longer: people read across more than this badly.
const WIDEST: usize = 100;
/// No column of text is narrower, however narrow the terminal is.
const NARROWEST: usize = 24;
/// Columns before a value: the longest usual label, and two spaces on either side; an id of 64 digits ends in the last of 80 columns.
const HANG: usize = 16;

/// A page that is written from top to bottom for standard output. Whatever is put on it is cleaned.
#[derive(Debug)]
pub struct Paper {
    text: String,
    width: usize,
    coloured: bool,
}

impl Default for Paper {
    fn default() -> Self {
        Self::new()
    }
}

impl Paper {
    /// An empty page for the standard output of this process.
    pub fn new() -> Self {
        let width = terminal_size::terminal_size_of(io::stdout()).map_or(WIDTH, |(width, _)| width.0.into());
        Self { text: String::new(), width: width.min(WIDEST), coloured: is_coloured(&io::stdout()) }
    }

    /// A heading.
    pub fn title(&mut self, text: &str) -> &mut Self {
        self.block("1", 0, text)
    }

    /// Good news.
    pub fn good(&mut self, text: &str) -> &mut Self {
        self.block("1;32", 0, text)
    }

    /// Bad news.
    pub fn bad(&mut self, text: &str) -> &mut Self {
        self.block("1;31", 0, text)
    }

    /// A paragraph, or several: line breaks of the text stay.
    pub fn text(&mut self, indent: usize, text: &str) -> &mut Self {
        self.block("", indent, text)
    }

    /// A paragraph each.
    pub fn texts(&mut self, indent: usize, texts: &[String]) -> &mut Self {
        for text in texts {
            self.text(indent, text);
        }
        self
    }

    /// A command to copy: on a line of its own, however long it is.
    pub fn command(&mut self, command: &str) -> &mut Self {
        self.push(&format!("  {}", clean_line(command)));
        self
    }

    /// A label, and its value beside it; a label that is too long for that stands above.
    pub fn field(&mut self, label: &str, value: &str) -> &mut Self {
        let label = clean_line(label);
        let lines = wrap(value, self.room(HANG));
        let mut lines = lines.iter();
        let beside = label.width() + 4 <= HANG;
        let first = if beside { lines.next().map_or("", String::as_str) } else { "" };
        let gap = " ".repeat(HANG.saturating_sub(label.width() + 2));
        self.push(&format!("  {}{gap}{first}", self.dyed("2", &label)));
        for line in lines {
            self.push(&format!("{}{line}", " ".repeat(HANG)));
        }
        self
    }

    /// An empty line.
    pub fn gap(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// What stands on the page.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn block(&mut self, colour: &str, indent: usize, text: &str) -> &mut Self {
        for line in wrap(text, self.room(indent)) {
            let line = self.dyed(colour, &line);
            self.push(&format!("{}{line}", " ".repeat(indent)));
        }
        self
    }

    fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent).max(NARROWEST)
    }

    fn dyed(&self, colour: &str, text: &str) -> String {
        if self.coloured && !colour.is_empty() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// An error for standard error: cleaned, and on a terminal coloured and wrapped. Elsewhere lines stay whole, for whoever searches them.
pub fn complaint(text: &str) -> String {
    let stream = io::stderr();
    let (red, plain) = if is_coloured(&stream) { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    let lines = match terminal_size::terminal_size_of(stream) {
        Some((width, _)) => wrap(text, usize::from(width.0).clamp(NARROWEST, WIDEST)).join("\n"),
        None => clean(text),
    };
    format!("{red}error:{plain} {}\n", lines.trim_start_matches("error: "))
}

/// Whether colours are wanted there. See <https://no-color.org>: any value but the empty one turns them off.
pub fn is_coloured(stream: &impl io::IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    !refused && !dumb && stream.is_terminal()
}

/// Whether a person sits there who could answer a question.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A stranger's text without anything that a terminal obeys or that turns the direction of what follows; lines stay.
pub fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    text.chars().filter(|letter| *letter == '\n' || !is_unsafe(*letter)).collect()
}

/// As [`clean`], on one line.
pub fn clean_line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// Control characters; and embeddings, overrides and isolates of direction, by which a text can show other letters than it has.
fn is_unsafe(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// The text, cleaned, in lines of at most `width` columns. A longer word is cut, as scripts without spaces need it, but not where people copy
/// it: an id, an address or a command stays whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in clean(text).trim_end().split('\n') {
        let indent = " ".repeat((paragraph.len() - paragraph.trim_start_matches(' ').len()).min(width / 2));
        let mut line = indent.clone();
        for word in paragraph.split_whitespace().flat_map(|word| cut(word, width - indent.len())) {
            if line.len() > indent.len() && line.width() + 1 + word.width() > width {
                lines.push(std::mem::replace(&mut line, indent.clone()));
            }
            if line.len() > indent.len() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        lines.push(line);
    }
    lines
}

fn cut(word: &str, width: usize) -> Vec<String> {
    if word.is_ascii() {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in word.chars() {
        let columns = letter.width().unwrap_or(0);
        if used + columns > width {
            pieces.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(last) = pieces.last_mut() {
            last.push(letter);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal_whatever_the_script() {
        for text in
            ["Comuna Valea Lină și vecinii ei împart o autospecială", "東京都庁と近隣自治体の共同調達", "a\n\nb", &"ż".repeat(99)]
        {
            let lines = wrap(text, 20);
            assert!(lines.iter().all(|line| line.width() <= 20), "{lines:?}");
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        for bad in ["\x1b[2J", "\u{9b}31m", "\x07", "\u{202e}", "\x7f", "a\rb"] {
            let cleaned = clean(&format!("a{bad}b\nc"));
            assert!(cleaned.chars().all(|letter| letter == '\n' || !is_unsafe(letter)), "{bad:?}");
        }
        assert_eq!(clean_line("two\r\nlines"), "two lines");
    }

    #[test]
    fn a_value_stands_beside_its_label_and_its_further_lines_below_it() {
        let mut paper = Paper { text: String::new(), width: 50, coloured: false };
        let page = paper.field("kind", "one two three four five six seven eight").finish();
        assert_eq!(page, "  kind          one two three four five six seven\n                eight\n");
        let id = "3f".repeat(32);
        assert!(Paper { text: String::new(), width: 40, coloured: false }.field("id", &id).finish().contains(&id));
    }
}
