//! Receipts: what this node and others say of the texts that they erased. One thread owns them; peers exchange them over the network.
//!
//! A receipt is signed once the body is overwritten, which is durable before anybody hears of the erasure, and no file of the search index
//! holds its words. Nothing here decides what is kept or counted: `koinon_protocol::receipt` does.

mod file;

use crate::clock;
use crate::engine;
use crate::net::{Link, key_of};
use crate::reader::{ReadError, Reader};
use file::File;
use koinon_protocol::id::{DeviceKey, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::receipt::{Book, Count, Page, Question, Receipt};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

/// The file's name in the data directory.
pub const FILE: &str = "receipts";

/// Events that wait; what finds no room is lost, and asked for again.
const WAITING: usize = 256;
/// Orders that wait for the network.
const ORDERS: usize = 256;
/// Between two questions to a peer whose book was read to its end.
const PACE: Duration = Duration::from_secs(10);
/// Between two pages of one book.
const NEXT: Duration = Duration::from_millis(100);
/// The thread looks at what there is to do at least so often.
const PULSE: Duration = Duration::from_millis(500);
/// Looking for what was erased takes one part in fifty of the thread's time.
const REST: u32 = 50;
/// Pages that one peer gets in a second.
const PAGES: u32 = 20;
/// How often a node says that it is there: thirty times before others take it for gone.
const PRESENCE: u64 = 24 * 60 * 60 * 1000;

/// What happened.
pub enum Event {
    /// A peer asks; `call` is named again in the answer.
    Asked {
        /// Who.
        from: DeviceKey,
        /// The network's number for the question.
        call: u64,
        /// What.
        question: Question,
    },
    /// A peer answered.
    Answered {
        /// Who.
        from: DeviceKey,
        /// What.
        page: Page,
    },
    /// Somebody here wants to know on which nodes a text is gone.
    Count {
        /// The record.
        record: RecordId,
        /// Where the answer goes.
        answer: oneshot::Sender<Count>,
    },
}

/// What the network is to do.
pub enum Order {
    /// To ask a peer.
    Ask {
        /// Whom.
        to: DeviceKey,
        /// What.
        question: Question,
    },
    /// To answer one.
    Answer {
        /// The number of its question.
        call: u64,
        /// With what.
        page: Page,
    },
}

/// The network's ends.
pub struct Line {
    /// What happened goes here.
    pub events: mpsc::Sender<Event>,
    /// What is to be done comes from here.
    pub orders: mpsc::Receiver<Order>,
}

impl Line {
    /// One that leads nowhere: a node that keeps no receipts.
    pub fn cut() -> Self {
        Self { events: mpsc::channel(1).0, orders: mpsc::channel(1).1 }
    }
}

/// Asks the owner; cheap to clone.
#[derive(Clone)]
pub struct Handle(Option<mpsc::Sender<Event>>);

impl Handle {
    /// Of a node that keeps no receipts.
    pub fn none() -> Self {
        Self(None)
    }

    /// On which nodes the text of a record is gone; none when nobody here can say. Blocks.
    pub fn count(&self, record: RecordId) -> Option<Count> {
        let (answer, count) = oneshot::channel();
        self.0.as_ref()?.blocking_send(Event::Count { record, answer }).ok()?;
        count.blocking_recv().ok()
    }
}

/// The owner before it runs.
pub struct Desk {
    book: Book,
    file: File,
    signer: Signer,
    reader: Reader,
    engine: engine::Handle,
    events: mpsc::Receiver<Event>,
    orders: mpsc::Sender<Order>,
    links: watch::Receiver<Vec<Link>>,
    peers: BTreeMap<DeviceKey, Peer>,
    looking: Looking,
    present: Option<Millis>,
}

struct Peer {
    question: Question,
    ask_at: Instant,
    window: Instant,
    pages: u32,
}

/// For what was erased here and not signed for.
struct Looking {
    /// What is looked through once the index is clean up to this change.
    due: Option<(Arc<Trust>, u64, u64)>,
    /// What was looked through last, and how long the journal was.
    done: Option<(Arc<Trust>, u64)>,
    rest_until: Instant,
}

/// Opens the receipts in the data directory. `signer` is the key by which peers know this node.
///
/// # Errors
/// What the system says of the file.
pub fn open(
    data: &Path,
    signer: Signer,
    reader: Reader,
    engine: engine::Handle,
    links: watch::Receiver<Vec<Link>>,
) -> io::Result<(Desk, Handle, Line)> {
    let (events, received) = mpsc::channel(WAITING);
    let (orders, given) = mpsc::channel(ORDERS);
    let number = getrandom::u64().map_err(io::Error::other)? | 1;
    let mut book = Book::new(engine.network(), signer.public(), number);
    let file = File::open(&data.join(FILE), |receipt| book.take(receipt, None, clock::now()))?;
    let looking = Looking { due: None, done: None, rest_until: Instant::now() };
    let peers = BTreeMap::new();
    let desk = Desk { book, file, signer, reader, engine, events: received, orders, links, peers, looking, present: None };
    Ok((desk, Handle(Some(events.clone())), Line { events, orders: given }))
}

impl Desk {
    /// Works until `stop` turns true. Blocks: it has a thread of its own.
    pub fn run(mut self, runtime: &runtime::Handle, stop: &watch::Receiver<bool>) {
        while !*stop.borrow() {
            match runtime.block_on(async { tokio::time::timeout(PULSE, self.events.recv()).await }) {
                Ok(Some(event)) => self.happened(event),
                Ok(None) => break,
                Err(_) => {}
            }
            for _ in 0..WAITING {
                let Ok(event) = self.events.try_recv() else { break };
                self.happened(event);
            }
            self.follow_links();
            self.say_present();
            if let Err(error) = self.look() {
                tracing::warn!(%error, "what was erased could not be looked through; tried again");
                self.looking.rest_until = Instant::now() + PACE;
            }
            self.ask();
        }
    }

    /// Follows who is connected.
    fn follow_links(&mut self) {
        if !self.links.has_changed().unwrap_or(false) && !self.peers.is_empty() {
            return;
        }
        let links = self.links.borrow_and_update();
        let keys: BTreeSet<DeviceKey> =
            links.iter().filter_map(|link| key_of(&link.peer.parse().ok()?)).filter(|key| *key != self.signer.public()).collect();
        drop(links);
        self.peers.retain(|key, _| keys.contains(key));
        let now = Instant::now();
        for key in keys {
            self.book.met(key, clock::now());
            self.peers.entry(key).or_insert(Peer { question: Question::default(), ask_at: now, window: now, pages: 0 });
        }
    }

    fn happened(&mut self, event: Event) {
        let now = Instant::now();
        match event {
            Event::Asked { from, call, question } => {
                if self.peers.get_mut(&from).is_some_and(|peer| peer.may_read(now)) {
                    self.order(Order::Answer { call, page: self.book.page(question) });
                }
            }
            Event::Answered { from, page } => self.answered(from, page),
            // Whoever asked may have gone.
            Event::Count { record, answer } => {
                let _ = answer.send(self.book.count(&record, clock::now()));
            }
        }
    }

    fn answered(&mut self, from: DeviceKey, page: Page) {
        self.book.met(from, clock::now());
        for receipt in &page.receipts {
            self.keep(*receipt, Some(from));
        }
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.question = Question { book: page.book, place: page.place };
            if page.more && !page.receipts.is_empty() {
                peer.ask_at = Instant::now() + NEXT;
            }
        }
    }

    fn keep(&mut self, receipt: Receipt, from: Option<DeviceKey>) {
        if self.book.take(receipt, from, clock::now())
            && let Err(error) = self.file.append(&receipt)
        {
            tracing::warn!(%error, "a receipt is not kept over the next start; peers give it again");
        }
    }

    fn ask(&mut self) {
        let now = Instant::now();
        let due: Vec<DeviceKey> = self.peers.iter().filter(|(_, peer)| peer.ask_at <= now).map(|(key, _)| *key).collect();
        for to in due {
            let Some(peer) = self.peers.get_mut(&to) else { continue };
            peer.ask_at = now + PACE;
            let question = peer.question;
            self.order(Order::Ask { to, question });
        }
    }

    /// Never waits: what the network has no room for is asked again.
    fn order(&self, order: Order) {
        if let Err(TrySendError::Full(_)) = self.orders.try_send(order) {
            tracing::debug!("the network is busy; receipts are exchanged a little later");
        }
    }

    fn say_present(&mut self) {
        let now = clock::now();
        if self.present.is_none_or(|at| now.since(at) >= PRESENCE) {
            self.present = Some(now);
            self.keep(Receipt::presence(&self.signer, self.engine.network(), now), None);
        }
    }

    /// Signs for what is erased here. What is known of trust is given out after the index was told of the bodies that it erases, so that an
    /// index which is clean of all that it was told by then holds none of them.
    fn look(&mut self) -> Result<(), ReadError> {
        let began = Instant::now();
        if self.looking.due.is_none() && began >= self.looking.rest_until {
            let (trust, size) = (self.engine.trust(), self.reader.size());
            let same = self.looking.done.as_ref().is_some_and(|(done, at)| Arc::ptr_eq(done, &trust) && *at == size);
            self.looking.due = (!same).then(|| (trust, size, self.reader.erasing().told()));
        }
        let clean = |(_, _, told): &mut (Arc<Trust>, u64, u64)| self.reader.erasing().is_clean(*told);
        let Some((trust, size, _)) = self.looking.due.take_if(clean) else { return Ok(()) };
        for (subject, _) in trust.erasures().filter(|(subject, _)| !self.book.holds_own(subject)).collect::<Vec<_>>() {
            if let Some(erasure) = self.carried_out(&trust, &subject)? {
                let receipt = Receipt::sign(&self.signer, trust.network(), subject, erasure, clock::now());
                self.keep(receipt, None);
            }
        }
        self.looking.done = Some((trust, size));
        self.looking.rest_until = Instant::now() + began.elapsed() * REST;
        Ok(())
    }

    /// The erasure that took the body of a record that is here; none when it is not here, or not without its body.
    fn carried_out(&self, trust: &Trust, subject: &RecordId) -> Result<Option<RecordId>, ReadError> {
        let Some(position) = self.reader.find(subject)? else { return Ok(None) };
        let Some(entry) = self.reader.entry(position)?.filter(|entry| entry.body.is_none()) else { return Ok(None) };
        Ok(trust.erased(entry.id, entry.signed.header()).map(|erased| erased.record))
    }
}

impl Peer {
    fn may_read(&mut self, now: Instant) -> bool {
        if now.duration_since(self.window) >= Duration::from_secs(1) {
            (self.window, self.pages) = (now, 0);
        }
        self.pages = self.pages.saturating_add(1);
        self.pages <= PAGES
    }
}
