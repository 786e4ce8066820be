//! Keeps an instance's memories and tables, all together, under one bound.

use wasmtime::ResourceLimiter;

/// What a table element costs, in bytes.
const ELEMENT: usize = size_of::<usize>();

/// Counts what one instance holds; wasmtime's own limiter bounds each memory by itself.
#[derive(Debug)]
pub(crate) struct Ration {
    bound: usize,
    held: usize,
    /// What was refused, in bytes: the reason behind the trap that follows.
    pub(crate) refused: Option<usize>,
}

impl Ration {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, held: 0, refused: None }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let held = self.held.saturating_add(desired.saturating_sub(current));
        if held > self.bound {
            self.refused = Some(held);
            return false;
        }
        self.held = held;
        true
    }
}

impl ResourceLimiter for Ration {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current.saturating_mul(ELEMENT), desired.saturating_mul(ELEMENT)))
    }
}
