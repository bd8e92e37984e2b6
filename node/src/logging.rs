//! Structured logs on standard error: for people, or a JSON object a line for programs.

use crate::config::{LogFormat, LogLevel};
use std::io::{self, IsTerminal as _};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Begins to log; called once in a process. Libraries speak up from warnings on, unless everything is traced.
pub fn start(level: LogLevel, format: LogFormat) {
    let ours = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let theirs = if level == LogLevel::Trace { LevelFilter::DEBUG } else { LevelFilter::WARN.min(ours) };
    let filter = Targets::new().with_target("koinond", ours).with_default(theirs);
    let layer = match format {
        LogFormat::Text => fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => fmt::layer().json().with_writer(io::stderr).boxed(),
    };
    // A second start, as in tests that share a process, leaves the first in force.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}
