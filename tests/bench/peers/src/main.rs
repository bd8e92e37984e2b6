//! Others that do the same work as Koinon, each behind the same few commands, so that each runs in processes of its own.
//!
//! ```text
//! NAME publish DIR BODIES COUNT         signs and keeps so many records; prints microseconds of CPU for each
//! NAME ingest DIR BODIES COUNT          checks and keeps so many records of others; prints the same
//! NAME fill DIR BODIES COUNT LACKING    keeps the same records as always, without the last of so many authors
//! NAME serve DIR                        prints where it listens and serves until it is killed
//! NAME sync DIR ADDRESS COUNT           gets what the other has; prints a line when it holds so many, and ends when its input does
//! NAME live COUNT SIZE PAUSE SETTLING NODES...
//!                                       one node for each of NODES, which names those that it dials ("1,3"); sends twice so many messages of
//!                                       SIZE bytes, with milliseconds before each and before the first; prints a line after the first half, and
//!                                       another with the milliseconds that each of the second half took until all had it
//! ```

mod gossip;
mod nostr;
mod p2panda;

use nix::time::ClockId;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

/// Bytes of a body.
const BODY: usize = 1024;
/// Who writes.
const AUTHORS: usize = 32;
/// Of those, how many fall silent.
const SILENT: usize = 10;
/// Records that share a sync of the disk.
const GROUP: usize = 256;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["p2panda", "publish", directory, file, count] => {
            println!("{}", p2panda::publish(Path::new(directory), bodies(file, count)).await)
        }
        ["p2panda", "ingest", directory, file, count] => {
            println!("{}", p2panda::ingest(Path::new(directory), bodies(file, count)).await)
        }
        ["p2panda", "fill", directory, file, count, lacking] => {
            p2panda::fill(Path::new(directory), bodies(file, count), number(lacking)).await;
        }
        ["p2panda", "serve", directory] => p2panda::serve(Path::new(directory)).await,
        ["p2panda", "sync", directory, address, count] => p2panda::sync(Path::new(directory), address, number(count)).await,
        ["nostr", "publish", directory, file, count] => {
            println!("{}", nostr::publish(Path::new(directory), bodies(file, count)).await)
        }
        ["nostr", "ingest", directory, file, count] => {
            println!("{}", nostr::ingest(Path::new(directory), bodies(file, count)).await)
        }
        ["nostr", "fill", directory, file, count, lacking] => {
            nostr::fill(Path::new(directory), bodies(file, count), number(lacking)).await;
        }
        ["nostr", "serve", directory] => nostr::serve(Path::new(directory)).await,
        ["nostr", "sync", directory, address, count] => nostr::sync(Path::new(directory), address, number(count)).await,
        ["iroh-gossip", "live", count, size, pause, settling, ref nodes @ ..] => {
            let millis = |text| Duration::from_millis(number(text) as u64);
            let (messages, size) = (number(count), number(size));
            gossip::live(&gossip::Plan { messages, size, pause: millis(pause), settling: millis(settling) }, nodes).await;
        }
        _ => panic!("unknown: {words:?}"),
    }
}

/// The bodies in a file, each with its author.
fn bodies(file: &str, count: &str) -> Vec<(usize, Vec<u8>)> {
    let all = std::fs::read(file).unwrap();
    let bodies = all.chunks_exact(BODY).take(number(count)).map(<[u8]>::to_vec);
    let bodies: Vec<_> = bodies.enumerate().map(|(place, body)| (author(place, number(count)), body)).collect();
    assert_eq!(bodies.len(), number(count), "too few bodies in {file}");
    bodies
}

/// Authors take turns; some fall silent at moments that are far from each other.
fn author(place: usize, count: usize) -> usize {
    let author = place % AUTHORS;
    if author < SILENT && place * 2 * SILENT > (2 * author + 1) * count { author + SILENT } else { author }
}

/// Without the last record of the first so many authors.
fn without<T>(mut records: Vec<(usize, T)>, lacking: usize) -> Vec<(usize, T)> {
    for author in 0..lacking {
        let last = records.iter().rposition(|(by, _)| *by == author).unwrap();
        records.remove(last);
    }
    records
}

fn number(text: &str) -> usize {
    text.parse().unwrap()
}

/// CPU of this process so far.
fn cpu() -> Duration {
    ClockId::CLOCK_PROCESS_CPUTIME_ID.now().unwrap().into()
}

/// Microseconds for each since a moment.
fn each(since: Duration, count: usize) -> f64 {
    (cpu() - since).as_secs_f64() * 1e6 / count as f64
}

/// Says that everything is there, and waits until the one who asked has looked.
fn done() {
    println!("done");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
