//! The ledger: load in both directions through real gateway processes, every message numbered at its source and
//! checked at its sink, while processes die, networks break and connectors are swapped.
//!
//! [`run`] plays a whole run. The sources are [`customer`] and [`agent`], the sinks are [`vendor`] and [`channel`];
//! what they said and took stands in the [`book`], a page for each session, and [`check`] holds it against the rules.

pub mod agent;
pub mod book;
pub mod chance;
pub mod channel;
pub mod check;
pub mod cli;
pub mod customer;
pub mod database;
pub mod edge;
pub mod faults;
pub mod memory;
pub mod node;
pub mod numbered;
pub mod pages;
pub mod ports;
pub mod progress;
pub mod run;
pub mod summary;
pub mod swap;
pub mod trouble;
pub mod vendor;
pub mod wire;
pub mod world;
