//! Test data of others, which is no part of this repository.

use std::path::{Path, PathBuf};

/// The file of this name under `KOINON_SHARED_DATA`, by default `shared/data` beside the repository; none, and a line on standard error that
/// says so, where it is absent.
pub fn read(name: &str) -> Option<Vec<u8>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("KOINON_SHARED_DATA").map_or_else(beside, PathBuf::from).join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("skipped: {} is absent ({error}); set KOINON_SHARED_DATA to the directory that holds it", path.display());
            None
        }
    }
}
