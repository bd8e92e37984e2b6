//! What is counted for the operator.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Who found a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finder {
    /// This node.
    Here,
    /// Another, which kept it.
    Elsewhere,
}

/// The numbers; cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics {
    split_views: Family<Labels, Counter>,
    pub(super) contradicted: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    found: &'static str,
}

impl Metrics {
    /// Registers the numbers.
    pub fn register(&self, registry: &mut Registry) {
        let witness = registry.sub_registry_with_prefix("witness");
        let split_views = "Proofs that a log showed two trees, kept since the start, by who found them";
        witness.register("split_views", split_views, self.split_views.clone());
        let contradicted = "Logs, of those that this node knows, against which such a proof is kept";
        witness.register("contradicted_logs", contradicted, self.contradicted.clone());
    }

    pub(super) fn count(&self, finder: Finder) {
        let found = match finder {
            Finder::Here => "here",
            Finder::Elsewhere => "elsewhere",
        };
        self.split_views.get_or_create(&Labels { found }).inc();
    }
}
