//! The connector on this machine: what it asks of Genesys, and what it makes of what Genesys says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod descriptor;
mod exchange;
mod from_vendor;
mod looking;
mod to_vendor;
mod trouble;
