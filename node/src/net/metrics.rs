//! What is counted for the operator.

use libp2p::metrics::Metrics as Library;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of libp2p, when somebody reads them, and of what was dropped here.
#[derive(Default)]
pub(super) struct Metrics {
    pub(super) library: Option<Library>,
    pub(super) pushed: Counter,
    pub(super) dropped_pushes: Counter,
    pub(super) dropped_requests: Counter,
    pub(super) malformed: Counter,
    pub(super) refused: Counter,
    pub(super) lacking: Gauge,
}

impl Metrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self { library: Some(Library::new(registry)), ..Self::default() };
        let net = registry.sub_registry_with_prefix("net");
        net.register("pushed", "Records, prunes and grafts that were sent to peers unasked", metrics.pushed.clone());
        net.register(
            "dropped_pushes",
            "Of those that came or were to go, the ones for which there was no room",
            metrics.dropped_pushes.clone(),
        );
        net.register(
            "dropped_requests",
            "Requests of peers dropped because the engine was behind",
            metrics.dropped_requests.clone(),
        );
        net.register("malformed", "Messages that no honest node sends", metrics.malformed.clone());
        net.register("refused_peers", "Peers refused for some minutes", metrics.refused.clone());
        let lacking = "Peers that go without records which have been here for an hour or longer";
        net.register("lacking_peers", lacking, metrics.lacking.clone());
        metrics
    }
}
