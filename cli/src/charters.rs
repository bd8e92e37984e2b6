//! The charters of a network in the order of time, each checked: the node is believed for which amendments there are, and for nothing that
//! they say.

use crate::charter_file::CharterFile;
use crate::client::Client;
use crate::failure::Failure;
use crate::utc::now;
use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::log::link;
use koinon_protocol::trust::{SignedTwice, Term, Trust, admit};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The most amendments that are fetched: one a month for sixteen years.
const MOST: usize = 200;

/// A network's founding charter and the amendments that count.
#[derive(Clone, Debug)]
pub struct Charters {
    founding: CharterFile,
    trust: Trust,
}

#[derive(Default, Deserialize)]
struct Answer {
    #[serde(default)]
    terms: Vec<TermAnswer>,
    #[serde(default)]
    signed_twice: Vec<TwiceAnswer>,
}

#[derive(Deserialize)]
struct TermAnswer {
    record: RecordId,
}

#[derive(Deserialize)]
struct TwiceAnswer {
    first: RecordId,
    second: RecordId,
}

impl Charters {
    /// The charters that a node has.
    ///
    /// # Errors
    /// Those of [`Client::charter`] and [`Client::record`]; [`Failure::BadAnswer`] for an amendment that is none.
    pub fn fetch(node: &Client) -> Result<Self, Failure> {
        let founding = node.charter()?;
        let answer: Answer = serde_json::from_value(node.object("charter", &[])?).unwrap_or_default();
        let mut trust = founding.trust();
        let mut seen = BTreeSet::from([RecordId(founding.network().0)]);
        let terms = answer.terms.iter().map(|term| term.record);
        let others = answer.signed_twice.iter().flat_map(|twice| [twice.first, twice.second]);
        for record in terms.chain(others).filter(|record| seen.insert(*record)).take(MOST) {
            take(&mut trust, node, record)?;
        }
        Ok(Self { founding, trust })
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.founding.network()
    }

    /// The founding charter.
    pub fn founding(&self) -> &CharterFile {
        &self.founding
    }

    /// All charters, in the order of time.
    pub fn terms(&self) -> &[Term] {
        self.trust.terms()
    }

    /// The charter that counts now.
    pub fn current(&self) -> &Term {
        self.trust.term_at(now())
    }

    /// The last one, which may count from later on only, and its number.
    pub fn last(&self) -> (usize, &Term) {
        let terms = self.terms();
        (terms.len().saturating_sub(1), &terms[terms.len().saturating_sub(1)])
    }

    /// The charter of this name, when it counts.
    pub fn named(&self, name: RecordId) -> Option<&Term> {
        self.terms().iter().find(|term| term.name == name)
    }

    /// Founders who signed two amendments for one place, as two records prove.
    pub fn signed_twice(&self) -> Vec<SignedTwice> {
        self.trust.signed_twice()
    }
}

fn take(trust: &mut Trust, node: &Client, id: RecordId) -> Result<(), Failure> {
    let bad = |error: String| Failure::BadAnswer(format!("the amendment {id}: {error}"));
    let (verified, body) = node.record(id)?.open().map_err(|error| bad(error.to_string()))?;
    let linked = link(verified, None).map_err(|error| bad(error.to_string()))?;
    let admitted = admit(linked, Some(&body), trust).map_err(|error| bad(error.to_string()))?;
    trust.apply(&admitted, Some(&body));
    Ok(())
}
