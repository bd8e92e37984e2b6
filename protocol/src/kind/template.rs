//! A field list as a form in TOML that a clerk fills in with a text editor.

use super::{Field, Kind, Shape, vocabulary::TOPIC};
use serde_json::{Map, Value};

/// From how many characters on a text gets several lines.
const LONG: usize = 1000;

impl Kind {
    /// A TOML file that asks every field. Lines that begin with `# ` explain, lines that begin with `#` and no blank are an example that
    /// counts once its `#` is taken away, and the required fields stand blank below their examples.
    ///
    /// Text is asked under `language`, a language tag. The values are those of the JSON body: text, days as text, integers, tables.
    pub fn template(&self, language: &str) -> String {
        let example = serde_json::from_str(self.example).unwrap_or_default();
        let form = Form { language, example: &example };
        let mut out = format!("# {}: {}\n{}", self.name, self.summary, LEGEND.replace("LANGUAGE", language));
        let (blocks, lines): (Vec<_>, Vec<_>) = self.fields.iter().partition(|field| is_block(&field.shape));
        for field in lines.into_iter().chain(blocks) {
            form.ask(field, &mut out);
        }
        out
    }
}

const LEGEND: &str = r##"#
# Lines that begin with "# " explain. Lines that begin with "#" and no blank are examples: take the # away to use one.
# A text stands under the tag of its language, here LANGUAGE; a second language is a second line. Long texts stand
# between """ and """. Required fields must be filled in. Leave the others out rather than blank.
"##;

/// Lists of groups become blocks, `[[name]]`, which TOML wants after all other lines.
fn is_block(shape: &Shape) -> bool {
    matches!(shape, Shape::List(Shape::Group(_), _))
}

struct Form<'a> {
    language: &'a str,
    example: &'a Map<String, Value>,
}

impl Form<'_> {
    fn ask(&self, field: &Field, out: &mut String) {
        out.push('\n');
        explain(field, "", out);
        if let Some(value) = self.example.get(field.name) {
            let mut lines = String::new();
            self.fill(field.name, &field.shape, value, &mut lines);
            lines.lines().for_each(|line| push_line(out, "#", line));
        }
        if field.required {
            self.blank(field.name, &field.shape, out);
        }
    }

    /// `key` with the example's value.
    fn fill(&self, key: &str, shape: &Shape, value: &Value, out: &mut String) {
        match (shape, value) {
            (Shape::Localised(most), Value::Object(texts)) => {
                let text = texts.values().next().and_then(Value::as_str).unwrap_or_default();
                push_line(out, "", &format!("{key}.{} = {}", self.language, quoted(text, *most)));
            }
            (Shape::Group(fields), Value::Object(values)) => {
                for field in fields.iter() {
                    let key = format!("{key}.{}", field.name);
                    values.get(field.name).into_iter().for_each(|value| self.fill(&key, &field.shape, value, out));
                }
            }
            (Shape::List(Shape::Group(fields), _), Value::Array(items)) => {
                for item in items {
                    push_line(out, "", &format!("[[{key}]]"));
                    for field in fields.iter() {
                        item.get(field.name).into_iter().for_each(|value| self.fill(field.name, &field.shape, value, out));
                    }
                }
            }
            (Shape::Text(most), Value::String(text)) => push_line(out, "", &format!("{key} = {}", quoted(text, *most))),
            _ => push_line(out, "", &format!("{key} = {value}")),
        }
    }

    /// `key` with a value that no check accepts, so that a field that was forgotten is named.
    fn blank(&self, key: &str, shape: &Shape, out: &mut String) {
        let value = match shape {
            Shape::Localised(most) => return push_line(out, "", &format!("{key}.{} = {}", self.language, quoted("", *most))),
            Shape::Group(fields) => return self.blank_group(&format!("{key}."), fields, out),
            Shape::List(Shape::Group(fields), _) => {
                push_line(out, "", &format!("[[{key}]]"));
                return self.blank_group("", fields, out);
            }
            Shape::List(..) => "[]".to_owned(),
            Shape::Integer(least, _) => (least - 1).to_string(),
            Shape::Year | Shape::Topic => "0".to_owned(),
            Shape::Text(most) => quoted("", *most),
            _ => "\"\"".to_owned(),
        };
        push_line(out, "", &format!("{key} = {value}"));
    }

    fn blank_group(&self, prefix: &str, fields: &[Field], out: &mut String) {
        for field in fields.iter().filter(|field| field.required) {
            self.blank(&format!("{prefix}{}", field.name), &field.shape, out);
        }
    }
}

/// Label, whether required, what is allowed, and advice; then the same of the fields inside.
fn explain(field: &Field, indent: &str, out: &mut String) {
    let required = if field.required { "required" } else { "optional" };
    let name = if indent.is_empty() { String::new() } else { format!("{}: ", field.name) };
    push_line(out, "# ", &format!("{indent}{name}{} ({required})", field.label));
    if !field.help.is_empty() {
        push_line(out, "# ", &format!("{indent}  {}", field.help));
    }
    match field.shape {
        Shape::Group(fields) => fields.iter().for_each(|field| explain(field, &format!("{indent}  "), out)),
        Shape::List(Shape::Group(fields), most) => {
            push_line(out, "# ", &format!("{indent}  up to {most}; a further one is a further block"));
            fields.iter().for_each(|field| explain(field, &format!("{indent}  "), out));
        }
        Shape::List(item, most) => allow(item, &format!("{indent}  up to {most}, each "), out),
        shape => allow(&shape, &format!("{indent}  "), out),
    }
}

fn allow(shape: &Shape, before: &str, out: &mut String) {
    match shape {
        Shape::Localised(most) => push_line(out, "# ", &format!("{before}text of 1 to {most} characters")),
        Shape::Code(codes) => {
            push_line(out, "# ", &format!("{before}one of"));
            list_terms(codes.terms.iter(), out);
        }
        Shape::Topic => {
            push_line(out, "# ", &format!("{before}{}; the divisions are", shape.described()));
            list_terms(TOPIC.terms.iter().filter(|(code, _)| code.ends_with("00")), out);
        }
        _ => push_line(out, "# ", &format!("{before}{}", shape.described())),
    }
}

fn list_terms<'a>(terms: impl Iterator<Item = &'a (&'static str, &'static str)>, out: &mut String) {
    terms.for_each(|(code, label)| push_line(out, "#     ", &format!("{code}: {label}")));
}

/// A TOML string. A text that may be long opens a block of lines.
fn quoted(text: &str, most: usize) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    if most < LONG {
        return format!("\"{}\"", escaped.replace('\n', "\\n"));
    }
    format!("\"\"\"\n{escaped}\"\"\"")
}

fn push_line(out: &mut String, before: &str, line: &str) {
    out.push_str(before);
    out.push_str(line);
    out.push('\n');
}
