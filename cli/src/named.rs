//! Organisations as they are named on a command line.

use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::KeyName;
use crate::own;
use koinon_protocol::id::OrganisationId;
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
