//! Who pushes news to whom: a tree that is left over when the links are given up over which everything comes twice.
//!
//! At first news are pushed over every connection. A replica that is pushed what another pushed before asks the second one to leave it
//! (*prune*): neither pushes to the other any more. One that finds by a pull what nobody pushed asks the one who had it to push again
//! (*graft*). What is left are the links by which news came first, so that a record crosses about as many links as there are replicas. These are
//! the broadcast trees of Leitão, Pereira and Rodrigues (Epidemic Broadcast Trees, 2007), with pulls in the place of their announcements.

use super::message::Parcel;
use super::{Effect, Effects, Peer, Replica};
use crate::id::RecordId;
use crate::time::Millis;
use std::collections::BTreeSet;

/// News that are remembered, so that what comes twice is noticed: 260 KB.
const NEWS: usize = 4096;
/// A record that a pull named may be on its way here by a push for so long.
const ON_ITS_WAY: u64 = 1_000;
/// Pushes over a link that was given up, while the peer may not know of it yet. No more are looked at, so that repeating oneself is no
/// way to keep others busy.
const LATE: u16 = 512;
/// After so many of these the peer is told again.
const REMINDER: u16 = 64;

/// What is pushed over the connection to a peer.
#[derive(Clone, Copy)]
pub(super) enum Link {
    /// All news, by both.
    Eager,
    /// Nothing; so many pushes came nevertheless.
    Lazy(u16),
}

/// A record that a pull named and nobody pushed yet, and when it is to be decided whether somebody should have.
#[derive(Clone, Copy)]
pub(super) struct Missed {
    pub(super) record: RecordId,
    pub(super) until: Millis,
}

/// What was pushed or written here lately.
#[derive(Default)]
pub(super) struct News {
    recent: BTreeSet<RecordId>,
    older: BTreeSet<RecordId>,
}

impl News {
    /// Notes it; whether it is news.
    pub(super) fn note(&mut self, record: RecordId) -> bool {
        if self.contains(&record) {
            return false;
        }
        if self.recent.len() >= NEWS / 2 {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(record)
    }

    fn contains(&self, record: &RecordId) -> bool {
        self.recent.contains(record) || self.older.contains(record)
    }
}

impl Replica {
    /// A record goes on, but not back to who brought it.
    pub(super) fn push(&self, record: Parcel, from: Option<Peer>) -> Option<Effect> {
        let others = self.peers.iter().filter(|(peer, _)| Some(**peer) != from);
        let to: Vec<Peer> = others.filter(|(_, state)| matches!(state.link, Link::Eager)).map(|(peer, _)| *peer).collect();
        (!to.is_empty()).then_some(Effect::Push { to, record })
    }

    /// Whether what this peer pushes is looked at.
    pub(super) fn hears(&self, peer: Peer) -> bool {
        self.peers.get(&peer).is_some_and(|state| matches!(state.link, Link::Eager | Link::Lazy(..LATE)))
    }

    /// The peer pushed what another pushed before. The last link is kept, since over it comes what others wrote.
    pub(super) fn came_twice(&mut self, from: Peer, out: &mut Effects) {
        let last = self.peers.values().filter(|state| matches!(state.link, Link::Eager)).count() < 2;
        let Some(state) = self.peers.get_mut(&from) else { return };
        let late = match state.link {
            Link::Eager if last => return,
            Link::Eager => 0,
            Link::Lazy(late) => late.saturating_add(1),
        };
        state.link = Link::Lazy(late);
        if late % REMINDER == 0 {
            out.now.push(Effect::Prune(from));
        }
    }

    /// The peer named what is not known here.
    pub(super) fn miss(&mut self, peer: Peer, record: RecordId, now: Millis) {
        if let Some(state) = self.peers.get_mut(&peer) {
            state.missed.get_or_insert(Missed { record, until: now.plus(ON_ITS_WAY) });
        }
    }

    /// Who named what nobody pushed is asked to push. He is asked over an eager link too: he may remember another life of this replica.
    pub(super) fn graft(&mut self, now: Millis, out: &mut Effects) {
        for (peer, state) in &mut self.peers {
            if let Some(missed) = state.missed.take_if(|missed| missed.until <= now)
                && !self.news.contains(&missed.record)
            {
                state.link = Link::Eager;
                out.now.push(Effect::Graft(*peer));
            }
        }
    }

    /// The peer gives up the link, or takes it up again.
    pub(super) fn turned(&mut self, peer: Peer, link: Link) {
        self.peers.entry(peer).and_modify(|state| state.link = link);
    }
}
