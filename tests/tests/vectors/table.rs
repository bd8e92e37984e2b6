//! Every vector: what it shows, what is expected, and its bytes.

use crate::Subject::{self, File, Fork, Key, Log, Record, Sealed};
use crate::forge::{
    NETWORK, after, greater_y, header, header_with, neutral_key, sealed, sign, signed_by_weak_key, signer, small_y,
    under_mixed_key, with_greater_s, with_neutral_r,
};
use crate::{acts, bundle, content, control, receipt, sync};
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Header, Sealed as Body};
use koinon_protocol::time::Millis;
use koinon_protocol::wire;

/// One row: subject, name, expected outcome, network, input.
pub(crate) type Row = (Subject, &'static str, &'static str, NetworkId, Vec<u8>);

/// All vectors, in the order of the files.
pub(crate) fn rows() -> Vec<Row> {
    [
        keys(),
        records(),
        forms(),
        signatures(),
        files(),
        bodies(),
        logs(),
        forks(),
        control::rows(),
        acts::rows(),
        content::rows(),
        bundle::rows(),
        sync::rows(),
        receipt::rows(),
    ]
    .concat()
}

fn keys() -> Vec<Row> {
    let mut negative_zero = small_y(1);
    negative_zero[31] = 0x80;
    vec![
        (Key, "a key", "ok", NETWORK, signer().public().0.to_vec()),
        (Key, "y below p, not of small order, nobody's key", "ok", NETWORK, small_y(3).to_vec()),
        (Key, "the same point with y written as p + 3", "NotAPoint", NETWORK, greater_y(3).to_vec()),
        (Key, "no x fits this y", "NotAPoint", NETWORK, small_y(2).to_vec()),
        (Key, "the neutral element", "Weak", NETWORK, neutral_key().0.to_vec()),
        (Key, "the neutral element with y written as p + 1", "NotAPoint", NETWORK, greater_y(1).to_vec()),
        (Key, "x is zero and its sign bit is set", "NotAPoint", NETWORK, negative_zero.to_vec()),
        (Key, "a point of order 4", "Weak", NETWORK, small_y(0).to_vec()),
    ]
}

fn records() -> Vec<Row> {
    let charter = header_with(|header| {
        header.network = NetworkId::ZERO;
        header.organisation = OrganisationId::ZERO;
        header.subject = RecordId::ZERO;
    });
    let inception = header_with(|header| header.organisation = OrganisationId::ZERO);
    let bare = header_with(|header| (header.territory, header.topic, header.subject) = ([0; 12], 0, RecordId::ZERO));
    let longest = header_with(|header| header.body_length = 65_536);
    let unknown = header_with(|header| header.kind = u16::MAX);
    vec![
        (Record, "the first record of a log", "ok", NETWORK, sign(&header())),
        (Record, "the second record of a log", "ok", NETWORK, sign(&after(&header()))),
        (Record, "a founding charter in the network that it founds", "ok", charter.id().into(), sign(&charter)),
        (Record, "a founding charter in another network", "Network", NETWORK, sign(&charter)),
        (Record, "an inception: the author is its own id", "ok", NETWORK, sign(&inception)),
        (Record, "no territory, topic or subject", "ok", NETWORK, sign(&bare)),
        (Record, "a body of the greatest length", "ok", NETWORK, sign(&longest)),
        (Record, "a kind that is not known is no error", "ok", NETWORK, sign(&unknown)),
        (Record, "a territory of twelve characters", "ok", NETWORK, changed(|header| header.territory = *b"AT130_90-01Z")),
        (Record, "the last place of a log", "ok", NETWORK, changed(|h| (h.seq, h.previous) = (u64::MAX, RecordId([1; 32])))),
    ]
}

fn forms() -> Vec<Row> {
    let good = sign(&header());
    let longer = [good.clone(), vec![0]].concat();
    vec![
        (Record, "nothing", "Malformed", NETWORK, Vec::new()),
        (Record, "a byte is missing", "Malformed", NETWORK, good[..295].to_vec()),
        (Record, "a byte follows", "Malformed", NETWORK, longer),
        (Record, "an older version", "Version", NETWORK, changed(|header| header.version = 0)),
        (Record, "a newer version", "Version", NETWORK, changed(|header| header.version = 2)),
        (Record, "a body over the bound", "BodyTooLong", NETWORK, changed(|header| header.body_length = 65_537)),
        (Record, "a reserved flag", "Flags", NETWORK, changed(|header| header.flags = 1)),
        (Record, "a first record with a predecessor", "Previous", NETWORK, changed(|header| header.previous = RecordId([1; 32]))),
        (Record, "a later record without a predecessor", "Previous", NETWORK, changed(|header| header.seq = 1)),
        (
            Record,
            "a territory in small letters",
            "Territory",
            NETWORK,
            changed(|header| header.territory = *b"at130\0\0\0\0\0\0\0"),
        ),
        (
            Record,
            "a territory after a zero byte",
            "Territory",
            NETWORK,
            changed(|header| header.territory = *b"AT\x00130\0\0\0\0\0\0"),
        ),
        (Record, "a record of another network", "Network", NetworkId([0x12; 32]), good),
        (Record, "two faults: the first rule names it", "Version", NETWORK, changed(|h| (h.version, h.flags) = (9, 9))),
    ]
}

fn signatures() -> Vec<Row> {
    let good = sign(&header());
    let of_other = header_with(|header| header.device = Signer::from_seed(&[8; 32]).public());
    vec![
        (Record, "a bit of the header is flipped", "BadSignature", NETWORK, flipped(&good, 170)),
        (Record, "a bit of R is flipped", "BadSignature", NETWORK, flipped(&good, 232)),
        (Record, "a bit of S is flipped", "BadSignature", NETWORK, flipped(&good, 264)),
        (Record, "S + L instead of S", "BadSignature", NETWORK, with_greater_s(good)),
        (Record, "another key's signature", "BadSignature", NETWORK, sign(&of_other)),
        (Record, "a weak key under which the equation holds", "Weak", NETWORK, signed_by_weak_key()),
        (Record, "a key that is not canonical", "NotAPoint", NETWORK, changed(|header| header.device = DeviceKey(greater_y(3)))),
        (Record, "a key that is no point", "NotAPoint", NETWORK, changed(|header| header.device = DeviceKey(small_y(2)))),
        (Record, "R of small order for which the equation holds", "BadSignature", NETWORK, with_neutral_r(small_y(1))),
        (Record, "R not canonical and of small order", "BadSignature", NETWORK, with_neutral_r(greater_y(1))),
        (Record, "a key of mixed order; the equation holds", "ok", NETWORK, under_mixed_key(true)),
        (Record, "a key of mixed order; the equation holds only times 8", "BadSignature", NETWORK, under_mixed_key(false)),
    ]
}

fn files() -> Vec<Row> {
    let Body { salt, bytes } = sealed();
    let file = [sign(&header()), salt.to_vec(), bytes].concat();
    let empty = Body { salt, bytes: Vec::new() };
    let of_nothing = header_with(|header| (header.body_length, header.body) = (0, empty.commitment()));
    let length_lies = header_with(|header| header.body_length += 1);
    let rest = file[296..].to_vec();
    vec![
        (File, "a record with its body", "ok", NETWORK, file.clone()),
        (File, "an empty body", "ok", NETWORK, [sign(&of_nothing), salt.to_vec()].concat()),
        (File, "the body was erased", "ok", NETWORK, file[..296].to_vec()),
        (File, "the header is cut short", "Malformed", NETWORK, file[..295].to_vec()),
        (File, "the salt is cut short", "Commitment", NETWORK, file[..327].to_vec()),
        (File, "another salt", "Commitment", NETWORK, flipped(&file, 296)),
        (File, "another body", "Commitment", NETWORK, flipped(&file, 340)),
        (File, "a body that is cut short", "Commitment", NETWORK, file[..file.len() - 1].to_vec()),
        (File, "the right commitment with a wrong length", "Commitment", NETWORK, [sign(&length_lies), rest].concat()),
    ]
}

fn bodies() -> Vec<Row> {
    let good = wire::encode(&sealed());
    let mut bomb = good.clone();
    bomb[32..40].copy_from_slice(&u64::MAX.to_be_bytes());
    vec![
        (Sealed, "salt, count, body", "ok", NETWORK, good.clone()),
        (Sealed, "a byte follows", "Trailing", NETWORK, [good.clone(), vec![0]].concat()),
        (Sealed, "a byte is missing", "Malformed", NETWORK, good[..good.len() - 1].to_vec()),
        (Sealed, "a count that would take all memory", "Malformed", NETWORK, bomb),
    ]
}

fn logs() -> Vec<Row> {
    let first = header();
    let second = after(&first);
    let third = after(&second);
    let elsewhere = Header { previous: RecordId([9; 32]), ..second };
    let earlier = Header { claimed_at: Millis(first.claimed_at.0 - 1), ..second };
    let same_time = Header { claimed_at: first.claimed_at, ..second };
    let rows: [(&str, &str, &[&Header]); 8] = [
        ("three records in order", "ok", &[&first, &second, &third]),
        ("two records of the same millisecond", "ok", &[&first, &same_time]),
        ("the second is missing", "Gap", &[&first, &third]),
        ("the first is missing", "Gap", &[&second]),
        ("the same record again", "Taken", &[&first, &first]),
        ("another record at a taken place", "Taken", &[&first, &second, &same_time]),
        ("another predecessor than the head", "Predecessor", &[&first, &elsewhere]),
        ("a claimed time before the predecessor's", "Backwards", &[&first, &earlier]),
    ];
    rows.map(|(name, expected, log)| (Log, name, expected, NETWORK, log.iter().flat_map(|header| sign(header)).collect()))
        .to_vec()
}

fn forks() -> Vec<Row> {
    let one = header();
    let other = header_with(|header| header.topic = 0);
    let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
    let stranger = header_with(|header| header.organisation = OrganisationId([0x23; 32]));
    let (low, high) = if one.id() < stranger.id() { (one, stranger) } else { (stranger, one) };
    let claim = |one: &Header, other: &Header| [sign(one), sign(other)].concat();
    let good = claim(&first, &second);
    vec![
        (Fork, "two records at one place", "ok", NETWORK, good.clone()),
        (Fork, "the greater id first", "Order", NETWORK, claim(&second, &first)),
        (Fork, "one record twice", "Order", NETWORK, claim(&first, &first)),
        (Fork, "two logs", "Apart", NETWORK, claim(&low, &high)),
        (Fork, "a bad signature", "BadSignature", NETWORK, flipped(&good, 591 - 31)),
        (Fork, "another network", "Network", NetworkId([0x12; 32]), good.clone()),
        (Fork, "a byte is missing", "Malformed", NETWORK, good[..591].to_vec()),
    ]
}

fn changed(change: impl FnOnce(&mut Header)) -> Vec<u8> {
    sign(&header_with(change))
}

fn flipped(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[place] ^= 1;
    bytes
}
