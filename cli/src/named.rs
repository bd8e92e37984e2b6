//! Organisations and networks as they are named on a command line.

use crate::charter_file::CharterFile;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::KeyName;
use crate::own;
use koinon_protocol::id::{NetworkId, OrganisationId};
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
