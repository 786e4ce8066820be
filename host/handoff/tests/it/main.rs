//! The rules of a handover, told as stories and checked as properties.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test says what is wrong by failing")]

mod elsewhere;
mod ending;
mod feeds;
mod freshness;
mod held;
mod house;
mod invariants;
mod leaving;
mod operators;
mod property;
mod repetition;
mod retries;
mod starting;
mod talking;
mod timers;
mod vendor_events;
mod words;
