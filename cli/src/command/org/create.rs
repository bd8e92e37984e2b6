//! `koinon org create`: an inception, checked as every node will check it, in a record file.

use super::{HELP, country};
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::command::key::name;
use crate::failure::Failure;
use crate::home::{Home, make_private_folder, write_new};
use crate::keystore::{self, KeyName};
use crate::language::localised;
use crate::named::NetworkArgs;
use crate::passphrase::PassphraseArgs;
use crate::utc::now;
use koinon_protocol::id::{NetworkId, OrganisationId};
use koinon_protocol::key::Signer;
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use serde_json::json;
use std::path::PathBuf;

/// How many roots act for an organisation that this command founds; more roots can follow by rotation.
const THRESHOLD: u32 = 1;

/// The arguments of `koinon org create`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key new office && koinon key new root && koinon key new next-root
  koinon org create --charter charter.record --name \"pl=Dolna Wieś\" --country PL \\
    --device office --root root --next-root next-root dolna-wies.record")]
pub struct Create {
    /// A new file for the signed record
    file: PathBuf,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    node: NodeArgs,
    /// The name in a language, as in pl=NAME; may be given again for other languages
    #[arg(long = "name", value_name = "LANGUAGE=NAME", required = true, value_parser = localised)]
    names: Vec<(String, String)>,
    /// ISO 3166-1 alpha-2, two capital letters
    #[arg(long, value_parser = country)]
    country: String,
    /// The key that signs in daily work
    #[arg(long, value_name = "KEY", value_parser = name)]
    device: KeyName,
    /// The key that can add and revoke devices; keep it offline afterwards
    #[arg(long, value_name = "KEY", value_parser = name)]
    root: KeyName,
    /// The key that replaces the root if it is stolen; only its public half is used
    #[arg(long, value_name = "KEY", value_parser = name)]
    next_root: KeyName,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// The file of the root's passphrase, when it is another one
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
}

impl Create {
    /// JSON: `{organisation, network, device, root, file}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let [device, root, next] = [&self.device, &self.root, &self.next_root].map(|name| keystore::get(home, name));
        let (device, root, next) = (device?, root?, next?);
        if device.device == root.device || device.device == next.device || root.device == next.device {
            return Err(Failure::SameKey);
        }
        let network = self.network.or_of(&Client::new(&self.node))?;
        let device = self.passphrase.open(&device)?;
        let root = self.root_passphrase().open(&root)?;
        let roots = vec![root.public()];
        let inception = Inception {
            name: self.names.iter().cloned().collect(),
            country: self.country.clone(),
            threshold: THRESHOLD,
            next_roots: inception::roots_digest(THRESHOLD, &[next.device]),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, network, device.public(), THRESHOLD, &roots)],
            roots,
        };
        self.write(home, network, &inception, &device)
    }

    /// The copy in the home comes first: two inceptions of one key are a fork, and a fork freezes the organisation for good.
    fn write(&self, home: &Home, network: NetworkId, inception: &Inception, device: &Signer) -> Result<Answer, Failure> {
        let (draft, sealed) = inception::draft(network, inception, now(), keystore::random()?);
        Inception::read(&sealed.bytes, network, device.public()).map_err(Failure::Inception)?;
        let (record, body) = draft.sign(device, sealed).map_err(|error| Failure::NotMade(error.to_string()))?;
        let file = RecordFile::new(&record, &body);
        make_private_folder(&home.founded())?;
        write_new(&home.founded().join(format!("{}.record", device.public())), &file.encode()).map_err(founded)?;
        write_new(&self.file, &file.encode())?;
        let organisation = OrganisationId::from(record.id());
        let text = format!(
            "Organisation {organisation}\nWritten to {file}. Publish it: koinon publish {file}\n\
             A node takes it once somebody vouches for the organisation; a founder of the network needs nobody.\n\
             Now export the keys '{}' and '{}' to a place that is not online, and delete them here.\n",
            self.root,
            self.next_root,
            file = self.file.display(),
        );
        let json = json!({
            "organisation": organisation, "network": network, "device": device.public(), "root": inception.roots[0], "file": self.file,
        });
        Ok(Answer::ok(text, json))
    }

    fn root_passphrase(&self) -> PassphraseArgs {
        let own = self.root_passphrase_file.clone();
        PassphraseArgs { passphrase_file: own.or_else(|| self.passphrase.passphrase_file.clone()) }
    }
}

fn founded(failure: Failure) -> Failure {
    match failure {
        Failure::Exists(path) => Failure::Founded(path),
        other => other,
    }
}
