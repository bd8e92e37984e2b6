//! `koinon publish`: what people wrote is checked, signed, kept and sent; a record file is sent as it is.

use super::HELP;
use crate::answer::Answer;
use crate::author::Author;
use crate::client::{Client, Receipt};
use crate::copies::Copies;
use crate::desk::WriterArgs;
use crate::failure::Failure;
use crate::form::{Content, Form};
use crate::home::{Home, read_bounded};
use crate::keystore;
use crate::language::{LanguageArgs, pick};
use crate::paper::{Paper, is_attended};
use koinon_protocol::id::RecordId;
use koinon_protocol::log::LogId;
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::record_file::{self, RecordFile};
use koinon_protocol::trust::Place;
use serde_json::json;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The arguments of `koinon publish`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon new practice lorry.toml && koinon publish --dry-run lorry.toml
  koinon publish lorry.toml --key council-office
  koinon publish lorry.toml --revises 3f…e1    (64 digits: the record that this one replaces)
  koinon publish dolna-wies.record             (signed before: sent as it is)",
    after_help = "Nothing is signed before the file is right. A signed record is kept on this computer before it is sent, and sent again when it did not arrive; two records at one place of a log would be a fork, which freezes the log for good.")]
pub struct Publish {
    /// A form that was filled in (.toml or .json), or a signed record
    file: PathBuf,
    /// The kind, when the file does not say it
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The record that this one replaces
    #[arg(long, value_name = "ID")]
    revises: Option<RecordId>,
    /// Only say whether the node would take it; nothing is signed or published
    #[arg(long)]
    dry_run: bool,
    /// Publish it although the same was published before
    #[arg(long)]
    again: bool,
    /// Do not ask whether to go on
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    writer: WriterArgs,
}

impl Publish {
    /// JSON: `{id, position}`, the place in the node's journal; with `--dry-run` `{id, ok}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = self.writer.node();
        let extension = self.file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if matches!(extension.to_ascii_lowercase().as_str(), "toml" | "json") {
            self.content(home, &node)
        } else {
            self.record(home, &node)
        }
    }

    fn record(&self, home: &Home, node: &Client) -> Result<Answer, Failure> {
        let bytes = read_bounded(&self.file, record_file::MOST)?;
        let record = RecordFile::decode(&bytes).map_err(|reason| Failure::NotARecord { path: self.file.clone(), reason })?;
        record.open().map_err(|reason| Failure::NotVerified { path: self.file.clone(), reason })?;
        if self.dry_run {
            node.check(&record.unsigned())?;
            return Ok(would_take(record.signed.header().id()));
        }
        keep_own(home, &record)?;
        Ok(published(node.publish(&record)?))
    }

    fn content(&self, home: &Home, node: &Client) -> Result<Answer, Failure> {
        let content = Form::read(&self.file, self.kind.as_deref())?.body()?;
        let author = self.writer.author(home, node)?;
        let mut desk = self.writer.desk(home, node, &author);
        let draft = self.draft(&content, &desk.place()?)?;
        if let Some((id, sent_now)) = desk.same(&draft, &content.bytes)?.filter(|_| !self.again && !self.dry_run) {
            return sent_now.map(published).ok_or(Failure::PublishedBefore(id));
        }
        if !self.dry_run && !self.yes && is_attended() {
            confirm(&content, &author, &self.file)?;
        }
        let sealed = Sealed { salt: keystore::random()?, bytes: content.bytes };
        let checked = desk.check(draft, sealed)?;
        if self.dry_run {
            return Ok(would_take(checked.id));
        }
        let (_, receipt) = desk.send(checked, &author.open()?)?;
        Ok(published(receipt))
    }

    fn draft(&self, content: &Content, place: &Place) -> Result<Draft, Failure> {
        let values = content.kind.header_values(&content.document);
        let subject = match self.revises {
            Some(_) if !values.subject.is_zero() => return Err(Failure::NoRevision(content.kind.name)),
            Some(revised) => revised,
            None => values.subject,
        };
        Ok(Draft { territory: values.territory, topic: values.topic, ..place.draft(content.kind.number, subject) })
    }
}

/// A record of a log that a key of this computer writes is kept like any other, or the high-water mark would be too low.
fn keep_own(home: &Home, record: &RecordFile) -> Result<(), Failure> {
    let header = record.signed.header();
    let is_own = !header.organisation.is_zero() && keystore::list(home)?.iter().any(|key| key.device == header.device);
    if is_own { Copies::new(home, LogId::from(header)).keep_next(record) } else { Ok(()) }
}

fn published(receipt: Receipt) -> Answer {
    let text = format!("Published {}\nPlace {} in the node's journal.\n", receipt.id, receipt.position);
    Answer::ok(text, json!({ "id": receipt.id, "position": receipt.position }))
}

fn would_take(id: RecordId) -> Answer {
    let text = "The form is right and the node would take the record. Nothing was published.\n";
    Answer::ok(text, json!({ "id": id, "ok": true }))
}

/// Asks the person at the terminal.
fn confirm(content: &Content, author: &Author, file: &Path) -> Result<(), Failure> {
    let wanted = LanguageArgs::default().wanted();
    let name = pick(&author.own.name, &wanted);
    let speaker = if name.is_empty() { author.own.organisation.to_string() } else { name.to_owned() };
    let mut paper = Paper::new();
    let title = content.kind.words(&content.document).title.into_iter().collect();
    paper.title(pick(&title, &wanted));
    paper.text(
        0,
        &format!("{} from {}, signed with the key '{}' for {speaker}.", content.kind.name, file.display(), author.key.name),
    );
    paper.text(
        0,
        "It goes to every node of the network and can be read by anybody; what is out cannot be called back with certainty.",
    );
    let _ = write!(io::stderr(), "{}Publish it? [y/N] ", paper.finish());
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if read.is_ok() && agreed { Ok(()) } else { Err(Failure::NotConfirmed) }
}
