//! The Zendesk Support connector, natively: its mapping against recorded exchanges in `tests/fixtures`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod from_agents;
mod tickets;
