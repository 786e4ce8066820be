//! The Zendesk simulator, over HTTP: it does what the documentation says, and refuses what it refuses.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agents;
mod handover;
mod keys;
mod refusals;
mod schema;
mod tickets;
mod webhooks;
mod world;
