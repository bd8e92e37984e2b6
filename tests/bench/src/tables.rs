//! The work of performance.md, each piece as a table.

use crate::ground::{Entry, Ground};
use crate::koinon::live::Spread;
use crate::koinon::{cold, ingest, kept, live, publish, search, warm};
use crate::machine::Machine;
use crate::peers::{Cold, Figures};
use crate::report::{Row, Table};
use crate::texts::BODY;
use crate::{Sizes, median};
use std::iter;
use std::path::Path;

/// What every measurement is given.
pub struct Bench<'a> {
    pub program: &'a Path,
    pub home: &'a Path,
    pub sizes: Sizes,
    pub machine: Machine,
    pub peers: Vec<Figures>,
}

impl Bench<'_> {
    fn of(&self, figure: impl Fn(&Figures) -> Option<f64>) -> Vec<(&'static str, f64)> {
        self.peers.iter().filter_map(|peer| Some((peer.name, figure(peer)?))).collect()
    }

    /// W1.
    pub fn publish(&self) -> Table {
        let got = publish::measure(self.home, self.sizes.small, self.sizes.runs);
        let sync = self.machine.sync_p50 / publish::GROUP as f64;
        let rows = vec![
            Row::new("sign, link and keep, CPU a record", "µs", got.written)
                .limit(self.machine.sign)
                .peers(self.of(|peer| peer.publish))
                .at_most(60.0),
            Row::new("the same given to a running node, which verifies and indexes it", "µs", got.accepted)
                .limit(self.machine.sign + self.machine.verify),
            Row::new("one alone, until it is acknowledged, p50 of wall", "µs", got.alone).limit(got.fdatasync).times_limit(1.5),
        ];
        let note = format!(
            "Records of {BODY} B, durable, {} in a sync ({sync:.1} µs of waiting a record). Limits: a signature; a signature and its check; an append and \
             its fdatasync on a file that stands, measured in turn with the records, each after a rest.",
            publish::GROUP
        );
        Table { title: "W1 · publish", note, rows }
    }

    /// W2.
    pub fn ingest(&self, ground: &Ground, entries: &[Entry]) -> Table {
        let got = ingest::measure(self.home, ground, entries, self.sizes.runs);
        let cores = self.machine.cores;
        let rows = vec![
            Row::new("check and keep, CPU a record", "µs", got.cpu)
                .limit(self.machine.verify)
                .peers(self.of(|peer| peer.ingest))
                .at_most(70.0),
            Row::new("on one core", "records/s", got.one).limit(1e6 / self.machine.verify).more_is_better(),
            Row::new(format!("on {cores} cores"), "records/s", got.all)
                .limit(cores as f64 * 1e6 / self.machine.verify)
                .more_is_better(),
            Row::new("gain of all cores", "×", got.all / got.one).limit(got.limit).at_least(1.7),
        ];
        let note = "The engine of a node, which gets answers of a megabyte that were made before: strict verification of every signature, place in the \
                    log, standing of the author, durable. One core: the process may use no other. Limit: verify_strict alone; of the gain, \
                    that of threads which do nothing else and share nothing, measured in turn with the engine.";
        Table { title: "W2 · ingest", note: note.into(), rows }
    }

    /// W3, of these records; `which` of the others' two sizes is the same.
    pub fn cold(&self, ground: &Ground, entries: &[Entry], which: usize, searched: bool) -> Vec<Row> {
        let runs = if which == 0 { self.sizes.runs } else { 1 };
        let got = cold::measure(self.program, self.home, ground, entries, runs);
        let peers = |figure: fn(&Cold) -> f64| self.of(|peer| peer.cold[which].as_ref().map(figure));
        let count = entries.len();
        let what = if searched { ", practices that are searched" } else { "" };
        let floor = self.machine.verify + 2.0 * self.machine.hash + 2.0 * self.machine.loopback_cpu * kept::RAW / 1e3;
        let cpu = Row::new(format!("{count}{what}: CPU of both ends a record, until durable"), "µs", got.cpu).limit(floor);
        let all = Row::new(format!("{count}{what}: until everything can be found"), "µs", got.all_cpu).limit(floor);
        let bytes = Row::new(format!("{count}{what}: on the wire, per byte of body"), "B", got.bytes / BODY as f64);
        let rate =
            Row::new(format!("{count}{what}: durable"), "records/s", got.rate).limit(1e6 * self.machine.cores as f64 / floor);
        if searched {
            return vec![cpu, all, bytes.at_most(0.75), rate.more_is_better()];
        }
        vec![
            cpu.peers(peers(|cold| cold.cpu)).at_most(100.0),
            all.peers(peers(|cold| cold.cpu)),
            bytes.peers(peers(|cold| cold.bytes / BODY as f64)).at_most(0.75),
            rate.peers(peers(|cold| cold.rate)).more_is_better().times_best(2.5),
        ]
    }

    /// W4.
    pub fn warm(&self, ground: &mut Ground, entries: &[Entry], last: &[usize]) -> Table {
        let got = warm::measure(self.program, self.home, ground, entries, last);
        let peers = |figure: fn(&crate::peers::Warm) -> f64| self.of(|peer| peer.warm.as_ref().map(figure));
        let bytes = |what: &str, value: u64, goal: f64| Row::new(what, "B", value as f64).at_most(goal);
        let rows = vec![
            bytes("cursor, 10 new records: beside the records", got.cursor.finding + got.cursor.around, 500.0),
            Row::new("cursor: round trips until they are named", "", (got.cursor.rounds + got.cursor.pulls) as f64).at_most(1.0),
            Row::new("cursor: CPU of both", "ms", got.cursor.both * 1e3).at_most(10.0),
            bytes("repair, 10 recent records: finding them", got.recent.finding, 2_500.0),
            Row::new("repair, 10 recent: rounds", "", got.recent.rounds as f64).at_most(4.0),
            Row::new("repair, 10 recent: CPU of both", "ms", got.recent.both * 1e3),
            bytes("repair, 10 scattered records: finding them", got.scattered.finding, 16_000.0),
            Row::new("repair, 10 scattered: rounds", "", got.scattered.rounds as f64).at_most(4.0),
            Row::new("repair, 10 scattered: CPU of both", "ms", got.scattered.both * 1e3),
            Row::new("processes, 10 scattered: everything on the wire", "B", got.whole.bytes).peers(peers(|warm| warm.bytes)),
            Row::new("processes: from the start of one", "s", got.whole.wall).peers(peers(|warm| warm.wall)),
            Row::new("processes: CPU of both, with the start of one", "s", got.whole.cpu).peers(peers(|warm| warm.cpu)),
        ];
        let note = format!(
            "Two with {} records. The first nine lines: production replicas over stores on the disk, by the bytes of their messages. The last three: \
             `koinond` processes, with handshakes, records and the opening of a store.",
            entries.len()
        );
        Table { title: "W4 · warm sync", note, rows }
    }

    /// W5, with these others in turn, each of which is measured anew by its function.
    pub fn live(&self, others: &[(&'static str, fn() -> Spread)]) -> Table {
        let rounds: Vec<Vec<Spread>> = (0..self.sizes.runs.max(1))
            .map(|_| iter::once(live::measure(self.home)).chain(others.iter().map(|(_, measure)| measure())).collect())
            .collect();
        let of = |whose: usize, figure: fn(&Spread) -> f64| median(rounds.iter().map(|round| figure(&round[whose])).collect());
        let row = |name, unit, figure: fn(&Spread) -> f64| {
            let peers = others.iter().enumerate().map(|(number, (name, _))| (*name, of(1 + number, figure)));
            Row::new(name, unit, of(0, figure)).peers(peers)
        };
        let rows = vec![
            row("until all have it, p50", "ms", |spread| spread.p50),
            row("until all have it, p99", "ms", |spread| spread.p99).times_peer(1.5, "gossipsub"),
            row("moved for a message", "kB", |spread| spread.bytes / 1e3).times_peer(1.0, "iroh-gossip"),
        ];
        let note = format!(
            "{} nodes in one process, each dialling four, their files in memory; up to {} records of {BODY} B, one after the other, each checked and kept \
             at every node. Gossipsub and iroh-gossip pass on 1,200 bytes that nobody checks or keeps. {} rounds in turn, medians.",
            live::NODES,
            live::MESSAGES,
            rounds.len()
        );
        Table { title: "W5 · live", note, rows }
    }

    /// W6, of these records.
    pub fn kept(&self, what: &str, got: &kept::Kept, count: u64, open: Option<f64>, memory: Option<f64>) -> Vec<Row> {
        let [journal, index, search] = got.disk;
        let disk = Row::new(format!("{count} {what}: disk a record"), "B", got.all()).limit(kept::RAW).times_limit(1.5);
        let peers = if count < 2 * self.sizes.large { self.of(|peer| peer.disk) } else { Vec::new() };
        let mut opening = Row::new(format!("{count} {what}: until a node that starts answers"), "s", got.open);
        let mut resident = Row::new(format!("{count} {what}: memory then"), "MiB", got.memory / f64::from(1 << 20));
        opening = if let Some(goal) = open { opening.at_most(goal) } else { opening };
        resident = if let Some(goal) = memory { resident.at_most(goal) } else { resident };
        vec![
            disk.peers(peers),
            Row::new(format!("{count} {what}: journal"), "B", journal).limit(kept::RAW),
            Row::new(format!("{count} {what}: index"), "B", index),
            Row::new(format!("{count} {what}: search"), "B", search),
            opening,
            resident,
            Row::new(format!("{count} {what}: of this, no file's"), "MiB", got.anonymous / f64::from(1 << 20)),
        ]
    }

    /// Search.
    pub fn search(&self, ground: &Ground, entries: &[Entry]) -> Table {
        let got = search::measure(self.home, ground, entries);
        let rows = vec![
            Row::new("making a record findable, CPU", "µs", got.indexing).at_most(1_000.0),
            Row::new("a question, p50 of wall", "ms", got.p50),
            Row::new("a question, p99 of wall", "ms", got.p99).at_most(20.0),
            Row::new("the question for everything, p50 of wall", "ms", got.everything),
        ];
        let note = format!(
            "{} practices in six languages; questions of one to three words, a quarter of them in a territory, facets counted.",
            entries.len()
        );
        Table { title: "Search", note, rows }
    }
}
