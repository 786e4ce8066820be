//! The crate's stories: secrets that change, tokens that are fetched once, requests that vendors and Entra accept.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crypto;
mod entra;
mod jose;
mod references;
mod rotation;
mod silence;
mod stand_in;
mod tokens;
mod vault;
mod vendors;
