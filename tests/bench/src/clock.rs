//! CPU time and memory of processes.

use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;
use std::path::Path;
use std::time::{Duration, Instant};

/// CPU of a process so far, all threads that it has and had.
pub fn of(pid: u32) -> Duration {
    let clock = clock_getcpuclockid(Pid::from_raw(pid as i32)).unwrap();
    clock.now().unwrap().into()
}

/// CPU of this process so far.
pub fn own() -> Duration {
    ClockId::CLOCK_PROCESS_CPUTIME_ID.now().unwrap().into()
}

/// CPU of the threads of a process whose names begin so.
pub fn of_threads(pid: u32, names: &[&str]) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.map(|task| of_thread(&task.path(), names).unwrap_or_default()).sum()
}

fn of_thread(task: &Path, names: &[&str]) -> Option<Duration> {
    let name = std::fs::read_to_string(task.join("comm")).ok()?;
    let counts = names.iter().any(|wanted| name.starts_with(wanted));
    let spent = std::fs::read_to_string(task.join("schedstat")).ok()?;
    counts.then(|| spent.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)).flatten()
}

/// Resident memory of a process in bytes.
pub fn resident(pid: u32) -> f64 {
    field(pid, "VmRSS:")
}

/// Resident memory of a process that no file backs, in bytes.
pub fn anonymous(pid: u32) -> f64 {
    field(pid, "RssAnon:")
}

fn field(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0
}

/// Wall and CPU of this process since a moment.
pub struct Watch {
    began: Instant,
    cpu: Duration,
}

impl Watch {
    pub fn start() -> Self {
        Self { began: Instant::now(), cpu: own() }
    }

    /// Seconds of wall, seconds of CPU.
    pub fn read(&self) -> (f64, f64) {
        (self.began.elapsed().as_secs_f64(), (own() - self.cpu).as_secs_f64())
    }
}
