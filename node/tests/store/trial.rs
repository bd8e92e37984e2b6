//! A disk in memory that does what real ones do to programs that trust them.

use crate::ground::{NETWORK, fill};
use koinon_protocol::log::Linked;
use koinon_protocol::record::Body;
use koinond::store::disk::{Disk, Handle};
use koinond::store::{Options, Store};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

pub(crate) const OPTIONS: Options = Options { segment: 8 * 1024, ballast: 4096 };

/// A file as the disk has it for certain, and what was written since.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) durable: Vec<u8>,
    pub(crate) now: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
    named: bool,
}

/// The files, and when changes begin to fail.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) files: BTreeMap<String, Memory>,
    pub(crate) calls: u64,
    pub(crate) syncs: u64,
    pub(crate) fail_at: Option<u64>,
    /// Whether only that one fails, and none after it.
    pub(crate) once: bool,
}

/// A disk in memory whose power can be cut and whose n-th change can fail, alone or with all after it.
#[derive(Clone, Default)]
pub(crate) struct Trial(pub(crate) Arc<Mutex<State>>);

struct Open(Trial, String);

impl Trial {
    /// A disk with a store that holds these records.
    pub(crate) fn with(records: &[(Linked, Body)]) -> Self {
        let disk = Self::default();
        fill(&mut disk.store(), records);
        disk
    }

    /// Lets the n-th change from now on fail, and all after it unless it is to be only `once`.
    pub(crate) fn fail(&self, n: u64, once: bool) {
        let mut state = self.0.lock().unwrap();
        (state.fail_at, state.once) = (Some(state.calls + n), once);
    }

    fn change<T>(&self, act: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        state.calls += 1;
        if state.fail_at.is_some_and(|n| state.calls == n || (state.calls > n && !state.once)) {
            return Err(io::Error::other("the disk failed"));
        }
        act(&mut state)
    }

    /// What the disk holds after a power cut: each sector written since the last sync is there or not.
    pub(crate) fn cut(&self, random: &mut Random, sector: usize) -> Trial {
        let mut state = self.0.lock().unwrap().clone();
        state.fail_at = None;
        state.files.retain(|_, file| file.named || random.below(2) == 0);
        for file in state.files.values_mut() {
            let mut image = std::mem::take(&mut file.durable);
            for (offset, bytes) in std::mem::take(&mut file.pending) {
                let mut at = 0;
                while at < bytes.len() {
                    let end = bytes.len().min(at + sector - (offset + at) % sector);
                    if random.below(2) == 0 {
                        image.resize(image.len().max(offset + end), 0);
                        image[offset + at..offset + end].copy_from_slice(&bytes[at..end]);
                    }
                    at = end;
                }
            }
            *file = Memory { durable: image.clone(), now: image, pending: Vec::new(), named: true };
        }
        Trial(Arc::new(Mutex::new(state)))
    }

    /// Another disk that holds what this one does now.
    pub(crate) fn cut_nothing(&self) -> Trial {
        Trial(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }

    pub(crate) fn holds(&self, text: &[u8]) -> bool {
        self.0.lock().unwrap().files.values().any(|file| file.now.windows(text.len()).any(|window| window == text))
    }

    pub(crate) fn store(&self) -> Store {
        Store::open_on(Box::new(self.clone()), NETWORK, OPTIONS).unwrap()
    }
}

impl Disk for Trial {
    fn open(&self, name: &str, create: bool) -> io::Result<Box<dyn Handle>> {
        let mut state = self.0.lock().unwrap();
        if !create && !state.files.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.files.entry(name.to_owned()).or_default();
        Ok(Box::new(Open(self.clone(), name.to_owned())))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().files.keys().cloned().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change(|state| state.files.remove(name).map(|_| ()).ok_or(io::ErrorKind::NotFound.into()))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(|state| {
            let file = state.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
            state.files.insert(to.to_owned(), file);
            Ok(())
        })
    }

    fn set_aside(&self, name: &str) -> io::Result<()> {
        self.rename(name, &format!("damaged/{name}"))
    }

    fn sync_names(&self) -> io::Result<()> {
        self.change(|state| {
            state.files.values_mut().for_each(|file| file.named = true);
            Ok(())
        })
    }
}

impl Open {
    fn change(&self, act: impl FnOnce(&mut Memory)) -> io::Result<()> {
        self.0.change(|state| {
            act(state.files.get_mut(&self.1).ok_or(io::ErrorKind::NotFound)?);
            Ok(())
        })
    }
}

impl Handle for Open {
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.0.0.lock().unwrap();
        let from = offset as usize;
        let bytes = state.files[&self.1].now.get(from..from + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = offset as usize;
        self.change(|file| {
            file.now.resize(file.now.len().max(offset + bytes.len()), 0);
            file.now[offset..offset + bytes.len()].copy_from_slice(bytes);
            file.pending.push((offset, bytes.to_vec()));
        })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.0.lock().unwrap().files[&self.1].now.len() as u64)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.change(|file| {
            file.now.resize(length as usize, 0);
            file.durable = file.now.clone();
            file.pending.clear();
        })
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        let length = length.min(16 * 1024) as usize;
        self.change(|file| file.now.resize(file.now.len().max(length), 0))
    }

    fn sync(&self) -> io::Result<()> {
        self.0.0.lock().unwrap().syncs += 1;
        self.change(|file| {
            file.durable = file.now.clone();
            file.pending.clear();
        })
    }
}

/// splitmix64: a trial can be repeated from its seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
