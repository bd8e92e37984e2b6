//! A paper that goes from hand to hand: what is decided, who must sign, and who has signed so far.
//!
//! The file is JSON that anybody can open. Whoever signs believes none of it but the text, which is what the signatures cover: the words beside
//! it are for readers, and the list of those who may sign is the proposer's, whom every node checks.

pub mod carrier;
pub mod decision;
pub mod names;
pub mod once;
pub mod proposal;
pub mod terms;
pub mod words;

use crate::failure::Failure;
use crate::home::{read_bounded, replace, write_new};
use decision::{Decision, NoDecision};
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::{PublicKey, Signer};
use koinon_protocol::limit;
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::Cover;
use koinon_protocol::trust::{Authorisation, Paper};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;

/// The form of the files that this program writes and reads.
const FORM: u32 = 1;
/// Bytes of the longest file: a text of the longest body, escaped, and the words and names beside it.
const MOST: usize = 8 * limit::BODY;

/// A paper whose text and signatures were checked.
#[derive(Clone, Debug)]
pub struct Act {
    form: Form,
    decision: Decision,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Form {
    paper: u32,
    /// For whoever opens the file.
    #[serde(default)]
    title: String,
    /// For whoever opens the file.
    #[serde(default)]
    says: Vec<String>,
    network: NetworkId,
    /// None when the founders amend the charter.
    organisation: Option<OrganisationId>,
    kind: u16,
    carrier: DeviceKey,
    text: String,
    threshold: u32,
    may_sign: Vec<MaySign>,
    signatures: Vec<Authorisation>,
}

/// A key that may sign a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaySign {
    /// The key.
    pub key: DeviceKey,
    /// Whose it is, as the proposer says.
    pub who: String,
}

/// For whom a paper is, and who must sign it.
#[derive(Clone, Debug)]
pub struct Parties {
    /// The network.
    pub network: NetworkId,
    /// Whose decision it is; none when the founders amend the charter.
    pub organisation: Option<OrganisationId>,
    /// How many must sign.
    pub threshold: u32,
    /// Who may.
    pub may_sign: Vec<MaySign>,
}

/// Why a file is no paper that anybody should sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPaper {
    /// Not of the form.
    #[error("{0}")]
    Form(String),
    /// A later form.
    #[error("it is of form {0}, and this version of koinon reads form {FORM}")]
    Later(u32),
    /// What the text says.
    #[error("{0}")]
    Decision(#[from] NoDecision),
    /// A signature that does not hold.
    #[error("the signature of {0} does not hold, or is of a key that is not asked")]
    Signature(DeviceKey),
}

impl Act {
    /// A paper that nobody signed; `says` is what it decides in words.
    ///
    /// # Errors
    /// [`Failure::Decision`] for what no node would accept.
    pub fn new(parties: Parties, decision: Decision, says: Vec<String>, carrier: DeviceKey) -> Result<Self, Failure> {
        let Paper { text, signatures } = decision.paper();
        let Parties { network, organisation, threshold, may_sign } = parties;
        let (title, kind) = (decision.title().to_owned(), decision.kind());
        let form = Form { paper: FORM, title, says, network, organisation, kind, carrier, text, threshold, may_sign, signatures };
        Self::check(form).map_err(|reason| Failure::Decision(reason.to_string()))
    }

    /// The paper in a file.
    ///
    /// # Errors
    /// [`Failure::NotAPaper`], [`Failure::File`], [`Failure::TooLong`].
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = read_bounded(path, MOST)?;
        let form = serde_json::from_slice(&bytes).map_err(|error| NoPaper::Form(error.to_string()));
        form.and_then(Self::check).map_err(|reason| Failure::NotAPaper { path: path.to_owned(), reason })
    }

    fn check(form: Form) -> Result<Self, NoPaper> {
        if form.paper != FORM {
            return Err(NoPaper::Later(form.paper));
        }
        let decision = Decision::read(form.kind, &form.paper())?;
        let act = Self { form, decision };
        let message = act.form.paper().message(&act.cover());
        for Authorisation { root, signature } in &act.form.signatures {
            let holds = PublicKey::check(*root).and_then(|key| key.verify(&message, signature)).is_ok();
            if !holds || !act.may_sign(*root) {
                return Err(NoPaper::Signature(*root));
            }
        }
        Ok(act)
    }

    /// Takes over the signatures of a copy of the same paper.
    ///
    /// # Errors
    /// [`Failure::OtherPaper`].
    pub fn join(&mut self, other: &Self) -> Result<(), Failure> {
        if (self.name(), self.form.carrier) != (other.name(), other.form.carrier) {
            return Err(Failure::OtherPaper);
        }
        for signature in &other.form.signatures {
            if !self.has_signed(signature.root) {
                self.form.signatures.push(signature.clone());
            }
        }
        Ok(())
    }

    /// Adds a signature.
    ///
    /// # Errors
    /// [`Failure::MayNotSign`].
    pub fn sign(&mut self, key: &Signer) -> Result<(), Failure> {
        if !self.may_sign(key.public()) {
            return Err(Failure::MayNotSign(key.public().to_string()));
        }
        let mut paper = self.form.paper();
        paper.sign(key, &self.cover());
        self.form.signatures = paper.signatures;
        Ok(())
    }

    /// Writes a new file, whose folder others may read.
    ///
    /// # Errors
    /// [`Failure::Exists`] and [`Failure::File`].
    pub fn write_new(&self, path: &Path) -> Result<(), Failure> {
        write_new(path, self.pretty().as_bytes())
    }

    /// Writes the file anew, when a signature was added.
    ///
    /// # Errors
    /// [`Failure::File`].
    pub fn replace(&self, path: &Path) -> Result<(), Failure> {
        replace(path, self.pretty().as_bytes())
    }

    /// The record's draft, for the carrier to sign, and its body.
    pub fn draft(&self, now: Millis, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
        self.form.paper().draft(&self.cover(), self.decision.subject(), now, salt)
    }

    /// What is decided.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The name of the decision.
    pub fn name(&self) -> RecordId {
        self.form.paper().name(&self.cover())
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.form.network
    }

    /// Whose decision it is; none when the founders amend the charter.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.form.organisation
    }

    /// The key that its record is signed with.
    pub fn carrier(&self) -> DeviceKey {
        self.form.carrier
    }

    /// Who may sign, as the proposer says.
    pub fn asked(&self) -> &[MaySign] {
        &self.form.may_sign
    }

    /// Whether a key's signature is on it.
    pub fn has_signed(&self, key: DeviceKey) -> bool {
        self.form.signatures.iter().any(|signature| signature.root == key)
    }

    /// How many signed, and how many must.
    pub fn count(&self) -> (usize, usize) {
        (self.form.signatures.len(), self.form.threshold as usize)
    }

    /// Whether enough signed, as far as the list of those who may is right.
    pub fn is_enough(&self) -> bool {
        let (signed, needed) = self.count();
        signed >= needed
    }

    /// `{name, kind, title, network, organisation, carrier, threshold, signed, enough, may_sign: [{key, who, signed}], resolution, date,
    /// attachment, decision}`.
    pub fn json(&self) -> Value {
        let asked =
            self.asked().iter().map(|each| json!({ "key": each.key, "who": each.who, "signed": self.has_signed(each.key) }));
        let (mandate, (signed, _)) = (self.decision.mandate(), self.count());
        json!({
            "name": self.name(), "kind": self.form.kind, "title": self.decision.title(), "network": self.form.network,
            "organisation": self.form.organisation, "carrier": self.form.carrier, "threshold": self.form.threshold, "signed": signed,
            "enough": self.is_enough(), "may_sign": asked.collect::<Vec<_>>(), "resolution": mandate.resolution, "date": mandate.date,
            "attachment": mandate.attachment, "decision": serde_json::from_str::<Value>(&self.form.text).unwrap_or_default(),
        })
    }

    fn may_sign(&self, key: DeviceKey) -> bool {
        self.form.may_sign.iter().any(|each| each.key == key)
    }

    fn cover(&self) -> Cover {
        let organisation = self.form.organisation.unwrap_or(OrganisationId::ZERO);
        Cover { network: self.form.network, organisation, kind: self.form.kind, carrier: self.form.carrier }
    }

    fn pretty(&self) -> String {
        let text = serde_json::to_string_pretty(&self.form).unwrap_or_default();
        format!("{text}\n")
    }
}

impl Form {
    fn paper(&self) -> Paper {
        Paper { text: self.text.clone(), signatures: self.signatures.clone() }
    }
}
