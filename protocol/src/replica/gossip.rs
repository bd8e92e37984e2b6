//! Gossip: news that comes unasked for. It makes replicas quick and is never what makes them agree: what it loses, pulls bring.

use super::message::Parcel;
use super::{Candidate, Effect, Effects, Host, Peer, Replica, Standing, Verdict};
use crate::id::RecordId;
use crate::ledger::{Fault, Ledger};
use crate::log::{LinkError, LogId, link};
use crate::record::{Body, Verified};
use crate::time::Millis;

/// Headers of gossip that are remembered until their records arrive: 1.4 MB; all are forgotten beyond that and checked again.
const HEARD: usize = 4096;
/// Gossip messages that wait for their records; all are forgotten beyond that, and pulls bring what they named.
const UNPASSED: usize = 1024;

/// What a gossip message says.
enum News {
    /// A record that will be accepted.
    Fresh(Verified, Option<Body>),
    /// A record that lacks what stands before it, or contradicts what is there.
    Strange(Verified, Option<Body>),
    /// Nothing that could be accepted now.
    Stale,
    /// Something that nobody signed.
    False,
}

impl Replica {
    /// Judges a gossip message, takes in what came whole and notes what is to be fetched.
    pub(super) fn gossip(
        &mut self,
        from: Peer,
        message: u64,
        parcel: Parcel,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        match self.read_news(parcel, host)? {
            News::Fresh(record, body) => {
                self.pass_on_later(record.id(), message, out);
                self.follow(from, record, body, now, host, out)?;
            }
            News::Strange(record, body) => {
                out.now.push(Effect::Verdict { message, verdict: Verdict::Ignore });
                self.follow(from, record, body, now, host, out)?;
            }
            News::Stale => out.now.push(Effect::Verdict { message, verdict: Verdict::Ignore }),
            News::False => {
                self.punish(from, out);
                out.now.push(Effect::Verdict { message, verdict: Verdict::Reject });
            }
        }
        Ok(())
    }

    fn read_news(&mut self, parcel: Parcel, host: &mut impl Host) -> Result<News, Fault> {
        let (signed, id) = (parcel.signed, parcel.signed.header().id());
        if self.knows(&id, host)? {
            return Ok(News::Stale);
        }
        let heard = self.heard.remove(&id).filter(|record| *record.signed() == signed);
        let record = heard.or_else(|| host.verify(vec![signed]).pop()?.ok());
        let opened = record.and_then(|record| Some((record, parcel.body.map(|body| record.open(body)).transpose().ok()?)));
        let Some((record, body)) = opened else { return Ok(News::False) };
        let head = host.ledger().head(&LogId::from(record.header()))?;
        Ok(match link(record, head.as_ref()) {
            Ok(linked) => match host.standing(&linked, body.as_ref()) {
                Standing::Admitted | Standing::BodyMissing => News::Fresh(record, body),
                Standing::Waits(_) | Standing::Refused(_) => News::Stale,
            },
            Err(LinkError::Backwards) => News::Stale,
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
        if let Some(message) = self.unpassed.remove(&record.id()) {
            out.now.push(Effect::Verdict { message, verdict: Verdict::Ignore });
        }
        Ok(())
    }

    /// Whoever hears of a record may ask for it at once, so a message goes on only when its record is kept here.
    fn pass_on_later(&mut self, record: RecordId, message: u64, out: &mut Effects) {
        let full = self.unpassed.len() >= UNPASSED;
        let forgotten = if full { std::mem::take(&mut self.unpassed).into_values().collect() } else { Vec::new() };
        let earlier = self.unpassed.insert(record, message);
        let ignore = |message| Effect::Verdict { message, verdict: Verdict::Ignore };
        out.now.extend(forgotten.into_iter().chain(earlier).map(ignore));
    }

    fn hear(&mut self, record: Verified) {
        if self.heard.len() >= HEARD {
            self.heard.clear();
        }
        self.heard.insert(record.id(), record);
    }
}
