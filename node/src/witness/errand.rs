//! What is asked of each node in a round, and the door for what it answers.

use super::evidence::{NOTES, PREFIX};
use super::http::Http;
use koinon_protocol::checkpoint::{LogKey, Note, Published, SplitView, origin_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// After so long a visit asks nothing more; the next one begins elsewhere among the logs.
const VISIT: Duration = Duration::from_secs(20);
/// Cases that are read in one visit: the rest is still there in the next.
const CASES: usize = 16;

/// What one node said.
pub(super) struct Visit {
    pub(super) notes: Vec<Published>,
    pub(super) cases: Vec<SplitView>,
}

/// What is asked of each node in a round.
pub(super) struct Errand {
    pub(super) http: Http,
    /// Logs against which there is no proof yet.
    pub(super) logs: Vec<LogKey>,
    /// Logs, by the first digits of their hash, of which there is room for proofs, with the cases that are known.
    pub(super) room: BTreeMap<String, (LogKey, BTreeSet<String>)>,
}

impl Errand {
    /// What a node keeps against logs, and what it cosigned last of them; as much of it as there is time for. What it does not answer, or answers
    /// at too great a length, is passed over.
    pub(super) fn run(&self, node: &str) -> Visit {
        let began = Instant::now();
        let in_time = || began.elapsed() < VISIT;
        let listed = self.get(&format!("{node}/evidence")).unwrap_or_default();
        let names = std::str::from_utf8(&listed).unwrap_or_default();
        let wanted = names.lines().filter_map(|case| self.wanted(case)).take(CASES).take_while(|_| in_time());
        let cases = wanted.filter_map(|(case, log)| self.case(&format!("{node}/evidence/{case}"), log)).collect();
        let logs = self.logs.iter().take_while(|_| in_time());
        let notes = logs.filter_map(|log| {
            let origin = origin_hash(log.name().as_str());
            open(&self.get(&format!("{node}/{origin}/checkpoint"))?, log)
        });
        Visit { notes: notes.collect(), cases }
    }

    /// A case that is not known here, with the log, of which there is room for more.
    fn wanted<'a>(&self, case: &'a str) -> Option<(&'a str, &LogKey)> {
        let (log, known) = self.room.get(SplitView::accused(case)?)?;
        (!known.contains(case)).then_some((case, log))
    }

    /// The door: what is no proof against the log goes no further.
    fn case(&self, url: &str, log: &LogKey) -> Option<SplitView> {
        let [first, second] = NOTES.map(|file| self.get(&format!("{url}/{file}")));
        let prefix = self.get(&format!("{url}/{PREFIX}")).map(String::from_utf8).transpose().ok()?;
        let read = SplitView::read(&first?, &second?, prefix.as_deref(), log);
        read.inspect_err(|error| tracing::debug!(url, %error, "what another node keeps is no proof")).ok()
    }

    fn get(&self, url: &str) -> Option<Vec<u8>> {
        let answer = self
            .http
            .get(url)
            .inspect_err(|error| tracing::debug!(url, %error, "a node was asked what it knows of logs"))
            .ok()?;
        (answer.status == 200).then_some(answer.bytes)
    }
}

/// A checkpoint that the log signed, without what others signed.
pub(super) fn open(note: &[u8], key: &LogKey) -> Option<Published> {
    Some(Published::open(Note::parse(note).ok()?, key).ok()?.of_log_only(key))
}
