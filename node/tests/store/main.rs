//! The store on a real disk, and on one that fails: what survives a power cut, damage to any file, and a backup.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

mod backup;
mod crash;
mod damage;
mod files;
mod ground;
mod trial;
