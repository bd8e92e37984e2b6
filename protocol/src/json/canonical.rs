//! The one text of a JSON value: the JSON Canonicalization Scheme (RFC 8785), over which others sign JSON.

use serde_json::{Map, Number, Value};

/// The value as RFC 8785 writes it: no white space, members in the order of the UTF-16 code units of their names, numbers as ECMAScript
/// writes them. As deep in calls as the value is nested.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            separated('[', items, ']', out, write);
        }
        Value::Object(members) => object(members, out),
        Value::Number(value) => out.push_str(&number(value)),
        // The escapes of serde_json are those of the scheme: the two-letter ones, and \u00xx for the other control characters below U+0020.
        plain => out.push_str(&plain.to_string()),
    }
}

fn object(members: &Map<String, Value>, out: &mut String) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    separated('{', sorted, '}', out, |(name, value), out| {
        out.push_str(&Value::from(name.as_str()).to_string());
        out.push(':');
        write(value, out);
    });
}

fn separated<T>(open: char, items: impl IntoIterator<Item = T>, close: char, out: &mut String, write: impl Fn(T, &mut String)) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

/// Number::toString of ECMAScript, for the double that is nearest to the number. Rust finds the same shortest digits.
fn number(number: &Number) -> String {
    let value = number.as_f64().unwrap_or_default();
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", value.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = digits.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", placed(&digits, exponent))
}

/// The digits, of which the first counts for 10^exponent.
fn placed(digits: &str, exponent: i32) -> String {
    let zeros = |count: i32| "0".repeat(count.try_into().unwrap_or_default());
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    match exponent {
        0..=20 if length <= exponent + 1 => format!("{digits}{}", zeros(exponent + 1 - length)),
        0..=20 => point(digits, exponent.unsigned_abs() as usize + 1),
        -6..=-1 => format!("0.{}{digits}", zeros(-exponent - 1)),
        _ if length == 1 => format!("{digits}e{exponent:+}"),
        _ => format!("{}e{exponent:+}", point(digits, 1)),
    }
}

fn point(digits: &str, after: usize) -> String {
    let (whole, fraction) = digits.split_at(after);
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn members_stand_in_the_order_of_utf_16_and_only_what_must_be_is_escaped() {
        let value = json!({ "\u{fb33}": 1, "\u{1f602}": 2, "a": [{}, []], "": "\u{1f}\u{7f}\n\"\\/\u{20ac}" });
        let expected = "{\"\":\"\\u001f\u{7f}\\n\\\"\\\\/\u{20ac}\",\"a\":[{},[]],\"\u{1f602}\":2,\"\u{fb33}\":1}";
        assert_eq!(canonical(&value), expected);
    }

    #[test]
    fn numbers_are_written_as_ecmascript_does() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.25e22, "1.25e+22"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-1.5e-9, "-1.5e-9"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
        ] {
            assert_eq!(canonical(&json!(value)), text);
        }
        assert_eq!(canonical(&json!([i64::MIN, 9_007_199_254_740_991_i64])), "[-9223372036854776000,9007199254740991]");
    }

    proptest! {
        #[test]
        fn a_body_is_read_again_as_it_was_and_has_one_text(text in r#"\{("[a-c\u{1f602}]":(-?[1-9][0-9]{0,14}|"[ -~&&[^"\\]]{0,5}"|\[\{\}\]),){0,4}"z":0\}"#) {
            if let Ok(document) = Document::parse(text.as_bytes()) {
                let value = Value::Object(document.into_fields());
                let written = canonical(&value);
                let again = Document::parse(written.as_bytes()).map(|document| Value::Object(document.into_fields()));
                prop_assert_eq!(again.as_ref(), Ok(&value));
                prop_assert_eq!(canonical(&value), written);
            }
        }
    }
}
