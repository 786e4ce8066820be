//! Keeps an instance's memories and tables, all together, under one bound, and their number small.

use wasmtime::ResourceLimiter;

/// Core instances of one component. CPython with its WASI stubbed has 38, each of its libraries being a module.
pub(crate) const INSTANCES: u32 = 64;

/// Memories of one component.
pub(crate) const MEMORIES: u32 = 4;

/// Tables of one component.
pub(crate) const TABLES: u32 = 16;

/// Elements of one table.
pub(crate) const ELEMENTS: usize = 10_000;

/// Handles that one call may hold at a time. The contract has no resources; a component may use its own.
pub(crate) const HANDLES: usize = 1_000;

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

    pub(crate) fn held(&self) -> usize {
        self.held
    }

    pub(crate) fn bound(&self) -> usize {
        self.bound
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
        if desired > ELEMENTS {
            return Ok(false);
        }
        Ok(self.grow(current.saturating_mul(ELEMENT), desired.saturating_mul(ELEMENT)))
    }

    // The pool has the same bounds; where there is none, these hold.
    fn instances(&self) -> usize {
        INSTANCES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }
}
