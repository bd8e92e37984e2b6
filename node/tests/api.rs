//! What whoever writes a program against a node relies on: over real sockets, a real store, a real engine.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

#[path = "api/admin.rs"]
mod admin;
#[path = "api/erasing.rs"]
mod erasing;
#[path = "api/guards.rs"]
mod guards;
#[path = "api/hiding.rs"]
mod hiding;
#[path = "api/house.rs"]
mod house;
#[path = "api/openapi.rs"]
mod openapi;
#[path = "api/reading.rs"]
mod reading;
#[path = "api/writing.rs"]
mod writing;
