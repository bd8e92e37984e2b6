//! Attacks on what was erased, and with erasures.

use crate::house::{House, eventually};
use crate::table::{HOUR, MINUTE, Table};
use koinon_protocol::id::RecordId;
use koinon_protocol::kind::Kind;
use koinon_protocol::limit;
use koinon_protocol::record::Sealed;
use koinon_protocol::trust::erasure::{self, Erasure};
use koinon_tests::author::{Author, Record};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

fn erasure(author: &mut Author, subject: RecordId) -> Record {
    let said = Erasure { ground: "It named a child.".into(), mandate: None };
    let (draft, sealed) = erasure::draft(&author.place, subject, &said, [8; 32]);
    author.sign(draft, sealed)
}

#[test]
fn an_erased_body_does_not_return() {
    const OLD: usize = 2;
    let (mut table, mut authors) = Table::new(&[1], &[0, 0, 0]);
    let author = &mut authors[0];
    let (inception, marked) = (author.inception.clone(), author.example("need", "Call Zephyra at home"));
    table.connect(0, 1);
    table.connect(0, OLD);
    assert!(table.give(0, &inception) && table.give(0, &marked));
    table.run(MINUTE);
    assert!((0..3).all(|seat| table.body(seat, &marked).is_some()));

    // The third one goes away before the erasure, and comes back after a year with the body, to one that was never told by the first.
    let (mut later, _) = Table::new(&[1], &[0, 0]);
    assert!(later.give(1, &inception) && later.give(1, &marked));
    let erased = erasure(author, marked.id());
    assert!(table.give(0, &erased));
    table.run(MINUTE);
    assert_eq!((table.body(0, &marked), table.body(1, &marked)), (None, None));
    assert!(later.give(0, &inception) && later.give(0, &marked) && later.give(0, &erased));
    assert_eq!(later.body(0, &marked), None);
    later.now = later.now.plus(365 * 24 * HOUR);
    later.connect(0, 1);
    later.run(HOUR);
    assert_eq!((later.body(0, &marked), later.body(1, &marked)), (None, None), "the erasure goes on, and not the body");
    assert!(later.holds(1, &erased) && later.holds(1, &marked), "header and signature stay");
}

/// Whether a file under this directory holds these bytes.
fn is_in_a_file(directory: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return is_in_a_file(&path, bytes);
        }
        std::fs::read(&path).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
    })
}

#[test]
fn an_erased_body_cannot_be_guessed_from_its_commitment() {
    let house = House::open();
    let mut author = house.founder();
    house.publish(&author.inception.clone());
    let kind = Kind::by_name("need").unwrap();
    let mut body: serde_json::Value = serde_json::from_str(kind.example).unwrap();
    body["title"] = json!({ "en": "The petitioner of number 7 was ill" });
    let sealed = Sealed { salt: std::array::from_fn(|at| 0xa1 ^ (at as u8 * 7)), bytes: body.to_string().into_bytes() };
    let record = author.seal(kind.number, RecordId::ZERO, sealed.clone());
    house.publish(&record);
    let data = house.data.path();
    assert!(is_in_a_file(data, &sealed.salt), "it is looked for where it lies");
    house.publish(&erasure(&mut author, record.id()));
    eventually("the salt is in no file", || !is_in_a_file(data, &sealed.salt));
    assert!(!is_in_a_file(data, b"number 7 was ill"));

    let hexadecimal: String = sealed.salt.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = record.id();
    for path in ["records/ID", "records/ID/file", "bundle/ID", "records?limit=100"] {
        let answer = house.get(&format!("/api/v1/{}", path.replace("ID", &id.to_string())), &[]);
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.bytes.windows(32).any(|window| window == sealed.salt) && !answer.text().contains(&hexadecimal), "{path}");
    }
    // Who knows every word of it cannot tell whether they are the words.
    let header = *record.record.header();
    let salts = (0..=u8::MAX).map(|byte| [byte; 32]).chain([id.0, header.body.0, header.device.0]);
    assert!(salts.filter(|salt| *salt != sealed.salt).all(|salt| Sealed { salt, ..sealed.clone() }.commitment() != header.body));
    assert_eq!(sealed.commitment(), header.body, "with the salt they can");
}

#[test]
fn a_forged_erasure_erases_nothing() {
    let house = House::open();
    let (mut association, mut town) = (house.founder(), house.organisation(7, "Saarikunta"));
    house.publish(&association.inception.clone());
    let kept = association.example("need", "It stays");
    house.publish(&kept);
    house.publish(&association.vouch(town.id(), &["publish"], 0));
    house.publish(&town.inception);
    // One in good standing erases what another wrote; one without the key says that the author did.
    house.publish(&erasure(&mut town, kept.id()));
    let mut forged = erasure(&mut association, kept.id()).file();
    forged[240] ^= 1;
    assert_eq!(house.post("/api/v1/records", crate::house::RECORD, &forged, &[]).json()["code"], "bad-signature");
    let file = house.get(&format!("/api/v1/records/{}/file", kept.id()), &[]);
    assert_eq!((file.status, file.bytes), (200, kept.file()));
}

#[test]
fn a_hundred_thousand_erasures_of_unknown_records_are_bounded() {
    let house = House::open();
    let mut author = house.founder();
    let known = author.example("need", "It is here");
    let one = erasure(&mut author, RecordId([1; 32]));
    let (mut trust, began) = (house.founding.trust(), Instant::now());
    let name = |number: u32| RecordId(std::array::from_fn(|at| if at < 4 { number.to_be_bytes()[at] } else { 3 }));
    for number in 0..100_000 {
        let header = koinon_protocol::record::Header { subject: name(number), ..*one.record.header() };
        trust.replay(name(1_000_000 + number), &header, Some(one.body.bytes()));
    }
    println!("100,000 erasures of unknown records were taken in within {:.1?}", began.elapsed());
    assert_eq!(trust.erasures().count(), limit::ERASURES);
    assert_eq!(trust.erased(known.id(), known.record.header()), None, "nothing that is here is erased by them");
    let other = house.organisation(7, "Saarikunta").example("need", "Another's");
    let header = koinon_protocol::record::Header {
        subject: other.id(),
        organisation: other.record.author(),
        device: other.record.header().device,
        ..*one.record.header()
    };
    trust.replay(name(7), &header, Some(one.body.bytes()));
    assert!(trust.erased(other.id(), other.record.header()).is_some(), "and nobody else is crowded out");
}
