//! What this machine can do at most: the limits that figures are set beside.

use crate::{clock::Watch, quantile};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

/// Bytes of a record of 1 KB: header, signature, salt and body.
const RECORD: usize = 296 + 32 + 1024;

/// The limits; CPU in microseconds unless they say otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    pub sign: f64,
    pub verify: f64,
    pub hash: f64,
    pub sync_p50: f64,
    pub sync_p99: f64,
    /// Seconds for 100,000 × 1 KB and one fdatasync.
    pub sequential: f64,
    /// Bytes a second.
    pub loopback: f64,
    /// CPU of both ends, in nanoseconds a byte.
    pub loopback_cpu: f64,
    pub cores: usize,
}

impl Machine {
    /// Measures all of them, in a directory of the disk on which everything else is measured.
    pub fn measure(home: &Path) -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (public, signature) = (key.verifying_key(), key.sign(&[1; 232]));
        let mut syncs = syncs(home, 300);
        let (loopback, loopback_cpu) = loopback();
        Self {
            sign: each(5_000, || _ = black_box(key.sign(black_box(&[1; 232])))),
            verify: each(5_000, || public.verify_strict(black_box(&[1; 232]), &signature).unwrap()),
            hash: each(50_000, || _ = black_box(Sha256::digest(black_box([1; 1024])))),
            sync_p50: quantile(&mut syncs, 0.5),
            sync_p99: quantile(&mut syncs, 0.99),
            sequential: sequential(home),
            loopback,
            loopback_cpu,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    pub fn print(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: String| (name.to_owned(), value);
        vec![
            line("Ed25519 sign", format!("{:.1} µs", self.sign)),
            line("Ed25519 verify_strict", format!("{:.1} µs", self.verify)),
            line("SHA-256 of 1 KB", format!("{:.2} µs", self.hash)),
            line(
                "append of a record and fdatasync",
                format!("p50 {:.2} ms, p99 {:.2} ms", self.sync_p50 / 1e3, self.sync_p99 / 1e3),
            ),
            line("100,000 × 1 KB in sequence and one fdatasync", format!("{:.2} s", self.sequential)),
            line("loopback TCP", format!("{:.2} GB/s, {:.2} ns CPU a byte at both ends", self.loopback / 1e9, self.loopback_cpu)),
            line("cores", self.cores.to_string()),
        ]
    }
}

/// Microseconds of CPU, the least of some tries.
fn each(times: u32, mut act: impl FnMut()) -> f64 {
    let mut once = || {
        let watch = Watch::start();
        (0..times / 5).for_each(|_| act());
        watch.read().1 * 1e6 / f64::from(times / 5)
    };
    (0..5).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// Microseconds of wall of an append and its fdatasync.
fn syncs(home: &Path, times: usize) -> Vec<f64> {
    let mut appended = Appended::new(home);
    (0..times).map(|_| appended.once()).collect()
}

/// A file that grows by a record at a time.
pub struct Appended(File);

impl Appended {
    pub fn new(home: &Path) -> Self {
        Self(File::create(home.join("appended")).unwrap())
    }

    /// Microseconds of wall of an append and its fdatasync.
    pub fn once(&mut self) -> f64 {
        let began = Instant::now();
        self.0.write_all(&[7; RECORD]).unwrap();
        self.0.sync_data().unwrap();
        began.elapsed().as_secs_f64() * 1e6
    }
}

fn sequential(home: &Path) -> f64 {
    let path = home.join("sequential");
    let mut file = File::create(&path).unwrap();
    let began = Instant::now();
    (0..100_000).for_each(|_| file.write_all(&[7; 1024]).unwrap());
    file.sync_data().unwrap();
    let passed = began.elapsed().as_secs_f64();
    std::fs::remove_file(path).unwrap();
    passed
}

fn loopback() -> (f64, f64) {
    const BYTES: usize = 1 << 30;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let watch = Watch::start();
    let sender = std::thread::spawn(move || {
        let (mut stream, chunk) = (TcpStream::connect(address).unwrap(), vec![7; 1 << 16]);
        (0..BYTES >> 16).for_each(|_| stream.write_all(&chunk).unwrap());
    });
    let (mut stream, mut chunk, mut got) = (listener.accept().unwrap().0, vec![0; 1 << 16], 0);
    while got < BYTES {
        got += stream.read(&mut chunk).unwrap();
    }
    sender.join().unwrap();
    let (wall, cpu) = watch.read();
    (BYTES as f64 / wall, cpu * 1e9 / BYTES as f64)
}
