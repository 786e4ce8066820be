//! The simulator as a gateway meets it: what it takes, what it refuses, and what it posts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod agents;
mod house;
mod inbound;
mod notifications;
mod platform;
mod recorded;
