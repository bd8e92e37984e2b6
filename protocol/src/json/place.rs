//! Where in a document somebody is, as a JSON pointer (RFC 6901).

use std::fmt;

/// Being on the stack, a place costs nothing until it is named.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    above: Option<&'a Place<'a>>,
    step: Step<'a>,
}

/// One step down.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl Place<'_> {
    /// The document as a whole.
    pub(crate) const TOP: Self = Place { above: None, step: Step::Index(0) };

    pub(crate) fn below<'b>(&'b self, step: Step<'b>) -> Place<'b> {
        Place { above: Some(self), step }
    }

    /// Its text; empty for the document as a whole.
    pub(crate) fn pointer(self) -> String {
        self.above.map_or_else(String::new, |above| format!("{}/{}", above.pointer(), self.step))
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(&name.replace('~', "~0").replace('/', "~1")),
            Self::Index(index) => write!(out, "{index}"),
        }
    }
}
