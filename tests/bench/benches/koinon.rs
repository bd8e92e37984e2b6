//! Runs the work of performance.md, and prints every figure beside the machine's limit, beside others and beside its goal.

use clap::Parser;
use koinon_bench::ground::Ground;
use koinon_bench::koinon::kept;
use koinon_bench::koinon::live::Spread;
use koinon_bench::machine::Machine;
use koinon_bench::peers::{self, Figures, Runner};
use koinon_bench::report::{Table, aligned};
use koinon_bench::tables::Bench;
use koinon_bench::{Sizes, gossipsub, wire};
use std::path::{Path, PathBuf};

/// Between these lines of a page the results stand.
const BEGIN: &str = "<!-- results: written by the benchmarks -->";
const END: &str = "<!-- end of the results -->";

/// How fast Koinon is, beside the machine's limits and beside others.
#[derive(Parser)]
struct Options {
    /// The pieces of work: w1, w2, w3, w4, w5, w6, search
    #[arg(long, value_delimiter = ',', default_value = "w1,w2,w3,w4,w5,w6,search")]
    only: Vec<String>,
    /// Records of a small sync
    #[arg(long, default_value_t = 10_000)]
    small: u64,
    /// Records of a large sync, of a warm one and of search
    #[arg(long, default_value_t = 100_000)]
    large: u64,
    /// Records of the largest store
    #[arg(long, default_value_t = 1_000_000)]
    million: u64,
    /// How often short measurements are made; the median counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Leave the others out
    #[arg(long)]
    alone: bool,
    /// Where data directories are made
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Write the results into this page too
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    if !options.alone {
        peers::compile();
    }
    wire::alone();
    let home = options.home.clone().unwrap_or_else(std::env::temp_dir);
    let home = tempfile::tempdir_in(home).unwrap();
    let text = run(&options, home.path());
    if let Some(page) = &options.write {
        write(page, &text);
    }
}

fn run(options: &Options, home: &Path) -> String {
    let sizes = Sizes { small: options.small, large: options.large, million: options.million, runs: options.runs };
    let does = |work: &str| options.only.iter().any(|only| only == work);
    let machine = Machine::measure(home);
    let mut text = Text::default();
    if !options.alone {
        text.say(&format!("Others: {}.\n", peers::VERSIONS));
    }
    let limits: Vec<Vec<String>> = [("", "")].iter().map(|(name, value)| vec![(*name).to_owned(), (*value).to_owned()]).collect();
    let lines: Vec<Vec<String>> = machine.print().into_iter().map(|(name, value)| vec![name, value]).collect();
    text.say(&format!("### The machine\n\n{}", aligned(&[limits, lines].concat())));
    let program = Path::new(env!("CARGO_BIN_EXE_koinond"));
    let bench = Bench { program, home, sizes: sizes.clone(), machine, peers: others(options, home, &sizes) };
    if does("w1") {
        text.table(&bench.publish());
    }
    let mut plain = Ground::new(false);
    let (entries, last) = if does("w2") || does("w3") { plain.world(sizes.small) } else { Default::default() };
    drop(last);
    if does("w2") {
        text.table(&bench.ingest(&plain, &entries));
    }
    let mut cold = Vec::new();
    if does("w3") {
        cold.extend(bench.cold(&plain, &entries, 0, false));
    }
    drop(entries);
    let mut plain = Ground::new(false);
    let mut kept_rows = Vec::new();
    if does("w3") || does("w4") || does("w6") {
        let (entries, last) = plain.world(sizes.large);
        if does("w3") {
            cold.extend(bench.cold(&plain, &entries, 1, false));
        }
        if does("w6") {
            let got = kept::measure(program, home, &plain, entries.iter(), entries.len() as u64);
            kept_rows.extend(bench.kept("records", &got, entries.len() as u64, Some(1.0), None));
        }
        if does("w4") {
            text.table(&bench.warm(&mut plain, &entries, &last));
        }
    }
    let mut practices = Ground::new(true);
    if does("w3") {
        let (entries, _) = practices.world(sizes.small);
        cold.extend(bench.cold(&practices, &entries, 0, true));
        text.table(&Table { title: "W3 · cold sync", note: cold_note(), rows: cold });
    }
    if does("w5") {
        let others: Vec<(&str, fn() -> Spread)> =
            if options.alone { Vec::new() } else { vec![("gossipsub", gossipsub::measure), ("iroh-gossip", peers::live)] };
        text.table(&bench.live(&others));
    }
    let mut practices = Ground::new(true);
    if does("w6") || does("search") {
        let (entries, _) = practices.world(sizes.large);
        if does("search") {
            text.table(&bench.search(&practices, &entries));
        }
        if does("w6") {
            let got = kept::measure(program, home, &practices, entries.iter(), entries.len() as u64);
            kept_rows.extend(bench.kept("practices that are searched", &got, entries.len() as u64, Some(1.0), None));
        }
    }
    if does("w6") {
        let mut plain = Ground::new(false);
        let got = kept::measure_streamed(program, home, &mut plain, sizes.million);
        kept_rows.extend(bench.kept("records", &got, sizes.million, Some(3.0), Some(300.0)));
        let note = "Records of 1,024 B of body; limit: the bytes of a record and nothing around them.".to_owned();
        text.table(&Table { title: "W6 · what is kept", note, rows: kept_rows });
    }
    text.0
}

/// What the others take.
fn others(options: &Options, home: &Path, sizes: &Sizes) -> Vec<Figures> {
    let compared = ["w1", "w2", "w3", "w4", "w6"].iter().any(|work| options.only.iter().any(|only| only == work));
    if options.alone || !compared {
        return Vec::new();
    }
    let runner = Runner::prepare(home, sizes.large);
    vec![runner.measure("p2panda", home, sizes, true), runner.measure("nostr", home, sizes, false)]
}

fn cold_note() -> String {
    "A `koinond` process over an empty directory reads everything from another, over TCP with Noise, on one machine. Real JSON, random salts. Limit: \
     verify_strict, two hashes, and the bytes of a record twice through the loopback."
        .to_owned()
}

/// What was said so far.
#[derive(Default)]
struct Text(String);

impl Text {
    fn table(&mut self, table: &Table) {
        self.say(&table.markdown());
    }

    fn say(&mut self, text: &str) {
        println!("{text}");
        self.0 += text;
        self.0 += "\n";
    }
}

fn write(page: &Path, text: &str) {
    let old = std::fs::read_to_string(page).unwrap();
    let (before, rest) = old.split_once(BEGIN).unwrap_or_else(|| panic!("{} has no line {BEGIN}", page.display()));
    let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{} has no line {END}", page.display()));
    std::fs::write(page, format!("{before}{BEGIN}\n\n{text}{END}{after}")).unwrap();
}
