//! The content kinds: declarative field lists, and everything that follows from them.
//!
//! The check of a body, its JSON Schema, the template that a clerk fills in, what search finds it by, what its header says and the reference
//! page are all derived from one list, so that a new kind is one file and one name in the line below. An unknown field is kept, and so is a
//! record of an unknown kind: only what a list names is checked.

mod check;
mod completeness;
mod field;
mod header;
mod name;
mod part;
mod reference;
mod schema;
mod template;
#[cfg(test)]
mod tests;
pub mod vocabulary;
mod walk;
mod words;

pub use check::Problem;
pub(crate) use check::is_url;
pub use field::{Field, Role, Shape};
pub use header::HeaderValues;
pub use name::{name_of, number_of};
pub use reference::{reference, schemas};
pub use vocabulary::{Vocabulary, label};
pub use words::Words;

use field::{list, optional, required};

macro_rules! kinds {
    ($($name:ident),*) => {
        $(mod $name;)*

        /// Every content kind whose fields are known here.
        pub const KINDS: &[&Kind] = &[$(&$name::KIND),*];
    };
}

kinds!(organisation, practice, need, offer, adoption, translation, review);

/// A content kind.
#[derive(Debug)]
pub struct Kind {
    /// The number in a header.
    pub number: u16,
    /// The name in commands and addresses.
    pub name: &'static str,
    /// What its records are, in English.
    pub summary: &'static str,
    /// What a body of it may say, in the order in which it is asked.
    pub fields: &'static [Field],
    /// An illustrative body that answers every field and passes the check.
    pub example: &'static str,
}

impl Kind {
    /// The kind with this number; none when it is not known here.
    pub fn by_number(number: u16) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.number == number)
    }

    /// The kind with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }
}
