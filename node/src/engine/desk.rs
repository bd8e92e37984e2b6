//! The engine's thread: messages in, effects out, and what rests on a sync only after it.
//!
//! ```text
//! messages ──▶ replica ──▶ effects of now
//!      ▲          │ ├────▶ store ──▶ sync apart ──▶ effects of after
//!   checked ◀── cores
//! ```
//! Signatures are checked and the disk is waited for beside this thread, so that an answer is taken in while the next one is checked and
//! the former one is synced.

use super::checks::Checks;
use super::flight::{Cargo, Flight};
use super::{Handle, Message, Receipt, Signatures, Status, SubmitError};
use crate::clock;
use crate::index::Follower;
use crate::store::{Store, Synced};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal;
use koinon_protocol::ledger::{Fault, Ledger};
use koinon_protocol::replica::{Checked, Effect, Effects, Input, Keeper, Refusal, Replica};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use std::collections::BTreeMap;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinError;
use tokio::time::Sleep;

/// Messages that wait for the engine: some seconds of work, and submissions beyond it are told to come back.
const WAITING: usize = 1024;
/// Messages that share one sync of the disk. The largest is a response of about a megabyte, of which each peer has one open.
const BATCH: usize = 256;
/// Bytes that may be appended while a sync is under way; then the engine waits for it. More would only make the next one longer, for
/// whoever waits for it.
const UNSYNCED: u64 = 8 << 20;
/// For each organisation, the least time between two copies of what is known of trust: copying one takes about a microsecond, so
/// that it takes a twentieth of the engine's time at most.
const REST: Duration = Duration::from_micros(20);
/// A sync that takes no longer is waited for by the engine itself when nothing else is to be done: news that come meanwhile wait for it.
const BRIEF: Duration = Duration::from_millis(1);
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
    /// A thread that checks records panicked, which is a defect of this program.
    #[error("checking records failed; what was printed before says where")]
    Check(#[from] RecvError),
    /// A thread that syncs panicked, which is a defect of this program.
    #[error("syncing failed: {0}")]
    Sync(#[from] JoinError),
}

/// What the engine wakes for.
enum Event {
    /// So many messages; none ever again when there are none.
    Messages(usize),
    Checked(Result<Checked, RecvError>),
    Synced(Result<(Synced, Cargo), JoinError>),
    /// A moment has come.
    Due,
}

/// The engine before it runs.
pub struct Desk {
    replica: Replica,
    keeper: Keeper<Store, Signatures>,
    messages: mpsc::Receiver<Message>,
    effects: mpsc::Sender<Effect>,
    outlets: Outlets,
    checks: Checks,
    flight: Option<Flight>,
    /// What rests on what was appended since the last sync began.
    held: Vec<Effect>,
    /// Whether something that was submitted here is among that.
    own: bool,
    /// Messages since then.
    taken: usize,
    /// How long the last sync took.
    disk: Duration,
    waiting: BTreeMap<u64, (RecordId, Answer)>,
    submissions: u64,
    peers: usize,
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
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(
        keeper: Keeper<Store, Signatures>,
        follower: Follower,
        effects: mpsc::Sender<Effect>,
        seed: u64,
    ) -> io::Result<(Self, Ends)> {
        let (messages, received) = mpsc::channel(WAITING);
        let (trust, trust_seen) = watch::channel(keeper.trust().clone());
        let (status, status_seen) = watch::channel(Status::default());
        let network = keeper.trust().network();
        let handle = Handle { network, messages: messages.clone(), trust: trust_seen, status: status_seen };
        let desk = Self {
            replica: Replica::new(keeper.ledger().forks().to_vec(), seed),
            checks: Checks::new(network)?,
            keeper,
            messages: received,
            effects,
            outlets: Outlets { trust, status, follower },
            flight: None,
            held: Vec::new(),
            own: false,
            taken: 0,
            disk: Duration::MAX,
            waiting: BTreeMap::new(),
            submissions: 0,
            peers: 0,
            wake: None,
            copying: Copying { since: Instant::now(), pause: Duration::ZERO, due: false },
        };
        desk.tell();
        Ok((desk, Ends { handle, messages }))
    }

    /// Works until `stop` turns true or all who could ask are gone. Blocks: it has a thread of its own.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn run(mut self, runtime: &runtime::Handle, stop: &watch::Receiver<bool>) -> Result<(), EngineError> {
        let mut batch = Vec::with_capacity(BATCH);
        let _inside = runtime.enter();
        let mut alarm = pin!(tokio::time::sleep(Duration::ZERO));
        while !*stop.borrow() {
            match runtime.block_on(self.next(&mut batch, alarm.as_mut())) {
                Event::Messages(0) => break,
                Event::Messages(_) => batch.drain(..).try_for_each(|message| self.take(message))?,
                Event::Checked(checked) => self.handle(Input::Checked(checked?))?,
                Event::Synced(synced) => self.land(synced?)?,
                Event::Due => self.handle(Input::Tick)?,
            }
            self.sync(runtime)?;
        }
        self.finish(runtime)
    }

    /// `alarm` is set anew when it would be too late, and may be early: a tick too many costs less than to set it each time.
    async fn next(&mut self, batch: &mut Vec<Message>, mut alarm: Pin<&mut Sleep>) -> Event {
        let due = tokio::time::Instant::now() + self.pause();
        if alarm.is_elapsed() || alarm.deadline() > due {
            alarm.as_mut().reset(due);
        }
        let syncing = self.flight.is_some();
        let full = syncing && self.keeper.ledger().unsynced() >= UNSYNCED;
        let room = if full { 0 } else { BATCH.saturating_sub(self.taken) };
        tokio::select! {
            synced = Flight::landed(&mut self.flight), if syncing => Event::Synced(synced),
            count = self.messages.recv_many(batch, room), if room > 0 => Event::Messages(count),
            Some(checked) = self.checks.next(), if !full && !self.checks.is_empty() => Event::Checked(checked),
            () = alarm => Event::Due,
        }
    }

    fn pause(&self) -> Duration {
        let until = self.wake.map_or(IDLE, |wake| Duration::from_millis(wake.since(clock::now()))).min(IDLE);
        // What is not durable is told to nobody, so there is nothing to copy before the sync under way has ended.
        if self.copying.due && self.flight.is_none() { until.min(self.copying.rest()) } else { until }
    }

    fn take(&mut self, message: Message) -> Result<(), EngineError> {
        self.taken += 1;
        match &message {
            Message::Input(Input::Connected(_)) => self.peers += 1,
            Message::Input(Input::Disconnected(_)) => self.peers -= 1,
            _ => {}
        }
        match self.admit(message) {
            Some(input) => self.handle(input),
            None => Ok(()),
        }
    }

    fn handle(&mut self, input: Input) -> Result<(), EngineError> {
        if self.keeper.ledger().failure().is_some() {
            return Ok(());
        }
        self.own |= matches!(input, Input::Submit { .. });
        match self.replica.handle_apart(input, clock::now(), &mut self.keeper) {
            Ok(Effects { now, after_own, after_sync, checks, wake }) => {
                self.wake = wake;
                self.held.extend(after_sync);
                checks.into_iter().for_each(|batch| self.checks.push(batch));
                self.carry_out(now)?;
                if self.own || self.flight.as_ref().is_some_and(Flight::is_own) {
                    self.held.extend(after_own);
                    return Ok(());
                }
                self.carry_out(after_own)
            }
            Err(Fault) => self.failed(),
        }
    }

    /// Begins to make durable what was appended, and holds back until then what rests on it; one sync at a time, which many messages
    /// share.
    fn sync(&mut self, runtime: &runtime::Handle) -> Result<(), EngineError> {
        if self.flight.is_none() && self.keeper.ledger().failure().is_none() {
            self.taken = 0;
            match self.keeper.ledger_mut().begin_sync() {
                Ok(pending) => {
                    let cargo = self.cargo();
                    match pending {
                        Some(pending) if self.waits_itself(&cargo) => self.land((pending.carry_out(), cargo))?,
                        Some(pending) => self.flight = Some(Flight::begin(pending, cargo, runtime)),
                        None => self.deliver(cargo)?,
                    }
                }
                Err(_) => self.failed()?,
            }
        }
        self.tell();
        Ok(())
    }

    /// Whether one record has come and no more, whose author waits for the disk only, and not for threads that wake each other; and
    /// others' records where the disk is fast, since waking threads takes longer then.
    fn waits_itself(&self, cargo: &Cargo) -> bool {
        (cargo.own || self.disk < BRIEF) && self.messages.is_empty() && self.checks.is_empty()
    }

    fn cargo(&mut self) -> Cargo {
        let (effects, own) = (std::mem::take(&mut self.held), std::mem::take(&mut self.own));
        Cargo { effects, own, changed: self.keeper.take_changed(), trust: self.copy_trust() }
    }

    /// Those who wait for the sync are told first, then those who read the files.
    fn land(&mut self, (synced, mut cargo): (Synced, Cargo)) -> Result<(), EngineError> {
        self.disk = synced.took();
        if self.keeper.ledger_mut().end_sync(synced).is_err() {
            return self.failed();
        }
        let changed = std::mem::take(&mut cargo.changed);
        self.deliver(cargo)?;
        if self.keeper.ledger_mut().show().is_err() {
            return self.failed();
        }
        self.tell_changed(changed);
        Ok(())
    }

    /// What was held back for a sync is told.
    fn deliver(&mut self, cargo: Cargo) -> Result<(), EngineError> {
        self.tell_changed(cargo.changed);
        if let Some(trust) = cargo.trust {
            self.outlets.trust.send_replace(trust);
        }
        self.carry_out(cargo.effects)
    }

    fn tell_changed(&self, positions: Vec<u64>) {
        positions.into_iter().for_each(|position| self.outlets.follower.body(position));
    }

    /// What was taken is made durable and told before the engine ends.
    fn finish(mut self, runtime: &runtime::Handle) -> Result<(), EngineError> {
        while self.flight.is_some() {
            let landed = runtime.block_on(Flight::landed(&mut self.flight))?;
            self.land(landed)?;
            self.sync(runtime)?;
        }
        Ok(())
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
            (Message::Submit { submission, answer }, None) => {
                self.submissions += 1;
                self.waiting.insert(self.submissions, (submission.record().id(), answer));
                Some(Input::Submit { number: self.submissions, submission })
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
        self.held.clear();
        self.copying.due = false;
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

    /// What is known of trust, for its readers once it is durable: soon after it changed, and never so often that copying it takes the
    /// engine's time, since the next change copies it while readers hold what is known now.
    fn copy_trust(&mut self) -> Option<Arc<Trust>> {
        let trust = self.keeper.trust();
        self.copying.due = !Arc::ptr_eq(trust, &self.outlets.trust.borrow());
        if !self.copying.due || !self.copying.rest().is_zero() {
            return None;
        }
        let organisations = u32::try_from(trust.organisations().count()).unwrap_or(u32::MAX);
        self.copying = Copying { since: Instant::now(), pause: REST * organisations, due: false };
        Some(trust.clone())
    }

    /// Tells everybody who follows how things stand.
    fn tell(&self) {
        let (store, peers) = (self.keeper.ledger(), self.peers);
        let failure = store.failure().or(self.outlets.follower.failure()).map(str::to_owned);
        let records = store.durable();
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
