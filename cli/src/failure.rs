//! Why a command did not do what was asked, and what to do next.

mod advice;

use crate::act::NoPaper;
use crate::answer::Code;
use crate::charter_file::NoCharter;
use crate::client::Refusal;
use crate::form::FormProblem;
use koinon_protocol::bundle::BundleError;
use koinon_protocol::credential::CredentialError;
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::log::LogId;
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
    #[error("{0}")]
    Refused(Refusal),
    /// The node does not have what the path names.
    #[error("{node} has no {path}")]
    Absent {
        /// The address.
        node: String,
        /// The rest of the address.
        path: String,
    },
    /// A record file that founds no network.
    #[error("{path} is not a founding charter: {reason}", path = .path.display())]
    NotACharter {
        /// The file.
        path: PathBuf,
        /// What the protocol says.
        reason: NoCharter,
    },
    /// A bundle that proves nothing.
    #[error("{path} proves nothing: {reason}", path = .path.display())]
    NotABundle {
        /// The file.
        path: PathBuf,
        /// What the protocol says.
        reason: BundleError,
    },
    /// A credential that proves nothing.
    #[error("{path} proves nothing: {reason}", path = .path.display())]
    NotACredential {
        /// The file.
        path: PathBuf,
        /// What the protocol says.
        reason: CredentialError,
    },
    /// A record of which there can be no credential.
    #[error("there is no credential of this record: {0}")]
    NoCredential(CredentialError),
    /// Only the record's own key could sign.
    #[error("the record was signed by the key {0}, which is not on this computer")]
    SignedElsewhere(DeviceKey),
    /// A charter that no node would accept.
    #[error("the network cannot be founded so: {0}")]
    Charter(BodyError),
    /// An attestation that no node would accept.
    #[error("the attestation cannot be made so: {0}")]
    Attestation(BodyError),
    /// An erasure or a notice that no node would accept.
    #[error("the text cannot be erased so: {0}")]
    Taking(BodyError),
    /// The text of a record that is not this organisation's to take away.
    #[error("{0}")]
    MayNotErase(&'static str),
    /// The node lacks a record of which the text was erased here, so that it can be sent no more.
    #[error("the node lacks place {seq} of the log of {} with the key {}, and the text of that record was erased here", log.organisation, log.device)]
    CopyErased {
        /// The log.
        log: LogId,
        /// The place.
        seq: u64,
    },
    /// The first founder's key is not here, so nobody can sign.
    #[error("the first founder's key {0} is not one of this computer's")]
    FounderElsewhere(DeviceKey),
    /// Node and author belong to two networks.
    #[error("the node at {node} belongs to network {theirs}, the key speaks in network {ours}")]
    OtherNetwork {
        /// The address.
        node: String,
        /// The node's network.
        theirs: NetworkId,
        /// The author's.
        ours: NetworkId,
    },
    /// No key here speaks for an organisation, or the one that was named does not.
    #[error("{} speaks for no organisation that is known on this computer", .0.as_ref().map_or("no key".into(), |name| format!("the key '{name}'")))]
    SpeaksForNobody(Option<String>),
    /// More than one could be meant.
    #[error("more than one could be meant: {}", .0.join(", "))]
    SeveralAuthors(Vec<String>),
    /// A file of the home that was changed or damaged.
    #[error("the copy {path} is not what was written there: {reason}", path = .path.display())]
    BadCopy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Another record is kept at this place of the log.
    #[error("another record was signed here at place {seq} of this key's log; a second one would be a fork")]
    WouldFork {
        /// The log.
        log: LogId,
        /// The place.
        seq: u64,
    },
    /// A copy is missing below the last one.
    #[error("this computer's copy of place {seq} of the key's log is missing")]
    NoCopy {
        /// The log.
        log: LogId,
        /// The place.
        seq: u64,
    },
    /// The node has records of this log that are not kept here.
    #[error(
        "the node has {missing} of this key's log that this computer has no copy of: nothing was signed",
        missing = records(theirs.saturating_sub(ours.map_or(0, |ours| ours.saturating_add(1))).saturating_add(1))
    )]
    LogAhead {
        /// The log.
        log: LogId,
        /// The last place that is kept here.
        ours: Option<u64>,
        /// The last place of the node.
        theirs: u64,
        /// The record there.
        id: RecordId,
    },
    /// Node and computer have two records at one place.
    #[error("the node has another record at place {seq} of this key's log than this computer: {id}; nothing was signed")]
    LogDiffers {
        /// The log.
        log: LogId,
        /// The place.
        seq: u64,
        /// The node's record.
        id: RecordId,
    },
    /// The log is forked.
    #[error("the log of this key is forked and stands still from place {seq} on")]
    LogFrozen {
        /// The log.
        log: LogId,
        /// The first place that is not trusted.
        seq: u64,
    },
    /// A record is signed and kept, and the node did not take it.
    #[error("the record {id} is signed and kept here, and did not reach the node: {reason}")]
    Unsent {
        /// The record.
        id: RecordId,
        /// Why.
        reason: Box<Failure>,
    },
    /// A file that people wrote is not the form of a kind.
    #[error("{path} is not yet right, and nothing was signed:{list}", path = .path.display(), list = listed(.problems))]
    Form {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, in the order of the form.
        problems: Vec<FormProblem>,
    },
    /// Nothing says which kind of record the file is.
    #[error("{path} does not say which kind of record it is", path = .0.display())]
    NoKind(PathBuf),
    /// A kind that is not known here.
    #[error("there is no kind '{0}'")]
    UnknownKind(String),
    /// The same content was published.
    #[error("the same was published before, as {0}")]
    PublishedBefore(RecordId),
    /// A kind whose header names what its body names.
    #[error("a {0} is about the record that its body names, so it cannot name another that it replaces")]
    NoRevision(&'static str),
    /// The person at the terminal said no.
    #[error("not confirmed; nothing was sent")]
    NotConfirmed,
    /// A file that is no paper, or one that nobody should sign.
    #[error("{path} is not a paper to rely on: {reason}", path = .path.display())]
    NotAPaper {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: NoPaper,
    },
    /// A decision that no node would accept.
    #[error("this cannot be decided so: {0}")]
    Decision(String),
    /// A key that is not asked to sign a paper.
    #[error("the key {0} is not one of those that may sign this paper")]
    MayNotSign(String),
    /// None of the keys here is asked to sign a paper, or none that did not sign before.
    #[error("no key of this computer may sign this paper, or those that may have signed it")]
    NothingToSign,
    /// More than one key could sign a paper.
    #[error("more than one key could sign: {}", .0.join(", "))]
    SeveralKeys(Vec<String>),
    /// The person at the terminal would not sign.
    #[error("not confirmed; nothing was signed")]
    NotSigned,
    /// A second decision where only one may follow.
    #[error(
        "this key signed another paper for the same place before: {before}; signing two would prove that it contradicted itself"
    )]
    SignedAnother {
        /// The name of what was signed.
        before: RecordId,
    },
    /// Two files that are given as copies of one paper.
    #[error("these are not copies of one paper")]
    OtherPaper,
    /// Fewer signatures than needed.
    #[error("{signed} signed, and {needed} must")]
    TooFewSigned {
        /// How many signed.
        signed: usize,
        /// How many must.
        needed: usize,
    },
    /// Fewer roots on this computer than must consent to a founding.
    #[error("{here} of the roots' keys are on this computer, and {needed} must consent")]
    RootsElsewhere {
        /// How many are here.
        here: usize,
        /// How many must.
        needed: usize,
    },
    /// Fewer roots than must act.
    #[error("{signed} roots were named, and {needed} must act")]
    TooFewRoots {
        /// How many were named.
        signed: usize,
        /// How many must.
        needed: usize,
    },
    /// A paper that was proposed on another computer.
    #[error("this computer does not keep the key that carries this paper")]
    NoCarrier,
    /// An organisation whose rotations contradict each other.
    #[error("two rotations of {0} contradict each other, so that it has no roots")]
    Contested(OrganisationId),
    /// A key that does not speak for the organisation.
    #[error("the key {0} does not speak for this organisation")]
    NoDevice(DeviceKey),
    /// A key that is not among the roots.
    #[error("the key {0} is not one of the roots that act for this organisation")]
    NotARoot(DeviceKey),
    /// Roots that were not committed to.
    #[error("these are not the roots that were committed to before, whose digest is {0}")]
    NextRoots(RecordId),
    /// The roots that come next are not known here.
    #[error("which roots were committed to is not kept on this computer")]
    NextRootsUnknown,
    /// A log has no record there.
    #[error("the node has no record at place {0} of this key's log")]
    NoPlace(u64),
    /// What is to be changed in a charter is not in it.
    #[error("no founder has the key {0}")]
    NoFounder(DeviceKey),
    /// The log of a device is not forked.
    #[error("the log of {0} is not forked")]
    NotForked(DeviceKey),
    /// The record is no recovery of the organisation.
    #[error("{0} is no recovery of this organisation that the node knows")]
    NoRecovery(RecordId),
    /// Nobody proposed a recovery.
    #[error("the node knows of no recovery of this organisation")]
    NotProposed,
    /// More than one recovery could be meant.
    #[error("more than one recovery was proposed: {}", .0.join(", "))]
    SeveralRecoveries(Vec<String>),
    /// A key whose log did not end.
    #[error("the key {0} still speaks for this organisation")]
    GoesOn(DeviceKey),
    /// The organisation named nobody who can recover it.
    #[error("the organisation has no guardians")]
    NoGuardians,
    /// The node's answer is not one that the API has.
    #[error("the node's answer is not to be relied on: {0}")]
    BadAnswer(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> Code {
        match self {
            Self::KeyName(_) | Self::SameKey | Self::UnknownKind(_) | Self::NoKind(_) | Self::NoRevision(_) => Code::Usage,
            Self::SpeaksForNobody(_)
            | Self::SeveralAuthors(_)
            | Self::OtherPaper
            | Self::SeveralKeys(_)
            | Self::SeveralRecoveries(_) => Code::Usage,
            Self::NotARecord { .. }
            | Self::NotACharter { .. }
            | Self::NotABundle { .. }
            | Self::NotAPaper { .. }
            | Self::NotACredential { .. }
            | Self::BadCopy { .. }
            | Self::NotVerified { .. }
            | Self::OtherKey { .. }
            | Self::BadAnswer(_) => Code::NotVerified,
            Self::NoKey(_)
            | Self::NoDevice(_)
            | Self::NoFounder(_)
            | Self::NoRecovery(_)
            | Self::NotProposed
            | Self::NoRecord(_)
            | Self::Absent { .. } => Code::NotFound,
            Self::NotRunning { .. } => Code::NotRunning,
            Self::Refused(Refusal { status: 401 | 403, .. }) => Code::NotAuthorised,
            Self::Unsent { reason, .. } => reason.code(),
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Code::NotFound,
            Self::WrongPassphrase(_) | Self::NotARoot(_) | Self::MayNotSign(_) | Self::NothingToSign => Code::NotAuthorised,
            _ => Code::Failed,
        }
    }

    /// The stable object that `--json` writes to standard error: `{error, advice, code}`, and for a form `problems: [{field, line, should}]`.
    pub fn json(&self) -> Value {
        let mut object = json!({ "error": self.to_string(), "advice": self.advice(), "code": self.code() as u8 });
        if let Self::Form { problems, .. } = self {
            object["problems"] = problems.iter().map(FormProblem::json).collect();
        }
        object
    }
}

fn records(count: u64) -> String {
    if count == 1 { "a record".into() } else { format!("{count} records") }
}

fn listed(problems: &[FormProblem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
