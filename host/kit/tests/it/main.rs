//! The kit, tried on what is right and on what is wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contoso;
mod mistakes;
mod options;
mod recordings;
mod scenarios;
mod vendors;
