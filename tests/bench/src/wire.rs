//! The bytes on the wire: a loopback interface of our own, and what it counted.

use nix::sched::{CloneFlags, unshare};
use std::process::Command;

/// Goes into a network namespace of its own, whose loopback carries nothing else. To be called before any thread is started.
pub fn alone() {
    let moved = unshare(CloneFlags::CLONE_NEWNET).map_err(|error| error.to_string());
    let up = moved.and_then(|()| match Command::new("ip").args(["link", "set", "lo", "up"]).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`ip link set lo up` ended with {status}")),
        Err(error) => Err(format!("`ip`, of iproute2: {error}")),
    });
    if let Err(why) = up {
        eprintln!("bytes on the wire are counted in a network namespace, which needs root and iproute2: {why}");
        std::process::exit(2);
    }
}

/// Bytes that passed the loopback so far, headers and acknowledgements included.
pub fn bytes() -> u64 {
    let table = std::fs::read_to_string("/proc/net/dev").unwrap();
    let line = table.lines().find_map(|line| line.trim().strip_prefix("lo:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
