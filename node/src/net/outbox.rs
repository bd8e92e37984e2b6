//! What happened and the engine has no room for yet.
//!
//! A handler that waited for the engine, while the engine waits for the network, would stop both for ever.

use koinon_protocol::replica::Input;
use std::collections::VecDeque;

/// Inputs above which pushes are dropped, since they can be had by asking. 512 of them are some 5 MiB.
const PUSHES: usize = 512;
/// Inputs above which questions of others are dropped too; they ask again. Each is at most 128 KiB and mostly a hundred bytes.
const REQUESTS: usize = 1024;

/// Inputs in order. Beside pushes and requests it takes answers, which open questions bound, and comings and goings, which connections
/// bound.
#[derive(Default)]
pub(super) struct Outbox {
    inputs: VecDeque<Input>,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Input> {
        self.inputs.pop_front()
    }

    pub(super) fn push(&mut self, input: Input) {
        self.inputs.push_back(input);
    }

    pub(super) fn takes_pushes(&self) -> bool {
        self.inputs.len() < PUSHES
    }

    pub(super) fn takes_requests(&self) -> bool {
        self.inputs.len() < REQUESTS
    }
}
