//! A node that admits records by the rules of the protocol and keeps them in memory: what `koinon` publishes must pass it.

use super::server::{Request, serve};
use koinon_protocol::bundle;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::{Ledger as _, MemoryLedger};
use koinon_protocol::limit;
use koinon_protocol::log::{Head, LogId, link, would_link};
use koinon_protocol::receipt::Receipt;
use koinon_protocol::record::{Body, Header, Sealed, Signed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::acts::Deed;
use koinon_protocol::trust::{Right, Trust, admit, would_admit};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

/// The state of the node, for tests that look at it or change it behind the program's back.
#[derive(Clone)]
pub(crate) struct Network {
    charter: Vec<u8>,
    pub(crate) trust: Trust,
    pub(crate) heads: BTreeMap<LogId, Head>,
    ledger: MemoryLedger,
    pub(crate) records: Vec<(RecordId, Vec<u8>)>,
    /// Paths of all requests, in order.
    pub(crate) asked: Vec<String>,
    /// Logs that are said to be forked, from which place on.
    pub(crate) frozen: BTreeMap<LogId, u64>,
    /// Refuse to take records, as when it is busy.
    pub(crate) busy: bool,
}

pub(crate) type Shared = Arc<Mutex<Network>>;

impl Network {
    /// Serves the network that the record file founds.
    pub(crate) fn serve(charter: Vec<u8>) -> (String, Shared) {
        let (record, body) = open(&charter).unwrap();
        let trust = Trust::found(&record, &body).unwrap();
        Self {
            charter,
            trust,
            heads: BTreeMap::new(),
            ledger: MemoryLedger::default(),
            records: Vec::new(),
            asked: Vec::new(),
            frozen: BTreeMap::new(),
            busy: false,
        }
        .serve_it()
    }

    pub(crate) fn serve_it(self) -> (String, Shared) {
        let shared = Arc::new(Mutex::new(self));
        let own = Arc::clone(&shared);
        (serve(move |request| own.lock().unwrap().answer(request)), shared)
    }

    pub(crate) fn answer(&mut self, request: &Request) -> (&'static str, Vec<u8>) {
        let (method, path, query) = request.target();
        self.asked.push(format!("{method} {path}"));
        let steps: Vec<_> = path.trim_start_matches("/api/v1/").split('/').collect();
        match (method, &steps[..]) {
            ("GET", ["charter"]) if request.accepts_bytes() => ("200 OK", self.charter.clone()),
            ("GET", ["charter"]) => ok(&self.terms()),
            ("POST", ["records", "check"]) => self.check(&request.body),
            ("POST", ["records"]) if self.busy => problem("503 Service Unavailable", "busy"),
            ("POST", ["records"]) => self.take(&request.body),
            ("GET", ["records", id]) if request.accepts_bytes() => {
                let found = self.records.iter().find(|(held, _)| held.to_string() == *id);
                found.map_or_else(|| problem("404 Not Found", "unknown"), |(_, bytes)| ("200 OK", bytes.clone()))
            }
            ("GET", ["records", id, "receipts"]) => ok(&self.receipts(id)),
            ("GET", ["records", id]) => ok(&self.record(id)),
            ("GET", ["records"]) => ok(&self.list(query)),
            ("GET", ["bundle", id]) => self.bundle(id),
            ("GET", ["organisations", id]) => self.organisation(id),
            ("GET", ["organisations", id, "logs", device]) => self.log(id, device),
            _ => problem("404 Not Found", "no such place"),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> (&'static str, Vec<u8>) {
        let Ok((record, body)) = open(bytes) else { return problem("400 Bad Request", "malformed") };
        let id = record.id();
        if let Some(position) = self.records.iter().position(|(held, _)| *held == id) {
            return ok(&json!({ "id": id, "position": position }));
        }
        let log = LogId::from(record.header());
        let linked = match link(record, self.heads.get(&log)) {
            Ok(linked) => linked,
            Err(error) => return problem("409 Conflict", &error.to_string()),
        };
        match admit(linked, Some(&body), &self.trust) {
            Err(error) => problem("403 Forbidden", &error.to_string()),
            Ok(admitted) => {
                self.trust.apply(&admitted, Some(&body));
                self.heads.insert(log, linked.head());
                self.ledger.append(&linked, Some(&body)).unwrap();
                self.records.push((id, bytes.to_vec()));
                self.carry_out(admitted.linked().record().header());
                ("201 Created", json!({ "id": id, "position": self.records.len() - 1 }).to_string().into_bytes())
            }
        }
    }

    /// Keeps the header alone of what an erasure or a notice takes away.
    fn carry_out(&mut self, header: &Header) {
        let Some((id, bytes)) = self.records.iter_mut().find(|(id, _)| *id == header.subject) else { return };
        let subject = Signed::decode(&bytes[..limit::SIGNED]).unwrap();
        if self.trust.erased(*id, subject.header()).is_some() {
            bytes.truncate(limit::SIGNED);
            let place = self.ledger.find(id).unwrap().unwrap();
            self.ledger.erase_body(place).unwrap();
        }
    }

    /// Of three nodes one erased, one says so by another's key, and one is silent.
    fn receipts(&self, id: &str) -> Value {
        let (one, other) = (Signer::from_seed(&[1; 32]), Signer::from_seed(&[2; 32]));
        let receipt = Receipt::sign(&one, self.trust.network(), id.parse().unwrap(), RecordId([9; 32]), Millis(7));
        let signature: String = receipt.signature.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let by = |key, peer| json!({ "node": key, "peer": peer, "erasure": receipt.erasure, "at": 7, "signature": signature });
        json!({ "receipts": [by(one.public(), "one"), by(other.public(), "other")], "silent": ["third"] })
    }

    fn record(&self, id: &str) -> Value {
        let (id, bytes) = self.records.iter().find(|(held, _)| held.to_string() == id).unwrap();
        let header = *Signed::decode(&bytes[..limit::SIGNED]).unwrap().header();
        json!({ "id": id, "erased": self.trust.erased(*id, &header).map(|erased| json!({ "record": erased.record })) })
    }

    /// A signature that is shown before the end could become one half of a fork, so none may be.
    fn check(&self, bytes: &[u8]) -> (&'static str, Vec<u8>) {
        let (signed, rest) = bytes.split_at(limit::SIGNED);
        let signed = Signed::decode(signed).unwrap();
        assert_eq!(signed, signed.unsigned(), "nothing is signed that is only asked about");
        let proposed = signed.propose(self.trust.network()).unwrap();
        let head = self.heads.get(&LogId::from(proposed.header()));
        if let Err(error) = would_link(proposed.header(), head) {
            return problem("409 Conflict", &error.to_string());
        }
        match would_admit(&proposed, &rest[limit::SALT..], &self.trust) {
            Err(error) => problem("403 Forbidden", &error.to_string()),
            Ok(()) => ok(&json!({ "id": proposed.id(), "ok": true })),
        }
    }

    fn terms(&self) -> Value {
        let terms = self.trust.terms().iter().map(|term| json!({ "record": term.record }));
        let twice = self.trust.signed_twice();
        let twice = twice.iter().map(|twice| json!({ "first": twice.first, "second": twice.second }));
        json!({ "terms": terms.collect::<Vec<_>>(), "signed_twice": twice.collect::<Vec<_>>() })
    }

    fn list(&self, query: &str) -> Value {
        let parameters: HashMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let records = self.records.iter().enumerate().rev().filter_map(|(position, (id, bytes))| {
            let (record, body) = open(bytes).unwrap();
            let body: Value = serde_json::from_slice(body.bytes()).unwrap();
            let author = record.author().to_string();
            (parameters.get("organisation") == Some(&author.as_str())).then(|| {
                json!({ "id": id, "position": position, "kind": record.header().kind, "title": body["title"],
                    "organisation": author, "claimed_at": record.header().claimed_at })
            })
        });
        json!({ "records": records.collect::<Vec<_>>(), "next": null })
    }

    fn organisation(&self, id: &str) -> (&'static str, Vec<u8>) {
        let Some(found) = id.parse().ok().and_then(|id| self.trust.organisation(id)) else {
            return problem("404 Not Found", "unknown");
        };
        let right = |right| self.trust.standing(found.id, right, now());
        let path = right(Right::Publish).map(|standing| standing.path).unwrap_or_default();
        let name = |id: OrganisationId| self.trust.organisation(id).map(|found| found.name.values().next().cloned());
        let path = path
            .iter()
            .map(|step| json!({ "record": step.record, "organisation": step.organisation, "name": name(step.organisation) }));
        let devices =
            found.devices.iter().map(|(key, device)| json!({ "key": key, "label": device.label, "ended": device.last }));
        let vouches = self.trust.vouched_by(found.id).filter_map(|id| {
            let until =
                self.trust.attestations_of(id).iter().filter(|held| held.voucher == found.id).map(|held| held.until).max();
            until.map(|until| json!({ "organisation": id, "name": name(id), "until": until }))
        });
        let acts = self.trust.acts_of(found.id).map(
            |act| json!({ "record": act.record, "name": act.name, "kind": kind_of(&act.deed), "claimed_at": act.claimed_at }),
        );
        let vouched_by = self.trust.attestations_of(found.id).iter().map(|held| {
            json!({ "organisation": held.voucher, "name": name(held.voucher), "record": held.record, "from": held.from, "until": held.until })
        });
        ok(&json!({
            "id": found.id, "name": name(found.id), "country": found.country, "since": found.since,
            "moderates": self.trust.moderates(found.id, now()),
            "devices": devices.collect::<Vec<_>>(), "vouched_by": vouched_by.collect::<Vec<_>>(),
            "key_event": Some(found.event).filter(|event| !event.is_zero()),
            "roots": { "threshold": found.threshold, "keys": found.roots, "next": found.next_roots },
            "guardians": found.guardians, "acts": acts.collect::<Vec<_>>(),
            "closed": self.trust.succession(found.id).map(|closed| json!({
                "record": closed.closing, "agreed": closed.is_agreed(), "association": closed.association.map(|agreed| agreed.organisation),
                "successors": closed.successors.iter().map(|id| json!({ "organisation": id, "agreed": !closed.silent.contains(id) })).collect::<Vec<_>>(),
            })),
            "vouches_for": vouches.collect::<Vec<_>>(),
            "standing": {
                "publish": right(Right::Publish).is_ok(), "vouch": right(Right::Vouch).is_ok(),
                "reason": right(Right::Publish).err().map(|reason| reason.to_string()), "path": path.collect::<Vec<_>>(),
            },
        }))
    }

    fn bundle(&self, id: &str) -> (&'static str, Vec<u8>) {
        let (charter, body) = open(&self.charter).unwrap();
        let made = bundle::assemble(&[id.parse().unwrap()], (&charter, &body), &self.trust, "Test", &self.ledger);
        made.map_or_else(|error| problem("404 Not Found", &error.to_string()), |bytes| ("200 OK", bytes))
    }

    fn log(&self, organisation: &str, device: &str) -> (&'static str, Vec<u8>) {
        let log = LogId { organisation: organisation.parse().unwrap(), device: device.parse().unwrap() };
        if self.trust.organisation(log.organisation).is_none() {
            return problem("404 Not Found", "unknown");
        }
        let head = self.heads.get(&log).map(|head| json!({ "seq": head.seq, "id": head.id, "claimed_at": head.claimed_at }));
        ok(&json!({ "organisation": organisation, "device": device, "head": head, "frozen_at": self.frozen.get(&log) }))
    }
}

pub(crate) fn open(bytes: &[u8]) -> Result<(Verified, Body), String> {
    let (signed, rest) = bytes.split_at_checked(limit::SIGNED).ok_or("short")?;
    let signed = Signed::decode(signed).map_err(|error| error.to_string())?;
    let header = signed.header();
    let network = if header.network.is_zero() { header.id().into() } else { header.network };
    let record = signed.verify(network).map_err(|error| error.to_string())?;
    let (salt, body) = rest.split_first_chunk().ok_or("no body")?;
    let body = record.open(Sealed { salt: *salt, bytes: body.to_vec() }).map_err(|error| error.to_string())?;
    Ok((record, body))
}

fn kind_of(deed: &Deed) -> u16 {
    match deed {
        Deed::Rotation(_) => 5,
        Deed::Revocation(_) => 6,
        Deed::Recovery(_) => 7,
        Deed::Confirmation(_) => 8,
        Deed::Veto(_) => 9,
        Deed::Closing(_) => 10,
        Deed::Suspension(_) => 12,
        Deed::Amendment(..) => 13,
    }
}

fn now() -> Millis {
    Millis(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

fn ok(json: &Value) -> (&'static str, Vec<u8>) {
    ("200 OK", json.to_string().into_bytes())
}

fn problem(status: &'static str, detail: &str) -> (&'static str, Vec<u8>) {
    (status, json!({ "title": status, "detail": detail }).to_string().into_bytes())
}
