//! How much memory an instance takes.

use wasmtime::ResourceLimiter;

/// The size of an element of a table, in bytes.
const ELEMENT: usize = 8;

/// Counts, and refuses nothing that the sandbox would not.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    held: usize,
    /// Bytes at the most.
    pub(crate) most: usize,
}

impl Meter {
    fn grow(&mut self, current: usize, desired: usize) {
        self.held = self.held.saturating_add(desired.saturating_sub(current));
        self.most = self.most.max(self.held);
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.grow(current, desired);
        Ok(self.held <= 256 << 20)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.grow(current * ELEMENT, desired * ELEMENT);
        Ok(desired <= 1 << 20)
    }
}
