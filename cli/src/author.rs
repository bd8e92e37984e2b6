//! Who signs: a key of this computer, and the organisation for which it speaks.

use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::{self, KeyName, StoredKey};
use crate::own::{self, Own};
use crate::passphrase::PassphraseArgs;
use koinon_protocol::id::OrganisationId;
use koinon_protocol::key::Signer;
use koinon_protocol::trust::Localised;

/// The options of every command that signs.
#[derive(clap::Args, Clone, Debug)]
pub struct AuthorArgs {
    /// The key that signs [default: the only one that speaks for an organisation]
    #[arg(long, visible_alias = "as", value_name = "KEY", env = "KOINON_KEY", hide_env_values = true, value_parser = crate::command::key::name)]
    key: Option<KeyName>,
    /// The organisation that speaks, 64 digits [default: the one that the key founded or was added to here]
    #[arg(long = "organisation", value_name = "ID")]
    speaks_for: Option<OrganisationId>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// A key, and for whom it speaks.
#[derive(Clone, Debug)]
pub struct Author {
    /// The key, still encrypted.
    pub key: StoredKey,
    /// For whom it speaks.
    pub own: Own,
    passphrase: PassphraseArgs,
}

impl AuthorArgs {
    /// Finds the author; no passphrase is needed for that. The node is asked only for the network of an organisation that is not known here.
    ///
    /// # Errors
    /// [`Failure::NoKey`], [`Failure::SpeaksForNobody`], [`Failure::SeveralAuthors`], and those of [`Client::charter`].
    pub fn find(&self, home: &Home, node: &Client) -> Result<Author, Failure> {
        let (key, own) = match &self.key {
            Some(name) => self.known(home, keystore::get(home, name)?, node)?,
            None => self.only(home)?,
        };
        Ok(Author { key, own, passphrase: self.passphrase.clone() })
    }

    fn known(&self, home: &Home, key: StoredKey, node: &Client) -> Result<(StoredKey, Own), Failure> {
        let mut own: Vec<Own> = own::list(home)?.into_iter().map(|(_, own)| own).filter(|own| own.device == key.device).collect();
        own.retain(|own| self.speaks_for.is_none_or(|wanted| wanted == own.organisation));
        match (own.len(), self.speaks_for) {
            (1, _) => Ok((key, own.remove(0))),
            (0, Some(organisation)) => {
                let network = node.charter()?.network();
                let own = Own { organisation, network, device: key.device, name: Localised::new(), roots: Vec::new() };
                Ok((key, own))
            }
            (0, None) => Err(Failure::SpeaksForNobody(Some(key.name.to_string()))),
            _ => Err(Failure::SeveralAuthors(own.iter().map(|own| own.organisation.to_string()).collect())),
        }
    }

    fn only(&self, home: &Home) -> Result<(StoredKey, Own), Failure> {
        let mut all = own::list(home)?;
        all.retain(|(_, own)| self.speaks_for.is_none_or(|wanted| wanted == own.organisation));
        match all.len() {
            1 => Ok(all.remove(0)),
            0 => Err(Failure::SpeaksForNobody(None)),
            _ => Err(Failure::SeveralAuthors(all.iter().map(|(key, _)| key.name.to_string()).collect())),
        }
    }
}

impl Author {
    /// Where passphrases come from.
    pub fn passphrase(&self) -> &PassphraseArgs {
        &self.passphrase
    }

    /// The key, to sign with; the passphrase may be asked for.
    ///
    /// # Errors
    /// [`Failure::WrongPassphrase`], [`Failure::NoTerminal`] and others of the key's file.
    pub fn open(&self) -> Result<Signer, Failure> {
        self.passphrase.open(&self.key)
    }
}
