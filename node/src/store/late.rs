//! Writes that wait until somebody reads or syncs their file: frames that lie behind each other are then one write, and whoever waits for a
//! record that the redo file holds does not wait for them.

use super::disk::Handle;
use std::cell::RefCell;
use std::io;
use std::ptr;
use std::sync::Arc;

/// Bytes that wait at most.
const MOST: usize = 128 << 10;
/// How far back a write is looked for that the next one may lie behind: headers and bodies take turns.
const BACK: usize = 2;

/// What is not written yet, in order.
#[derive(Default)]
pub(super) struct Late(RefCell<Vec<Run>>);

struct Run {
    file: Arc<dyn Handle>,
    offset: u64,
    bytes: Vec<u8>,
}

impl Run {
    fn is_before(&self, file: &Arc<dyn Handle>, offset: u64) -> bool {
        self.offset + self.bytes.len() as u64 == offset && ptr::addr_eq(Arc::as_ptr(&self.file), Arc::as_ptr(file))
    }
}

impl Late {
    /// Writes `bytes` at `offset`, later.
    ///
    /// # Errors
    /// Those of [`Late::write_out`], when too much waits.
    pub(super) fn write(&self, file: &Arc<dyn Handle>, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut runs = self.0.borrow_mut();
        match runs.iter_mut().rev().take(BACK).find(|run| run.is_before(file, offset)) {
            Some(run) => run.bytes.extend_from_slice(bytes),
            None => runs.push(Run { file: file.clone(), offset, bytes: bytes.to_vec() }),
        }
        let waiting: usize = runs.iter().map(|run| run.bytes.len()).sum();
        drop(runs);
        if waiting > MOST { self.write_out() } else { Ok(()) }
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// As the file system has it; then it still waits, and the next call tries again.
    pub(super) fn write_out(&self) -> io::Result<()> {
        let mut runs = self.0.borrow_mut();
        runs.iter().try_for_each(|run| run.file.write(&run.bytes, run.offset))?;
        runs.clear();
        Ok(())
    }
}
