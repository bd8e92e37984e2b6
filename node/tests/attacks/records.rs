//! Attacks on what a record is: its bytes, its place, its version.

use crate::attacker::Attacker;
use crate::house::{House, RECORD};
use crate::node::{Node, network, settings};
use koinon_protocol::id::{RecordId, Tag};
use koinon_protocol::record::Header;
use koinon_protocol::time::Millis;
use koinon_protocol::wire;
use koinon_tests::author::{self, Author, DEVICE, Record};
use koinon_tests::decoders::DECODERS;
use std::io::{self, Read as _};
use std::process::Command;

/// The order of Ed25519's base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0x10,
];
/// The address space of whoever reads bombs.
const KIBIBYTES: &str = "262144";
/// Names the file with a bomb for a process of its own.
const BOMB: &str = "KOINON_BOMB";

/// A node with a founder, one record of whom it keeps.
fn scene() -> (House, Author, Record) {
    let house = House::open();
    let mut author = house.founder();
    house.publish(&author.inception.clone());
    let record = author.example("practice", "One lorry");
    house.publish(&record);
    (house, author, record)
}

/// The record's file with another header and this signature.
fn file(record: &Record, header: &Header, signature: &[u8]) -> Vec<u8> {
    let sealed = record.body.sealed();
    [&wire::encode(header), signature, &sealed.salt, &sealed.bytes].concat()
}

#[test]
fn a_record_replayed_into_another_network_or_log_is_refused() {
    let (house, _, record) = scene();
    let (_, elsewhere) = author::found(&[1], Millis(1_600_000_000_000));
    let other = house.organisation(9, "Another");
    let refused = |bytes: &[u8]| house.post("/api/v1/records", RECORD, bytes, &[]).json()["code"].as_str().unwrap().to_owned();
    assert_eq!(elsewhere[0].device(), record.record.header().device, "it has the same keys there");
    assert_eq!(refused(&elsewhere[0].inception.file()), "other-network");

    let (header, signature) = (*record.record.header(), record.record.signed().signature().0);
    let moved: [Header; 5] = [
        Header { network: elsewhere[0].place.network, ..header },
        Header { organisation: other.id(), ..header },
        Header { device: other.device(), ..header },
        Header { seq: 1, previous: record.id(), ..header },
        Header { kind: 34, ..header },
    ];
    let codes = moved.map(|moved| refused(&file(&record, &moved, &signature)));
    assert_eq!(codes, ["other-network", "bad-signature", "bad-signature", "bad-signature", "bad-signature"]);

    let again = house.submit(&record);
    assert_eq!((again.status, again.json()["position"].as_u64()), (200, Some(1)), "the same record is there once");
    assert_eq!(house.json("/api/v1/status")["records"], 2);
}

#[test]
fn an_older_format_is_no_downgrade() {
    let (house, author, record) = scene();
    let draft = author.place.draft(33, RecordId::ZERO);
    let next = author.beside(draft, record.body.sealed().clone());
    for version in [0, 2, u16::MAX] {
        // Its author's own signature holds: only the version is another.
        let header = Header { version, ..*next.record.header() };
        let signed = author::signer(1, DEVICE).sign(&[Tag::RECORD.bytes(), &wire::encode(&header)].concat());
        let answer = house.post("/api/v1/records", RECORD, &file(&next, &header, &signed.0), &[]);
        assert!(answer.problem(400, "malformed-record").contains(&format!("version {version}")), "{}", answer.text());
    }
    assert_eq!(house.submit(&next).status, 201, "the present version is taken");
}

#[test]
fn a_record_has_one_byte_form() {
    let (house, mut author, _) = scene();
    let record = author.example("practice", "Another lorry");
    let (header, signature) = (*record.record.header(), record.record.signed().signature().0);
    let mut greater = signature;
    let mut carry = 0;
    for (byte, more) in greater[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    let honest = record.file();
    let sealed = record.body.sealed();
    let spaced = [&honest[..296], &sealed.salt, b" ", &sealed.bytes].concat();
    let forms = [
        ("S + L", file(&record, &header, &greater), "bad-signature"),
        ("a byte behind", [&honest[..], b" "].concat(), "other-body"),
        ("a byte less", honest[..honest.len() - 1].to_vec(), "other-body"),
        ("the same JSON, written otherwise", spaced, "other-body"),
        ("a reserved flag", file(&record, &Header { flags: 1, ..header }, &signature), "malformed-record"),
    ];
    for (what, bytes, code) in forms {
        assert_eq!(house.post("/api/v1/records", RECORD, &bytes, &[]).json()["code"], code, "{what}");
    }
    assert_eq!(house.submit(&record).status, 201);
    assert_eq!(house.json("/api/v1/status")["records"], 3);
}

#[test]
fn a_length_bomb_takes_no_memory() {
    let home = tempfile::tempdir().unwrap();
    let bomb = home.path().join("bomb.zst");
    let gibibyte = io::repeat(0).take(1 << 30);
    std::fs::write(&bomb, zstd::stream::encode_all(gibibyte, 1).unwrap()).unwrap();
    let script = format!("ulimit -v {KIBIBYTES} && exec \"$0\" --ignored --exact records::bombs_under_a_bound_on_memory");
    let mut reader = Command::new("sh");
    reader.args(["-c", &script]).arg(std::env::current_exe().unwrap()).env(BOMB, &bomb);
    let done = reader.env("MALLOC_ARENA_MAX", "1").env("RUST_TEST_THREADS", "1").output().unwrap();
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "a_length_bomb_takes_no_memory runs it, in a process with a bound on memory"]
async fn bombs_under_a_bound_on_memory() {
    assert!(Vec::<u8>::new().try_reserve_exact(256 << 20).is_err(), "the bound is there");
    for decoder in DECODERS {
        for seed in (decoder.seeds)() {
            let seed = &seed[..seed.len().min(decoder.longest)];
            for place in (0..seed.len()).step_by(seed.len() / 32 + 1) {
                for length in [u64::MAX, u64::from(u32::MAX)] {
                    let mut bytes = seed.to_vec();
                    bytes.splice(place..seed.len().min(place + 8), length.to_be_bytes());
                    (decoder.check)(&bytes);
                }
            }
        }
    }
    let victim = Node::start(settings(network(1), "/ip4/127.0.0.1/tcp/0", &[])).await;
    let mut attacker = Attacker::connect(network(1), &victim.address()).await;
    let bomb = std::fs::read(std::env::var_os(BOMB).unwrap()).unwrap();
    assert!(bomb.len() < 100_000, "{} bytes", bomb.len());
    for _ in 0..3 {
        assert_eq!(attacker.asks([&[1], &bomb[..]].concat()).await, None);
    }
    victim.stop().await;
}
