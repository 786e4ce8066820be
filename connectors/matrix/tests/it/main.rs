//! The Matrix connector against recorded exchanges in `tests/fixtures`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod descriptor;
mod exchange;
mod from_homeserver;
mod starting;
mod to_homeserver;
