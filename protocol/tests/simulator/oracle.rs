//! What must hold when all is quiet, worked out from the records alone and the long way round.

use crate::people::{FOUNDERS, signer};
use crate::world::World;
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{Frontier, root_at};
use koinon_protocol::ledger::{Entry, Ledger};
use koinon_protocol::log::{LogId, link};
use koinon_protocol::record::Header;
use koinon_protocol::trust::acts::is_act;
use koinon_protocol::trust::{Term, Trust, admit, erasure, notice};
use std::collections::{BTreeMap, BTreeSet};

type Logs = BTreeMap<LogId, BTreeMap<u64, Entry>>;
type Forks = BTreeMap<LogId, u64>;

/// Compares every replica with the records that stand.
///
/// # Errors
/// What a user could not rely on, in words.
pub(crate) fn check(world: &mut World) -> Result<(), String> {
    let forks = forks(world);
    let (logs, all) = logs(world, &forks);
    let (standing, trust) = standing(world, &logs, &forks);
    world.cost.standing = standing.len();
    let is_act = |entry: &&Entry| is_act(entry.signed.header().kind) && standing.contains(&entry.id);
    world.cost.acts = logs.values().flat_map(BTreeMap::values).filter(is_act).count();
    world.cost.fallen = all.len() - standing.len();
    let (gone, noticed) = gone(world, &logs, &standing, trust.terms());
    (world.cost.erased, world.cost.noticed) = (gone.len(), noticed.len());
    let tried = tried(world);
    for (number, node) in world.nodes.iter().enumerate() {
        let blame = |what: String| format!("replica {number}: {what}");
        let entries = entries(&node.keeper.ledger().inner)?;
        check_journal(world, number, &entries, &gone, &tried).map_err(blame)?;
        let held: BTreeSet<RecordId> = entries.iter().map(|entry| entry.id).collect();
        if let Some(id) = node.acknowledged.iter().find(|id| !held.contains(id)) {
            return Err(blame(format!("acknowledged {id} and lost it")));
        }
        let stands = |entry: &&Entry| node.keeper.trust().stands(entry.id, entry.signed.header());
        let trusted: BTreeSet<RecordId> = entries.iter().filter(stands).map(|entry| entry.id).collect();
        if trusted != standing {
            let (more, less) = (trusted.difference(&standing).count(), standing.difference(&trusted).count());
            return Err(blame(format!("of {} records that stand {less} are missing, and {more} others stand", standing.len())));
        }
        if !same(node.keeper.trust(), &trust) {
            return Err(blame("trust is not what the records say".into()));
        }
        let reopened = world.open(node.keeper.ledger().inner.clone());
        if reopened.trust() != node.keeper.trust() {
            return Err(blame("trust is another after a restart".into()));
        }
    }
    Ok(())
}

/// The first forked place of every log, by the evidence that anybody has.
fn forks(world: &World) -> Forks {
    let mut forks = Forks::new();
    for claim in world.nodes.iter().flat_map(|node| node.replica.forks().collect::<Vec<_>>()) {
        let header = claim.first.header();
        let first = forks.entry(LogId::from(header)).or_insert(header.seq);
        *first = header.seq.min(*first);
    }
    forks
}

/// All records before a fork that any journal holds, and the names of all.
fn logs(world: &World, forks: &Forks) -> (Logs, BTreeSet<RecordId>) {
    let (mut logs, mut all) = (Logs::new(), BTreeSet::new());
    for node in &world.nodes {
        for entry in entries(&node.keeper.ledger().inner).unwrap_or_default() {
            let (log, seq) = (LogId::from(entry.signed.header()), entry.signed.header().seq);
            if all.insert(entry.id) && forks.get(&log).is_none_or(|first| seq < *first) {
                logs.entry(log).or_default().insert(seq, entry);
            }
        }
    }
    (logs, all)
}

/// Admits what can be admitted by the acts that are known, and begins anew with every act that was among it, until there is no other.
fn standing(world: &World, logs: &Logs, forks: &Forks) -> (BTreeSet<RecordId>, Trust) {
    let acts: Vec<&Entry> = logs.values().flat_map(BTreeMap::values).filter(|entry| is_act(entry.signed.header().kind)).collect();
    let mut known = BTreeSet::new();
    loop {
        let mut trust = world.people.trust.clone();
        for act in acts.iter().filter(|act| known.contains(&act.id)) {
            trust.replay(act.id, act.signed.header(), act.body.as_ref().map(|body| body.bytes.as_slice()));
        }
        let (standing, trust) = standing_by(world, logs, forks, trust);
        let before = known.len();
        known.extend(acts.iter().map(|act| act.id).filter(|id| standing.contains(id)));
        if known.len() == before {
            return (standing, trust);
        }
    }
}

/// Admits what can be admitted, again and again, until nothing is added.
fn standing_by(world: &World, logs: &Logs, forks: &Forks, mut trust: Trust) -> (BTreeSet<RecordId>, Trust) {
    let mut heads = BTreeMap::new();
    let mut standing = BTreeSet::new();
    loop {
        let before = standing.len();
        for (log, records) in logs {
            for entry in records.values().filter(|entry| forks.get(log).is_none_or(|first| entry.signed.header().seq < *first)) {
                if standing.contains(&entry.id) {
                    continue;
                }
                let Ok(record) = world.verified(entry.signed) else { break };
                let Ok(linked) = link(record, heads.get(log)) else { break };
                let body = entry.body.clone().and_then(|body| record.open(body).ok());
                let Ok(admitted) = admit(linked, body.as_ref(), &trust) else { break };
                trust.apply(&admitted, body.as_ref());
                heads.insert(*log, linked.head());
                standing.insert(entry.id);
            }
        }
        if standing.len() == before {
            return (standing, trust);
        }
    }
}

/// Whether two know the same organisations and attestations.
fn same(one: &Trust, other: &Trust) -> bool {
    let subjects =
        |trust: &Trust| trust.organisations().flat_map(|each| trust.attestations_of(each.id).to_vec()).collect::<Vec<_>>();
    let founded = one.organisations().eq(other.organisations());
    founded
        && one.terms() == other.terms()
        && one.erasures().eq(other.erasures())
        && one.founders().eq(other.founders())
        && subjects(one) == subjects(other)
}

/// Whether a record takes the body of another away: an erasure by its author, or a notice by a founder of the charter that counted then; with
/// no charters, by whoever was ever one.
fn takes(world: &World, taker: &Header, id: RecordId, taken: &Header, terms: &[Term]) -> bool {
    let term = terms.iter().rev().find(|term| term.from <= taker.claimed_at);
    let named = |number| term.is_none_or(|term| term.charter.keys().contains(&signer(number, "device").public()));
    let founder = || (0..FOUNDERS).any(|number| world.people.authors[number].id == taker.organisation && named(number));
    let may = match taker.kind {
        erasure::KIND => taker.organisation == taken.organisation,
        notice::KIND => founder(),
        _ => false,
    };
    may && taker.subject == id && erasure::is_erasable(taken.kind)
}

/// The content records whose bodies are to go, by what stands; and those of them that only a notice takes.
fn gone(world: &World, logs: &Logs, standing: &BTreeSet<RecordId>, terms: &[Term]) -> (BTreeSet<RecordId>, BTreeSet<RecordId>) {
    let all = || logs.values().flat_map(BTreeMap::values).filter(|entry| standing.contains(&entry.id));
    let takers: Vec<Header> = all().map(|entry| *entry.signed.header()).filter(|header| erasure::erases(header.kind)).collect();
    let (mut gone, mut noticed) = (BTreeSet::new(), BTreeSet::new());
    for entry in all() {
        let mut by = takers.iter().filter(|taker| takes(world, taker, entry.id, entry.signed.header(), terms)).peekable();
        if by.peek().is_some() {
            gone.insert(entry.id);
            noticed.extend(by.all(|taker| taker.kind == notice::KIND).then_some(entry.id));
        }
    }
    (gone, noticed)
}

/// What anybody took away, whether it stands or not: what was carried out and then fell with a fork brings nothing back.
fn tried(world: &World) -> Vec<Header> {
    let all = world.nodes.iter().flat_map(|node| entries(&node.keeper.ledger().inner).unwrap_or_default());
    let takers = all.filter(|entry| erasure::erases(entry.signed.header().kind));
    takers.map(|entry| (entry.id, *entry.signed.header())).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// Every record once, each continuing its log, with its body unless it was taken away, in the tree as in the list.
fn check_journal(
    world: &World,
    number: usize,
    entries: &[Entry],
    gone: &BTreeSet<RecordId>,
    tried: &[Header],
) -> Result<(), String> {
    let (mut heads, mut journal) = (BTreeMap::new(), Frontier::default());
    for entry in entries {
        let record = world.verified(entry.signed)?;
        let log = LogId::from(record.header());
        let linked = link(record, heads.get(&log)).map_err(|error| error.to_string())?;
        heads.insert(log, linked.head());
        match entry.body.clone() {
            Some(_) if gone.contains(&entry.id) => return Err("an erased body is here".into()),
            Some(body) => drop(record.open(body).map_err(|error| error.to_string())?),
            None if tried.iter().any(|taker| takes(world, taker, entry.id, record.header(), &[])) => {}
            None => return Err(format!("the body of {} is missing", entry.id)),
        }
        journal.push(&entry.id);
    }
    let ledger = &world.nodes[number].keeper.ledger().inner;
    let root = root_at(ledger.size(), |level, index| ledger.node(level, index));
    if root == Ok(journal.root()) { Ok(()) } else { Err("the tree is not that of the records".into()) }
}

fn entries(ledger: &impl Ledger) -> Result<Vec<Entry>, String> {
    (0..ledger.size()).map(|position| ledger.entry(position).map_err(|fault| fault.to_string())).collect()
}
