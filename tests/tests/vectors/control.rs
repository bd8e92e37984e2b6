//! Vectors of control records: a record file whose body founds a network, begins an organisation, vouches for one, or takes a text away.

use crate::Subject::{Control, Json};
use crate::Values;
use crate::forge::{NETWORK, header, header_with, sign, signer};
use crate::table::Row;
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::json::{Document, JsonProblem};
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Body, Sealed, Verified};
use koinon_protocol::trust::attestation::Attestation;
use koinon_protocol::trust::erasure::Erasure;
use koinon_protocol::trust::inception::{Inception, consent, consent_message, roots_digest};
use koinon_protocol::trust::notice::Notice;
use koinon_protocol::trust::{BodyError, CharterError, Trust, attestation, charter, erasure, inception, notice};
use serde_json::{Value, json};

/// What the body of a control record says, or the first rule that it breaks.
pub(crate) fn check(record: &Verified, body: &Body) -> Result<Values, &'static str> {
    let header = record.header();
    match header.kind {
        charter::KIND => {
            let trust = Trust::found(record, body).map_err(charter_error)?;
            Ok(Values::from([("network", trust.network().to_string())]))
        }
        inception::KIND => {
            let Inception { threshold, roots, .. } =
                Inception::read(body.bytes(), header.network, header.device).map_err(|error| body_error(&error))?;
            Ok(Values::from([
                ("organisation", record.author().to_string()),
                ("roots_digest", roots_digest(threshold, &roots).to_string()),
                ("consent_bytes", hex::encode(consent_message(header.network, header.device, threshold, &roots))),
            ]))
        }
        attestation::KIND => Attestation::read(body.bytes()).map(|_| Values::new()).map_err(|error| body_error(&error)),
        erasure::KIND => Erasure::read(body.bytes()).map(|_| Values::new()).map_err(|error| body_error(&error)),
        notice::KIND => Notice::read(body.bytes()).map(|_| Values::new()).map_err(|error| body_error(&error)),
        kind => panic!("no vector is of kind {kind}"),
    }
}

/// Whether bytes keep to the JSON profile.
pub(crate) fn check_json(bytes: &[u8]) -> Result<Values, &'static str> {
    Document::parse(bytes).map(|_| Values::new()).map_err(|error| json_error(&error.problem))
}

/// The rows of this file.
pub(crate) fn rows() -> Vec<Row> {
    [charters(), inceptions(), attestations(), erasures(), notices(), profile()].concat()
}

fn charters() -> Vec<Row> {
    let own = signer().public();
    let row = |name, expected, body: Value| {
        let (network, file) = charter_file(&body);
        (Control, name, expected, network, file)
    };
    vec![
        row("a charter of one founder", "ok", charter_body(&[own], 1, 3)),
        row("a charter of three founders, two amend", "ok", charter_body(&[own, root(1).public(), root(2).public()], 2, 4)),
        row("half of the founders would amend", "Threshold", charter_body(&[own, root(1).public()], 1, 3)),
        row("a founder twice", "Keys", charter_body(&[own, own], 2, 3)),
        row("a depth of five", "Depth", charter_body(&[own], 1, 5)),
        row("signed by no first founder", "Signer", charter_body(&[root(1).public()], 1, 3)),
    ]
}

fn inceptions() -> Vec<Row> {
    let (first, second, stranger) = (root(1), root(2), root(3));
    let row = |name, expected, threshold, signers: &[&Signer]| {
        let roots = [first.public(), second.public()];
        (Control, name, expected, NETWORK, file_of(inception::KIND, &inception_body(NETWORK, &roots, threshold, signers)))
    };
    let elsewhere = inception_body(NetworkId([0x12; 32]), &[first.public()], 1, &[&first]);
    let altered = |name: &str, value: Value| {
        let mut body = inception_body(NETWORK, &[first.public()], 1, &[&first]);
        body[name] = value;
        file_of(inception::KIND, &body)
    };
    let white = altered("name", json!({ "en": "\u{85}\u{2003}" }));
    let capitals = altered("next_roots", json!("AB".repeat(32)));
    vec![
        row("an inception to which two of two roots consent", "ok", 2, &[&first, &second]),
        row("one of two roots suffices", "ok", 1, &[&second]),
        row("one root is too few", "TooFew", 2, &[&first]),
        row("one root twice", "Forged", 2, &[&first, &first]),
        row("the consent of a key that is no root", "Forged", 1, &[&stranger]),
        row("a threshold of zero", "Threshold", 0, &[&first]),
        (Control, "a consent for another network", "Forged", NETWORK, file_of(inception::KIND, &elsewhere)),
        (Control, "an inception without fields", "Form", NETWORK, file_of(inception::KIND, &json!({}))),
        (Control, "a name of white space", "Name", NETWORK, white),
        (Control, "capitals among hexadecimal digits", "Form", NETWORK, capitals),
    ]
}

fn attestations() -> Vec<Row> {
    let row = |name, expected, depth: u8, from: u64, until: u64| {
        let mandate = json!({ "resolution": "12/2026", "date": "2026-01-01" });
        let body = json!({
            "scope": ["publish"], "depth": depth, "from": from, "until": until, "evidence": "statutes", "mandate": mandate,
        });
        (Control, name, expected, NETWORK, file_of(attestation::KIND, &body))
    };
    let listed = json!({
        "scope": ["publish"], "depth": 0, "from": 1, "until": 2, "evidence": "statutes", "mandate": ["12/2026", "2026-01-01"],
    });
    vec![
        (Control, "a list in the place of an object", "Form", NETWORK, file_of(attestation::KIND, &listed)),
        row("an attestation", "ok", 0, 1, 2),
        row("an attestation of depth 4", "Depth", 4, 1, 2),
        row("an attestation that ends as it begins", "Period", 0, 2, 2),
    ]
}

fn erasures() -> Vec<Row> {
    let row = |name, expected, body: Value| (Control, name, expected, NETWORK, file_of(erasure::KIND, &body));
    let mandate = json!({ "resolution": "12/2026", "date": "2026-01-01" });
    vec![
        row("an erasure", "ok", json!({ "ground": "It names a child." })),
        row("an erasure on a decision", "ok", json!({ "ground": "It names a child.", "mandate": mandate })),
        row("an erasure whose decision is null", "Form", json!({ "ground": "It names a child.", "mandate": null })),
        row("an erasure without a ground", "Form", json!({ "mandate": mandate })),
        row("a ground of white space", "Ground", json!({ "ground": "\u{85}\u{2003}" })),
        row("a ground of 2,000 characters beyond the basic plane", "ok", json!({ "ground": "\u{1f33e}".repeat(2_000) })),
        row("a ground of 2,001 characters", "Ground", json!({ "ground": "a".repeat(2_001) })),
    ]
}

fn notices() -> Vec<Row> {
    let row = |name, expected, ground: &str, law: &str| {
        let mandate = json!({ "resolution": "12/2026", "date": "2026-01-01" });
        let body = json!({ "ground": ground, "law": law, "mandate": mandate });
        (Control, name, expected, NETWORK, file_of(notice::KIND, &body))
    };
    let (ground, law) = ("It names a child.", "Regulation (EU) 2016/679, article 17");
    let bare = json!({ "ground": ground, "law": law });
    vec![
        row("a notice", "ok", ground, law),
        (Control, "a notice without a decision", "Form", NETWORK, file_of(notice::KIND, &bare)),
        row("a notice with a ground of white space", "Ground", "\u{2028}", law),
        row("a notice with a law of white space", "Law", ground, "\u{3000}"),
        row("a notice of which neither ground nor law is right", "Ground", "", ""),
        row("a law of 501 characters", "Law", ground, &"a".repeat(501)),
    ]
}

fn profile() -> Vec<Row> {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let row = |name, expected, text: &str| (Json, name, expected, NETWORK, text.as_bytes().to_vec());
    vec![
        row("an object with text, numbers, and white space", "ok", " {\"a\": [1, -2, null, true, \"\u{e4}\"]}\n"),
        row("the greatest and the least integer", "ok", r#"{"a":9007199254740991,"b":-9007199254740991}"#),
        row("an integer that JavaScript rounds", "Number", r#"{"a":9007199254740992}"#),
        row("a fraction", "Number", r#"{"a":1.5}"#),
        row("an exponent", "Number", r#"{"a":1e3}"#),
        row("an exponent beyond what programs count to", "Number", r#"{"a":1e400}"#),
        row("minus zero", "Number", r#"{"a":-0}"#),
        row("of two faults the first", "Number", r#"{"a":1.5,}"#),
        row("a number is judged when all of it is read", "Syntax", r#"{"a":1.5e}"#),
        row("a key twice", "Duplicate", r#"{"a":1,"a":1}"#),
        row("NUL in a text", "Nul", r#"{"a":"\u0000"}"#),
        row("a text that is not in NFC", "NotNormal", "{\"a\":\"a\u{308}\"}"),
        row("sixteen levels", "ok", &nested(16)),
        row("seventeen levels", "Depth", &nested(17)),
        row("an array", "NotAnObject", "[]"),
        row("a comma too many", "Syntax", r#"{"a":1,}"#),
        row("a lone surrogate", "Syntax", r#"{"a":"\ud800"}"#),
        (Json, "bytes that are not UTF-8", "Utf8", NETWORK, b"{\"a\":\"\xff\"}".to_vec()),
    ]
}

fn charter_body(founders: &[DeviceKey], amendment: u32, depth: u8) -> Value {
    let founders: Vec<Value> =
        founders.iter().map(|key| json!({ "name": { "en": "Association" }, "country": "AT", "key": key })).collect();
    json!({
        "name": { "en": "Trial" }, "purpose": { "en": "Exchange" }, "founders": founders, "thresholds": { "amendment": amendment },
        "admission": { "en": "Municipalities" }, "licence": "CC-BY-4.0", "witnesses": { "en": "None" }, "depth": depth, "kinds": [3],
    })
}

fn inception_body(network: NetworkId, roots: &[DeviceKey], threshold: u32, signers: &[&Signer]) -> Value {
    let consents: Vec<_> = signers.iter().map(|root| consent(root, network, signer().public(), threshold, roots)).collect();
    json!({
        "name": { "en": "Town" }, "country": "AT", "roots": roots, "threshold": threshold, "next_roots": RecordId([4; 32]),
        "consents": consents,
    })
}

fn charter_file(body: &Value) -> (NetworkId, Vec<u8>) {
    let sealed = seal(body);
    let header = header_with(|header| {
        (header.kind, header.network, header.organisation) = (charter::KIND, NetworkId::ZERO, OrganisationId::ZERO);
        (header.body_length, header.body) = (sealed.bytes.len() as u32, sealed.commitment());
    });
    (header.id().into(), [sign(&header), sealed.salt.to_vec(), sealed.bytes].concat())
}

fn file_of(kind: u16, body: &Value) -> Vec<u8> {
    let sealed = seal(body);
    let header = header_with(|header| {
        header.kind = kind;
        header.organisation = if kind == inception::KIND { OrganisationId::ZERO } else { self::header().organisation };
        (header.body_length, header.body) = (sealed.bytes.len() as u32, sealed.commitment());
    });
    [sign(&header), sealed.salt.to_vec(), sealed.bytes].concat()
}

pub(crate) fn seal(body: &Value) -> Sealed {
    // Sorted members, whichever features of serde_json are compiled in.
    let mut body = body.clone();
    body.sort_all_objects();
    Sealed { salt: [0x5a; 32], bytes: body.to_string().into_bytes() }
}

fn root(number: u8) -> Signer {
    Signer::from_seed(&[number; 32])
}

fn charter_error(error: CharterError) -> &'static str {
    match error {
        CharterError::Header => "Header",
        CharterError::OtherBody => "OtherBody",
        CharterError::Signer => "Signer",
        CharterError::Body(error) => body_error(&error),
    }
}

pub(crate) fn body_error(error: &BodyError) -> &'static str {
    match error {
        BodyError::Json(error) => json_error(&error.problem),
        BodyError::Form(_) => "Form",
        BodyError::Name => "Name",
        BodyError::Keys => "Keys",
        BodyError::Threshold { .. } => "Threshold",
        BodyError::Forged(_) => "Forged",
        BodyError::TooFew { .. } => "TooFew",
        BodyError::Depth { .. } => "Depth",
        BodyError::Period => "Period",
        BodyError::Ground { .. } => "Ground",
        BodyError::Law { .. } => "Law",
        BodyError::NextRoots => "NextRoots",
        BodyError::Devices => "Devices",
        BodyError::Successors => "Successors",
        BodyError::Mandate => "Mandate",
        BodyError::Number => "Number",
    }
}

pub(crate) fn json_error(problem: &JsonProblem) -> &'static str {
    match problem {
        JsonProblem::Length(_) => "Length",
        JsonProblem::Utf8 => "Utf8",
        JsonProblem::Syntax(_) => "Syntax",
        JsonProblem::NotAnObject => "NotAnObject",
        JsonProblem::Number => "Number",
        JsonProblem::Duplicate(_) => "Duplicate",
        JsonProblem::Nul => "Nul",
        JsonProblem::NotNormal => "NotNormal",
        JsonProblem::Depth => "Depth",
    }
}
