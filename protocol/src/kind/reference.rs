//! The reference page of all kinds, in Markdown.

use super::vocabulary::VOCABULARIES;
use super::{Field, KINDS, Kind, Role, Shape, Vocabulary};
use serde_json::Value;
use std::fmt::Write as _;

/// `docs/kinds.json`: the JSON Schema of every kind, for programs that know nothing of this one.
pub fn schemas() -> String {
    let mut schemas: Value = KINDS.iter().map(|kind| kind.schema()).collect();
    schemas.sort_all_objects();
    format!("{schemas:#}\n")
}

/// `docs/KINDS.md`: every kind with its fields, and every vocabulary.
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    KINDS.iter().for_each(|kind| write_kind(kind, &mut page));
    page.push_str("\n# Vocabularies\nCodes are signed; labels are for people.\n");
    VOCABULARIES.iter().for_each(|vocabulary| write_vocabulary(vocabulary, &mut page));
    page
}

const INTRODUCTION: &str = "\
# Content kinds
Written by `protocol/src/kind/reference.rs` from the field lists that bodies are checked by; a test compares. ● is required. A field that is
not named here is kept. *Localised text* is an object of language tags and texts, `{\"ro\": \"…\", \"en\": \"…\"}`; numbers are integers, and
any other number is text. [kinds.json](kinds.json) says the same as JSON Schema. A body has at most 65,536 bytes in the JSON of [the protocol](PROTOCOL.md#json-of-bodies).
";

fn write_kind(kind: &Kind, page: &mut String) {
    let _ = write!(
        page,
        "\n## {} ({})\n{}\n\n| field | | what it is | |\n| --- | --- | --- | --- |\n",
        kind.name, kind.number, kind.summary
    );
    kind.fields.iter().for_each(|field| write_field(field, "", page));
}

fn write_field(field: &Field, above: &str, page: &mut String) {
    let required = if field.required { "●" } else { "" };
    let help = if field.help.is_empty() { String::new() } else { format!(". {}", field.help.trim_end_matches('.')) };
    let (what, role) = (what(&field.shape), role(field.role));
    let _ = writeln!(page, "| {above}`{}` {required} | {}{help} | {what} | {role} |", field.name, field.label);
    if let Shape::Group(fields) | Shape::List(Shape::Group(fields), _) = &field.shape {
        fields.iter().for_each(|inner| write_field(inner, &format!("{above}{}.", field.name), page));
    }
}

fn what(shape: &Shape) -> String {
    match shape {
        Shape::Localised(most) => format!("localised text, 1 to {most} characters each"),
        Shape::Code(codes) => format!("a code of [{}](#{})", codes.name, codes.name),
        Shape::List(Shape::Group(_), most) => format!("a list of 1 to {most} objects"),
        Shape::List(item, most) => format!("a list of 1 to {most}, each {}", what(item)),
        Shape::Group(_) => "an object".to_owned(),
        Shape::Topic => "a number of [topic](#topic), or of a class below it".to_owned(),
        _ => shape.described(),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Plain => "",
        Role::Title => "title",
        Role::Language => "language of the texts without a tag",
        Role::Subject => "the header's `subject`",
        Role::Territory => "facet `territory`; the first is the header's `territory`",
        Role::Topic => "facet `topic`; the header's `topic`",
        Role::Cooperation => "facet `cooperation`",
        Role::Outcome => "facet `outcome`",
        Role::Population => "facet `population`, by band",
    }
}

fn write_vocabulary(vocabulary: &Vocabulary, page: &mut String) {
    let _ = write!(page, "\n## {}\n{}.\n\n| code | label |\n| --- | --- |\n", vocabulary.name, vocabulary.title);
    for (code, label) in vocabulary.terms {
        let _ = writeln!(page, "| `{code}` | {label} |");
    }
}
