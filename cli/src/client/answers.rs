//! What a node answers, as far as the commands rely on its form.

use crate::paper::clean_line;
use koinon_protocol::id::RecordId;
use koinon_protocol::log::Head;
use koinon_protocol::time::Millis;
use serde::Deserialize;

/// Characters of a node's reason that are shown.
const DETAIL: usize = 300;
/// Problems with single fields that are shown.
const ERRORS: usize = 20;

/// What a node says when it took a record.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Receipt {
    /// The record.
    pub id: RecordId,
    /// Its place in the node's journal.
    pub position: u64,
}

/// Where a log stands on a node.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct LogState {
    /// Its last record; none when it is empty.
    #[serde(default, deserialize_with = "head")]
    pub head: Option<Head>,
    /// The place from which on it is not trusted, when it is forked.
    #[serde(default)]
    pub frozen_at: Option<u64>,
}

/// Why a node did not do what it was asked; free of control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The reason.
    pub detail: String,
    /// The API's name for it; empty when there is none.
    pub code: String,
    /// What is wrong with single fields: where, and what would be right.
    pub errors: Vec<(String, String)>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the node refuses ({}): {}", self.status, self.detail)?;
        self.errors.iter().try_for_each(|(place, detail)| write!(f, "\n  {place}: {detail}"))
    }
}

/// RFC 9457, with the extensions of the API.
#[derive(Default, Deserialize)]
pub(super) struct Problem {
    detail: Option<String>,
    title: Option<String>,
    code: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Deserialize)]
struct FieldProblem {
    #[serde(default)]
    pointer: String,
    #[serde(default)]
    detail: String,
}

impl Problem {
    pub(super) fn refusal(self, status: u16, standard: &str) -> Refusal {
        let short = |text: String| clean_line(&text).chars().take(DETAIL).collect::<String>();
        let errors = self.errors.into_iter().take(ERRORS).map(|error| (short(error.pointer), short(error.detail)));
        Refusal {
            status,
            detail: short(self.detail.or(self.title).unwrap_or_else(|| standard.to_owned())),
            code: short(self.code.unwrap_or_default()),
            errors: errors.collect(),
        }
    }
}

#[derive(Deserialize)]
struct HeadAnswer {
    seq: u64,
    id: RecordId,
    claimed_at: Millis,
}

fn head<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Head>, D::Error> {
    let head = Option::<HeadAnswer>::deserialize(deserializer)?;
    Ok(head.map(|HeadAnswer { seq, id, claimed_at }| Head { seq, id, claimed_at }))
}
