//! Signed notes (C2SP signed-note): a text, an empty line, signature lines.

use super::key::{Name, NameError};
use data_encoding::BASE64;
use std::fmt;

/// Bytes of the longest note: a text and [`Note::SIGNATURES`] of the longest kind that is in use (ML-DSA-44, 3.3 KB of base64) would be
/// 105 KB; a node takes no request of more than 64 KiB, which holds 16 of them.
const BYTES: usize = 64 * 1024;

/// A text and the signatures under it, none of which was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<SignatureLine>,
}

/// A signature and the name of the key that it claims to be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    /// The key's name.
    pub name: Name,
    /// The key's id.
    pub id: [u8; 4],
    /// What the kind of key makes of it; one byte at least.
    pub signature: Vec<u8>,
}

/// Why bytes are not a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Over 64 KiB, or more than [`Note::SIGNATURES`].
    #[error("a note has at most 65,536 bytes and 32 signatures")]
    TooLong,
    /// Not UTF-8, or a control character in it.
    #[error("a note is UTF-8 without control characters other than the line feed")]
    Characters,
    /// No text that ends with a line feed, no empty line, or no signature.
    #[error("a note is a text, an empty line and one signature line at least, each ended by a line feed")]
    Form,
    /// A signature line.
    #[error("a signature line is '— NAME BASE64', where the base64 holds four bytes of a key id and a signature")]
    Line,
    /// The name in one.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Note {
    /// The most signatures of one note.
    pub const SIGNATURES: usize = 32;

    /// A text with signatures.
    ///
    /// # Errors
    /// [`NoteError`], as when it was read.
    pub fn new(text: &str, lines: Vec<SignatureLine>) -> Result<Self, NoteError> {
        let note = Self { text: text.to_owned(), lines };
        Self::parse(note.to_string().as_bytes())
    }

    /// A text that is known to be well-formed, with its first signature.
    pub(super) fn of(text: String, line: SignatureLine) -> Self {
        Self { text, lines: vec![line] }
    }

    /// The same text with some of the signatures it had.
    pub(super) fn with_lines(&self, lines: Vec<SignatureLine>) -> Self {
        Self { text: self.text.clone(), lines }
    }

    /// Reads a note; its form is exactly the one that [`Note`] is written in.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > BYTES {
            return Err(NoteError::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Characters);
        }
        // The last empty line, since a text may have others.
        let end = note.rfind("\n\n").ok_or(NoteError::Form)? + 1;
        let (text, signatures) = (&note[..end], &note[end + 1..]);
        Ok(Self { text: text.to_owned(), lines: SignatureLine::parse_all(signatures)? })
    }

    /// The text that is signed, with its last line feed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures.
    pub fn lines(&self) -> &[SignatureLine] {
        &self.lines
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl SignatureLine {
    /// Reads the lines that follow a text, or that a witness answers: one at least, each ended by a line feed.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn parse_all(text: &str) -> Result<Vec<Self>, NoteError> {
        let lines: Vec<&str> = text.strip_suffix('\n').ok_or(NoteError::Form)?.split('\n').take(Note::SIGNATURES + 1).collect();
        if lines.len() > Note::SIGNATURES {
            return Err(NoteError::TooLong);
        }
        lines.into_iter().map(Self::parse).collect()
    }

    fn parse(line: &str) -> Result<Self, NoteError> {
        let (name, base64) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Line)?;
        let bytes = super::base64(base64).ok_or(NoteError::Line)?;
        let (id, signature) = bytes.split_first_chunk().filter(|(_, rest)| !rest.is_empty()).ok_or(NoteError::Line)?;
        Ok(Self { name: name.parse()?, id: *id, signature: signature.to_vec() })
    }
}

impl fmt::Display for SignatureLine {
    /// Without the line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "— {} {}", self.name, BASE64.encode(&[&self.id[..], &self.signature].concat()))
    }
}
