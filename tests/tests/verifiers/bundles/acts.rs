//! Networks at random in which roots, guardians and founders decide: what counts of it, in whatever order it stands, is the question.

use super::{Dice, Keep};
use crate::forge::{self, START, Said, Terms, YEAR, attestation, signer, write};
use crate::parts::{Kept, Parts, Proven, sha};
use koinon_protocol::id::NetworkId;
use koinon_protocol::key::Signer;
use serde_json::{Value, json};

const PARTIES: u8 = 5;
/// What guardians wait.
const DELAY: u64 = 50;

pub(super) fn mutate(parts: &Parts, keep: &mut Keep) {
    for seed in 0..6 {
        let mut dice = Dice(seed + 77);
        let pool = Pool::new(&mut dice);
        for number in 0..60 {
            let control = pool.control(&mut dice);
            let records = (0..8).map(|_| Proven { kept: pool.record(&mut dice), place: 0, path: Vec::new() }).collect();
            let bundle = Parts { charter: pool.charter.clone(), control, records, ..parts.clone() }.bundle();
            keep(format!("decisions {number} of network {seed}"), pool.network, bundle);
        }
    }
}

/// The key of a party's roots of a generation, the first being those of its inception.
fn root(party: u8, generation: u8) -> Signer {
    Signer::from_seed(&[0x80 + 16 * generation + party; 32])
}

fn guardian(party: u8, number: u8) -> Signer {
    Signer::from_seed(&sha(&[b"guardian", &[party, number]]))
}

fn digest(root: &Signer) -> String {
    hex::encode(sha(&[b"koinon/v1/roots\0", &1_u32.to_be_bytes(), &root.public().0]))
}

fn mandate() -> Value {
    json!({ "resolution": "12", "date": "2026-01-01" })
}

fn charter_body(founders: &[u8], amendment: usize, depth: u8) -> Value {
    let name = json!({ "en": "Trial" });
    let founder = |number: &u8| json!({ "name": name, "country": "AT", "key": signer(*number).public() });
    json!({
        "name": name, "purpose": name, "founders": founders.iter().map(founder).collect::<Vec<_>>(),
        "thresholds": { "amendment": amendment }, "admission": name, "licence": "CC-BY-4.0", "witnesses": name, "depth": depth,
        "kinds": [34],
    })
}

/// A key event, with the generation of the roots that it gives.
#[derive(Clone)]
struct Event {
    party: u8,
    name: String,
    generation: u8,
}

struct Pool {
    network: NetworkId,
    charter: Kept,
    inceptions: Vec<Kept>,
    events: Vec<Event>,
    suspensions: Vec<(u8, String)>,
    contents: Vec<Kept>,
    others: Vec<Kept>,
    carriers: u16,
}

impl Pool {
    fn new(dice: &mut Dice) -> Self {
        let said = Said { network: NetworkId([0; 32]), kind: 0, organisation: [0; 32], subject: [0; 32], claimed_at: START };
        let charter = write(&said, &charter_body(&[0, 1, 2], 2, 3), &signer(0));
        let network = NetworkId(charter.id());
        let inceptions: Vec<_> = (0..PARTIES).map(|party| inception(network, party)).collect();
        let begun = |(kept, party): (&Kept, u8)| Event { party, name: hex::encode(kept.id()), generation: 1 };
        let events = inceptions.iter().zip(0..).map(begun).collect();
        let (suspensions, contents, others) = Default::default();
        let mut pool = Self { network, charter, inceptions, events, suspensions, contents, others, carriers: 0 };
        pool.contents = (0..30).map(|_| pool.content(dice)).collect();
        (0..12).for_each(|_| pool.suspend(dice));
        for _ in 0..10 {
            pool.rotate(dice);
            pool.recover(dice);
        }
        for _ in 0..12 {
            pool.revoke(dice);
            pool.add_device(dice);
        }
        (0..5).for_each(|_| pool.close(dice));
        pool.amend(dice);
        (0..20).for_each(|_| pool.erase(dice));
        pool.others.extend((0..40).map(|_| pool.attestation(dice)).collect::<Vec<_>>());
        pool
    }

    fn id(&self, party: u8) -> [u8; 32] {
        self.inceptions[usize::from(party)].id()
    }

    fn said(&self, kind: u16, party: u8, claimed_at: u64) -> Said {
        Said { network: self.network, kind, organisation: self.id(party), subject: [0; 32], claimed_at }
    }

    /// An act in a record of its own; gives its name.
    fn act(&mut self, said: &Said, text: &Value, signers: &[Signer]) -> (Kept, String) {
        self.carriers += 1;
        let carrier = Signer::from_seed(&sha(&[b"carrier", &self.carriers.to_be_bytes()]));
        let text = text.to_string();
        let name =
            sha(&[b"koinon/v1/act-name\0", &said.network.0, &said.organisation, &said.kind.to_be_bytes(), text.as_bytes()]);
        let message = [b"koinon/v1/act\0", &carrier.public().0[..], &name].concat();
        let sign = |key: &Signer| json!({ "root": key.public(), "signature": hex::encode(key.sign(&message).0) });
        let body = json!({ "text": text, "signatures": signers.iter().map(sign).collect::<Vec<_>>() });
        (write(said, &body, &carrier), hex::encode(name))
    }

    fn event(&self, dice: &mut Dice) -> Event {
        dice.pick(&self.events).clone()
    }

    /// Two of three devices: the first, the second, and one of another party's.
    fn device(party: u8, dice: &mut Dice) -> Signer {
        signer(*dice.pick(&[party, party, party + 20, party + 20, (party + 1) % PARTIES]))
    }

    fn last(&self, party: u8, dice: &mut Dice) -> Value {
        let own: Vec<_> = self.contents.iter().filter(|kept| kept.record[36..68] == self.id(party)).collect();
        match own.is_empty() {
            true => json!({ "seq": dice.below(3), "id": hex::encode([9; 32]) }),
            false => {
                let kept = *dice.pick(&own);
                let seq = u64::from_be_bytes(kept.record[100..108].try_into().unwrap_or_default());
                json!({ "seq": seq, "id": hex::encode(kept.id()) })
            }
        }
    }

    fn listed(&self, party: u8, always: bool, dice: &mut Dice) -> Value {
        let mut devices: Vec<_> =
            [party, party + 20].iter().filter(|_| dice.below(4) > 0).map(|number| signer(*number)).collect();
        devices.extend((dice.below(4) == 0).then(|| signer(party + 30)));
        let mut one = |device: &Signer| {
            let mut listed = json!({ "device": device.public(), "label": "Desk" });
            if always || dice.below(2) == 0 {
                listed["last"] = self.last(party, dice);
            }
            listed
        };
        devices.iter().map(&mut one).collect()
    }

    fn content(&self, dice: &mut Dice) -> Kept {
        let party = u8::try_from(dice.below(usize::from(PARTIES))).unwrap_or_default();
        let claimed_at = START + *dice.pick(&[1, 12, 25, 60, YEAR + 1]);
        let device = signer(party + *dice.pick(&[0, 0, 20, 20, 30]));
        let kept = write(&self.said(34, party, claimed_at), &json!({}), &device);
        match dice.below(4) {
            0 => kept,
            seq => kept.with(100, &(seq as u64).to_be_bytes()).with(108, &[7; 32]).signed(&device),
        }
    }

    fn suspend(&mut self, dice: &mut Dice) {
        let event = self.event(dice);
        let of = u8::try_from(dice.below(usize::from(PARTIES))).unwrap_or_default();
        let mut text = json!({
            "under": event.name, "subject": hex::encode(self.id(of)), "from": START + *dice.pick(&[0, 5, 20]), "ground": "an enquiry",
            "mandate": mandate(),
        });
        if dice.below(3) > 0 {
            text["until"] = json!(START + *dice.pick(&[5, 15, 30, YEAR]));
        }
        let said = Said { subject: self.id(of), ..self.said(12, event.party, START) };
        let (kept, name) = self.act(&said, &text, &[root(event.party, event.generation)]);
        self.suspensions.push((event.party, name));
        self.others.push(kept);
    }

    fn succeeding(&self, event: &Event, generation: u8, dice: &mut Dice) -> Value {
        let own: Vec<_> = self.suspensions.iter().filter(|(party, _)| *party == event.party).map(|(_, name)| name).collect();
        let withdraws: Vec<_> = own.into_iter().filter(|_| dice.below(2) == 0).collect();
        json!({
            "previous": event.name, "roots": [root(event.party, generation).public()], "threshold": 1,
            "next_roots": digest(&root(event.party, generation + 1)), "guardians": guardians(event.party),
            "devices": self.listed(event.party, false, dice), "withdraws": withdraws, "mandate": mandate(),
        })
    }

    fn rotate(&mut self, dice: &mut Dice) {
        let event = self.event(dice);
        let generation = event.generation + 1;
        let text = self.succeeding(&event, generation, dice);
        let wrong = dice.below(8) == 0;
        let signed = root(event.party, if wrong { event.generation } else { generation });
        let (kept, name) = self.act(&self.said(5, event.party, START), &text, &[signed]);
        self.others.push(kept);
        if generation < 4 {
            self.events.push(Event { party: event.party, name, generation });
        }
    }

    /// A recovery, and mostly a confirmation, sometimes a veto.
    fn recover(&mut self, dice: &mut Dice) {
        let event = self.event(dice);
        let party = event.party;
        let generation = 1 + u8::try_from(dice.below(3)).unwrap_or_default();
        let text = self.succeeding(&event, generation, dice);
        let two = [guardian(party, 0), guardian(party, 1)];
        let (kept, name) = self.act(&self.said(7, party, START), &text, &two[..2 - usize::from(dice.below(8) == 0)]);
        let recovery = hex::encode(kept.id());
        self.others.push(kept);
        self.events.push(Event { party, name, generation });
        if dice.below(4) > 0 {
            let at = START + DELAY - u64::from(dice.below(6) == 0);
            let text = json!({ "recovery": recovery, "mandate": mandate() });
            let (kept, _) = self.act(&self.said(8, party, at), &text, &[guardian(party, 1), guardian(party, 2)]);
            self.others.push(kept);
        }
        if dice.below(3) == 0 {
            let text = json!({ "recovery": recovery, "ground": "We are here.", "mandate": mandate() });
            let (kept, _) = self.act(&self.said(9, party, START), &text, &[root(party, event.generation)]);
            self.others.push(kept);
        }
    }

    fn revoke(&mut self, dice: &mut Dice) {
        let event = self.event(dice);
        let device = Self::device(event.party, dice).public();
        let mut text = json!({ "under": event.name, "device": device, "ground": "lost", "mandate": mandate() });
        if dice.below(3) > 0 {
            text["last"] = self.last(event.party, dice);
        }
        let (kept, _) = self.act(&self.said(6, event.party, START), &text, &[root(event.party, event.generation)]);
        self.others.push(kept);
    }

    fn add_device(&mut self, dice: &mut Dice) {
        let event = self.event(dice);
        let (by, added) = (Self::device(event.party, dice), Self::device(event.party, dice));
        let under: [u8; 32] = hex::decode(&event.name).ok().and_then(|name| name.try_into().ok()).unwrap_or_default();
        let message = [b"koinon/v1/device\0", &self.network.0[..], &self.id(event.party), &under, &added.public().0].concat();
        let own = root(event.party, event.generation);
        let mut body = json!({
            "device": added.public(), "label": "Desk",
            "authorisations": [{ "root": own.public(), "signature": hex::encode(own.sign(&message).0) }],
        });
        if event.generation > 1 || dice.below(2) == 0 {
            body["under"] = json!(event.name);
        }
        self.others.push(write(&self.said(2, event.party, START + 3), &body, &by));
    }

    /// A closing, and the word of two others about it.
    fn close(&mut self, dice: &mut Dice) {
        let event = self.event(dice);
        let devices = self.listed(event.party, true, dice);
        let text = json!({ "under": event.name, "devices": devices, "successors": [], "ground": "merged", "mandate": mandate() });
        let (kept, _) = self.act(&self.said(10, event.party, START), &text, &[root(event.party, event.generation)]);
        for party in [0, 1] {
            let said = Said { subject: kept.id(), ..self.said(14, party, START + 4) };
            self.others.push(write(&said, &json!({ "ground": "agreed", "mandate": mandate() }), &signer(party)));
        }
        self.others.push(kept);
    }

    /// Rivals for the first place, and some that follow one of them.
    fn amend(&mut self, dice: &mut Dice) {
        let founding = hex::encode(self.network.0);
        let mut before = vec![(0, founding, 0_u64, vec![0_u8, 1, 2])];
        for _ in 0..9 {
            let (number, previous, from, founders) = dice.pick(&before).clone();
            let from = START.max(from) + *dice.pick(&[0, 10, 20]);
            let sets: &[&[u8]] = &[&[0, 1, 2], &[0, 1, 2], &[1, 2, 3], &[0, 3, 4], &[2]];
            let next = dice.pick(sets).to_vec();
            let charter = charter_body(&next, next.len() / 2 + 1, *dice.pick(&[1, 2, 3, 4]));
            let text = json!({
                "number": number + 1, "previous": previous, "from": from, "charter": charter, "mandate": mandate(),
            });
            let signers: Vec<_> = founders.iter().filter(|_| dice.below(3) > 0).map(|founder| signer(*founder)).collect();
            let said = Said { organisation: [0; 32], ..self.said(13, 0, START) };
            let (kept, name) = self.act(&said, &text, &signers);
            self.others.push(kept);
            before.push((number + 1, name, from, next));
        }
    }

    /// An erasure or a notice, by the author or another.
    fn erase(&mut self, dice: &mut Dice) {
        let (of, kind) = (dice.pick(&self.contents).clone(), *dice.pick(&[4, 11]));
        let party = u8::try_from(dice.below(usize::from(PARTIES))).unwrap_or_default();
        let at = START + *dice.pick(&[2, 6, 12, 30]);
        let said = Said { subject: of.id(), ..self.said(kind, party, at) };
        let body = json!({ "ground": "A person is named.", "law": "Article 17", "mandate": mandate() });
        self.others.push(write(&said, &body, &signer(party)));
    }

    fn attestation(&self, dice: &mut Dice) -> Kept {
        let parties = usize::from(PARTIES);
        let (a, b) = (dice.below(parties), dice.below(parties));
        let by = forge::Party { id: self.inceptions[a.min(b)].id(), device: u8::try_from(a.min(b)).unwrap_or_default() };
        let terms = Terms {
            scope: dice.pick::<&[&str]>(&[&["publish", "vouch"], &["publish", "vouch"], &["publish"]]),
            depth: u8::try_from(dice.below(4)).unwrap_or_default(),
            from: START + *dice.pick(&[0, 0, 10]),
            until: START + *dice.pick(&[20, YEAR, 2 * YEAR]),
            claimed_at: START + *dice.pick(&[0, 1, 2]),
        };
        let device = forge::Party { device: by.device + *dice.pick(&[0, 0, 0, 20]), ..by };
        attestation(self.network, &device, self.inceptions[a.max(b)].id(), &terms)
    }

    /// Inceptions and decisions twice over, in an order that is drawn.
    fn control(&self, dice: &mut Dice) -> Vec<Kept> {
        let drawn: Vec<_> = (0..30).map(|_| dice.pick(&self.others).clone()).collect();
        let mut control = self.inceptions.clone();
        for _ in 0..2 {
            let mut round = [&self.inceptions[..], &drawn].concat();
            for last in (1..round.len()).rev() {
                round.swap(last, dice.below(last + 1));
            }
            control.extend(round);
        }
        control
    }

    fn record(&self, dice: &mut Dice) -> Kept {
        match dice.below(4) {
            0 => dice.pick(&self.others).clone(),
            _ => dice.pick(&self.contents).clone(),
        }
    }
}

fn guardians(party: u8) -> Value {
    let member = |number| json!({ "organisation": hex::encode([number; 32]), "key": guardian(party, number).public() });
    json!({ "members": (0..3).map(member).collect::<Vec<_>>(), "delay": DELAY })
}

fn inception(network: NetworkId, party: u8) -> Kept {
    let (device, own) = (signer(party), root(party, 1));
    let hash = sha(&[b"koinon/v1/roots\0", &1_u32.to_be_bytes(), &own.public().0]);
    let message = [b"koinon/v1/inception\0", &network.0[..], &device.public().0, &hash].concat();
    let body = json!({
        "name": { "en": "Organisation" }, "country": "AT", "roots": [own.public()], "threshold": 1,
        "next_roots": digest(&root(party, 2)), "guardians": guardians(party),
        "consents": [{ "root": own.public(), "signature": hex::encode(own.sign(&message).0) }],
    });
    write(&Said { network, kind: 1, organisation: [0; 32], subject: [0; 32], claimed_at: START }, &body, &device)
}
