//! `koinon` as people run it: the program, files, and a node that answers over HTTP.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod charter;
mod credential;
mod erase;
mod help;
mod keys;
mod network;
mod node;
mod org;
mod organisations;
mod papers;
mod publish;
mod support;
mod verify;
