//! How far a long work is, as JSON lines.

use axum::body::{Body, Bytes};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Lines that wait to be read.
const WAITING: usize = 16;
/// Steps are told no more often than people can read them.
const PACE: Duration = Duration::from_millis(100);

/// One line of an answer. The last one is `done` or `failed`; an answer that ends without either was cut short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "event")]
pub enum Line {
    /// So much of the whole is done.
    Progress {
        /// Records, as a rule.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// The work is done.
    Done,
    /// It failed.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

/// Where a work tells how far it is.
pub struct Progress {
    lines: mpsc::Sender<Line>,
    told: Cell<Option<Instant>>,
}

impl Progress {
    /// Tells how far the work is. Never waits: what nobody reads is left out.
    pub fn at(&self, done: u64, of: u64) {
        if self.told.get().is_none_or(|told| told.elapsed() >= PACE) {
            self.told.set(Some(Instant::now()));
            let _ = self.lines.try_send(Line::Progress { done, of });
        }
    }

    /// Whether whoever asked is gone: the work may end.
    pub fn is_abandoned(&self) -> bool {
        self.lines.is_closed()
    }
}

/// Does `work` on a thread of its own; the body tells how far it is and how it ended.
pub(super) fn stream(work: impl FnOnce(&Progress) -> Result<(), String> + Send + 'static) -> Body {
    let (lines, mut received) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let progress = Progress { lines, told: Cell::default() };
        let last = match work(&progress) {
            Ok(()) => Line::Done,
            Err(reason) => Line::Failed { reason },
        };
        // Whoever asked may be gone.
        let _ = progress.lines.blocking_send(last);
    });
    let next = move |context: &mut std::task::Context<'_>| {
        received.poll_recv(context).map(|line| line.map(|line| Ok::<_, Infallible>(write(&line))))
    };
    Body::from_stream(futures::stream::poll_fn(next))
}

fn write(line: &Line) -> Bytes {
    let mut bytes = serde_json::to_vec(line).unwrap_or_default();
    bytes.push(b'\n');
    bytes.into()
}
