//! `koinon org create`: an inception, checked as every node will check it, in a record file.

use super::guard::GuardianArgs;
use super::{HELP, country};
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::command::key::name;
use crate::failure::Failure;
use crate::home::{Home, make_private_folder, write_new};
use crate::keystore::{self, KeyName, StoredKey};
use crate::language::localised;
use crate::named::{KeyArg, NetworkArgs, find_keys};
use crate::next_roots::RootSet;
use crate::paper::Paper;
use crate::passphrase::PassphraseArgs;
use crate::pem::Seed;
use crate::utc::now;
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId};
use koinon_protocol::key::Signer;
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::inception::{self, Inception};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The arguments of `koinon org create`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key new office && koinon key new root && koinon key new next-root
  koinon org create --charter charter.record --name \"pl=Dolna Wieś\" --country PL \\
    --device office --root root --next-root next-root dolna-wies.record
  koinon org create --charter charter.record --name \"en=Riverland\" --country PL --device office \\
    --root chair --root secretary --root 3f…e1 --threshold 2 --next-roots-in /media/safe \\
    --guardian 5c…09=7a…d2 riverland.record    (two of three act; their successors go to a stick)")]
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
    /// A key that can add and revoke others; keep it offline afterwards. Given again, several act together; of those on other computers give
    /// the 64 digits
    #[arg(long = "root", value_name = "KEY", required = true)]
    roots: Vec<KeyArg>,
    /// How many of the roots must act together [default: more than half]
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
    /// A key that replaces a root if one is stolen; only its public half is used. May be given again
    #[arg(long = "next-root", value_name = "KEY", required_unless_present = "next_roots_in")]
    next_roots: Vec<KeyArg>,
    /// Make the next roots, as many as there are roots, and write them into this folder only, encrypted: a stick that goes into a safe
    #[arg(long, value_name = "FOLDER", conflicts_with = "next_roots")]
    next_roots_in: Option<PathBuf>,
    /// How many of the next roots must act together [default: more than half]
    #[arg(long, value_name = "COUNT")]
    next_threshold: Option<u32>,
    #[command(flatten)]
    guardians: GuardianArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// The file of the roots' passphrase, when it is another one
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
}

impl Create {
    /// JSON: `{organisation, network, device, root, roots, threshold, next_roots, guardians, file}`; `next_roots` is a digest.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let device = keystore::get(home, &self.device)?;
        let roots = RootSet::new(find_keys(&self.roots, home)?, self.threshold);
        let named = find_keys(&self.next_roots, home)?;
        if roots.keys.contains(&device.device) || named.iter().any(|key| *key == device.device || roots.keys.contains(key)) {
            return Err(Failure::SameKey);
        }
        let network = self.network.or_of(&Client::new(&self.node))?;
        let own = own_roots(home, &roots)?;
        let guardians = self.guardians.find(home)?;
        let device = self.passphrase.open(&device)?;
        let consents = own.iter().map(|root| {
            let root = self.root_passphrase().open(root)?;
            Ok(inception::consent(&root, network, device.public(), roots.threshold, &roots.keys))
        });
        let consents = consents.collect::<Result<_, Failure>>()?;
        let next = match &self.next_roots_in {
            Some(folder) => self.make_next(folder, roots.keys.len())?,
            None => RootSet::new(named, self.next_threshold),
        };
        next.keep(home)?;
        let inception = Inception {
            name: self.names.iter().cloned().collect(),
            country: self.country.clone(),
            threshold: roots.threshold,
            next_roots: next.digest(),
            guardians,
            consents,
            roots: roots.keys,
        };
        self.write(home, network, &inception, &device)
    }

    /// Keys that this computer never keeps.
    fn make_next(&self, folder: &Path, count: usize) -> Result<RootSet, Failure> {
        let passphrase = self.root_passphrase().new_one()?;
        let mut keys = Vec::new();
        for number in 1..=count {
            let seed = Seed::new(keystore::random()?);
            let path = folder.join(format!("{}-next-root-{number}.pem", self.device));
            keys.push(keystore::write(&path, &seed, &passphrase)?);
        }
        Ok(RootSet::new(keys, self.next_threshold))
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
        self.answer(home, record.id().into(), network, inception)
    }

    fn answer(
        &self,
        home: &Home,
        organisation: OrganisationId,
        network: NetworkId,
        inception: &Inception,
    ) -> Result<Answer, Failure> {
        let file = self.file.display();
        let mut paper = Paper::new();
        paper.title(&format!("Organisation {organisation}"));
        paper.text(0, &format!("Written to {file}. Publish it:"));
        paper.command(&format!("koinon publish {file}"));
        paper.text(0, "A node takes it once somebody vouches for the organisation; a founder of the network needs nobody.");
        let mut apart = Vec::new();
        for key in keystore::list(home)? {
            if inception.roots.contains(&key.device) || self.next_keys(home)?.contains(&key.device) {
                apart.push(format!("'{}'", key.name));
            }
        }
        if !apart.is_empty() {
            let keys = apart.join(", ");
            paper.text(0, &format!("Now export these keys to a place that is not online, and delete them here: {keys}"));
        }
        if let Some(folder) = &self.next_roots_in {
            paper.text(
                0,
                &format!("The next roots are in {} and nowhere else: lock them away, apart from the roots.", folder.display()),
            );
        }
        let json = json!({
            "organisation": organisation, "network": network, "device": self.device_key(home)?, "root": inception.roots[0],
            "roots": inception.roots, "threshold": inception.threshold, "next_roots": inception.next_roots,
            "guardians": inception.guardians.members, "file": self.file,
        });
        Ok(Answer::ok(paper.finish(), json))
    }

    fn next_keys(&self, home: &Home) -> Result<Vec<DeviceKey>, Failure> {
        find_keys(&self.next_roots, home)
    }

    fn device_key(&self, home: &Home) -> Result<DeviceKey, Failure> {
        Ok(keystore::get(home, &self.device)?.device)
    }

    fn root_passphrase(&self) -> PassphraseArgs {
        let own = self.root_passphrase_file.clone();
        PassphraseArgs { passphrase_file: own.or_else(|| self.passphrase.passphrase_file.clone()) }
    }
}

/// Those of the roots whose keys are here: as many as must act have to consent.
fn own_roots(home: &Home, roots: &RootSet) -> Result<Vec<StoredKey>, Failure> {
    let mut own = keystore::list(home)?;
    own.retain(|key| roots.keys.contains(&key.device));
    let (here, needed) = (own.len(), roots.threshold as usize);
    if here < needed && needed <= roots.keys.len() { Err(Failure::RootsElsewhere { here, needed }) } else { Ok(own) }
}

fn founded(failure: Failure) -> Failure {
    match failure {
        Failure::Exists(path) => Failure::Founded(path),
        other => other,
    }
}
