//! `koinond run`: opens what is kept, starts the owners, and ends them in order: first who takes requests, then who keeps records.

use crate::admin::{self, Admin};
use crate::charter::{Founding, FoundingError};
use crate::config::Config;
use crate::engine::{Desk, Ends, EngineError, Signatures};
use crate::hidden;
use crate::index::{self, FollowError};
use crate::net::{self, Link, NetError, Settings, Wires};
use crate::reader::Reader;
use crate::receipts;
use crate::store::{self, Options, Store};
use crate::upkeep::{Upkeep, UpkeepError};
use crate::witness::{self, Sightings, WitnessError};
use crate::{api, clock, serve, tlog, web};
use axum::Router;
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::Fault;
use koinon_protocol::replica::{Effect, Keeper};
use prometheus_client::registry::Registry;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};

/// Effects that wait for the network.
const EFFECTS: usize = 1024;
/// The directory of the store in the data directory.
pub const STORE: &str = "store";

/// Why a node did not start, or ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The charter.
    #[error(transparent)]
    Charter(#[from] FoundingError),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::OpenError),
    /// A control record that was kept cannot be read.
    #[error("the control records of the store cannot be read: {0}")]
    Trust(#[from] Fault),
    /// The index over the store.
    #[error(transparent)]
    Index(#[from] FollowError),
    /// The network between nodes.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The node's own key.
    #[error(transparent)]
    Identity(#[from] net::IdentityError),
    /// What the node signed and witnessed.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The node's own key is none that signs receipts.
    #[error(
        "the node's key is no Ed25519 key; move node.key away, and the node makes itself a new one and is known by another id"
    )]
    Key,
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What is done for the data.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
    /// Pages and API.
    #[error("{0}")]
    Serve(io::Error),
    /// The system gives no threads, random bytes or signals.
    #[error("this system does not give what a node needs: {0}")]
    System(#[from] io::Error),
    /// A file of the data directory.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An owner panicked, which is a defect of this program.
    #[error("a part of the node failed: {0}")]
    Panic(#[from] JoinError),
}

/// Runs a node until a signal ends it.
///
/// # Errors
/// [`RunError`].
pub fn run(config: &Config) -> Result<(), RunError> {
    let founding = Founding::load(&config.data_dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let directory = config.data_dir.join(STORE);
    let store = Store::open(
        &directory,
        founding.network(),
        Options { ballast: u64::from(config.ballast_mib) << 20, ..Options::default() },
    )?;
    let (follower, reader) = index::follow(&directory, &store)?;
    let (effects, carried_out) = mpsc::channel(EFFECTS);
    let forks = store.forks().to_vec();
    let keeper = Keeper::open(store, Signatures::new(founding.network()), founding.trust(), &forks)?;
    let (desk, ends) = Desk::new(keeper, follower, effects, seed()?)?;
    let hidden = hidden::open(&config.data_dir);
    let (hiding, hidden, list) = hidden.map_err(|source| RunError::File { path: config.data_dir.join(hidden::FILE), source })?;
    let reader = reader.hiding(list);
    let node = Node { config, runtime: &runtime, founding: Arc::new(founding), ends, reader, hidden };
    let ended = runtime.block_on(node.live(desk, hiding, carried_out));
    // Whoever still holds a thread of the runtime, such as a slow read of the disk, is not waited for.
    runtime.shutdown_background();
    ended
}

/// Waits for Ctrl-C or for the signal with which a service is ended.
///
/// # Errors
/// When the process cannot listen for signals.
pub async fn interrupted() -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

struct Node<'a> {
    config: &'a Config,
    runtime: &'a Runtime,
    founding: Arc<Founding>,
    ends: Ends,
    reader: Reader,
    hidden: hidden::Handle,
}

impl Node<'_> {
    async fn live(self, desk: Desk, hiding: hidden::Desk, carried_out: mpsc::Receiver<Effect>) -> Result<(), RunError> {
        let mut registry = Registry::default();
        let (stop_serving, serving) = watch::channel(false);
        let (stop_keeping, keeping) = watch::channel(false);
        let key = net::identity(&self.config.data_dir.join("node.key"))?;
        let signer = net::signer(&key).ok_or(RunError::Key)?;
        let network = net::bind(&self.settings(), key, Some(&mut registry))?;
        let listener = serve::bind(self.config.http).await.map_err(RunError::Serve)?;
        let (links, linked) = watch::channel(Vec::new());
        let mut owners = JoinSet::new();
        self.administer(&mut owners, &linked, &stop_serving)?;
        let (runtime, stop) = (self.runtime.handle().clone(), serving.clone());
        owners.spawn_blocking(move || {
            hiding.run(&runtime, &stop);
            Ok(())
        });
        let (endpoints, sightings) = self.witness(&mut owners, &serving, &mut registry)?;
        let (receipts, line) = self.keep_receipts(&mut owners, signer, &linked, &serving)?;
        let router = self.router(&linked, (receipts, sightings), endpoints, registry);
        let wires = Wires { messages: self.ends.messages, effects: carried_out, links, receipts: line, stop: serving.clone() };
        owners.spawn(async move { network.run(wires).await.map_err(RunError::from) });
        let hosts = self.config.hosts.clone();
        owners.spawn(async move { serve::run(listener, router, serving, hosts).await.map_err(RunError::Serve) });
        let runtime = self.runtime.handle().clone();
        let mut engine = tokio::task::spawn_blocking(move || desk.run(&runtime, &keeping));
        tracing::info!(network = %self.founding.network(), http = %self.config.http, "the node is running");
        let mut ended = tokio::select! {
            signal = interrupted() => signal.map_err(RunError::from),
            Some(owner) = owners.join_next() => owner.unwrap_or_else(|panic| Err(panic.into())),
            ended = &mut engine => return ended?.map_err(RunError::from),
        };
        tracing::info!("the node is ending");
        stop_serving.send_replace(true);
        while let Some(owner) = owners.join_next().await {
            ended = ended.and(owner.unwrap_or_else(|panic| Err(panic.into())));
        }
        stop_keeping.send_replace(true);
        ended.and(engine.await?.map_err(RunError::from))
    }

    /// A data directory whose socket cannot be made is no reason not to serve.
    fn administer(
        &self,
        owners: &mut JoinSet<Result<(), RunError>>,
        linked: &watch::Receiver<Vec<Link>>,
        stop: &watch::Sender<bool>,
    ) -> Result<(), RunError> {
        let data = &self.config.data_dir;
        let admin = Admin {
            handle: self.ends.handle.clone(),
            reader: self.reader.clone(),
            hidden: self.hidden.clone(),
            links: linked.clone(),
            stop: stop.clone(),
            work: Arc::new(Upkeep::of(data)?),
        };
        match admin::bind(data) {
            Ok(socket) => drop(owners.spawn(async move { admin::run(socket, admin).await.map_err(RunError::Serve) })),
            Err(error) => tracing::warn!(%error, "the node runs, and cannot be administered meanwhile"),
        }
        Ok(())
    }

    /// The owners of what is signed and cosigned, and where others reach them.
    fn witness(
        &self,
        owners: &mut JoinSet<Result<(), RunError>>,
        stop: &watch::Receiver<bool>,
        registry: &mut Registry,
    ) -> Result<(Router, Sightings), RunError> {
        let settings = witness::Settings::of(self.config, self.founding.network())?;
        let parts = witness::open(settings, self.reader.clone(), self.ends.handle.clone())?;
        parts.metrics.register(registry);
        let (log, desk, rounds) = (parts.log, parts.desk, parts.rounds);
        let (stop_log, stop_rounds) = (stop.clone(), stop.clone());
        owners.spawn(async move { log.run(stop_log).await.map_err(RunError::from) });
        owners.spawn(async move { rounds.run(stop_rounds).await.map_err(RunError::from) });
        owners.spawn_blocking(move || {
            desk.run();
            Ok(())
        });
        let endpoints = tlog::router(tlog::State { reader: self.reader.clone(), shown: parts.shown, post: parts.post });
        Ok((endpoints, parts.sightings))
    }

    /// The owner of what nodes say of the texts that they erased.
    fn keep_receipts(
        &self,
        owners: &mut JoinSet<Result<(), RunError>>,
        signer: Signer,
        linked: &watch::Receiver<Vec<Link>>,
        stop: &watch::Receiver<bool>,
    ) -> Result<(receipts::Handle, receipts::Line), RunError> {
        let data = &self.config.data_dir;
        let opened = receipts::open(data, signer, self.reader.clone(), self.ends.handle.clone(), linked.clone());
        let (desk, handle, line) = opened.map_err(|source| RunError::File { path: data.join(receipts::FILE), source })?;
        let (runtime, stop) = (self.runtime.handle().clone(), stop.clone());
        owners.spawn_blocking(move || {
            desk.run(&runtime, &stop);
            Ok(())
        });
        Ok((handle, line))
    }

    fn router(
        &self,
        linked: &watch::Receiver<Vec<Link>>,
        (receipts, sightings): (receipts::Handle, Sightings),
        endpoints: Router,
        mut registry: Registry,
    ) -> Router {
        let pages = web::State {
            reader: self.reader.clone(),
            engine: self.ends.handle.clone(),
            links: linked.clone(),
            receipts: receipts.clone(),
            name: self.config.name.as_str().into(),
            sightings: sightings.clone(),
            clock: clock::now,
        };
        let metrics = serve::Metrics::register(&mut registry);
        let resources = api::State {
            reader: self.reader.clone(),
            handle: self.ends.handle.clone(),
            links: linked.clone(),
            receipts,
            charter: self.founding.clone(),
            name: self.config.name.as_str().into(),
            sightings,
            registry: Arc::new(registry),
        };
        serve::measured(api::router(resources).merge(web::router(pages)).merge(endpoints), metrics)
    }

    fn settings(&self) -> Settings {
        Settings {
            network: self.founding.network(),
            listen: self.config.listen.clone(),
            peers: self.config.peers.clone(),
            mdns: self.config.mdns,
            limits: net::Limits::default(),
        }
    }
}

fn seed() -> Result<u64, RunError> {
    getrandom::u64().map_err(|error| RunError::System(io::Error::other(error)))
}
