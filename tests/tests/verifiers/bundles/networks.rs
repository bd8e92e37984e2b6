//! Networks at random: who vouches for whom, for what, how far and when, in what order. All is rightly signed; what stands is the question.

use super::{Dice, Keep};
use crate::forge::{Party, START, Said, Terms, YEAR, attestation, charter, device, inception, signer, write};
use crate::parts::{Kept, Parts, Proven};
use koinon_protocol::id::NetworkId;
use serde_json::json;

pub(super) fn mutate(parts: &Parts, keep: &mut Keep) {
    for (seed, depth) in (1..=4).enumerate() {
        let founders: &[u8] = if depth % 2 == 0 { &[0, 1] } else { &[0] };
        let charter = charter(founders, depth);
        let network = NetworkId(charter.id());
        let mut dice = Dice(seed as u64 + 1);
        let pool = Pool::new(network, &mut dice);
        for number in 0..200 {
            let control = pool.control(&mut dice);
            let records = (0..6).map(|_| Proven { kept: pool.record(&mut dice), place: 0, path: Vec::new() }).collect();
            let bundle = Parts { charter: charter.clone(), control, records, ..parts.clone() }.bundle();
            keep(format!("network {number} of depth {depth}"), network, bundle);
        }
        bounds(parts, &charter, &mut |what, bundle| keep(what, network, bundle));
    }
}

/// Records of eight organisations.
struct Pool {
    network: NetworkId,
    parties: Vec<Party>,
    inceptions: Vec<Kept>,
    others: Vec<Kept>,
}

impl Pool {
    fn new(network: NetworkId, dice: &mut Dice) -> Self {
        let begun = |number: u8| inception(network, &signer(number), START + u64::from(number));
        let inceptions: Vec<_> = (0..8).map(begun).collect();
        let parties: Vec<_> = inceptions.iter().zip(0..).map(|(kept, device)| Party { id: kept.id(), device }).collect();
        let mut pool = Self { network, parties, inceptions, others: Vec::new() };
        pool.inceptions.push(inception(network, &signer(3), START + 9));
        pool.others = (0..120).map(|_| pool.attestation(dice)).collect();
        for party in &pool.parties {
            pool.others.push(device(network, party, &signer(party.device + 20), START + 5));
            pool.others.push(device(network, party, &signer(party.device), START + 5));
        }
        pool.others.extend((0..30).map(|_| pool.taking(dice)).collect::<Vec<_>>());
        pool
    }

    /// Mostly from an organisation with a smaller number, so that chains are common, and mostly one that allows something.
    fn attestation(&self, dice: &mut Dice) -> Kept {
        let (a, b) = (dice.below(8), dice.below(8));
        let (by, of) = if dice.below(5) == 0 { (a, b) } else { (a.min(b), a.max(b)) };
        let scopes: &[&[&str]] = &[&["publish", "vouch"], &["publish", "vouch"], &["vouch"], &["publish"], &["other"], &[]];
        let terms = Terms {
            scope: dice.pick::<&[&str]>(scopes),
            depth: u8::try_from(dice.below(4)).unwrap_or_default(),
            from: START + *dice.pick(&[0, 0, 0, 10, YEAR]),
            until: START + *dice.pick(&[20, YEAR, 2 * YEAR, 2 * YEAR]),
            claimed_at: START + *dice.pick(&[0, 1, 2, 15, YEAR]),
        };
        attestation(self.network, &self.parties[by], self.parties[of].id, &terms)
    }

    /// An erasure or a notice, rightly signed, that is right or lacks something that its kind asks for.
    fn taking(&self, dice: &mut Dice) -> Kept {
        let mandate = json!({ "resolution": "12", "date": "2026-01-01" });
        let bodies = [
            json!({ "ground": "It names a child.", "law": "article 17", "mandate": mandate }),
            json!({ "ground": "It names a child.", "law": "article 17", "mandate": mandate, "later": [1] }),
            json!({ "ground": "It names a child." }),
            json!({ "ground": "It names a child.", "law": "\u{3000}", "mandate": mandate }),
            json!({ "ground": "\u{85}", "law": "a".repeat(501), "mandate": mandate }),
            json!({ "ground": "It names a child.", "law": "article 17", "mandate": ["12", "2026-01-01"] }),
        ];
        let party = dice.pick(&self.parties);
        let (kind, subject) = (*dice.pick(&[4, 11, 11]), *dice.pick(&[[7; 32], [7; 32], [7; 32], [0; 32]]));
        let claimed_at = START + *dice.pick(&[1, 12, YEAR + 1, 3 * YEAR]);
        let said = Said { network: self.network, kind, organisation: party.id, subject, claimed_at };
        write(&said, dice.pick(&bodies), &signer(party.device))
    }

    /// Inceptions and attestations three times over, so that most find what they rest on, in an order that is drawn.
    fn control(&self, dice: &mut Dice) -> Vec<Kept> {
        let drawn: Vec<_> = (0..20).map(|_| dice.pick(&self.others).clone()).collect();
        let inceptions: Vec<_> = self.inceptions.iter().filter(|_| dice.below(12) > 0).cloned().collect();
        let mut control = inceptions[..2.min(inceptions.len())].to_vec();
        for _ in 0..3 {
            let mut round = [&inceptions[..], &drawn].concat();
            for last in (1..round.len()).rev() {
                round.swap(last, dice.below(last + 1));
            }
            control.extend(round);
        }
        control
    }

    /// A record of content or control by one of the organisations, with one of its devices.
    fn record(&self, dice: &mut Dice) -> Kept {
        match dice.below(8) {
            0 => dice.pick(&self.inceptions).clone(),
            1 => dice.pick(&self.others).clone(),
            _ => {
                let party = dice.pick(&self.parties);
                let claimed_at = START + *dice.pick(&[1, 12, 25, YEAR + 1, 3 * YEAR]);
                let said = Said { network: self.network, kind: 34, organisation: party.id, subject: [0; 32], claimed_at };
                write(&said, &json!({}), &signer(party.device + *dice.pick(&[0, 0, 20])))
            }
        }
    }
}

/// As many attestations and devices as count, and one more.
fn bounds(parts: &Parts, charter: &Kept, keep: &mut dyn FnMut(String, Vec<u8>)) {
    let network = NetworkId(charter.id());
    let begun = [0, 5].map(|number| inception(network, &signer(number), START));
    let [founder, town] = [(0, 0), (1, 5)].map(|(n, device): (usize, u8)| Party { id: begun[n].id(), device });
    let vouch = |nth: u64, until: u64| {
        let terms = Terms { scope: &["publish"], depth: 0, from: START, until, claimed_at: START + nth };
        attestation(network, &founder, town.id, &terms)
    };
    let said = Said { network, kind: 34, organisation: town.id, subject: [0; 32], claimed_at: START + YEAR };
    let record = write(&said, &json!({}), &signer(5));
    for expired in [63, 64, 65] {
        let attestations = (0..expired).map(|nth| vouch(nth, START + 1)).chain([vouch(99, START + 2 * YEAR)]);
        let control: Vec<_> = [begun[0].clone()].into_iter().chain(attestations).chain([begun[1].clone()]).collect();
        keep(format!("after {expired} attestations one that counts"), bundle(parts, charter, control, vec![record.clone()]));
    }
    let added = |nth: u16| {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&nth.to_be_bytes());
        device(network, &founder, &koinon_protocol::key::Signer::from_seed(&seed), START + 1)
    };
    for count in [254, 255] {
        let control: Vec<_> = [begun[0].clone()].into_iter().chain((0..count).map(added)).collect();
        keep(format!("a device after {count}"), bundle(parts, charter, control, vec![added(count), added(300)]));
    }
}

fn bundle(parts: &Parts, charter: &Kept, control: Vec<Kept>, records: Vec<Kept>) -> Vec<u8> {
    let records = records.into_iter().map(|kept| Proven { kept, place: 0, path: Vec::new() }).collect();
    Parts { charter: charter.clone(), control, records, ..parts.clone() }.bundle()
}
