//! The suite's own promises: every row has a name of its own, what is left out says why, and the reference holds. And
//! that a component and its section are all that a vendor needs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod available;
mod reference;
mod rows;
