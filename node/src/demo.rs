//! `koinond demo`: a network of three associations on this machine, each with a node of its own, and what they have to show.
//!
//! Real processes, real sockets, real keys; the contents are illustrative and say so. Nothing stays behind unless asked.

mod cast;
mod check;
mod client;
mod ground;
mod table;

pub use cast::CastError;
pub use client::ClientError;
pub use ground::GroundError;

use crate::clock;
use cast::Cast;
use ground::Ground;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two looks at how far the nodes are.
const LOOK: Duration = Duration::from_millis(100);
/// A network of three nodes on one machine that takes longer than this to agree is broken.
const PATIENCE: Duration = Duration::from_secs(120);

/// What may be chosen about a demonstration.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Do everything unattended, check each step, and end: the exit code tells
    #[arg(long)]
    pub check: bool,
    /// Keep the data in this new directory instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// The port of the first node's pages; the others take the next free ones [default: 8480, or the next that is free]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

/// Why the demonstration ended early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The records could not be made.
    #[error(transparent)]
    Cast(#[from] CastError),
    /// A node could not be started or ended.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// A node did not answer as it must.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Something that must be so is not.
    #[error("{step}: {what}")]
    Check {
        /// What was tried.
        step: &'static str,
        /// What came of it.
        what: String,
    },
    /// It was interrupted while it was being set up.
    #[error("interrupted")]
    Interrupted,
    /// Signals cannot be waited for.
    #[error("signals: {0}")]
    Signals(#[from] io::Error),
}

/// Founds the network, shows it, and stays until Ctrl-C; with `check`, tries what it promises and ends.
///
/// # Errors
/// [`DemoError`]: the first step that fails.
pub fn run(options: &Options) -> Result<(), DemoError> {
    let stop = Arc::new(AtomicBool::new(false));
    on_interrupt(stop.clone())?;
    println!("Founding a network of three associations. Everything in it is illustrative.\n");
    let cast = Cast::make(clock::now())?;
    let mut ground = Ground::prepare(&cast, options.keep.clone(), options.port)?;
    ground.start_all(&stop)?;
    publish(&cast, &ground, &stop)?;
    replicate(&cast, &ground, &stop)?;
    println!("{}", table::of(&ground)?);
    if options.check {
        check::all(&cast, &mut ground, &stop)?;
    } else {
        stay(&ground, &stop);
    }
    let kept = ground.end()?;
    println!(
        "{}",
        kept.map_or("All nodes ended; nothing stays behind.".to_owned(), |path| format!(
            "All nodes ended; their data is in {path}."
        ))
    );
    Ok(())
}

fn publish(cast: &Cast, ground: &Ground, stop: &AtomicBool) -> Result<(), DemoError> {
    let bar = ProgressBar::new(cast.lines.len() as u64).with_style(style("publishing "));
    for line in &cast.lines {
        go_on(stop)?;
        bar.set_message(line.what.clone());
        ground.client(line.node).publish(&line.file)?;
        bar.inc(1);
    }
    bar.finish_with_message("done");
    if bar.is_hidden() {
        println!("Published {} records of {} organisations.", cast.lines.len(), cast.organisations());
    }
    Ok(())
}

fn replicate(cast: &Cast, ground: &Ground, stop: &AtomicBool) -> Result<(), DemoError> {
    let (all, total) = (MultiProgress::new(), cast.lines.len() as u64);
    let bars: Vec<_> = ground
        .names()
        .map(|name| all.add(ProgressBar::new(total).with_style(style("replicating")).with_message(name.to_owned())))
        .collect();
    let start = Instant::now();
    loop {
        go_on(stop)?;
        let sizes = (0..bars.len()).map(|node| ground.client(node).indexed()).collect::<Result<Vec<_>, _>>()?;
        bars.iter().zip(&sizes).for_each(|(bar, size)| bar.set_position(*size));
        if sizes.iter().all(|size| *size == total) && all_can_be_found(cast, ground)? {
            break;
        }
        if start.elapsed() > PATIENCE {
            return Err(DemoError::Check {
                step: "replication",
                what: format!("after two minutes the nodes hold {sizes:?} of {total} records"),
            });
        }
        std::thread::sleep(LOOK);
    }
    bars.iter().for_each(ProgressBar::finish);
    println!();
    Ok(())
}

fn all_can_be_found(cast: &Cast, ground: &Ground) -> Result<bool, DemoError> {
    let found = (0..cast.nodes.len()).map(|node| ground.client(node).searchable()).collect::<Result<Vec<_>, _>>()?;
    Ok(found.iter().all(|found| *found == cast.contents()))
}

fn stay(ground: &Ground, stop: &AtomicBool) {
    println!("Open {} in a browser. Ctrl-C ends the network.", ground.client(0).address());
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
    }
    println!("\nEnding …");
}

fn go_on(stop: &AtomicBool) -> Result<(), DemoError> {
    if stop.load(Ordering::Relaxed) { Err(DemoError::Interrupted) } else { Ok(()) }
}

fn on_interrupt(stop: Arc<AtomicBool>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    std::thread::Builder::new().name("interrupts".into()).spawn(move || {
        if runtime.block_on(crate::run::interrupted()).is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
    })?;
    Ok(())
}

fn style(verb: &str) -> ProgressStyle {
    let form = format!("{verb} {{bar:30}} {{pos:>3}}/{{len}} {{msg}}");
    ProgressStyle::with_template(&form).unwrap_or_else(|_| ProgressStyle::default_bar())
}
