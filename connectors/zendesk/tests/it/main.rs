//! The Zendesk connector, natively: its mapping against recorded exchanges in `tests/fixtures`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod descriptor;
mod ending;
mod exchange;
mod failures;
mod from_agents;
mod messages;
mod start;
mod switchboard;
