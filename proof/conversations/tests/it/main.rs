//! The suite's own promises: every row has a name of its own, what is left out says why, and the reference holds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod reference;
mod rows;
