//! What a field list is made of.

use super::vocabulary::Vocabulary;

/// One field of a body.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What is asked, in a few words of English.
    pub label: &'static str,
    /// Advice to who answers, in English; may be empty.
    pub help: &'static str,
    /// Whether a body without it is refused.
    pub required: bool,
    /// What its value is.
    pub shape: Shape,
    /// What else is made of its value.
    pub role: Role,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text by language tag, at least one, each of at most so many characters.
    Localised(usize),
    /// Text of at most so many characters.
    Text(usize),
    /// An integer within the bounds, both included.
    Integer(i64, i64),
    /// A decimal number written as text, with a point and at most so many digits in all: JSON's own fractions are read differently by
    /// different programs.
    Decimal(usize),
    /// A year, 1900 to 2100.
    Year,
    /// Yes or no.
    Bool,
    /// A day, YYYY-MM-DD.
    Date,
    /// A language tag of BCP 47: two or three lower-case letters, which may be followed by script and region.
    Language,
    /// Two capital letters: ISO 3166-1 alpha-2.
    Country,
    /// Three capital letters: ISO 4217.
    Currency,
    /// A NUTS or LAU code: two to twelve of `A-Z 0-9 _ -`, as it stands in a header.
    Territory,
    /// COFOG as division × 100 + group × 10 + class.
    Topic,
    /// An e-mail address.
    Email,
    /// An address on the web, http or https.
    Url,
    /// One of the vocabulary's codes.
    Code(&'static Vocabulary),
    /// The id of a record.
    Reference,
    /// A JSON pointer (RFC 6901) into a body, below its top.
    Pointer,
    /// One to so many values.
    List(&'static Shape, usize),
    /// Fields inside a field.
    Group(&'static [Field]),
}

/// What is made of a field's value beside finding its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    Plain,
    /// It names the record in a list.
    Title,
    /// It is the language of the texts of the body that have no language tag.
    Language,
    /// It is the record that this one is about: the header's subject.
    Subject,
    /// It is a place: a facet, and the first one the header's territory.
    Territory,
    /// It is a subject matter: a facet, and the header's topic.
    Topic,
    /// It is a facet: how local governments work together.
    Cooperation,
    /// It is a facet: what came of it.
    Outcome,
    /// It is a number of inhabitants; its band is a facet.
    Population,
}

impl Field {
    /// The field with advice to who answers.
    pub(super) const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// The field with a role.
    pub(super) const fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }
}

/// A field that every body has. Only what a clerk can answer at once may be required.
pub(super) const fn required(name: &'static str, label: &'static str, shape: Shape) -> Field {
    Field { name, label, help: "", required: true, shape, role: Role::Plain }
}

/// A field that a body may have.
pub(super) const fn optional(name: &'static str, label: &'static str, shape: Shape) -> Field {
    Field { name, label, help: "", required: false, shape, role: Role::Plain }
}

/// One to `most` values of one shape.
pub(super) const fn list(shape: &'static Shape, most: usize) -> Shape {
    Shape::List(shape, most)
}
