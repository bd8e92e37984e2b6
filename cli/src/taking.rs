//! What `koinon erase` and `koinon notice` share: a record that takes the text of another away, everywhere and for good.

use crate::answer::Answer;
use crate::author::Author;
use crate::client::Client;
use crate::copies::Copies;
use crate::desk::WriterArgs;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use crate::paper::Paper;
use koinon_protocol::id::RecordId;
use koinon_protocol::limit;
use koinon_protocol::log::LogId;
use koinon_protocol::record::{Draft, Header, Sealed};
use koinon_protocol::trust::{BodyError, Place, erasure};
use serde_json::{Value, json};

/// The arguments that both have.
#[derive(clap::Args, Clone, Debug)]
pub struct TakingArgs {
    /// The record whose text goes, 64 digits
    #[arg(value_name = "ID")]
    pub id: RecordId,
    /// Why, in words that anybody may read: they stay
    #[arg(long, value_name = "TEXT")]
    pub ground: String,
    /// Only say whether the node would take it; nothing is erased
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    writer: WriterArgs,
}

/// What is said in a record that takes a text away.
pub trait Taking {
    /// What the record is called, with a capital letter.
    const NAME: &'static str;

    /// Whether this author may take this record's text away.
    ///
    /// # Errors
    /// [`Failure::MayNotErase`], and those of the node.
    fn may(&self, node: &Client, author: &Author, subject: &Header) -> Result<(), Failure>;

    /// The draft about a record, and its body.
    ///
    /// # Errors
    /// What is wrong with the body.
    fn draft(&self, place: &Place, subject: RecordId, salt: [u8; limit::SALT]) -> Result<(Draft, Sealed), BodyError>;
}

impl TakingArgs {
    /// JSON: `{id, subject, copy_erased}` and `position`, or `ok` with `--dry-run`.
    ///
    /// # Errors
    /// What the protocol or the node refuses; the copy on this computer stays until the node has taken the record.
    pub fn run<T: Taking>(self, home: &Home, taking: &T) -> Result<Answer, Failure> {
        let node = self.writer.node();
        let author = self.writer.author(home, &node)?;
        let subject = *node.record(self.id)?.signed.header();
        if !erasure::is_erasable(subject.kind) {
            return Err(Failure::MayNotErase("a record that says who may speak cannot be erased"));
        }
        taking.may(&node, &author, &subject)?;
        let mut desk = self.writer.desk(home, &node, &author);
        let (draft, sealed) = taking.draft(&desk.place()?, self.id, keystore::random()?).map_err(Failure::Taking)?;
        let (id, position) = match desk.same(&draft, &sealed.bytes)? {
            Some((id, receipt)) => (id, receipt.map(|receipt| receipt.position)),
            None => {
                let checked = desk.check(draft, sealed)?;
                if self.dry_run {
                    let json = json!({ "id": checked.id, "subject": self.id, "ok": true });
                    return Ok(Answer::ok(
                        format!("The node would take the {}. Nothing was erased.\n", T::NAME.to_lowercase()),
                        json,
                    ));
                }
                let (_, receipt) = desk.send(checked, &author.open()?)?;
                (receipt.id, Some(receipt.position))
            }
        };
        let copy_erased = !self.dry_run && Copies::new(home, LogId::from(&subject)).erase(subject.seq, self.id)?;
        Ok(self.answer(T::NAME, id, position, copy_erased))
    }

    fn answer(&self, name: &str, id: RecordId, position: Option<u64>, copy_erased: bool) -> Answer {
        let mut json = json!({ "id": id, "subject": self.id, "copy_erased": copy_erased });
        let mut paper = Paper::new();
        paper.text(0, &format!("Erased {}; other nodes follow as they learn of it.", self.id));
        match position {
            Some(position) => {
                json["position"] = Value::from(position);
                paper.text(0, &format!("{name} {id}, place {position} in the node's journal."));
            }
            None => drop(paper.text(0, &format!("{name} {id} was published before."))),
        }
        if copy_erased {
            paper.text(0, "The copy on this computer keeps its header and signature only.");
        }
        paper.text(0, "Forms and files that you saved yourself are yours to delete.");
        Answer::ok(paper.finish(), json)
    }
}
