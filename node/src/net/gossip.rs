//! Gossip: the form of its message, and how libp2p's gossipsub is tuned for a network of few and quiet peers.
//!
//! A message is a record, packed as [`frame`] says: with its body if that fits into one packet, else without it. What gossip loses, replicas
//! ask for.

use super::addresses::loopback;
use super::frame;
use koinon_protocol::limit;
use koinon_protocol::replica::message::Parcel;
use libp2p::PeerId;
use libp2p::gossipsub::{
    self, ConfigBuilder, IdentTopic, IdentityTransform, MessageAuthenticity, MessageId, PeerScoreParams, PeerScoreThresholds,
    TopicScoreParams, ValidationMode, WhitelistSubscriptionFilter,
};
use prometheus_client::registry::Registry;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::time::Duration;

/// gossipsub that knows one topic and no other.
pub(super) type Behaviour = gossipsub::Behaviour<IdentityTransform, WhitelistSubscriptionFilter>;

/// Messages wait this long for a slow line; by default (5 s and 1 s) 72 % of a burst were dropped without a word.
const PUBLISH_QUEUE: Duration = Duration::from_secs(60);
/// The same for messages of others.
const FORWARD_QUEUE: Duration = Duration::from_secs(30);
/// What waits for one peer: 4,096 messages of [`limit::GOSSIP`] are 5 MiB.
const QUEUE: usize = 4096;
/// Bytes that gossipsub sends or takes at a time: the 5,000 names that it tells at most, of 16 bytes and four around each, are 100 KB. A message
/// has at most [`limit::GOSSIP`].
const TRANSMITTED: usize = 128 * 1024;
/// How long a message is known to have been seen.
const DUPLICATES: Duration = Duration::from_secs(600);
/// Heartbeats, of a second each, that a message is kept for: the engine has judged it by then, or it is not passed on.
const HISTORY: usize = 12;
/// Messages in one packet of a peer's.
const MESSAGES: usize = 64;
/// Peers that a message goes to, at first, at least and at most. With twice as many each node gets it three times more, and none gets it sooner;
/// with two at least, three nodes that found each other would stand apart.
const MESH: [usize; 3] = [3, 3, 5];
/// Peers beside these that are told each second what there is.
const TOLD: usize = 2;
/// Bytes of a message's name, of its SHA-256: names are most of what is told each second, and to find two messages of one name helps nobody but
/// whoever does not want his own to be heard.
const NAME: usize = 16;
/// Peers that have one address before all of them are doubted: many town halls share one.
const ONE_ADDRESS: f64 = 24.0;
/// The score below which nothing of a peer is heard; see [`topic_scores`].
const GRAYLIST: f64 = -80.0;
/// Verdicts that are waited for; with more, the oldest messages are passed over.
const VERDICTS: usize = 2048;

/// The bytes of a message, in at most [`limit::GOSSIP`].
pub(super) fn encode(record: &Parcel) -> Vec<u8> {
    let whole = record.encode();
    if whole.len() <= limit::GOSSIP_UNPACKED {
        let packed = frame::pack(whole);
        if packed.len() <= limit::GOSSIP {
            return packed;
        }
    }
    frame::pack(Parcel { signed: record.signed, body: None }.encode())
}

/// Reads a message.
///
/// # Errors
/// For what no honest node passes on.
pub(super) fn decode(bytes: Vec<u8>, unpacker: &mut frame::Unpacker) -> io::Result<Parcel> {
    if bytes.len() > limit::GOSSIP {
        return Err(frame::malformed(format!("a gossip message of over {} bytes", limit::GOSSIP)));
    }
    let message = unpacker.unpack(bytes, limit::GOSSIP_UNPACKED)?;
    Parcel::decode(&message).map_err(frame::malformed)
}

/// Messages that the engine has and has not judged, by the number that it knows them by.
#[derive(Default)]
pub(super) struct Verdicts {
    last: u64,
    open: BTreeMap<u64, (MessageId, PeerId)>,
}

impl Verdicts {
    /// A number for the message, and the message for which there is no more room, if any.
    pub(super) fn open(&mut self, message: MessageId, source: PeerId) -> (u64, Option<(MessageId, PeerId)>) {
        let crowded = if self.open.len() >= VERDICTS { self.open.pop_first().map(|(_, oldest)| oldest) } else { None };
        self.last += 1;
        self.open.insert(self.last, (message, source));
        (self.last, crowded)
    }

    pub(super) fn close(&mut self, number: u64) -> Option<(MessageId, PeerId)> {
        self.open.remove(&number)
    }
}

/// gossipsub for the one topic, subscribed.
///
/// # Errors
/// In gossipsub's words, when it does not take the tuning.
pub(super) fn behaviour(topic: &IdentTopic, registry: Option<&mut Registry>) -> Result<Behaviour, String> {
    let [usual, least, most] = MESH;
    let config = ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|message| MessageId::new(&Sha256::digest(&message.data)[..NAME]))
        .max_transmit_size(TRANSMITTED)
        .max_publish_messages(MESSAGES)
        .publish_queue_duration(PUBLISH_QUEUE)
        .forward_queue_duration(FORWARD_QUEUE)
        .connection_handler_queue_len(QUEUE)
        .duplicate_cache_time(DUPLICATES)
        .history_length(HISTORY)
        .mesh_n(usual)
        .mesh_n_low(least)
        .mesh_n_high(most)
        .mesh_outbound_min(1)
        .gossip_lazy(TOLD)
        .gossip_factor(0.0)
        // A record leaves by the mesh, as those of others do: the cost does not grow with the number of peers, and who wrote it does not
        // stand out as the one who sends it to everybody.
        .flood_publish(false)
        .build()
        .map_err(|error| error.to_string())?;
    let one_topic = WhitelistSubscriptionFilter(HashSet::from([topic.hash()]));
    // Records sign themselves; a signature of the node's beside them would tell who passed them on first.
    let mut behaviour = Behaviour::new_with_subscription_filter(MessageAuthenticity::Anonymous, config, one_topic)?;
    if let Some(registry) = registry {
        behaviour = behaviour.with_metrics(registry.sub_registry_with_prefix("gossipsub"), gossipsub::MetricsConfig::default());
    }
    behaviour.with_peer_score(scores(topic), thresholds())?;
    behaviour.subscribe(topic).map_err(|error| error.to_string())?;
    // Configured peers are not gossipsub's explicit peers: those stand outside of the mesh, both sides must name each other, and every
    // message goes to all of them, so that a federation which names its hubs would flood them. As members of the mesh they are scored
    // and pruned like all; that the connection is made again is the work of dial.rs.
    Ok(behaviour)
}

/// Three invalid messages silence a peer, and silence is no fault.
fn topic_scores() -> TopicScoreParams {
    TopicScoreParams {
        topic_weight: 1.0,
        // A point for ten minutes in the mesh and one for twenty first deliveries: enough to choose by, not to hide faults behind.
        time_in_mesh_weight: 1.0 / 600.0,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 600.0,
        first_message_deliveries_weight: 0.05,
        first_message_deliveries_decay: gossipsub::score_parameter_decay(Duration::from_secs(600)),
        first_message_deliveries_cap: 20.0,
        // A quiet peer in a quiet network is honest: what it does not deliver, there may not be.
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        // Squared: −10, −40, −90.
        invalid_message_deliveries_weight: -10.0,
        invalid_message_deliveries_decay: gossipsub::score_parameter_decay(Duration::from_secs(3600)),
        ..TopicScoreParams::default()
    }
}

fn scores(topic: &IdentTopic) -> PeerScoreParams {
    PeerScoreParams {
        topics: [(topic.hash(), topic_scores())].into(),
        topic_score_cap: 2.0,
        app_specific_weight: 0.0,
        ip_colocation_factor_weight: -1.0,
        ip_colocation_factor_threshold: ONE_ADDRESS,
        ip_colocation_factor_whitelist: loopback().collect(),
        // Promises break when a node restarts; six in ten minutes are no accident.
        behaviour_penalty_weight: -10.0,
        behaviour_penalty_threshold: 6.0,
        behaviour_penalty_decay: gossipsub::score_parameter_decay(Duration::from_secs(600)),
        // A town hall at the end of a slow line is slow, not hostile.
        slow_peer_weight: 0.0,
        retain_score: Duration::from_secs(600),
        ..PeerScoreParams::default()
    }
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -15.0,
        publish_threshold: -35.0,
        graylist_threshold: GRAYLIST,
        accept_px_threshold: 1000.0,
        opportunistic_graft_threshold: 0.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use koinon_protocol::id::{BodyCommitment, DeviceKey, NetworkId, OrganisationId, RecordId};
    use koinon_protocol::record::{Header, Sealed, Signed, VERSION};
    use koinon_protocol::time::Millis;
    use koinon_protocol::wire;
    use proptest::prelude::*;

    /// A record of the right form, whose body nobody committed to.
    fn record(body: Vec<u8>) -> Parcel {
        let header = Header {
            version: VERSION,
            kind: 100,
            network: NetworkId([1; 32]),
            organisation: OrganisationId([2; 32]),
            device: DeviceKey([3; 32]),
            seq: 0,
            previous: RecordId::ZERO,
            claimed_at: Millis(4),
            body_length: 5,
            body: BodyCommitment([6; 32]),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
            flags: 0,
        };
        let signed = Signed::decode(&[&wire::encode(&header)[..], &[7; limit::SIGNATURE]].concat()).unwrap();
        Parcel { signed, body: Some(Sealed { salt: [8; limit::SALT], bytes: body }) }
    }

    #[test]
    fn the_tuning_is_one_that_gossipsub_takes() {
        behaviour(&IdentTopic::new("koinon/1/test/records"), Some(&mut Registry::default())).unwrap();
    }

    #[test]
    fn verdicts_are_bounded_and_the_oldest_is_given_back() {
        let mut verdicts = Verdicts::default();
        let source = PeerId::random();
        let id = |number: usize| MessageId::new(&number.to_be_bytes());
        let crowded: Vec<_> = (0..=VERDICTS).filter_map(|number| verdicts.open(id(number), source).1).collect();
        assert_eq!(crowded, [(id(0), source)]);
        assert_eq!(verdicts.close(1), None);
        assert_eq!(verdicts.close(2), Some((id(1), source)));
    }

    #[test]
    fn a_record_goes_whole_when_that_fits_into_a_packet() {
        let mut unpacker = frame::Unpacker::new().unwrap();
        let noise: Vec<u8> = (0..64_u64).flat_map(|number| Sha256::digest(number.to_be_bytes())).collect();
        for (body, whole) in [(vec![b'a'; 7000], true), (vec![b'a'; 9000], false), (noise[..800].to_vec(), true), (noise, false)]
        {
            let said = record(body);
            let message = encode(&said);
            assert!(message.len() <= limit::GOSSIP);
            let heard = decode(message, &mut unpacker).unwrap();
            assert_eq!(heard, Parcel { body: said.body.filter(|_| whole), ..said });
        }
    }

    #[test]
    fn a_message_over_the_bound_is_refused() {
        let mut unpacker = frame::Unpacker::new().unwrap();
        let noise: Vec<u8> = (0..64_u64).flat_map(|number| Sha256::digest(number.to_be_bytes())).collect();
        let long = frame::pack(record(noise).encode());
        assert!(long.len() > limit::GOSSIP && frame::is_malformed(&decode(long, &mut unpacker).unwrap_err()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..1300)) {
            let mut unpacker = frame::Unpacker::new().unwrap();
            if let Ok(record) = decode(bytes, &mut unpacker) {
                prop_assert_eq!(decode(encode(&record), &mut unpacker).unwrap(), record);
            }
        }
    }
}
