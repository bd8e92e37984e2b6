//! What a header repeats of its body, so that records can be found and routed without bodies.

use super::{Kind, Problem, Role, Shape, vocabulary, walk::Leaf};
use crate::id::RecordId;
use crate::json::Document;
use crate::record::Header;

/// The part of a header that follows from the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderValues {
    /// The record that the body is about; zero for a kind whose bodies name none, where a header may name the record that it revises.
    pub subject: RecordId,
    /// The first place's code in ASCII, filled with zeros; zeros when the body names no place.
    pub territory: [u8; 12],
    /// COFOG; zero when the body names no topic.
    pub topic: u16,
}

impl Kind {
    /// What the header of a record with this body must say. Values that are not of their field's form count as absent.
    pub fn header_values(&self, body: &Document) -> HeaderValues {
        let leaves = self.leaves(body);
        let first = |role| leaves.iter().find(|leaf| leaf.field.role == role);
        HeaderValues {
            subject: first(Role::Subject).and_then(subject).unwrap_or_default(),
            territory: first(Role::Territory).and_then(territory).unwrap_or_default(),
            topic: first(Role::Topic).and_then(topic).unwrap_or_default(),
        }
    }

    /// Whether a header says of its body what the body says: asked when a record is submitted.
    ///
    /// # Errors
    /// What the header should say, at the place in the body that it should repeat.
    pub fn header_agrees(&self, header: &Header, body: &Document) -> Result<(), Vec<Problem>> {
        let values = self.header_values(body);
        let mut found = Vec::new();
        let mut compare = |role, agrees: bool, should: String| {
            if !agrees {
                found.push(Problem { place: self.place(role, body), should });
            }
        };
        compare(
            Role::Plain,
            header.kind == self.number,
            format!("the header's kind is {} and should be {}", header.kind, self.number),
        );
        let named = self.fields.iter().any(|field| field.role == Role::Subject);
        compare(
            Role::Subject,
            !named || header.subject == values.subject,
            format!("the header's subject is {} and should be {}", header.subject, values.subject),
        );
        let texts = (text(&header.territory), text(&values.territory));
        compare(
            Role::Territory,
            header.territory == values.territory,
            format!("the header's territory is {:?} and should be {:?}", texts.0, texts.1),
        );
        compare(
            Role::Topic,
            header.topic == values.topic,
            format!("the header's topic is {} and should be {}", header.topic, values.topic),
        );
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// Where the body answers the first field of this role; the whole body when it does not.
    fn place(&self, role: Role, body: &Document) -> String {
        let found = self.leaves(body).into_iter().find(|leaf| role != Role::Plain && leaf.field.role == role);
        found.map(|leaf| leaf.place).unwrap_or_default()
    }
}

fn subject(leaf: &Leaf) -> Option<RecordId> {
    leaf.value.as_str()?.parse().ok()
}

fn territory(leaf: &Leaf) -> Option<[u8; 12]> {
    let code = leaf.value.as_str().filter(|_| Shape::Territory.accepts(leaf.value))?;
    let mut bytes = [0; 12];
    bytes.get_mut(..code.len())?.copy_from_slice(code.as_bytes());
    Some(bytes)
}

fn topic(leaf: &Leaf) -> Option<u16> {
    leaf.value.as_u64().filter(|number| vocabulary::is_topic(*number))?.try_into().ok()
}

fn text(territory: &[u8; 12]) -> String {
    String::from_utf8_lossy(territory).trim_end_matches('\0').to_owned()
}
