//! How a record leaves this computer: placed after the head of its log, checked by the node, signed, kept here, and only then
//! sent.
//!
//! Two records at one place of a log are a fork, and a fork freezes the log everywhere and for good. So the place comes from the copies
//! that are kept here *and* from the node, and whenever the two tell different stories nothing is signed.

use crate::author::{Author, AuthorArgs};
use crate::client::{Client, NodeArgs, Receipt};
use crate::copies::Copies;
use crate::failure::Failure;
use crate::home::Home;
use crate::utc::now;
use koinon_protocol::id::RecordId;
use koinon_protocol::key::Signer;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::Place;

/// How many of the last records are compared with a new one: a slip repeats what is recent, and each copy is read and verified.
const LOOKED_BACK: u64 = 50;

/// An author before a node.
pub struct Desk<'a> {
    node: &'a Client,
    author: &'a Author,
    copies: Copies,
    adopt: Option<RecordId>,
    resent: Vec<Receipt>,
}

/// A record that the node would take, not signed so far. Made by [`Desk::check`] only.
pub struct Checked {
    /// The name that it will have.
    pub id: RecordId,
    draft: Draft,
    sealed: Sealed,
}

/// The options of every command that continues a log: who writes, and before which node.
#[derive(clap::Args, Clone, Debug)]
pub struct WriterArgs {
    #[command(flatten)]
    author: AuthorArgs,
    /// After a backup was restored: take the node's copy of the log up to this record, and continue after it
    #[arg(long, value_name = "ID")]
    continue_after: Option<RecordId>,
    #[command(flatten)]
    node: NodeArgs,
}

impl WriterArgs {
    /// The node that is asked and told.
    pub fn node(&self) -> Client {
        Client::new(&self.node)
    }

    /// Who writes.
    ///
    /// # Errors
    /// Those of [`AuthorArgs::find`].
    pub fn author(&self, home: &Home, node: &Client) -> Result<Author, Failure> {
        self.author.find(home, node)
    }

    /// The author before the node; nothing is asked yet.
    pub fn desk<'a>(&self, home: &Home, node: &'a Client, author: &'a Author) -> Desk<'a> {
        let copies = Copies::new(home, author.own.log());
        Desk { node, author, copies, adopt: self.continue_after, resent: Vec::new() }
    }
}

impl Desk<'_> {
    /// Where the author's next record stands. What the node lacks of the log is sent to it first.
    ///
    /// # Errors
    /// [`Failure::OtherNetwork`], [`Failure::LogFrozen`], [`Failure::LogAhead`], [`Failure::LogDiffers`], and those of the node.
    pub fn place(&mut self) -> Result<Place, Failure> {
        let own = &self.author.own;
        let network = self.node.charter()?.network();
        if network != own.network {
            return Err(Failure::OtherNetwork { node: self.node.address().to_owned(), theirs: network, ours: own.network });
        }
        let state = self.node.log(own.log())?;
        if let Some(seq) = state.frozen_at {
            return Err(Failure::LogFrozen { log: own.log(), seq });
        }
        let head = self.reconcile(state.head)?;
        Ok(Place { network: own.network, organisation: own.organisation, head, now: now() })
    }

    /// The same content among the last records of this log, and its receipt when it was sent only now: whoever repeats a command that failed
    /// means the record that was signed then.
    ///
    /// # Errors
    /// [`Failure::BadCopy`], [`Failure::File`].
    pub fn same(&self, draft: &Draft, body: &[u8]) -> Result<Option<(RecordId, Option<Receipt>)>, Failure> {
        for seq in (draft.seq.saturating_sub(LOOKED_BACK)..draft.seq).rev() {
            let Some(record) = self.copies.get(seq)? else { continue };
            let header = record.signed.header();
            let is_same = (header.kind, header.subject) == (draft.kind, draft.subject);
            if is_same && record.sealed.as_ref().is_some_and(|sealed| sealed.bytes == body) {
                let id = header.id();
                return Ok(Some((id, self.resent.iter().find(|receipt| receipt.id == id).copied())));
            }
        }
        Ok(None)
    }

    /// Asks the node whether it would take the record. It is not signed for that: a node that saw two signed records for one place could
    /// freeze the log.
    ///
    /// # Errors
    /// What the protocol or the node refuses.
    pub fn check(&self, draft: Draft, sealed: Sealed) -> Result<Checked, Failure> {
        let unsigned = draft.unsigned(self.author.own.device, &sealed).map_err(|error| Failure::NotMade(error.to_string()))?;
        self.node.check(&RecordFile { signed: unsigned, sealed: Some(sealed.clone()) })?;
        Ok(Checked { id: unsigned.header().id(), draft, sealed })
    }

    /// Signs the record, keeps it and sends it.
    ///
    /// # Errors
    /// [`Failure::WouldFork`], [`Failure::Unsent`], and what the node refuses.
    pub fn send(&self, checked: Checked, signer: &Signer) -> Result<(RecordFile, Receipt), Failure> {
        let signed = checked.draft.sign(signer, checked.sealed).map_err(|error| Failure::NotMade(error.to_string()))?;
        let record = RecordFile::new(&signed.0, &signed.1);
        self.copies.keep(&record)?;
        let receipt =
            self.node.publish(&record).map_err(|failure| Failure::Unsent { id: checked.id, reason: Box::new(failure) })?;
        Ok((record, receipt))
    }

    fn reconcile(&mut self, theirs: Option<Head>) -> Result<Option<Head>, Failure> {
        let ours = self.copies.head()?;
        match (ours, theirs) {
            (None, None) => Ok(None),
            (Some(ours), None) => self.resend(0, ours),
            (Some(ours), Some(theirs)) if theirs.seq <= ours.seq => {
                self.check_common(theirs)?;
                self.resend(theirs.seq.saturating_add(1), ours)
            }
            (ours, Some(theirs)) if self.adopt == Some(theirs.id) => self.take_over(ours, theirs).map(Some),
            (ours, Some(theirs)) => {
                let ours = ours.map(|ours| ours.seq);
                Err(Failure::LogAhead { log: self.author.own.log(), ours, theirs: theirs.seq, id: theirs.id })
            }
        }
    }

    fn check_common(&self, theirs: Head) -> Result<(), Failure> {
        match self.copies.get(theirs.seq)? {
            Some(kept) if kept.signed.header().id() == theirs.id => Ok(()),
            Some(_) => Err(Failure::LogDiffers { log: self.author.own.log(), seq: theirs.seq, id: theirs.id }),
            None => Err(Failure::NoCopy { log: self.author.own.log(), seq: theirs.seq }),
        }
    }

    fn resend(&mut self, from: u64, ours: Head) -> Result<Option<Head>, Failure> {
        for seq in from..=ours.seq {
            let record = self.copies.get(seq)?.ok_or_else(|| Failure::NoCopy { log: self.author.own.log(), seq })?;
            if record.sealed.is_none() {
                return Err(Failure::CopyErased { log: self.author.own.log(), seq });
            }
            let unsent = |failure| Failure::Unsent { id: record.signed.header().id(), reason: Box::new(failure) };
            self.resent.push(self.node.publish(&record).map_err(unsent)?);
        }
        Ok(Some(ours))
    }

    /// Fetches what the node has of this log after our copies, from its head back to them, and keeps it in order.
    fn take_over(&self, ours: Option<Head>, theirs: Head) -> Result<Head, Failure> {
        let log = self.author.own.log();
        let first = ours.map_or(0, |ours| ours.seq + 1);
        let mut wanted = theirs.id;
        let mut records = Vec::new();
        for seq in (first..=theirs.seq).rev() {
            let record = self.node.record(wanted)?;
            let verified = record.verify().map_err(|error| Failure::BadAnswer(error.to_string()))?;
            let header = verified.header();
            if (header.organisation, header.device, header.seq) != (log.organisation, log.device, seq) {
                return Err(Failure::BadAnswer("this record stands elsewhere than the node says".into()));
            }
            wanted = header.previous;
            records.push(record);
        }
        if ours.is_some_and(|ours| ours.id != wanted) {
            return Err(Failure::LogDiffers { log, seq: first.saturating_sub(1), id: wanted });
        }
        records.iter().rev().try_for_each(|record| self.copies.keep(record))?;
        Ok(theirs)
    }
}
