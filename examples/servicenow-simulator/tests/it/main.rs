//! The simulator, over the wire: that it does what the documentation says, and bites where it says so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agents;
mod callbacks;
mod conversation;
mod discards;
mod gateway;
mod instance;
mod sign_in;
mod uploads;
