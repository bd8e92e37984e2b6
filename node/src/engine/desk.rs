//! The engine's thread: a batch of messages in, one sync, the effects out.

use super::{Cores, Handle, Message, Receipt, Status, SubmitError};
use crate::clock;
use crate::index::Follower;
use crate::store::Store;
use koinon_protocol::id::RecordId;
use koinon_protocol::journal;
use koinon_protocol::ledger::{Fault, Ledger};
use koinon_protocol::replica::{Effect, Effects, Input, Keeper, Refusal, Replica};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime;
use tokio::sync::{mpsc, oneshot, watch};

/// Messages that wait for the engine: some seconds of work, and submissions beyond it are told to come back.
const WAITING: usize = 1024;
/// Messages that share one sync of the disk. The largest is a response of about a megabyte, of which each peer has one open.
const BATCH: usize = 256;
/// For each organisation, the least time between two copies of what is known of trust: copying one takes about a microsecond, so
/// that it takes a twentieth of the engine's time at most.
const REST: Duration = Duration::from_micros(20);
/// The engine looks at the clock at least so often, to notice that it is to stop.
const IDLE: Duration = Duration::from_secs(1);

/// Why the engine ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A record that was kept cannot be read any more.
    #[error(
        "the store is damaged: scrub it with `koinond scrub`; at the next start it is mended, and what is lost comes back from peers"
    )]
    Damaged,
}

/// The engine before it runs.
pub struct Desk {
    replica: Replica,
    keeper: Keeper<Store, Cores>,
    messages: mpsc::Receiver<Message>,
    effects: mpsc::Sender<Effect>,
    outlets: Outlets,
    waiting: BTreeMap<u64, (RecordId, Answer)>,
    submissions: u64,
    wake: Option<Millis>,
    copying: Copying,
}

/// When trust was last given to its readers, and how long it rests from then on.
struct Copying {
    since: Instant,
    pause: Duration,
    due: bool,
}

type Answer = oneshot::Sender<Result<Receipt, SubmitError>>;

/// Where the engine tells what others follow.
struct Outlets {
    trust: watch::Sender<Arc<Trust>>,
    status: watch::Sender<Status>,
    follower: Follower,
}

/// What others hold of the engine.
pub struct Ends {
    /// To submit records and to ask.
    pub handle: Handle,
    /// Where the network sends what happened.
    pub messages: mpsc::Sender<Message>,
}

impl Desk {
    /// An engine over what `keeper` holds, which sends what is to be done to `effects` and tells `follower` what is durable. `seed`
    /// spreads its questions over time.
    pub fn new(keeper: Keeper<Store, Cores>, follower: Follower, effects: mpsc::Sender<Effect>, seed: u64) -> (Self, Ends) {
        let (messages, received) = mpsc::channel(WAITING);
        let (trust, trust_seen) = watch::channel(keeper.trust().clone());
        let (status, status_seen) = watch::channel(Status::default());
        let network = keeper.trust().network();
        let handle = Handle { network, messages: messages.clone(), trust: trust_seen, status: status_seen };
        let desk = Self {
            replica: Replica::new(keeper.ledger().forks().to_vec(), seed),
            keeper,
            messages: received,
            effects,
            outlets: Outlets { trust, status, follower },
            waiting: BTreeMap::new(),
            submissions: 0,
            wake: None,
            copying: Copying { since: Instant::now(), pause: Duration::ZERO, due: false },
        };
        desk.tell(0);
        (desk, Ends { handle, messages })
    }

    /// Works until `stop` turns true or all who could ask are gone. Blocks: it has a thread of its own.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn run(mut self, runtime: &runtime::Handle, stop: &watch::Receiver<bool>) -> Result<(), EngineError> {
        let (mut batch, mut peers) = (Vec::with_capacity(BATCH), 0);
        while !*stop.borrow() {
            let most = self.pause();
            let received =
                runtime.block_on(async { tokio::time::timeout(most, self.messages.recv_many(&mut batch, BATCH)).await });
            if received == Ok(0) {
                break;
            }
            if batch.is_empty() {
                batch.push(Message::Input(Input::Tick));
            }
            for message in &batch {
                match message {
                    Message::Input(Input::Connected(_)) => peers += 1,
                    Message::Input(Input::Disconnected(_)) => peers -= 1,
                    _ => {}
                }
            }
            self.work(batch.drain(..))?;
            self.tell(peers);
            self.tell_trust();
        }
        Ok(())
    }

    fn pause(&self) -> Duration {
        let until = self.wake.map_or(IDLE, |wake| Duration::from_millis(wake.since(clock::now())));
        if self.copying.due { until.min(self.copying.rest()) } else { until.min(IDLE) }
    }

    fn work(&mut self, batch: impl Iterator<Item = Message>) -> Result<(), EngineError> {
        let (mut after_sync, mut broken) = (Vec::new(), false);
        for message in batch {
            let Some(input) = self.admit(message) else { continue };
            match self.replica.handle(input, clock::now(), &mut self.keeper) {
                Ok(Effects { now, after_sync: later, wake }) => {
                    self.wake = wake;
                    after_sync.extend(later);
                    self.carry_out(now)?;
                }
                // The rest of the batch is told so too.
                Err(Fault) => {
                    self.failed()?;
                    broken = true;
                }
            }
        }
        if broken {
            return Ok(());
        }
        match self.keeper.ledger_mut().sync() {
            Ok(()) => {
                self.keeper.take_changed().into_iter().for_each(|position| self.outlets.follower.body(position));
                self.carry_out(after_sync)
            }
            Err(_) => self.failed(),
        }
    }

    /// Gives a submission its number; while the store is read-only it is answered at once.
    fn admit(&mut self, message: Message) -> Option<Input> {
        let read_only = self.keeper.ledger().failure().map(str::to_owned);
        match (message, read_only) {
            (Message::Input(input), None) => Some(input),
            (Message::Input(_), Some(_)) => None,
            (Message::Submit { answer, .. }, Some(reason)) => {
                reply(answer, Err(SubmitError::ReadOnly(reason)));
                None
            }
            (Message::Submit { signed, body, answer }, None) => {
                self.submissions += 1;
                self.waiting.insert(self.submissions, (signed.header().id(), answer));
                Some(Input::Submit { submission: self.submissions, signed, body })
            }
        }
    }

    /// A disk that fails leaves a node that can be read and takes nothing; damage ends the engine, since a start mends it.
    fn failed(&mut self) -> Result<(), EngineError> {
        let Some(reason) = self.keeper.ledger().failure().map(str::to_owned) else { return Err(EngineError::Damaged) };
        tracing::error!(reason, "the store is read-only from now on");
        for (_, answer) in std::mem::take(&mut self.waiting).into_values() {
            reply(answer, Err(SubmitError::ReadOnly(reason.clone())));
        }
        self.wake = None;
        Ok(())
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), EngineError> {
        for effect in effects {
            match effect {
                Effect::Acknowledge(submission) => self.acknowledge(submission)?,
                Effect::Refuse(submission, refusal) => self.refuse(submission, refusal),
                // The network never waits for the engine, so waiting for it here cannot stand still. When it has ended, the node is
                // ending, and what it was to do is done by nobody.
                other => drop(self.effects.blocking_send(other)),
            }
        }
        Ok(())
    }

    fn acknowledge(&mut self, submission: u64) -> Result<(), EngineError> {
        let Some((id, answer)) = self.waiting.remove(&submission) else { return Ok(()) };
        let position = self.keeper.ledger().find(&id).ok().flatten().ok_or(EngineError::Damaged)?;
        reply(answer, Ok(Receipt { position }));
        Ok(())
    }

    fn refuse(&mut self, submission: u64, refusal: Refusal) {
        if let Some((_, answer)) = self.waiting.remove(&submission) {
            reply(answer, Err(SubmitError::Refused(refusal)));
        }
    }

    /// Gives readers what is known of trust, soon after it changed and never so often that copying it takes the engine's time: while
    /// readers hold what is known now, the next change copies it.
    fn tell_trust(&mut self) {
        let trust = self.keeper.trust();
        self.copying.due = !Arc::ptr_eq(trust, &self.outlets.trust.borrow());
        if self.copying.due && self.copying.rest().is_zero() {
            let organisations = u32::try_from(trust.organisations().count()).unwrap_or(u32::MAX);
            self.outlets.trust.send_replace(trust.clone());
            self.copying = Copying { since: Instant::now(), pause: REST * organisations, due: false };
        }
    }

    /// Tells everybody who follows how things stand.
    fn tell(&self, peers: usize) {
        let store = self.keeper.ledger();
        let failure = store.failure().or(self.outlets.follower.failure()).map(str::to_owned);
        let records = if store.failure().is_some() { self.outlets.status.borrow().records } else { store.size() };
        self.outlets.follower.durable(records);
        self.outlets.status.send_if_modified(|status| {
            let same = status.records == records && status.peers == peers && status.failure == failure;
            if !same || records == 0 {
                let root = journal::root_at(records, |level, index| store.node(level, index)).unwrap_or(status.root);
                *status = Status { records, root, peers, failure };
            }
            !same
        });
    }
}

impl Copying {
    /// How long it is until trust may be copied again.
    fn rest(&self) -> Duration {
        self.pause.saturating_sub(self.since.elapsed())
    }
}

/// Whoever asked may have gone.
fn reply(answer: Answer, result: Result<Receipt, SubmitError>) {
    let _ = answer.send(result);
}
