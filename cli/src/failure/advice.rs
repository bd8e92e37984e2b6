//! What to do next.

use super::Failure;
use crate::client::Refusal;
use std::io;

impl Failure {
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
            Self::Refused(refusal) => refused(refusal).into(),
            Self::Absent { .. } => {
                "Check the id, and that the address is a Koinon node's; or ask another one with --node URL.".into()
            }
            Self::NotACharter { .. } => "Fetch it from a node with: koinon charter get FILE".into(),
            Self::NotABundle { .. } => "Rely on nothing in it; fetch it again with: koinon bundle ID --output FILE".into(),
            Self::NotACredential { .. } => "Rely on nothing in it; ask its author for a new one, or for the audit bundle.".into(),
            Self::NoCredential(_) => "Pass on its audit bundle instead: koinon bundle ID --output FILE".into(),
            Self::SignedElsewhere(_) => {
                "Run this where that key is. What others signed is passed on with its audit bundle: koinon bundle ID --output FILE".into()
            }
            Self::Charter(_) | Self::Attestation(_) | Self::Taking(_) => {
                "Put right what the message names; nothing was written.".into()
            }
            Self::MayNotErase(_) => {
                "Authors erase their own records with 'koinon erase'; the founding associations of the charter those of \
                 anybody with 'koinon notice'."
                    .into()
            }
            Self::CopyErased { .. } => {
                "Name a node that has this log with --node URL, or wait until this one has heard of it from others.".into()
            }
            Self::FounderElsewhere(_) => {
                "Run this where that key is, or name one of your own keys as the first founder's; see: koinon key list".into()
            }
            Self::OtherNetwork { .. } => {
                "Name a node of that network with --node URL, or sign with another key: --key KEY".into()
            }
            Self::SpeaksForNobody(_) => {
                "Found an organisation with 'koinon org create', or name one with --key KEY --organisation ID.".into()
            }
            Self::SeveralAuthors(_) => "Say which with --key KEY, and --organisation ID where a key speaks for two.".into(),
            Self::BadCopy { .. } => "Restore this file from a backup; without it a key could fork its own log.".into(),
            Self::WouldFork { .. } => "Publish the one that is kept: run the same command again.".into(),
            Self::NoCopy { log, .. } => {
                format!("Restore the folder logs/{} of your home from a backup.", log.organisation)
            }
            Self::LogAhead { id, .. } => format!(
                "Was this computer restored from a backup, or is the key used on another one too? Signing now could fork the log, \
                 which freezes it for good. Make sure, on another node as well, that the key's newest record is {id}, \
                 then give: --continue-after {id}"
            ),
            Self::LogDiffers { .. } => {
                "Two records were signed at one place, or this node is lying. Ask another node; if it says the \
                same, stop using the key and add another one to the organisation with its root: koinon device add"
                    .into()
            }
            Self::LogFrozen { .. } => {
                "Stop using the key and add another one to the organisation with its root: koinon device add".into()
            }
            Self::Unsent { reason, .. } => {
                format!("{} Run the same command again: it is sent as it is, and not signed a second time.", reason.advice())
            }
            Self::Form { .. } => "Put these right and run the same command again.".into(),
            Self::NoKind(_) => {
                "Write it in the first line, as in: kind = \"practice\"; or give --kind KIND. See: koinon kinds".into()
            }
            Self::UnknownKind(_) => "See which there are: koinon kinds".into(),
            Self::PublishedBefore(id) => {
                format!("Nothing was signed. If it replaces that one, change it and give --revises {id}; else give --again.")
            }
            Self::NoRevision(_) => "Publish it without --revises: the newest one counts.".into(),
            Self::NotConfirmed => "Give --yes to publish without the question.".into(),
            Self::NotAPaper { .. } => "Do not sign it; ask whoever sent it for the paper as it was proposed.".into(),
            Self::Decision(_) => "Put right what the message names; nothing was written.".into(),
            Self::MayNotSign(_) | Self::NothingToSign => {
                "See who may sign with 'koinon paper show FILE', and which keys are here with 'koinon key list'.".into()
            }
            Self::SignedAnother { before } => format!(
                "Sign only if that paper, with your signature, was never sent and every copy of it is destroyed; then give: --instead-of {before}"
            ),
            Self::SeveralKeys(_) => "Say which with --key KEY; give it again for several.".into(),
            Self::NotSigned => "Give --yes to sign without the question.".into(),
            Self::OtherPaper => "Give copies of one paper, each signed by others.".into(),
            Self::TooFewSigned { .. } => "Pass the paper on to the others who may sign: koinon paper show FILE".into(),
            Self::TooFewRoots { .. } => "Name as many as must act: give --root again for each.".into(),
            Self::RootsElsewhere { .. } => {
                "Import the keys of as many roots for the founding, and delete them afterwards: koinon key import".into()
            }
            Self::NoCarrier => {
                "Send it from the computer where it was proposed; or propose it anew here, and have it signed anew.".into()
            }
            Self::Contested(_) => "Its guardians can recover it: koinon org recover".into(),
            Self::NoDevice(_) | Self::NotARoot(_) => "See its keys and roots with: koinon org show ORGANISATION".into(),
            Self::NextRoots(_) => {
                "Give the same keys in the same order, and the same --threshold, as when they were named as the next roots."
                    .into()
            }
            Self::NextRootsUnknown => "Name them with --root, in the order in which they were named as the next roots.".into(),
            Self::NoPlace(_) => "See the last place of each key's log with: koinon org show ORGANISATION".into(),
            Self::NoFounder(_) => "See the founders and their keys with: koinon charter show".into(),
            Self::NotForked(_) => "If it was lost or stolen, revoke it: koinon org revoke-device".into(),
            Self::NoRecovery(_) => "See its decisions, each with its record, with: koinon org show ORGANISATION".into(),
            Self::NotProposed => "Its guardians propose one with: koinon org recover".into(),
            Self::SeveralRecoveries(_) => "Say which with --recovery ID.".into(),
            Self::GoesOn(_) => "Revoke it first: koinon org revoke-device, or koinon org reconcile after a fork.".into(),
            Self::NoGuardians => "Only its own roots can give it new ones: koinon org rotate".into(),
            Self::BadAnswer(_) => "Check that --node names a Koinon node, or ask another one.".into(),
            Self::NotARecord { .. } => {
                "A record file is 296 bytes of signed header, 32 bytes of salt and the body, as a node gives it.".into()
            }
        }
    }
}

/// What to do about the answers that the API has.
fn refused(refusal: &Refusal) -> &'static str {
    match refusal.status {
        403 => {
            "Somebody with standing must vouch for the organisation first, and its inception be published; see: koinon org show ID"
        }
        409 => "The log went on elsewhere. Run the command again; if it stays, see: koinon log KEY",
        413 => "Shorten the texts: a body has 64 KiB at most.",
        422 => "Put right the fields that the node names.",
        425 => "Set this computer's clock right: the record is from too far in the future.",
        503 => "The node is busy or read-only: try again in a minute.",
        _ => "The reason above is the node's; put it right, or ask the people who run the node.",
    }
}
