//! A bundle taken apart by docs/PROTOCOL.md, so that its parts can be changed and put together again with a digest that is right.

use koinon_protocol::id::{DeviceKey, NetworkId};
use koinon_protocol::key::Signer;
use sha2::{Digest as _, Sha256};

pub(crate) const HEADER: usize = 232;
const RECORD: usize = 296;
const MAGIC: &[u8] = b"koinon/bundle/2\0";

/// A record with salt and body, or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) record: Vec<u8>,
    pub(crate) sealed: Option<([u8; 32], Vec<u8>)>,
}

/// A record, its place, and the hashes of its proof.
#[derive(Clone, Debug)]
pub(crate) struct Proven {
    pub(crate) kept: Kept,
    pub(crate) place: u64,
    pub(crate) path: Vec<[u8; 32]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) charter: Kept,
    pub(crate) control: Vec<Kept>,
    pub(crate) node: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
    pub(crate) log: Vec<u8>,
    pub(crate) checkpoints: Vec<Vec<u8>>,
    pub(crate) witnesses: Vec<Vec<u8>>,
    pub(crate) records: Vec<Proven>,
}

impl Parts {
    /// Takes a bundle of right form apart.
    pub(crate) fn of(bundle: &[u8]) -> Self {
        let mut bytes = &bundle[MAGIC.len()..bundle.len() - 32];
        let parts = Self {
            charter: kept(&mut bytes),
            control: list(&mut bytes, kept),
            node: text(&mut bytes),
            size: number(&mut bytes),
            root: hash(&mut bytes),
            log: text(&mut bytes),
            checkpoints: list(&mut bytes, text),
            witnesses: list(&mut bytes, text),
            records: list(&mut bytes, |bytes| Proven { kept: kept(bytes), place: number(bytes), path: list(bytes, hash) }),
        };
        assert!(bytes.is_empty() && parts.bundle() == bundle, "the bundle is of right form");
        parts
    }

    pub(crate) fn bundle(&self) -> Vec<u8> {
        let mut bytes = [MAGIC, &self.charter.bytes(), &count(self.control.len())].concat();
        bytes.extend(self.control.iter().flat_map(Kept::bytes));
        bytes.extend(
            [&count(self.node.len()), &self.node[..], &self.size.to_be_bytes(), &self.root, &count(self.log.len()), &self.log]
                .concat(),
        );
        for texts in [&self.checkpoints, &self.witnesses] {
            bytes.extend(count(texts.len()));
            texts.iter().for_each(|text| bytes.extend([&count(text.len())[..], text].concat()));
        }
        bytes.extend(count(self.records.len()));
        for Proven { kept, place, path } in &self.records {
            bytes.extend([&kept.bytes()[..], &place.to_be_bytes(), &count(path.len()), path.as_flattened()].concat());
        }
        repaired([&bytes[..], &[0; 32]].concat())
    }

    pub(crate) fn network(&self) -> NetworkId {
        NetworkId(self.charter.id())
    }
}

impl Kept {
    fn bytes(&self) -> Vec<u8> {
        let Some((salt, body)) = &self.sealed else { return [&self.record[..], &[0]].concat() };
        [&self.record[..], &[1], salt, &count(body.len()), body].concat()
    }

    pub(crate) fn id(&self) -> [u8; 32] {
        sha(&[b"koinon/v1/record-id\0", &self.record[..HEADER]])
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.sealed.as_ref().map_or(&[], |(_, body)| body)
    }

    pub(crate) fn device(&self) -> DeviceKey {
        DeviceKey(self.record[68..100].try_into().expect("a key of 32 bytes"))
    }

    /// The same record with another body, to which its header commits.
    pub(crate) fn with_body(&self, body: &[u8]) -> Self {
        let mut changed = self.clone();
        let salt = [0x5a; 32];
        changed.record[148..152].copy_from_slice(&u32::try_from(body.len()).expect("a short body").to_be_bytes());
        changed.record[152..184].copy_from_slice(&sha(&[b"koinon/v1/body\0", &salt, body]));
        changed.sealed = Some((salt, body.to_vec()));
        changed
    }

    /// Another value at a place of the header.
    pub(crate) fn with(&self, at: usize, bytes: &[u8]) -> Self {
        let mut changed = self.clone();
        changed.record[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    }

    pub(crate) fn signed(mut self, signer: &Signer) -> Self {
        let message = [b"koinon/v1/record\0", &self.record[..HEADER]].concat();
        self.record[HEADER..].copy_from_slice(&signer.sign(&message).0);
        self
    }
}

/// The bytes with the digest that somebody would write who means to deceive.
pub(crate) fn repaired(mut bundle: Vec<u8>) -> Vec<u8> {
    if let Some(inner) = bundle.len().checked_sub(32) {
        let digest = sha(&[b"koinon/v1/bundle\0", &bundle[..inner]]);
        bundle[inner..].copy_from_slice(&digest);
    }
    bundle
}

pub(crate) fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

fn count(number: usize) -> [u8; 8] {
    (number as u64).to_be_bytes()
}

fn take<'a>(bytes: &mut &'a [u8], width: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(width);
    *bytes = rest;
    taken
}

fn number(bytes: &mut &[u8]) -> u64 {
    u64::from_be_bytes(take(bytes, 8).try_into().expect("eight bytes"))
}

fn hash(bytes: &mut &[u8]) -> [u8; 32] {
    take(bytes, 32).try_into().expect("32 bytes")
}

fn text(bytes: &mut &[u8]) -> Vec<u8> {
    let length = usize::try_from(number(bytes)).expect("a short text");
    take(bytes, length).to_vec()
}

fn list<T>(bytes: &mut &[u8], read: impl Fn(&mut &[u8]) -> T) -> Vec<T> {
    (0..number(bytes)).map(|_| read(bytes)).collect()
}

fn kept(bytes: &mut &[u8]) -> Kept {
    let record = take(bytes, RECORD).to_vec();
    let sealed = (take(bytes, 1)[0] == 1).then(|| (hash(bytes), text(bytes)));
    Kept { record, sealed }
}
