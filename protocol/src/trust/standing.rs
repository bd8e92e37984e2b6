//! Standing: whether an organisation may act at a moment, with the path from the charter that proves it.

use super::{Attested, Term, Trust};
use crate::id::{OrganisationId, RecordId};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// What an organisation means to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Publish records.
    Publish,
    /// Vouch for another organisation.
    Vouch,
    /// Be known: its inception and its devices.
    Belong,
}

/// One step of the path that proves a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The charter, then attestations.
    pub record: RecordId,
    /// The founder that the charter names, then the organisations vouched for.
    pub organisation: OrganisationId,
}

/// That an organisation has standing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// From the charter to the organisation; a shortest path, the same whatever the order in which records arrived.
    pub path: Vec<Step>,
}

/// Why an organisation has no standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoStanding {
    /// Neither its inception nor an attestation for it is known here.
    #[error("the organisation is not known here")]
    Unknown,
    /// Nobody vouched for it.
    #[error("no organisation has vouched for it")]
    NeverVouched,
    /// It was vouched for, and the last attestation ended before.
    #[error("the last attestation for it ended at {} ms", until.0)]
    Expired {
        /// The first moment without.
        until: Millis,
    },
    /// It is vouched for, from later on.
    #[error("the first attestation for it begins at {} ms", from.0)]
    NotYet {
        /// The first moment with.
        from: Millis,
    },
    /// Who vouched for it suspended that.
    #[error("its voucher {voucher} suspended its attestation")]
    Suspended {
        /// The voucher with the smallest id.
        voucher: OrganisationId,
    },
    /// It is vouched for, for something else.
    #[error("it is vouched for, and not for this")]
    Scope,
    /// Vouched for, from too far below the founders, or to a depth that ends above it.
    #[error("the depth to which its vouchers may vouch is exhausted")]
    Depth,
    /// Who vouches for it has no standing itself.
    #[error("its voucher {voucher} may not vouch")]
    Voucher {
        /// The voucher with the smallest id.
        voucher: OrganisationId,
    },
}

impl Trust {
    /// Whether `organisation` may do this at the moment `at`. Looks at each organisation above it once, over at most
    /// [`limit::VOUCH_DEPTH`](crate::limit::VOUCH_DEPTH) levels.
    ///
    /// # Errors
    /// [`NoStanding`] says why not.
    pub fn standing(&self, organisation: OrganisationId, right: Right, at: Millis) -> Result<Standing, NoStanding> {
        match self.search(organisation, right, at) {
            Ok(path) => Ok(Standing { path }),
            Err(depth) => Err(self.explain(organisation, right, at, depth)),
        }
    }

    /// Whether `organisation` is vouched for at `since` or a later moment, at which an attestation begins or a suspension ends. Nobody can vouch for an organisation that has not begun, so
    /// its inception and its devices may be older than its standing.
    ///
    /// # Errors
    /// [`NoStanding`] at `since`.
    pub fn standing_since(&self, organisation: OrganisationId, since: Millis) -> Result<Standing, NoStanding> {
        let standing = |at| self.standing(organisation, Right::Belong, at);
        standing(since).or_else(|reason| {
            let mut later = self.beginnings(organisation).filter(|at| *at > since);
            later.find_map(|at| standing(at).ok()).ok_or(reason)
        })
    }

    /// The moments at which attestations for an organisation begin to count, in their order, then those at which suspensions of them end.
    fn beginnings(&self, organisation: OrganisationId) -> impl Iterator<Item = Millis> {
        let held = self.attestations_of(organisation);
        let suspended = held.iter().filter_map(move |held| self.suspended.get(&(held.voucher, organisation))).flatten();
        let resumed: BTreeSet<Millis> = suspended.map(|(_, until, _)| *until).collect();
        held.iter().map(|held| held.from.max(held.claimed_at)).chain(resumed)
    }

    /// Climbs from the organisation level by level until it meets a founder. An attestation `need` levels above the act must allow a
    /// depth of `need`. Who is met again further up is passed over: more would be asked of it there.
    fn search(&self, organisation: OrganisationId, right: Right, at: Millis) -> Result<Vec<Step>, DepthRanOut> {
        let mut way: BTreeMap<OrganisationId, Option<&Attested>> = BTreeMap::from([(organisation, None)]);
        let mut level = vec![organisation];
        let mut ran_out = false;
        let term = self.term_at(at);
        for need in u8::from(right == Right::Vouch).. {
            if let Some(founder) = level.iter().filter(|each| self.is_founder_in(term, **each)).min() {
                return Ok(path(term, *founder, &way));
            }
            if level.is_empty() || need >= term.charter.depth {
                break;
            }
            let mut above = Vec::new();
            for held in level.iter().flat_map(|each| self.attestations_of(*each)).filter(|held| self.holds(held, at)) {
                if !held.allows(right, need) {
                    ran_out |= held.vouch && held.depth < need;
                } else if let Entry::Vacant(place) = way.entry(held.voucher) {
                    place.insert(Some(held));
                    above.push(held.voucher);
                }
            }
            level = above;
        }
        Err(DepthRanOut(ran_out || !level.is_empty()))
    }

    fn is_founder_in(&self, term: &Term, organisation: OrganisationId) -> bool {
        self.organisation(organisation).is_some_and(|known| term.keys.contains(&known.founding))
    }

    /// Whether an attestation holds at a moment and its voucher did not suspend it.
    fn holds(&self, held: &Attested, at: Millis) -> bool {
        held.holds(at) && self.suspension(held, at).is_none()
    }

    /// The record by which the voucher suspended an attestation at a moment.
    pub fn suspension(&self, held: &Attested, at: Millis) -> Option<RecordId> {
        let all = self.suspended.get(&(held.voucher, held.subject)).into_iter().flatten();
        all.filter(|(from, until, _)| *from <= at && at < *until).map(|(.., record)| *record).next()
    }

    /// The records by which an organisation suspended its word for another, as far as they count.
    pub fn suspensions(&self, voucher: OrganisationId, organisation: OrganisationId) -> impl Iterator<Item = RecordId> {
        self.suspended.get(&(voucher, organisation)).into_iter().flatten().map(|(.., record)| *record)
    }

    fn explain(&self, organisation: OrganisationId, right: Right, at: Millis, depth: DepthRanOut) -> NoStanding {
        let held = self.attestations_of(organisation);
        if held.is_empty() {
            let known = self.organisation(organisation).is_some();
            return if known { NoStanding::NeverVouched } else { NoStanding::Unknown };
        }
        let now: Vec<_> = held.iter().filter(|held| self.holds(held, at)).collect();
        if let Some(held) = held.iter().filter(|held| held.holds(at)).find(|_| now.is_empty()) {
            return NoStanding::Suspended { voucher: held.voucher };
        }
        if now.is_empty() {
            let past = held.iter().map(|held| held.until).filter(|until| *until <= at).max();
            let next = held.iter().map(|held| held.from).min().unwrap_or_default();
            return past.map_or(NoStanding::NotYet { from: next }, |until| NoStanding::Expired { until });
        }
        let Some(voucher) = now.iter().filter(|held| held.covers(right)).map(|held| held.voucher).min() else {
            return NoStanding::Scope;
        };
        if depth.0 { NoStanding::Depth } else { NoStanding::Voucher { voucher } }
    }
}

fn path(term: &Term, founder: OrganisationId, way: &BTreeMap<OrganisationId, Option<&Attested>>) -> Vec<Step> {
    let mut path = vec![Step { record: term.record, organisation: founder }];
    let mut from = founder;
    while let Some(Some(held)) = way.get(&from) {
        path.push(Step { record: held.record, organisation: held.subject });
        from = held.subject;
    }
    path
}

/// Whether a longer reach would have gone further.
struct DepthRanOut(bool);

impl Attested {
    fn holds(&self, at: Millis) -> bool {
        self.from <= at && at < self.until
    }

    fn covers(&self, right: Right) -> bool {
        match right {
            Right::Publish => self.publish,
            Right::Vouch => self.vouch,
            Right::Belong => self.publish || self.vouch,
        }
    }

    fn allows(&self, right: Right, need: u8) -> bool {
        if need == 0 { self.covers(right) } else { self.vouch && self.depth >= need }
    }
}
