//! What the demonstration promises, tried one after the other.

use super::cast::Cast;
use super::ground::Ground;
use super::{DemoError, LOOK, PATIENCE, go_on};
use koinon_protocol::limit;
use koinon_protocol::record::{Sealed, Signed};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// The node at which the record that is looked for was published.
const PUBLISHER: usize = 0;
/// The record that is looked for, and how people may type its words.
const RECORD: &str = "camion";
const WORDS: [&str; 3] = ["deseuri", "deșeuri", "deşeuri"];

/// Tries everything; the first step that fails ends it.
pub(super) fn all(cast: &Cast, ground: &mut Ground, stop: &AtomicBool) -> Result<(), DemoError> {
    passed("every node holds the same records", same_records(ground)?);
    passed("a record published at one node is found at the others", found_at_others(cast, ground)?);
    ground.destroy(PUBLISHER)?;
    passed("it is found when its node is killed and its data deleted", found_at_others(cast, ground)?);
    passed("it is read from another node, and its signature and body hold", read_elsewhere(cast, ground)?);
    ground.rebuild(PUBLISHER, stop)?;
    passed("the node that lost everything has everything again", restored(cast, ground, stop)?);
    Ok(())
}

fn passed(step: &str, detail: String) {
    println!("ok  {step} ({detail})");
}

fn failed<T>(step: &'static str, what: impl Into<String>) -> Result<T, DemoError> {
    Err(DemoError::Check { step, what: what.into() })
}

fn same_records(ground: &Ground) -> Result<String, DemoError> {
    let mut sets = Vec::new();
    for node in 0..ground.names().count() {
        sets.push(ids(ground, node)?);
    }
    if sets.iter().any(|set| set != &sets[0]) {
        return failed(
            "every node holds the same records",
            format!("they hold {:?}", sets.iter().map(BTreeSet::len).collect::<Vec<_>>()),
        );
    }
    Ok(format!("{} records", sets[0].len()))
}

fn ids(ground: &Ground, node: usize) -> Result<BTreeSet<String>, DemoError> {
    let (mut ids, mut from) = (BTreeSet::new(), Some(0));
    while let Some(place) = from {
        let page = ground.client(node).get(&format!("journal/ids?from={place}"))?;
        ids.extend(page["ids"].as_array().into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())));
        from = page["next"].as_u64();
    }
    Ok(ids)
}

fn found_at_others(cast: &Cast, ground: &Ground) -> Result<String, DemoError> {
    let id = cast.record(RECORD)?.id.to_string();
    for node in (0..ground.names().count()).filter(|node| *node != PUBLISHER) {
        for words in WORDS {
            let answer = ground.client(node).get(&format!("search?q={}", encoded(words)))?;
            let hits = answer["hits"].as_array().cloned().unwrap_or_default();
            if !hits.iter().any(|hit| hit["id"] == Value::String(id.clone())) {
                return failed("search at another node", format!("node {} does not find {id} by '{words}'", node + 1));
            }
        }
    }
    Ok(format!("by {}", WORDS.join(", ")))
}

fn read_elsewhere(cast: &Cast, ground: &Ground) -> Result<String, DemoError> {
    let step = "read from another node";
    let id = cast.record(RECORD)?.id;
    let bytes = ground.client(PUBLISHER + 1).record(&id)?;
    let Some((header, rest)) = bytes.split_at_checked(limit::SIGNED) else { return failed(step, "the answer is too short") };
    let Some((salt, body)) = rest.split_first_chunk() else { return failed(step, "the body is missing") };
    let opened = Signed::decode(header).and_then(|signed| signed.verify(cast.network));
    match opened.and_then(|record| record.open(Sealed { salt: *salt, bytes: body.to_vec() })) {
        Ok(body) if body.of() == id => Ok(format!("{} bytes", bytes.len())),
        Ok(_) => failed(step, "it is another record"),
        Err(error) => failed(step, error.to_string()),
    }
}

fn restored(cast: &Cast, ground: &Ground, stop: &AtomicBool) -> Result<String, DemoError> {
    let (start, total) = (Instant::now(), cast.lines.len() as u64);
    loop {
        go_on(stop)?;
        let indexed = ground.client(PUBLISHER).indexed()?;
        if indexed == total && super::all_can_be_found(cast, ground)? {
            return same_records(ground);
        }
        if start.elapsed() > PATIENCE {
            return failed("the node that lost everything", format!("has {indexed} of {total} records after two minutes"));
        }
        std::thread::sleep(LOOK);
    }
}

/// Percent-encoding of everything but letters and digits of ASCII (RFC 3986, section 2.1).
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
