//! A network of three associations and a town, and whatever its roots, guardians and founders sign, rightly or not.

use crate::Subject::Acts;
use crate::table::Row;
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId, Tag};
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Header, Sealed, VERSION};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::Cover;
use koinon_protocol::trust::inception::{consent, roots_digest};
use koinon_protocol::trust::{Paper, device};
use koinon_protocol::wire;
use serde_json::{Value, json};

/// 2026-01-01.
pub(super) const START: u64 = 1_767_225_600_000;
/// What guardians wait.
pub(super) const DELAY: u64 = 1_000;
/// The town, which association 0 vouches for; the associations are 0, 1 and 2.
pub(super) const TOWN: u8 = 3;
const SALT: [u8; 32] = [0x5a; 32];

/// Keys follow from a number and a role: 0 and 1 devices, 10 and 11 the first roots, 20 and 21 the next, and so on; 90 a guardian's.
pub(super) fn key(number: u8, role: u8) -> Signer {
    let mut seed = [role; 32];
    seed[0] = 0xa0 + number;
    Signer::from_seed(&seed)
}

pub(super) fn roots(number: u8, generation: u8) -> Vec<Signer> {
    vec![key(number, 10 * generation), key(number, 10 * generation + 1)]
}

pub(super) fn guards(numbers: &[u8]) -> Vec<Signer> {
    numbers.iter().map(|number| key(*number, 90)).collect()
}

pub(super) fn founders(numbers: &[u8]) -> Vec<Signer> {
    numbers.iter().map(|number| key(*number, 0)).collect()
}

pub(super) fn public(signers: &[Signer]) -> Vec<DeviceKey> {
    signers.iter().map(Signer::public).collect()
}

pub(super) fn digest(number: u8, generation: u8) -> RecordId {
    roots_digest(2, &public(&roots(number, generation)))
}

pub(super) fn mandate() -> Value {
    json!({ "resolution": "12/2026", "date": "2026-01-02" })
}

/// A record and its file.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) header: Header,
    pub(super) file: Vec<u8>,
    /// Of an act.
    pub(super) name: RecordId,
}

impl Record {
    pub(super) fn id(&self) -> RecordId {
        self.header.id()
    }

    /// Where a log ends that ends with it.
    pub(super) fn last(&self) -> Value {
        json!({ "seq": self.header.seq, "id": self.id() })
    }
}

fn write(header: Header, signer: &Signer, body: &[u8]) -> Record {
    let sealed = Sealed { salt: SALT, bytes: body.to_vec() };
    let length = u32::try_from(body.len()).expect("a short body");
    let header = Header { device: signer.public(), body_length: length, body: sealed.commitment(), ..header };
    let signature = signer.sign(&[Tag::RECORD.bytes(), &wire::encode(&header)].concat());
    let file = [wire::encode(&header), signature.0.to_vec(), SALT.to_vec(), body.to_vec()].concat();
    Record { header, file, name: RecordId::ZERO }
}

fn header(network: NetworkId, kind: u16, organisation: OrganisationId) -> Header {
    Header {
        version: VERSION,
        kind,
        network,
        organisation,
        device: DeviceKey::ZERO,
        seq: 0,
        previous: RecordId::ZERO,
        claimed_at: Millis(START),
        body_length: 0,
        body: Sealed { salt: SALT, bytes: Vec::new() }.commitment(),
        subject: RecordId::ZERO,
        territory: [0; 12],
        topic: 0,
        flags: 0,
    }
}

pub(super) struct Town {
    pub(super) network: NetworkId,
    charter: Record,
    inceptions: Vec<Record>,
}

/// An act that is to be written: all that may be wrong with it can be changed.
pub(super) struct Draft {
    pub(super) header: Header,
    pub(super) text: String,
    pub(super) signers: Vec<Signer>,
    pub(super) carrier: Signer,
    /// Changes the body.
    pub(super) edit: fn(&mut Value),
    /// By whose carrier the signatures are, where it is another's.
    pub(super) signed_for: Option<DeviceKey>,
}

impl Draft {
    pub(super) fn write(&self) -> Record {
        let Header { network, organisation, kind, .. } = self.header;
        let cover = Cover { network, organisation, kind, carrier: self.carrier.public() };
        let signed = Cover { carrier: self.signed_for.unwrap_or(cover.carrier), ..cover };
        let mut paper = Paper { text: self.text.clone(), signatures: Vec::new() };
        self.signers.iter().for_each(|signer| paper.sign(signer, &signed));
        let name = paper.name(&cover);
        let mut body = serde_json::to_value(&paper).expect("a paper is JSON");
        (self.edit)(&mut body);
        Record { name, ..write(self.header, &self.carrier, body.to_string().as_bytes()) }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Town {
    pub(super) fn new() -> Self {
        let charter = write(header(NetworkId::ZERO, 0, OrganisationId::ZERO), &key(0, 0), charter().to_string().as_bytes());
        let network = NetworkId(charter.id().0);
        let inceptions = (0..=TOWN).map(|number| inception(network, number)).collect();
        Self { network, charter, inceptions }
    }

    pub(super) fn id(&self, number: u8) -> OrganisationId {
        self.inceptions[usize::from(number)].id().into()
    }

    pub(super) fn inception(&self, number: u8) -> Record {
        self.inceptions[usize::from(number)].clone()
    }

    pub(super) fn record(&self, kind: u16, number: u8, role: u8, body: &Value, change: impl FnOnce(&mut Header)) -> Record {
        let mut header = header(self.network, kind, self.id(number));
        header.claimed_at = Millis(START + 10);
        change(&mut header);
        write(header, &key(number, role), body.to_string().as_bytes())
    }

    /// Association 0 vouches for the town, for three years from the start.
    pub(super) fn attestation(&self) -> Record {
        let body = json!({
            "scope": ["publish", "vouch"], "depth": 1, "from": START, "until": START + 94_608_000_000_u64, "evidence": "register",
            "mandate": mandate(),
        });
        self.record(3, 0, 0, &body, |header| header.subject = self.id(TOWN).into())
    }

    /// A record of content by a device of the town.
    pub(super) fn case(&self, role: u8, seq: u64, at: u64) -> Record {
        self.record(34, TOWN, role, &json!({}), |header| {
            header.claimed_at = Millis(START + at);
            header.seq = seq;
            header.previous = if seq == 0 { RecordId::ZERO } else { RecordId([9; 32]) };
        })
    }

    /// The device in a role, added by the town's roots of a generation under a key event and brought by itself.
    pub(super) fn device(&self, role: u8, generation: u8, under: Option<RecordId>, signers: usize) -> Record {
        let (added, town) = (key(TOWN, role).public(), self.id(TOWN));
        let event = under.unwrap_or(town.into());
        let sign = |root: &Signer| device::authorise(root, self.network, town, event, added);
        let authorisations: Vec<_> = roots(TOWN, generation).iter().take(signers).map(sign).collect();
        let mut body = json!({ "device": added, "label": "Desk", "authorisations": authorisations });
        if let Some(event) = under {
            body["under"] = json!(event);
        }
        self.record(2, TOWN, role, &body, |_| ())
    }

    pub(super) fn draft(&self, kind: u16, number: Option<u8>, said: &Value, signers: Vec<Signer>) -> Draft {
        let organisation = number.map_or(OrganisationId::ZERO, |number| self.id(number));
        let mut header = header(self.network, kind, organisation);
        header.claimed_at = Millis(START + 20);
        let carrier = key(TOWN, 70);
        Draft { header, text: said.to_string(), signers, carrier, edit: |_| (), signed_for: None }
    }

    /// An act of the town.
    pub(super) fn act(&self, kind: u16, said: &Value, signers: Vec<Signer>) -> Record {
        self.draft(kind, Some(TOWN), said, signers).write()
    }

    /// What a rotation to a generation of roots says.
    pub(super) fn succeeding(&self, previous: RecordId, generation: u8, devices: &Value) -> Value {
        json!({
            "previous": previous, "roots": public(&roots(TOWN, generation)), "threshold": 2, "next_roots": digest(TOWN, generation + 1),
            "guardians": guardians(), "devices": devices, "mandate": mandate(),
        })
    }

    pub(super) fn amendment(&self, number: u64, previous: RecordId, from: u64, charter: &Value) -> Value {
        json!({ "number": number, "previous": previous, "from": START + from, "charter": charter, "mandate": mandate() })
    }

    /// Associations 0 and 1 and the town, and these.
    pub(super) fn row(&self, name: &'static str, expected: &'static str, records: &[Record]) -> Row {
        let begun = [self.inception(0), self.attestation(), self.inception(TOWN)];
        self.bare(name, expected, &[&begun, records].concat())
    }

    pub(super) fn bare(&self, name: &'static str, expected: &'static str, records: &[Record]) -> Row {
        let long = |record: &Record| [&(record.file.len() as u64).to_be_bytes()[..], &record.file].concat();
        let input = [&self.charter].into_iter().chain(records).flat_map(long).collect();
        (Acts, name, expected, self.network, input)
    }
}

pub(super) fn listed(role: u8, last: Option<Value>) -> Value {
    let mut listed = json!({ "device": key(TOWN, role).public(), "label": "Desk" });
    if let Some(last) = last {
        listed["last"] = last;
    }
    listed
}

pub(super) fn charter() -> Value {
    let name = json!({ "en": "Trial" });
    let founder = |number| json!({ "name": name, "country": "AT", "key": key(number, 0).public() });
    json!({
        "name": name, "purpose": name, "founders": (0..3).map(founder).collect::<Vec<_>>(), "thresholds": { "amendment": 2 },
        "admission": name, "licence": "CC-BY-4.0", "witnesses": name, "depth": 3, "kinds": [34],
    })
}

/// The associations guard the town.
pub(super) fn guardians() -> Value {
    let member = |number| json!({ "organisation": OrganisationId([number; 32]), "key": key(number, 90).public() });
    json!({ "members": (0..3).map(member).collect::<Vec<_>>(), "delay": DELAY })
}

fn inception(network: NetworkId, number: u8) -> Record {
    let (device, roots) = (key(number, 0), roots(number, 1));
    let keys = public(&roots);
    let consents: Vec<_> = roots.iter().map(|root| consent(root, network, device.public(), 2, &keys)).collect();
    let mut body = json!({
        "name": { "en": "Organisation" }, "country": "AT", "roots": keys, "threshold": 2, "next_roots": digest(number, 2),
        "consents": consents,
    });
    if number == TOWN {
        body["guardians"] = guardians();
    }
    write(header(network, 1, OrganisationId::ZERO), &device, body.to_string().as_bytes())
}
