//! Organisations by name, where a node can be asked; their ids always.

use crate::client::Client;
use crate::failure::Failure;
use crate::language::pick_json;
use koinon_protocol::id::OrganisationId;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Looks names up at a node, each once, and stops asking when none answers.
pub struct Names<'a> {
    node: &'a Client,
    wanted: Vec<String>,
    asleep: Cell<bool>,
    known: RefCell<BTreeMap<OrganisationId, String>>,
}

impl<'a> Names<'a> {
    /// Nothing is asked yet.
    pub fn new(node: &'a Client, wanted: &[String]) -> Self {
        Self { node, wanted: wanted.to_vec(), asleep: Cell::new(false), known: RefCell::default() }
    }

    /// The languages that are wanted.
    pub fn wanted(&self) -> &[String] {
        &self.wanted
    }

    /// The name alone; empty when it is not known.
    pub fn name(&self, id: OrganisationId) -> String {
        if let Some(name) = self.known.borrow().get(&id) {
            return name.clone();
        }
        let found = if self.asleep.get() { Ok(None) } else { self.ask(id) };
        let name = match found {
            Ok(name) => name.unwrap_or_default(),
            Err(_) => {
                self.asleep.set(true);
                String::new()
            }
        };
        self.known.borrow_mut().insert(id, name.clone());
        name
    }

    /// The name and the id; the id alone when the name is not known.
    pub fn full(&self, id: OrganisationId) -> String {
        let name = self.name(id);
        if name.is_empty() { format!("the organisation {id}") } else { format!("{name} ({id})") }
    }

    fn ask(&self, id: OrganisationId) -> Result<Option<String>, Failure> {
        match self.node.object(&format!("organisations/{id}"), &[]) {
            Ok(object) => Ok(Some(pick_json(&object["name"], &self.wanted))),
            Err(Failure::Absent { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
