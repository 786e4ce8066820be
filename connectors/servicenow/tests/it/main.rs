//! The ServiceNow connector, natively: its mapping against recorded exchanges in `tests/fixtures`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod descriptor;
mod elements;
mod exchange;
mod failures;
mod files;
mod from_vendor;
mod to_vendor;
