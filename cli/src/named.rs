//! Organisations and networks as they are named on a command line.

use crate::charter_file::CharterFile;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::{self, KeyName};
use crate::own;
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

/// An organisation by its id, or by a key of this computer that speaks for it.
#[derive(Clone, Debug)]
pub enum OrganisationArg {
    /// By its id.
    Id(OrganisationId),
    /// By the name of a key.
    Key(KeyName),
}

impl FromStr for OrganisationArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.parse().map(Self::Key).map_err(|_| "give 64 digits, or the name of one of your keys".into()),
        }
    }
}

impl OrganisationArg {
    /// The organisation.
    ///
    /// # Errors
    /// [`Failure::SpeaksForNobody`], [`Failure::SeveralAuthors`].
    pub fn find(&self, home: &Home) -> Result<OrganisationId, Failure> {
        let name = match self {
            Self::Id(id) => return Ok(*id),
            Self::Key(name) => name,
        };
        let own: Vec<_> =
            own::list(home)?.into_iter().filter(|(key, _)| key.name == *name).map(|(_, own)| own.organisation).collect();
        match own[..] {
            [organisation] => Ok(organisation),
            [] => Err(Failure::SpeaksForNobody(Some(name.to_string()))),
            _ => Err(Failure::SeveralAuthors(own.iter().map(ToString::to_string).collect())),
        }
    }
}

/// The only organisation for which keys of this computer speak.
///
/// # Errors
/// [`Failure::SpeaksForNobody`], [`Failure::SeveralAuthors`].
pub fn only_own(home: &Home) -> Result<OrganisationId, Failure> {
    let own: BTreeSet<_> = own::list(home)?.into_iter().map(|(_, own)| own.organisation).collect();
    match own.len() {
        0 => Err(Failure::SpeaksForNobody(None)),
        1 => own.into_iter().next().ok_or(Failure::SpeaksForNobody(None)),
        _ => Err(Failure::SeveralAuthors(own.iter().map(ToString::to_string).collect())),
    }
}

/// A public key by its digits, or by the name of a key of this computer.
#[derive(Clone, Debug)]
pub enum KeyArg {
    /// By its digits.
    Device(DeviceKey),
    /// By its name.
    Name(KeyName),
}

impl FromStr for KeyArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self::Device).or_else(|_| crate::command::key::name(text).map(Self::Name))
    }
}

impl KeyArg {
    /// The public key.
    ///
    /// # Errors
    /// [`Failure::NoKey`] and others of the key's file.
    pub fn find(&self, home: &Home) -> Result<DeviceKey, Failure> {
        match self {
            Self::Device(key) => Ok(*key),
            Self::Name(name) => Ok(keystore::get(home, name)?.device),
        }
    }
}

/// The public keys of all.
///
/// # Errors
/// As [`KeyArg::find`].
pub fn find_keys(keys: &[KeyArg], home: &Home) -> Result<Vec<DeviceKey>, Failure> {
    keys.iter().map(|key| key.find(home)).collect()
}

/// The network that is relied on: the one thing that nobody can prove to a person, who must know it from elsewhere.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct NetworkArgs {
    /// The network to rely on, 64 digits: the id of its charter
    #[arg(long, value_name = "ID", env = "KOINON_NETWORK", hide_env_values = true)]
    network: Option<NetworkId>,
    /// The charter of the network to rely on; it counts before --network
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
}

impl NetworkArgs {
    /// The network that was named, if one was.
    ///
    /// # Errors
    /// Those of [`CharterFile::read`].
    pub fn given(&self) -> Result<Option<NetworkId>, Failure> {
        match &self.charter {
            Some(path) => Ok(Some(CharterFile::read(path)?.network())),
            None => Ok(self.network),
        }
    }

    /// The network that was named, else that of the node.
    ///
    /// # Errors
    /// Those of [`CharterFile::read`] and [`Client::charter`].
    pub fn or_of(&self, node: &Client) -> Result<NetworkId, Failure> {
        match self.given()? {
            Some(network) => Ok(network),
            None => Ok(node.charter()?.network()),
        }
    }
}
