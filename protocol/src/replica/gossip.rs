//! Gossip: news that comes unasked for. It makes replicas quick and is never what makes them agree: what it loses, pulls bring.

use super::message::Parcel;
use super::{Candidate, Effects, Host, Peer, Replica, Standing};
use crate::id::RecordId;
use crate::ledger::{Fault, Ledger};
use crate::log::{LinkError, LogId, link};
use crate::record::{Body, Verified};
use crate::time::Millis;

/// Headers of gossip that are remembered until their records arrive: 1.4 MB; all are forgotten beyond that and checked again.
const HEARD: usize = 4096;
/// Records that go on once they are kept; all are forgotten beyond that, and pulls bring them to others.
const UNPASSED: usize = 1024;

/// What is pushed.
enum News {
    /// A record that will be accepted.
    Fresh(Verified, Option<Body>),
    /// A record that lacks what stands before it, or contradicts what is there.
    Strange(Verified, Option<Body>),
    /// A record whose body is asked for already, again without it.
    Expected(RecordId),
    /// A record that is here.
    Known(RecordId),
    /// Nothing that could be accepted now.
    Unacceptable,
    /// Something that nobody signed.
    False,
}

impl Replica {
    /// Judges what was pushed, takes in what came whole and notes what is to be fetched.
    pub(super) fn pushed(
        &mut self,
        from: Peer,
        parcel: Parcel,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        if !self.hears(from) {
            return Ok(());
        }
        match self.read_news(parcel, host)? {
            News::Fresh(record, body) => {
                self.news.note(record.id());
                self.pass_on_later(record.id(), from);
                self.follow(from, record, body, now, host, out)?;
            }
            News::Strange(record, body) => {
                self.news.note(record.id());
                self.follow(from, record, body, now, host, out)?;
            }
            News::Expected(id) => {
                self.want(id, Some(from), None);
                self.came_twice(from, out);
            }
            // What a pull brought is pushed once nevertheless.
            News::Known(id) => {
                if !self.news.note(id) {
                    self.came_twice(from, out);
                }
            }
            News::Unacceptable => {}
            News::False => self.punish(from, out),
        }
        Ok(())
    }

    fn read_news(&mut self, parcel: Parcel, host: &mut impl Host) -> Result<News, Fault> {
        let (signed, id) = (parcel.signed, parcel.signed.header().id());
        if self.knows(&id, host)? {
            return Ok(News::Known(id));
        }
        if parcel.body.is_none() && self.unpassed.contains_key(&id) {
            return Ok(News::Expected(id));
        }
        let heard = self.heard.remove(&id).filter(|record| *record.signed() == signed);
        let record = heard.or_else(|| host.verify(vec![signed]).pop()?.ok());
        let opened = record.and_then(|record| Some((record, parcel.body.map(|body| record.open(body)).transpose().ok()?)));
        let Some((record, body)) = opened else { return Ok(News::False) };
        let head = host.ledger().head(&LogId::from(record.header()))?;
        Ok(match link(record, head.as_ref()) {
            Ok(linked) => match host.standing(&linked, body.as_ref()) {
                Standing::Admitted | Standing::BodyMissing => News::Fresh(record, body),
                Standing::Waits(_) | Standing::Refused(_) => News::Unacceptable,
            },
            Err(LinkError::Backwards) => News::Unacceptable,
            Err(_) => News::Strange(record, body),
        })
    }

    /// Takes a record in whose body came with it; else asks for it.
    fn follow(
        &mut self,
        from: Peer,
        record: Verified,
        body: Option<Body>,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        if body.is_none() {
            self.hear(record);
            self.want(record.id(), Some(from), None);
            return Ok(());
        }
        self.settle(vec![Candidate { record, body, source: Some(from) }], now, host, out)?;
        // What was not kept although it came whole does not go on.
        self.unpassed.remove(&record.id());
        Ok(())
    }

    /// Whoever hears of a record may ask for it at once, so it goes on only when it is kept here.
    fn pass_on_later(&mut self, record: RecordId, from: Peer) {
        if self.unpassed.len() >= UNPASSED {
            self.unpassed.clear();
        }
        self.unpassed.insert(record, from);
    }

    fn hear(&mut self, record: Verified) {
        if self.heard.len() >= HEARD {
            self.heard.clear();
        }
        self.heard.insert(record.id(), record);
    }
}
