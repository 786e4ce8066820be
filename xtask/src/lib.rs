//! The project's own chores: building the connectors and checking what is committed and depended upon.
//!
//! Order of a build: [`catalog`] says what there is, [`toolchain`] what to build it with, [`compile`] makes core
//! modules, [`component`] wraps and stamps them, [`install`] puts them where the gateway looks. [`sources`] computes
//! the digest that the stamp holds, and [`freshness`] compares it with what is committed.

pub mod catalog;
pub mod compile;
pub mod component;
pub mod connectors;
pub mod freshness;
pub mod install;
pub mod licences;
pub mod lockfile;
pub mod manifest;
pub mod sources;
pub mod toolchain;
