//! A record's content as people write it: TOML, or JSON, read into the body that is signed, and every problem named where it was written.

mod reader;

use crate::failure::Failure;
use crate::home::read_bounded;
use koinon_protocol::json::Document;
use koinon_protocol::kind::{Field, Kind, Shape};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Bytes of the longest file that is read: the longest body, its comments and its line breaks.
const MOST: usize = 512 * 1024;
/// How alike two names must be for the one to have been meant as the other, from 0 to 1.
const ALIKE: f64 = 0.8;
/// The key that says which kind the file is; it is no field of a body.
const KIND: &str = "kind";

/// What is wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormProblem {
    /// The field as it is written in TOML; empty for the file as a whole.
    pub field: String,
    /// Its line, from 1; none for what is not there.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub should: String,
}

impl FormProblem {
    /// `{field, line, should}`.
    pub fn json(&self) -> Value {
        json!({ "field": self.field, "line": self.line, "should": self.should })
    }
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!("line {line}"));
        let place: Vec<_> = line.into_iter().chain((!self.field.is_empty()).then(|| self.field.clone())).collect();
        write!(f, "{}: {}", if place.is_empty() { "the file".into() } else { place.join(", ") }, self.should)
    }
}

/// A file that says which kind it is; what it says of it was not checked.
#[derive(Debug)]
pub struct Form {
    path: PathBuf,
    kind: &'static Kind,
    fields: Map<String, Value>,
    /// By JSON pointer.
    lines: BTreeMap<String, usize>,
}

/// A body of a kind that keeps to the JSON profile and to the kind's field list. Made by [`Form::body`] only.
#[derive(Debug)]
pub struct Content {
    /// The kind.
    pub kind: &'static Kind,
    /// What it says.
    pub document: Document,
    /// The bytes that are signed.
    pub bytes: Vec<u8>,
}

impl Form {
    /// Reads a `.toml` or `.json` file; `kind` counts before what the file says.
    ///
    /// # Errors
    /// [`Failure::Form`] for what is no TOML or JSON, [`Failure::NoKind`], [`Failure::UnknownKind`], [`Failure::File`].
    pub fn read(path: &Path, kind: Option<&str>) -> Result<Self, Failure> {
        let broken = |problem| Failure::Form { path: path.to_owned(), problems: vec![problem] };
        let bytes = read_bounded(path, MOST)?;
        let text = String::from_utf8(bytes).map_err(|_| broken(FormProblem::whole("is not UTF-8; save it as UTF-8")))?;
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let read = if is_json { reader::json(&text) } else { reader::toml(&text) };
        let reader::Read { mut fields, lines } = read.map_err(broken)?;
        let written = fields.remove(KIND);
        let name = kind.or(written.as_ref().and_then(Value::as_str)).ok_or_else(|| Failure::NoKind(path.to_owned()))?;
        let kind = kind_named(name)?;
        Ok(Self { path: path.to_owned(), kind, fields, lines })
    }

    /// Checks it as every node will.
    ///
    /// # Errors
    /// [`Failure::Form`] with every problem.
    pub fn body(self) -> Result<Content, Failure> {
        let mut problems = Vec::new();
        self.unknown(self.kind.fields, &self.fields, "", &mut problems);
        let bytes = serde_json::to_vec(&self.fields).map_err(|error| Failure::NotMade(error.to_string()))?;
        match Document::parse(&bytes) {
            Err(error) => problems.push(self.problem(&error.place, error.problem.to_string())),
            Ok(document) => match self.kind.check(&document) {
                Ok(()) if problems.is_empty() => return Ok(Content { kind: self.kind, document, bytes }),
                Ok(()) => {}
                Err(found) => problems.extend(found.into_iter().map(|each| self.problem(&each.place, each.should))),
            },
        }
        problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        Err(Failure::Form { path: self.path, problems })
    }

    fn problem(&self, pointer: &str, should: String) -> FormProblem {
        FormProblem { field: as_written(pointer), line: self.line(pointer), should }
    }

    /// The line of the place, else of what it would stand in.
    fn line(&self, pointer: &str) -> Option<usize> {
        let above = pointer.rfind('/').map(|at| &pointer[..at]);
        self.lines.get(pointer).copied().or_else(|| above.and_then(|above| self.lines.get(above).copied()))
    }

    /// Other programs may know more fields; what a person writes by hand is rather a slip.
    fn unknown(&self, fields: &[Field], object: &Map<String, Value>, at: &str, problems: &mut Vec<FormProblem>) {
        for (name, value) in object {
            let place = format!("{at}/{}", reader::escape(name));
            match fields.iter().find(|field| field.name == name) {
                Some(field) => self.unknown_within(&field.shape, value, &place, problems),
                None => problems.push(self.problem(&place, no_field(name, fields, self.kind.name))),
            }
        }
    }

    fn unknown_within(&self, shape: &Shape, value: &Value, at: &str, problems: &mut Vec<FormProblem>) {
        match (shape, value) {
            (Shape::Group(fields), Value::Object(object)) => self.unknown(fields, object, at, problems),
            (Shape::List(item, _), Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    self.unknown_within(item, value, &format!("{at}/{index}"), problems);
                }
            }
            _ => {}
        }
    }
}

/// The kind of this name.
///
/// # Errors
/// [`Failure::UnknownKind`].
pub fn kind_named(name: &str) -> Result<&'static Kind, Failure> {
    Kind::by_name(name).ok_or_else(|| Failure::UnknownKind(crate::paper::clean_line(name)))
}

impl FormProblem {
    fn whole(should: &str) -> Self {
        Self { field: String::new(), line: None, should: should.to_owned() }
    }
}

fn no_field(name: &str, fields: &[Field], kind: &str) -> String {
    let alike = fields.iter().map(|field| (strsim::jaro_winkler(name, field.name), field.name));
    match alike.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((likeness, meant)) if likeness >= ALIKE => format!("there is no such field here; did you mean {meant}?"),
        _ => format!("there is no such field here; see which there are: koinon new {kind}"),
    }
}

/// A JSON pointer as the field is called in TOML; entries of a list are counted from 1.
fn as_written(pointer: &str) -> String {
    let mut text = String::new();
    for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
        match step.parse::<usize>() {
            Ok(index) => text.push_str(&format!(" (entry {})", index + 1)),
            Err(_) if text.is_empty() => text.push_str(&step),
            Err(_) => text.push_str(&format!(".{step}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("need.toml");
        std::fs::write(&path, text).unwrap();
        match Form::read(&path, None).and_then(Form::body) {
            Ok(_) => Vec::new(),
            Err(Failure::Form { problems, .. }) => problems.iter().map(ToString::to_string).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    const NEED: &str = "kind = \"need\"\ntopic = 510\nstatus = \"open\"\n\n[title]\nen = \"A lorry\"\n[problem]\nen = \"\"\"\nOurs is old.\n\"\"\"\n";

    #[test]
    fn a_form_that_is_right_becomes_the_body_without_its_kind() {
        assert_eq!(problems(NEED), [""; 0]);
    }

    #[test]
    fn each_problem_has_its_line_and_its_field_as_written() {
        let found = problems(&NEED.replace("\"open\"", "7").replace("510", "5.5").replace("en = \"A lorry\"", "en = 2026-01-01"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("line 2, topic: should be"), "{found:?}");
        assert!(found[1].starts_with("line 3, status: should be"), "{found:?}");
    }

    #[test]
    fn a_slip_in_a_name_is_found_and_what_was_meant_is_said() {
        let found = problems(&NEED.replace("[title]", "[titel]"));
        assert!(
            found.iter().any(|problem| problem == "line 5, titel: there is no such field here; did you mean title?"),
            "{found:?}"
        );
        assert!(found.iter().any(|problem| problem.starts_with("title: is required")), "{found:?}");
    }

    #[test]
    fn a_text_that_was_left_empty_is_one_that_is_missing() {
        let found = problems(&NEED.replace("\"A lorry\"", "\"\""));
        assert!(found.len() == 1 && found[0].starts_with("line 5, title: is required"), "{found:?}");
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let found = problems("kind = \"need\"\ntitle = \n");
        assert!(found[0].starts_with("line 2"), "{found:?}");
    }

    #[test]
    fn every_template_is_a_form_that_asks_for_its_required_fields_and_every_example_is_one_that_is_right() {
        let folder = tempfile::tempdir().unwrap();
        for kind in koinon_protocol::kind::KINDS {
            assert!(kind.fields.iter().all(|field| field.name != KIND), "{}: the file's own key", kind.name);
            let (template, example) = (folder.path().join("template.toml"), folder.path().join("example.json"));
            std::fs::write(&template, kind.template("ro")).unwrap();
            std::fs::write(&example, kind.example).unwrap();
            let from_json = Form::read(&example, Some(kind.name)).and_then(Form::body).unwrap();
            let written = folder.path().join("written.toml");
            let value: Value = serde_json::from_str(kind.example).unwrap();
            std::fs::write(&written, toml::to_string(&value).unwrap()).unwrap();
            let from_toml = Form::read(&written, Some(kind.name)).and_then(Form::body).unwrap();
            assert_eq!(from_toml.bytes, from_json.bytes, "{}", kind.name);
            let Err(Failure::Form { problems, .. }) = Form::read(&template, Some(kind.name)).and_then(Form::body) else {
                panic!("{}", kind.name)
            };
            for field in kind.fields.iter().filter(|field| field.required) {
                assert!(problems.iter().any(|problem| problem.field.starts_with(field.name)), "{}: {}", kind.name, field.name);
            }
        }
    }

    #[test]
    fn entries_of_a_list_are_counted_from_one() {
        assert_eq!(as_written("/places/0/code"), "places (entry 1).code");
        assert_eq!(as_written(""), "");
    }
}
