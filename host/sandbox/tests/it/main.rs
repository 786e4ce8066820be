//! The sandbox, seen from outside: components in a folder, calls of them, and what becomes of both.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod bombs;
mod calls;
mod contoso;
mod contract;
mod credentials;
mod egress;
mod evolution;
mod feeds;
mod frozen;
#[cfg(unix)]
mod hot_reload;
mod hours;
mod house;
mod instances;
mod interleaving;
mod limits;
mod loading;
mod people;
mod provenance;
mod schemas;
mod vendor;
mod wasi;
#[cfg(unix)]
mod withdrawal;
