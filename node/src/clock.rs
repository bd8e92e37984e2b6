//! The one place that reads the clock.

use koinon_protocol::time::Millis;
use std::time::SystemTime;

/// Now. A clock before 1970 counts as 1970, which every check of claimed times then refuses.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
