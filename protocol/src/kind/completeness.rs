//! How much of a field list a body answers.

use super::Kind;
use crate::json::Document;

impl Kind {
    /// How many of the fields a body answers, and how many are asked: a field inside a field is not counted apart.
    pub fn completeness(&self, body: &Document) -> (usize, usize) {
        let answered = self.fields.iter().filter(|field| body.fields().contains_key(field.name)).count();
        (answered, self.fields.len())
    }
}
