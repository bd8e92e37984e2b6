//! What the operator decides: a flag before the environment, the environment before the file, the file before the default.
//!
//! An unknown key is an error, since a misspelt setting that is silently ignored is one that the operator believes in.

use crate::serve::Host;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file that is read from the data directory when none is named.
pub const FILE: &str = "koinond.toml";

/// What one source of configuration says; what it leaves out, the next one decides.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What people call this node
    #[arg(long, env = "KOINON_NAME", value_name = "NAME")]
    pub name: Option<String>,
    /// Where the node serves pages and the API
    #[arg(long, env = "KOINON_HTTP", value_name = "ADDRESS:PORT")]
    pub http: Option<SocketAddr>,
    /// Names by which the node is reached beside localhost, such as a reverse proxy's, with a port or for any; may be given several times
    #[arg(long, env = "KOINON_HOSTS", value_name = "HOST", value_delimiter = ',')]
    pub hosts: Option<Vec<Host>>,
    /// Where the node listens for peers; may be given several times
    #[arg(long, env = "KOINON_LISTEN", value_name = "MULTIADDR", value_delimiter = ',')]
    pub listen: Option<Vec<String>>,
    /// Peers that the node always keeps in touch with; may be given several times
    #[arg(long, env = "KOINON_PEERS", value_name = "MULTIADDR", value_delimiter = ',')]
    pub peers: Option<Vec<String>>,
    /// Whether to look for peers on the local network
    #[arg(long, env = "KOINON_MDNS", value_name = "BOOL")]
    pub mdns: Option<bool>,
    /// The least that is logged: error, warn, info, debug or trace
    #[arg(long, env = "KOINON_LOG", value_name = "LEVEL")]
    pub log: Option<LogLevel>,
    /// How it is logged: text or json
    #[arg(long, env = "KOINON_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Mebibytes kept free on the disk, so that a full disk does not stop the node from saying so
    #[arg(long, env = "KOINON_BALLAST", value_name = "MIB")]
    pub ballast_mib: Option<u32>,
    /// The least minutes between two signed checkpoints of the journal; 0 for a second, and one between rounds among witnesses, in trials
    #[arg(long, env = "KOINON_CHECKPOINT_MINUTES", value_name = "MINUTES")]
    pub checkpoint_minutes: Option<u32>,
    /// Keys of logs whose checkpoints this node cosigns, as NAME+ID+KEY; may be given several times
    #[arg(long, env = "KOINON_WITNESS", value_name = "VKEY", value_delimiter = ',')]
    pub witness: Option<Vec<String>>,
    /// Logs whose checkpoints this node cosigns too, with the address where each shows its tree; in the file only
    #[arg(skip)]
    pub logs: Option<Vec<Asked>>,
    /// Who is asked to cosign this node's checkpoints; in the file only
    #[arg(skip)]
    pub witnesses: Option<Vec<Asked>>,
}

/// A witness that is asked to cosign, or a log that is asked for its tree.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Asked {
    /// Where it is: what stands before `/add-checkpoint` and `/tile/`.
    pub url: String,
    /// Its key, as NAME+ID+KEY.
    pub vkey: String,
}

/// The least that is logged.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What needs somebody now.
    Error,
    /// And what may need somebody.
    Warn,
    /// And what a node does.
    Info,
    /// And why.
    Debug,
    /// And every message.
    Trace,
}

/// How it is logged.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line, for programs.
    Json,
}

/// The configuration in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// What people call this node.
    pub name: String,
    /// Where pages and the API are served.
    pub http: SocketAddr,
    /// By which names it is reached beside localhost.
    pub hosts: Vec<Host>,
    /// Where peers are listened for.
    pub listen: Vec<String>,
    /// Peers always kept in touch with.
    pub peers: Vec<String>,
    /// Whether peers are looked for on the local network.
    pub mdns: bool,
    /// The least that is logged.
    pub log: LogLevel,
    /// How it is logged.
    pub log_format: LogFormat,
    /// Mebibytes kept free on the disk.
    pub ballast_mib: u32,
    /// The least minutes between two checkpoints.
    pub checkpoint_minutes: u32,
    /// Keys of the logs that are witnessed.
    pub witness: Vec<String>,
    /// Logs that are witnessed and whose address is known.
    pub logs: Vec<Asked>,
    /// Who witnesses this node's log.
    pub witnesses: Vec<Asked>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, names an unknown key, or has a value of another type.
    #[error("{path}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}

impl Config {
    /// Flags and environment (`settings`) over the file over the defaults. `file` must exist when it is named; otherwise [`FILE`] in the
    /// data directory is read if it is there.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(data_dir: PathBuf, file: Option<&Path>, settings: Settings) -> Result<Self, ConfigError> {
        let path = file.map_or_else(|| data_dir.join(FILE), Path::to_path_buf);
        let from_file = match std::fs::read_to_string(&path) {
            Ok(text) => parse(&text).map_err(|source| ConfigError::Malformed { path, source: Box::new(source) })?,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => Settings::default(),
            Err(source) => return Err(ConfigError::Unreadable { path, source }),
        };
        Ok(settings.over(from_file).or_default(data_dir))
    }
}

impl fmt::Display for Config {
    /// As a file that would have the same effect.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# data directory: {}", self.data_dir.display())?;
        let mut text = String::new();
        line(&mut text, "name", &self.name)?;
        line(&mut text, "http", &self.http)?;
        line(&mut text, "hosts", &self.hosts)?;
        line(&mut text, "listen", &self.listen)?;
        line(&mut text, "peers", &self.peers)?;
        line(&mut text, "mdns", &self.mdns)?;
        line(&mut text, "log", &self.log)?;
        line(&mut text, "log-format", &self.log_format)?;
        line(&mut text, "ballast-mib", &self.ballast_mib)?;
        line(&mut text, "checkpoint-minutes", &self.checkpoint_minutes)?;
        line(&mut text, "witness", &self.witness)?;
        line(&mut text, "logs", &self.logs)?;
        line(&mut text, "witnesses", &self.witnesses)?;
        f.write_str(&text)
    }
}

impl Settings {
    fn over(self, lower: Self) -> Self {
        Self {
            name: self.name.or(lower.name),
            http: self.http.or(lower.http),
            hosts: self.hosts.or(lower.hosts),
            listen: self.listen.or(lower.listen),
            peers: self.peers.or(lower.peers),
            mdns: self.mdns.or(lower.mdns),
            log: self.log.or(lower.log),
            log_format: self.log_format.or(lower.log_format),
            ballast_mib: self.ballast_mib.or(lower.ballast_mib),
            checkpoint_minutes: self.checkpoint_minutes.or(lower.checkpoint_minutes),
            witness: self.witness.or(lower.witness),
            logs: self.logs.or(lower.logs),
            witnesses: self.witnesses.or(lower.witnesses),
        }
    }

    fn or_default(self, data_dir: PathBuf) -> Config {
        Config {
            data_dir,
            name: self.name.unwrap_or_else(|| "a Koinon node".to_owned()),
            http: self.http.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8480))),
            hosts: self.hosts.unwrap_or_default(),
            listen: self.listen.unwrap_or_else(|| vec!["/ip4/0.0.0.0/udp/8481/quic-v1".into(), "/ip4/0.0.0.0/tcp/8481".into()]),
            peers: self.peers.unwrap_or_default(),
            mdns: self.mdns.unwrap_or(false),
            log: self.log.unwrap_or(LogLevel::Info),
            log_format: self.log_format.unwrap_or(LogFormat::Text),
            ballast_mib: self.ballast_mib.unwrap_or(8),
            checkpoint_minutes: self.checkpoint_minutes.unwrap_or(10),
            witness: self.witness.unwrap_or_default(),
            logs: self.logs.unwrap_or_default(),
            witnesses: self.witnesses.unwrap_or_default(),
        }
    }
}

fn parse(text: &str) -> Result<Settings, toml::de::Error> {
    toml::from_str(text)
}

fn line<T: Serialize>(text: &mut String, key: &str, value: &T) -> fmt::Result {
    writeln!(text, "{key} = {}", toml::Value::try_from(value).map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, settings: Settings) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(FILE), file).unwrap();
        Config::load(directory.path().to_path_buf(), None, settings)
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let flags = Settings { mdns: Some(false), ..Settings::default() };
        let config = load("mdns = true\nlog = \"debug\"\n", flags).unwrap();
        assert!(!config.mdns);
        assert_eq!(config.log, LogLevel::Debug);
        assert_eq!(config.http.port(), 8480);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = load("mdns = true\nlisten-on = \"x\"\n", Settings::default()).unwrap_err().to_string();
        assert!(error.contains("listen-on") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn what_is_no_host_is_named_with_its_line() {
        let error = load("mdns = true\nhosts = [\"https://node.example\"]\n", Settings::default()).unwrap_err().to_string();
        assert!(error.contains("'https://node.example' is no host") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn what_is_printed_has_the_same_effect_as_a_file() {
        let peers = Some(vec!["/dns4/node.example/tcp/8481".to_owned()]);
        let hosts = Some(vec!["node.example:8443".parse().unwrap()]);
        let asked = Asked { url: "https://witness.example".into(), vkey: "w+01234567+BA==".into() };
        let logs = Some(vec![asked.clone()]);
        let witnesses = Some(vec![asked.clone(), asked]);
        let log_format = Some(LogFormat::Json);
        let config = load("", Settings { peers, hosts, logs, witnesses, log_format, ..Settings::default() }).unwrap();
        let again = load(&config.to_string(), Settings::default()).unwrap();
        assert_eq!(Config { data_dir: PathBuf::new(), ..again }, Config { data_dir: PathBuf::new(), ..config });
    }

    #[test]
    fn a_file_that_is_named_must_exist() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("absent.toml");
        let error = Config::load(directory.path().to_path_buf(), Some(&missing), Settings::default()).unwrap_err();
        assert!(matches!(error, ConfigError::Unreadable { .. }));
    }
}
