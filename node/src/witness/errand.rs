//! What is asked of each node in a round, and the door for what it answers.

use super::evidence::{NOTES, PREFIX};
use super::http::{Http, Silent};
use koinon_protocol::checkpoint::{LogKey, Note, Published, SplitView, origin_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// After so long a visit asks nothing more; the next one begins elsewhere among the logs.
const VISIT: Duration = Duration::from_secs(20);
/// Cases that are read in one visit: the rest is still there in the next.
const CASES: usize = 16;

/// What one node said.
#[derive(Default)]
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
    /// What a node keeps against logs, and what it cosigned last of them; as much of it as there is time for, since a node may be away.
    pub(super) fn run(&self, node: &str) -> Visit {
        let (mut visit, began) = (Visit::default(), Instant::now());
        let asked = self.cases(node, began, &mut visit.cases).and_then(|()| self.notes(node, began, &mut visit.notes));
        if let Err(error) = asked {
            tracing::debug!(node, %error, "a node could not be asked what it knows of logs");
        }
        visit
    }

    fn cases(&self, node: &str, began: Instant, found: &mut Vec<SplitView>) -> Result<(), Silent> {
        let listed = self.http.get(&format!("{node}/evidence"))?;
        let names = std::str::from_utf8(&listed.bytes).unwrap_or_default();
        let wanted = names.lines().filter_map(|case| {
            let (log, known) = self.room.get(SplitView::accused(case)?)?;
            (!known.contains(case)).then_some((case, log))
        });
        for (case, log) in wanted.take(CASES).take_while(|_| listed.status == 200 && began.elapsed() < VISIT) {
            found.extend(self.case(&format!("{node}/evidence/{case}"), log)?);
        }
        Ok(())
    }

    /// The door: what is no proof against a log that is known here goes no further.
    fn case(&self, url: &str, log: &LogKey) -> Result<Option<SplitView>, Silent> {
        let [first, second] = NOTES;
        let first = self.http.get(&format!("{url}/{first}"))?.bytes;
        let second = self.http.get(&format!("{url}/{second}"))?.bytes;
        let prefix = self.http.get(&format!("{url}/{PREFIX}"))?;
        let text = (prefix.status == 200).then(|| String::from_utf8_lossy(&prefix.bytes));
        let read = SplitView::read(&first, &second, text.as_deref(), log);
        Ok(read.inspect_err(|error| tracing::debug!(url, %error, "what another node keeps is no proof")).ok())
    }

    fn notes(&self, node: &str, began: Instant, found: &mut Vec<Published>) -> Result<(), Silent> {
        for key in self.logs.iter().take_while(|_| began.elapsed() < VISIT) {
            let reply = self.http.get(&format!("{node}/{}/checkpoint", origin_hash(key.name().as_str())))?;
            found.extend(open(&reply.bytes, key).filter(|_| reply.status == 200));
        }
        Ok(())
    }
}

/// A checkpoint that the log signed, without what others signed.
pub(super) fn open(note: &[u8], key: &LogKey) -> Option<Published> {
    Some(Published::open(Note::parse(note).ok()?, key).ok()?.of_log_only(key))
}
