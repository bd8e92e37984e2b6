//! What an organisation's roots, its guardians and a network's founders decide, and what it takes back.

#![expect(clippy::unwrap_used, reason = "a test says by panicking that its ground is not what it took it to be")]

#[path = "acts/charter.rs"]
mod charter;
#[path = "acts/keys.rs"]
mod keys;
#[path = "acts/recovery.rs"]
mod recovery;
#[path = "acts/town.rs"]
mod town;
#[path = "acts/word.rs"]
mod word;
