//! Messages on their way: links that lose, delay and double, and what they cost.

use super::{Event, World};
use crate::hostile;
use crate::people::START;
use koinon_protocol::limit;
use koinon_protocol::replica::message::{Carried, Parcel, Request, Response};
use koinon_protocol::replica::{Input, Peer};
use sha2::Digest as _;
use std::rc::Rc;

/// Bytes of the longest body that is pushed with its header: some of the records here have longer ones.
const WHOLE: usize = 150;

#[derive(Clone)]
pub(super) enum Message {
    Push(Rc<Parcel>),
    /// A graft, or else a prune.
    Turn(bool),
    Request(u64, Rc<Request>),
    Response(u64, Rc<Response>),
}

impl World {
    /// What is short goes whole, as in production.
    pub(super) fn push(&mut self, node: usize, to: &[Peer], record: Parcel) {
        let body = record.body.filter(|body| body.bytes.len() <= WHOLE);
        let record = Rc::new(Parcel { body, ..record });
        self.cost.pushed += to.len() as u64;
        to.iter().for_each(|peer| self.send(node, *peer, Message::Push(record.clone())));
    }

    pub(super) fn send(&mut self, node: usize, to: Peer, message: Message) {
        let other = (to.0 & 0xffff) as usize;
        let bytes = match &message {
            Message::Push(record) => record.encode(),
            Message::Turn(grafts) => vec![u8::from(*grafts)],
            Message::Request(_, request) => request.encode(),
            Message::Response(_, response) => response.encode(),
        };
        let bound = if matches!(message, Message::Response(..)) { limit::RESPONSE } else { limit::REQUEST };
        assert!(bytes.len() <= bound, "a message of {} bytes", bytes.len());
        self.cost.messages += 1;
        self.cost.bytes += bytes.len() as u64;
        self.trace.update(&bytes);
        self.post(node, other, to.0 >> 16, message);
    }

    /// Hands a message to the link, which may lose or double it.
    fn post(&mut self, node: usize, other: usize, life: u64, message: Message) {
        let (storm, roll, doubled) = (self.is_storm(), self.random(100), self.random(100));
        let loss = if matches!(message, Message::Push(_) | Message::Turn(_)) { self.plan.gossip_loss } else { self.plan.loss };
        let parted = self.plan.partition && storm && self.now.since(START) > self.plan.storm / 2 && (node % 2) != (other % 2);
        if parted || roll < loss {
            return;
        }
        for double in [false, true] {
            if !double || doubled < self.plan.doubled {
                let delay = 5 + self.random(if storm { 1500 } else { 100 });
                let (from, to) = ((node, self.name(node).0 >> 16), (other, life));
                self.at(delay, Event::Deliver { from, to, message: message.clone(), double });
            }
        }
    }

    pub(super) fn deliver(&mut self, from: (usize, u64), to: (usize, u64), message: Message, double: bool) -> Result<(), String> {
        if self.name(to.0).0 >> 16 != to.1 || self.name(from.0).0 >> 16 != from.1 {
            return Ok(());
        }
        if to.0 >= self.plan.replicas {
            return self.provoke(to.0, from, message);
        }
        if self.nodes[to.0].shunned.contains(&from.0) {
            return Ok(());
        }
        let peer = self.name(from.0);
        let input = match message {
            Message::Push(record) => Input::Pushed { from: peer, record: (*record).clone() },
            Message::Turn(true) => Input::Grafted(peer),
            Message::Turn(false) => Input::Pruned(peer),
            Message::Request(call, request) => Input::Request { from: peer, call, request: (*request).clone() },
            Message::Response(call, response) => {
                if !double {
                    self.count(to.0, &response);
                }
                Input::Response { from: peer, call, response: (*response).clone() }
            }
        };
        self.step(to.0, input)
    }

    /// A body is needed once, by who does not have it; a crash may lose it again before it is kept for good.
    fn count(&mut self, node: usize, response: &Response) {
        for parcel in parcels(response) {
            let id = parcel.signed.header().id();
            let needed = self.body_of(node, &id).is_none() && self.came.insert((self.name(node), id));
            self.cost.bodies_received += 1;
            self.cost.bodies_needed += u64::from(needed);
        }
    }

    /// A hostile peer was asked or heard something.
    fn provoke(&mut self, hostile: usize, from: (usize, u64), message: Message) -> Result<(), String> {
        let (roll, salt) = (self.random(10), self.salt());
        match message {
            Message::Request(call, request) => {
                if let Some(answer) = hostile::answer(&request, roll, salt) {
                    self.post(hostile, from.0, from.1, Message::Response(call, Rc::new(answer)));
                }
            }
            Message::Push(record) => {
                let request = Message::Request(self.order, Rc::new(hostile::question(roll, salt)));
                self.post(hostile, from.0, from.1, request);
                self.post(hostile, from.0, from.1, Message::Turn(roll % 2 == 0));
                self.post(hostile, from.0, from.1, Message::Push(record));
            }
            Message::Turn(_) | Message::Response(..) => {}
        }
        Ok(())
    }
}

fn parcels(response: &Response) -> Vec<&Parcel> {
    match response {
        Response::Parcels { parcels, .. } | Response::Control { parcels, .. } => parcels.iter().collect(),
        Response::Whole { records, .. } => records
            .iter()
            .filter_map(|record| match record {
                Carried::Whole(parcel) => Some(parcel),
                Carried::Named(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
