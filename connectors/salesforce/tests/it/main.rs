//! The Salesforce connector, natively: its mapping against recorded exchanges in `tests/fixtures`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod descriptor;
mod ending;
mod exchange;
mod polling;
mod renewal;
mod sending;
mod signals;
mod starting;
mod stream;
