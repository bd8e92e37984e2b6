//! Bodies of control records that say something else, to which their headers commit and which their authors sign.

use super::{Dice, Keep};
use crate::forge::signer_of;
use crate::parts::Parts;
use serde_json::Value;

/// Of kinds from `least` on, one byte in `step` of the longer bodies is changed.
pub(super) fn mutate(parts: &Parts, least: u16, step: usize, keep: &mut Keep) {
    let mut save = |what: String, place: Option<usize>, body: &[u8]| {
        let mut changed = parts.clone();
        let kept = place.map_or(&mut changed.charter, |n| &mut changed.control[n]);
        let signer = signer_of(kept.device()).expect("the vectors' keys are known");
        *kept = kept.with_body(body).signed(&signer);
        let network = changed.network();
        keep(what, network, changed.bundle());
    };
    // One record of each kind is enough; the last ones are those on which least rests.
    let mut places = vec![(0, None)];
    for (n, kept) in parts.control.iter().enumerate().rev() {
        let kind = u16::from_be_bytes([kept.record[2], kept.record[3]]);
        if places.iter().all(|(known, _)| *known != kind) {
            places.push((kind, Some(n)));
        }
    }
    for (kind, place) in places.into_iter().filter(|(kind, _)| *kind >= least) {
        let body = place.map_or(&parts.charter, |n| &parts.control[n]).body().to_vec();
        let mut dice = Dice(u64::from(kind) + 1);
        for at in (0..body.len()).filter(|at| at % step == 0 || body.len() < 400) {
            let mut changed = body.clone();
            changed[at] ^= 1 << dice.below(8);
            save(format!("byte {at} of the body of kind {kind}"), place, &changed);
        }
        for text in variants(&String::from_utf8(body).expect("bodies are text")) {
            save(format!("kind {kind} with the body {text}"), place, text.as_bytes());
        }
    }
}

/// The text with every value in turn replaced, left out, wrapped, or doubled.
fn variants(body: &str) -> Vec<String> {
    let whole: Value = serde_json::from_str(body).expect("the body is JSON");
    let mut variants = Vec::new();
    for pointer in pointers(&whole, "") {
        let here = whole.pointer(&pointer).expect("the value is there");
        let mut marked = whole.clone();
        *marked.pointer_mut(&pointer).expect("the value is there") = Value::String(MARK.to_owned());
        let (marked, quoted) = (marked.to_string(), format!("\"{MARK}\""));
        let mut save = |raw: &str| variants.push(marked.replace(&quoted, raw));
        for raw in RAW {
            save(raw);
        }
        save(&format!("[{here}]"));
        save(&format!("[{here},{here}]"));
        save(&here.to_string().to_uppercase());
        let name = pointer.rsplit('/').next().unwrap_or_default();
        save(&format!("{here},\"{name}\":{here}"));
        save(&format!("{here},\"new\":{here}"));
        save(&format!("{here},{here}"));
        match here {
            Value::String(text) => {
                for cut in 1..text.len().min(3) {
                    save(&format!("\"{}\"", &text[cut..]));
                }
                save(&format!("\" {text}\""));
                save(&format!("\"{text} \""));
                save(&format!("\"{text}0\""));
            }
            Value::Object(members) => {
                let values: Vec<_> = members.values().collect();
                save(&serde_json::to_string(&values).expect("values are JSON"));
            }
            _ => {}
        }
        variants.extend(without(&whole, &pointer));
    }
    variants
}

fn without(whole: &Value, pointer: &str) -> Option<String> {
    let mut whole = whole.clone();
    let (above, name) = pointer.rsplit_once('/')?;
    match whole.pointer_mut(above)? {
        Value::Object(members) => drop(members.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().ok()?)),
        _ => return None,
    }
    Some(whole.to_string())
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let below: Vec<String> = match value {
        Value::Object(members) => members.iter().flat_map(|(name, value)| pointers(value, &format!("{at}/{name}"))).collect(),
        Value::Array(items) => items.iter().enumerate().flat_map(|(n, value)| pointers(value, &format!("{at}/{n}"))).collect(),
        _ => Vec::new(),
    };
    [vec![at.to_owned()], below].concat()
}

const MARK: &str = "@@";

const RAW: &[&str] = &[
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "-1",
    "1.0",
    "1e0",
    "1e400",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "4294967297",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551616",
    "\" \"",
    "\"\\t\"",
    "\"\u{85}\"",
    "\"\\u001c\"",
    "\"\u{feff}\"",
    "\"\u{a0}\u{2003}\u{3000}\"",
    "\"\u{200b}\"",
    "\"\u{180e}\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"e\u{301}\"",
    "{\"en\":\"\"}",
    "{\"en\":\" \"}",
    "{\"en\":\"\u{85}\"}",
    "{\"en\":\"\\u001c\"}",
    "{\"en\":\"\u{feff}\"}",
    "{\"en\":\"\u{a0}\u{2003}\u{3000}\"}",
    "{\"en\":\"\u{200b}\"}",
    "{\"\":\"a\"}",
    "{\"en\":1}",
    "{\"en\":\" \",\"de\":\"a\"}",
    "{\"organisations\":[],\"delay\":0}",
    "[[],0]",
    "[\"publish\"]",
    "[\"vouch\"]",
    "[\"publish\",\"publish\",\"x\"]",
    "\"publish\"",
    "\"0000000000000000000000000000000000000000000000000000000000000000\"",
    "\"0100000000000000000000000000000000000000000000000000000000000000\"",
    "[\"0300000000000000000000000000000000000000000000000000000000000000\"]",
];
