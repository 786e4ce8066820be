//! The simulator as a gateway meets it: what it takes, what it refuses, and what it tells.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod agents;
mod house;
mod media;
mod members;
mod rooms;
mod signs;
mod timeline;
mod transactions;
mod users;
