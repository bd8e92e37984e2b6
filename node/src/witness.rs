//! Checkpoints of this node's journal, and of those that it witnesses for others.
//!
//! Three owners: [`Log`] signs the journal as it grows and asks witnesses to cosign; [`Desk`] cosigns the logs that the configuration names, and
//! keeps what is held against them; [`Rounds`] compares with other nodes. What either of the first two promised is on disk before anybody hears
//! of it.

mod client;
mod comparison;
mod desk;
mod errand;
mod evidence;
mod files;
mod http;
mod log;
mod metrics;
mod rounds;
mod sightings;
mod tiles;

pub use client::Witness;
pub use desk::{Answer, Desk, Post};
pub use evidence::Proven;
pub use files::FileError;
pub use log::{Log, LogError};
pub use metrics::{Finder, Metrics};
pub use rounds::{Followed, Rounds};
pub use sightings::Sightings;

use crate::config::{Asked, Config};
use crate::engine::Handle;
use crate::reader::Reader;
use koinon_protocol::checkpoint::{LogSigner, Name, Published, VkeyError, WitnessSigner};
use koinon_protocol::id::NetworkId;
use koinon_protocol::key::Signer;
use rounds::Own;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The log's secret key, in the data directory.
pub const LOG_KEY: &str = "log.key";
/// The witness's, which must be another: a cosignature does not say whose it is.
pub const WITNESS_KEY: &str = "witness.key";
/// What the log promised.
pub const LOG: &str = "log";
/// Every checkpoint of the log that a witness cosigned, below what the log promised.
const COSIGNED: &str = "cosigned";
/// What the witness promised.
pub const WITNESS: &str = "witness";
/// What logs did that they must not.
pub const EVIDENCE: &str = "evidence";
/// Between two rounds among the nodes that a node knows: a split view that travels one link in that time is everywhere before an auditor asks.
const ROUND: Duration = Duration::from_secs(600);
/// Logs that one node witnesses, each with a checkpoint of at most 64 KiB in memory.
pub const LOGS: usize = 256;
/// Witnesses that one log asks: more signatures do not fit a note.
pub const WITNESSES: usize = 16;

/// What a node needs to know to sign and to witness.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data directory.
    pub data: PathBuf,
    /// The network, which stands in the names of the keys.
    pub network: NetworkId,
    /// The least time between two checkpoints.
    pub every: Duration,
    /// The least time between two rounds.
    pub rounds: Duration,
    /// Whose checkpoints are cosigned.
    pub logs: Vec<Followed>,
    /// Who is asked to cosign.
    pub witnesses: Vec<Witness>,
}

impl Settings {
    /// What the operator decided.
    ///
    /// # Errors
    /// [`WitnessError::Key`], [`WitnessError::Url`].
    pub fn of(config: &Config, network: NetworkId) -> Result<Self, WitnessError> {
        let log = |text: &str| text.parse().map_err(WitnessError::key(text));
        let witnessed = config.witness.iter().map(|text| Ok(Followed { key: log(text)?, url: None }));
        let followed = config.logs.iter().map(|Asked { url, vkey }| Ok(Followed { key: log(vkey)?, url: Some(address(url)?) }));
        let witnesses = config
            .witnesses
            .iter()
            .map(|Asked { url, vkey }| Ok(Witness { url: address(url)?, key: vkey.parse().map_err(WitnessError::key(vkey))? }));
        let seconds = u64::from(config.checkpoint_minutes) * 60;
        Ok(Self {
            data: config.data_dir.clone(),
            network,
            every: Duration::from_secs(seconds.max(1)),
            // A trial is in a hurry with all of it.
            rounds: if seconds == 0 { Duration::from_secs(1) } else { ROUND },
            logs: witnessed.chain(followed).collect::<Result<_, WitnessError>>()?,
            witnesses: witnesses.collect::<Result<_, WitnessError>>()?,
        })
    }
}

/// An address as the configuration names it, without what a path begins with.
fn address(url: &str) -> Result<String, WitnessError> {
    let url = url.trim_end_matches('/').to_owned();
    let plain = url.starts_with("https://") || url.starts_with("http://");
    if !plain || url.contains(['?', '#', '@']) { Err(WitnessError::Url(url)) } else { Ok(url) }
}

/// Why a node can neither sign nor witness.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Too many in the configuration.
    #[error("a node witnesses at most {LOGS} logs and asks at most {WITNESSES} witnesses, each named once")]
    Many,
    /// A key in the configuration.
    #[error("the configuration names the key '{key}': {source}")]
    Key {
        /// As it was written.
        key: String,
        /// What is wrong with it.
        source: VkeyError,
    },
    /// An address in the configuration.
    #[error("the configuration names a node at '{0}': an address begins with https:// or http:// and has no ?, # or @")]
    Url(String),
}

impl WitnessError {
    fn key(text: &str) -> impl FnOnce(VkeyError) -> Self {
        move |source| Self::Key { key: text.to_owned(), source }
    }
}

/// The secret keys of a node, as log and as witness.
#[derive(Debug)]
pub struct Keys {
    /// Signs checkpoints.
    pub log: LogSigner,
    /// Cosigns those of others.
    pub witness: WitnessSigner,
}

impl Keys {
    /// The keys in the data directory; new ones, readable by nobody else, when there are none.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn load(data: &Path, network: NetworkId) -> Result<Self, FileError> {
        let named = |file: &str, part: &str| {
            let path = data.join(file);
            let signer = Signer::from_seed(&files::seed(&path)?);
            let name = format!("koinon/{:.16}/{part}/{:.16}", network.to_string(), signer.public().to_string());
            let name: Name = name.parse().map_err(|_| FileError::NotAKey(path.clone()))?;
            Ok::<_, FileError>((name, signer, path))
        };
        let (name, signer, path) = named(LOG_KEY, "log")?;
        let log = LogSigner::new(name, signer).map_err(|_| FileError::NotAKey(path))?;
        let (name, signer, path) = named(WITNESS_KEY, "witness")?;
        let witness = WitnessSigner::new(name, signer).map_err(|_| FileError::NotAKey(path))?;
        Ok(Self { log, witness })
    }
}

/// The owners, and what pages and programs see of them.
pub struct Parts {
    /// Signs this node's journal.
    pub log: Log,
    /// Cosigns others'.
    pub desk: Desk,
    /// Compares with other nodes.
    pub rounds: Rounds,
    /// Where the desk is asked.
    pub post: Post,
    /// The latest checkpoint, with the cosignatures that came.
    pub shown: watch::Receiver<Option<Arc<Published>>>,
    /// What proves when a record was there.
    pub sightings: Sightings,
    /// What is counted.
    pub metrics: Metrics,
}

/// Opens what a node promised as log and as witness.
///
/// # Errors
/// [`WitnessError`]; also when something that was promised cannot be read: who forgets promises breaks them.
pub fn open(settings: Settings, reader: Reader, engine: Handle) -> Result<Parts, WitnessError> {
    let Settings { data, network, every, rounds, logs, witnesses } = settings;
    if logs.len() > LOGS || witnesses.len() > WITNESSES {
        return Err(WitnessError::Many);
    }
    let keys = Keys::load(&data, network)?;
    tracing::info!(log = %keys.log.vkey(), witness = %keys.witness.vkey(), "the keys by which others know this node's checkpoints");
    let known = (keys.log.vkey().clone(), keys.witness.vkey().clone());
    let asked = witnesses.iter().map(|witness| witness.key.clone()).collect();
    let nodes = witnesses.iter().map(|witness| witness.url.clone()).collect();
    let metrics = Metrics::default();
    let witnessed = logs.iter().map(|log| log.key.clone()).collect();
    let (desk, post) = Desk::open(&data, keys.witness, keys.log.vkey(), witnessed, metrics.clone())?;
    let own = keys.log.vkey().clone();
    let log = Log::open(&data, keys.log, every, witnesses, reader.clone(), engine)?;
    let shown = log.watch();
    let own = Own { key: own, reader, shown: log.watch() };
    let rounds = Rounds::new(own, logs, nodes, rounds, post.clone(), desk.watch());
    let sightings = Sightings::new(known, asked, &data.join(LOG), log.watch_sizes(), log.watch(), desk.watch());
    Ok(Parts { log, desk, rounds, post, shown, sightings, metrics })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const LOG: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    fn settings(minutes: u32, url: &str) -> Result<Settings, WitnessError> {
        let logs = Some(vec![Asked { url: url.to_owned(), vkey: LOG.to_owned() }]);
        let chosen = config::Settings { logs, checkpoint_minutes: Some(minutes), ..config::Settings::default() };
        let directory = tempfile::tempdir().unwrap();
        Settings::of(&Config::load(directory.path().to_path_buf(), None, chosen).unwrap(), NetworkId([1; 32]))
    }

    #[test]
    fn rounds_are_ten_minutes_apart_however_often_the_log_signs_and_a_trial_is_in_a_hurry() {
        let rounds = |minutes: u32| settings(minutes, "https://log.example").unwrap().rounds.as_secs();
        assert_eq!([rounds(1), rounds(10), rounds(60), rounds(0)], [600, 600, 600, 1]);
    }

    #[test]
    fn a_log_may_have_an_address_which_is_one() {
        let [log] = &settings(10, "https://log.example/").unwrap().logs[..] else { panic!("one log is named") };
        assert_eq!((log.key.to_string().as_str(), log.url.as_deref()), (LOG, Some("https://log.example")));
        for wrong in ["log.example", "ftp://log.example", "https://who@log.example", "https://log.example/?a"] {
            assert!(matches!(settings(10, wrong), Err(WitnessError::Url(_))), "{wrong}");
        }
    }
}
