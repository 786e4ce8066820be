//! The relay with a vendor that is asked what has happened; one module per story. Time is simulated.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test says what is wrong by failing")]

mod house;
mod owners;
mod polls;
mod streams;
mod vendor;
