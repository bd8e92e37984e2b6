//! What a peer goes without: records that have been here for an hour, and that it still has not when the differences with it are looked
//! for. It withholds them, does not accept them, or is far behind; which of these, a replica cannot know.

use super::{Effect, Effects, Replica};
use crate::id::{OrganisationId, RecordId};
use crate::ledger::{Fault, Ledger};
use crate::log::LogId;
use crate::replica::Peer;
use crate::time::Millis;
use std::collections::BTreeMap;

/// Between two looks for the differences with a peer whose journal is read by a cursor; a look at equal replicas takes 2 KiB. An honest
/// peer has had a record long before that.
const LOOK: u64 = 3_600_000;
/// Records that are read in one look to see whose they are.
const READ: usize = 1024;

/// Of one peer.
pub(super) struct Lacks {
    /// A moment, and the size of the journal here then.
    mark: (Millis, u64),
    /// The size of the journal here an hour or longer ago; 0 while nobody knows.
    old: u64,
    /// Whether this look finds all that the peer lacks.
    looking: bool,
    read: usize,
    counted: BTreeMap<OrganisationId, u64>,
    found: Option<BTreeMap<OrganisationId, u64>>,
    told: BTreeMap<OrganisationId, u64>,
}

impl Lacks {
    pub(super) fn new(now: Millis, size: u64) -> Self {
        let (counted, told) = (BTreeMap::new(), BTreeMap::new());
        Self { mark: (now, size), old: 0, looking: false, read: 0, counted, found: None, told }
    }

    /// Whether it is time to look again.
    pub(super) fn is_due(&self, now: Millis) -> bool {
        now.since(self.mark.0) >= LOOK
    }

    /// A look begins, unless the peer's journal is read anew instead.
    pub(super) fn begin(&mut self, now: Millis, size: u64, looking: bool) {
        if self.is_due(now) {
            (self.old, self.mark) = (self.mark.1, (now, size));
        }
        (self.looking, self.read) = (looking, 0);
        self.counted.clear();
    }

    /// All differences are found.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.looking) {
            self.found = Some(std::mem::take(&mut self.counted));
        }
    }

    /// What a look found, when it is something else than was told before.
    fn news(&mut self) -> Option<BTreeMap<OrganisationId, u64>> {
        let found = self.found.take().filter(|found| *found != self.told)?;
        self.told.clone_from(&found);
        Some(found)
    }
}

impl Replica {
    /// Counts what the peer lacks of these by author, if it was here for long. Behind a fork replicas may differ for good.
    pub(super) fn count_lacks(&mut self, peer: Peer, ids: &[RecordId], ledger: &impl Ledger) -> Result<(), Fault> {
        let Some(state) = self.peers.get_mut(&peer) else { return Ok(()) };
        let lacks = &mut state.lacks;
        for id in ids {
            let Some(position) = ledger.find(id)?.filter(|position| *position < lacks.old) else { continue };
            if lacks.read >= READ {
                break;
            }
            lacks.read += 1;
            let header = *ledger.entry(position)?.signed.header();
            if ledger.frozen(&LogId::from(&header))?.is_none_or(|first| header.seq < first) {
                let author = if header.organisation.is_zero() { OrganisationId::from(*id) } else { header.organisation };
                *lacks.counted.entry(author).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Says what looks found since this was last called.
    pub(super) fn tell_lacks(&mut self, out: &mut Effects) {
        for (peer, state) in &mut self.peers {
            let found = state.lacks.news();
            out.now.extend(found.map(|organisations| Effect::Lacks { peer: *peer, organisations }));
        }
    }
}
