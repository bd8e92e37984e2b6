//! Figures beside the machine's limit, beside others, and beside the goal: on the terminal and as Markdown.

use std::fmt::Write as _;

/// A figure of Koinon's and what it is set beside.
pub struct Row {
    what: String,
    unit: &'static str,
    koinon: f64,
    limit: Option<f64>,
    peers: Vec<(&'static str, f64)>,
    more_is_better: bool,
    goal: Option<(String, bool)>,
}

impl Row {
    pub fn new(what: impl Into<String>, unit: &'static str, koinon: f64) -> Self {
        Self { what: what.into(), unit, koinon, limit: None, peers: Vec::new(), more_is_better: false, goal: None }
    }

    /// What the machine allows.
    #[must_use]
    pub fn limit(self, limit: f64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// What others take for the same.
    #[must_use]
    pub fn peers(mut self, peers: impl IntoIterator<Item = (&'static str, f64)>) -> Self {
        self.peers.extend(peers);
        self
    }

    #[must_use]
    pub fn more_is_better(self) -> Self {
        Self { more_is_better: true, ..self }
    }

    #[must_use]
    pub fn at_most(self, goal: f64) -> Self {
        let met = self.koinon <= goal;
        Self { goal: Some((format!("≤ {}", number(goal)), met)), ..self }
    }

    #[must_use]
    pub fn at_least(self, goal: f64) -> Self {
        let met = self.koinon >= goal;
        Self { goal: Some((format!("≥ {}", number(goal)), met)), ..self }
    }

    /// A goal in terms of the best of the others; none when there are none.
    #[must_use]
    pub fn times_best(self, times: f64) -> Self {
        let Some(best) = self.best() else { return self };
        let met = if self.more_is_better { self.koinon >= times * best } else { self.koinon <= times * best };
        let sign = if self.more_is_better { "≥" } else { "≤" };
        Self { goal: Some((format!("{sign} {times} × the best peer"), met)), ..self }
    }

    /// A goal in terms of one of the others; none when it is not there.
    #[must_use]
    pub fn times_peer(self, times: f64, name: &str) -> Self {
        let Some(other) = self.of(name) else { return self };
        let met = self.koinon <= times * other;
        Self { goal: Some((format!("≤ {times} × {name}"), met)), ..self }
    }

    #[must_use]
    pub fn times_limit(self, times: f64) -> Self {
        let met = self.limit.is_some_and(|limit| self.koinon <= times * limit);
        Self { goal: Some((format!("≤ {times} × the limit"), met)), ..self }
    }

    fn best(&self) -> Option<f64> {
        let values = self.peers.iter().map(|(_, value)| *value);
        if self.more_is_better { values.reduce(f64::max) } else { values.reduce(f64::min) }
    }

    fn of(&self, name: &str) -> Option<f64> {
        self.peers.iter().find(|(peer, _)| *peer == name).map(|(_, value)| *value)
    }

    fn cells(&self, peers: &[&'static str]) -> Vec<String> {
        let ratio = |other: Option<f64>| other.map_or(String::new(), |other| format!("{:.2}", self.koinon / other));
        let mut cells = vec![
            format!("{}, {}", self.what, self.unit),
            format!("**{}**", number(self.koinon)),
            self.limit.map_or(String::new(), number),
            ratio(self.limit),
        ];
        cells.extend(peers.iter().map(|name| self.of(name).map_or(String::new(), number)));
        if !peers.is_empty() {
            cells.push(ratio(self.best()));
        }
        let (goal, met) =
            self.goal.clone().map_or(Default::default(), |(goal, met)| (goal, if met { "met" } else { "**not met**" }));
        cells.extend([goal, met.to_owned()]);
        cells
    }
}

/// One piece of work.
pub struct Table {
    pub title: &'static str,
    pub note: String,
    pub rows: Vec<Row>,
}

impl Table {
    /// As Markdown, with its columns aligned.
    pub fn markdown(&self) -> String {
        let mut peers: Vec<&'static str> = self.rows.iter().flat_map(|row| row.peers.iter().map(|(name, _)| *name)).collect();
        peers.sort_unstable();
        peers.dedup();
        let mut head: Vec<String> = ["", "Koinon", "limit", "× limit"].map(String::from).into();
        head.extend(peers.iter().map(|name| (*name).to_owned()));
        head.extend((!peers.is_empty()).then(|| "× best peer".to_owned()));
        head.extend(["goal".to_owned(), String::new()]);
        let mut lines = vec![head];
        lines.extend(self.rows.iter().map(|row| row.cells(&peers)));
        format!("### {}\n\n{}\n\n{}", self.title, self.note, aligned(&lines))
    }
}

/// A Markdown table: the first line is its head.
pub fn aligned(lines: &[Vec<String>]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(&widths) {
            let _ = write!(text, "| {cell}{} ", " ".repeat(width - cell.chars().count()));
        }
        text += "|\n";
        if number == 0 {
            widths.iter().for_each(|width| text += &format!("| {} ", "-".repeat(*width.max(&3))));
            text += "|\n";
        }
    }
    text
}

/// Three digits that count.
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        small if small < 10.0 => format!("{value:.2}"),
        small if small < 100.0 => format!("{value:.1}"),
        _ => thousands(value.round() as i64),
    }
}

fn thousands(value: i64) -> String {
    let digits = value.to_string();
    let places = digits.len();
    let comma = |at: usize| at > 0 && (places - at).is_multiple_of(3);
    digits.chars().enumerate().flat_map(|(at, digit)| comma(at).then_some(',').into_iter().chain([digit])).collect()
}
