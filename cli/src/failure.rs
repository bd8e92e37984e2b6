//! Why a command did not do what was asked, and what to do next.

use crate::answer::Code;
use koinon_protocol::id::{DeviceKey, RecordId};
use koinon_protocol::record::RecordError;
use koinon_protocol::trust::BodyError;
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;

/// A command that failed; the message says what was wrong, [`Failure::advice`] what would be right.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The platform names no place for data.
    #[error("this account has no home directory")]
    NoHome,
    /// Reading or writing a file.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The target of a write exists.
    #[error("{path} exists already", path = .0.display())]
    Exists(PathBuf),
    /// A file over the bound of its form.
    #[error("{path} is longer than {bound} bytes", path = .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        bound: usize,
    },
    /// A key name that is not a safe file name.
    #[error("'{0}' cannot be the name of a key")]
    KeyName(String),
    /// No key has this name.
    #[error("there is no key named '{0}'")]
    NoKey(String),
    /// The file holds no Ed25519 private key.
    #[error("{path} holds no Ed25519 private key in PKCS#8 PEM", path = .0.display())]
    NotAKey(PathBuf),
    /// The file asks for more memory or rounds than any honest one.
    #[error("{path} asks for an unreasonable amount of work to decrypt", path = .0.display())]
    Costly(PathBuf),
    /// The encrypted key could not be decrypted.
    #[error("the passphrase does not open {path}", path = .0.display())]
    WrongPassphrase(PathBuf),
    /// The first line of the key file names another key than the one in it.
    #[error("{path} says that it holds {said} and holds {found}", path = .path.display())]
    OtherKey {
        /// The key file.
        path: PathBuf,
        /// The public key that the first line names.
        said: DeviceKey,
        /// The public key that belongs to the private key.
        found: DeviceKey,
    },
    /// A passphrase is needed and nobody can be asked.
    #[error("a passphrase is needed and this is not a terminal")]
    NoTerminal,
    /// A new passphrase that is too short to protect anything.
    #[error("a passphrase needs at least {least} characters")]
    ShortPassphrase {
        /// The least number of characters.
        least: usize,
    },
    /// Two entries of a new passphrase differ.
    #[error("the two passphrases are not the same")]
    PassphrasesDiffer,
    /// The operating system gives no random bytes, or a key could not be encrypted with them.
    #[error("the key could not be made: {0}")]
    NotMade(String),
    /// One key in two roles.
    #[error("the device, the root and the next root must be three different keys")]
    SameKey,
    /// The key has founded an organisation.
    #[error("this key has founded an organisation already, and a key founds one at most")]
    Founded(PathBuf),
    /// An inception that no node would accept.
    #[error("the organisation cannot be founded so: {0}")]
    Inception(BodyError),
    /// The file is not a record at all.
    #[error("{path} is not a record: {reason}", path = .path.display())]
    NotARecord {
        /// The file.
        path: PathBuf,
        /// What the protocol says.
        reason: RecordError,
    },
    /// A record file that no node would accept.
    #[error("{path} does not verify: {reason}", path = .path.display())]
    NotVerified {
        /// The file.
        path: PathBuf,
        /// What the protocol says.
        reason: RecordError,
    },
    /// No node answers.
    #[error("no node answers at {node}: {reason}")]
    NotRunning {
        /// The address.
        node: String,
        /// What the network says.
        reason: String,
    },
    /// The node does not have the record.
    #[error("the node has no record {0}")]
    NoRecord(RecordId),
    /// The node refuses.
    #[error("the node refuses ({status}): {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The node's reason, without control characters.
        detail: String,
    },
    /// The node's answer is not one that the API has.
    #[error("the node's answer is not to be relied on: {0}")]
    BadAnswer(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> Code {
        match self {
            Self::KeyName(_) | Self::SameKey => Code::Usage,
            Self::NotARecord { .. } | Self::NotVerified { .. } | Self::OtherKey { .. } | Self::BadAnswer(_) => Code::NotVerified,
            Self::NoKey(_) | Self::NoRecord(_) => Code::NotFound,
            Self::NotRunning { .. } => Code::NotRunning,
            Self::Refused { status: 401 | 403, .. } => Code::NotAuthorised,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Code::NotFound,
            Self::WrongPassphrase(_) => Code::NotAuthorised,
            _ => Code::Failed,
        }
    }

    /// What to do next.
    pub fn advice(&self) -> String {
        match self {
            Self::NoHome => "Set KOINON_HOME to a folder that only you can read.".into(),
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => "Check the path.".into(),
            Self::File { .. } => "Check that you may read and write there and that the disk is not full.".into(),
            Self::Exists(_) => "Choose another name; nothing is ever overwritten.".into(),
            Self::TooLong { .. } => "Check that this is the file you mean.".into(),
            Self::KeyName(_) => {
                "Use 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter or digit: council-office, for example.".into()
            }
            Self::NoKey(_) => "See the names with: koinon key list".into(),
            Self::NotAKey(_) => "A usable one is made by: openssl genpkey -algorithm ed25519".into(),
            Self::Costly(_) => "Encrypt it anew: openssl pkey -in OLD -aes-256-cbc -out NEW".into(),
            Self::WrongPassphrase(_) => {
                "Try again. A lost passphrase cannot be recovered: revoke the key and make another.".into()
            }
            Self::OtherKey { .. } => "The file was changed: restore it from a backup, and trust nothing in it until then.".into(),
            Self::NoTerminal => "Set KOINON_PASSPHRASE, or give --passphrase-file FILE.".into(),
            Self::ShortPassphrase { .. } => "Four or five random words are good and easy to type.".into(),
            Self::PassphrasesDiffer => "Try again; nothing was written.".into(),
            Self::NotMade(_) => "Try again; if it stays, the operating system's random source is at fault.".into(),
            Self::SameKey => "Make the others: koinon key new NAME".into(),
            Self::Founded(path) => format!("Publish that one: koinon publish {}. For another, make a new key.", path.display()),
            Self::Inception(_) => "Put right what the message names; nothing was written.".into(),
            Self::NotVerified { .. } => "Nothing was sent. See what is wrong with: koinon verify FILE".into(),
            Self::NotRunning { .. } => "Start it with 'koinond run', or name another with --node URL.".into(),
            Self::NoRecord(_) => "It may not have arrived there yet: try again later, or another node with --node URL.".into(),
            Self::Refused { .. } => "The reason above is the node's; put it right, or ask the people who run the node.".into(),
            Self::BadAnswer(_) => "Check that --node names a Koinon node, or ask another one.".into(),
            Self::NotARecord { .. } => {
                "A record file is 296 bytes of signed header, 32 bytes of salt and the body, as a node gives it.".into()
            }
        }
    }

    /// The stable object that `--json` writes to standard error.
    pub fn json(&self) -> Value {
        json!({ "error": self.to_string(), "advice": self.advice(), "code": self.code() as u8 })
    }
}
