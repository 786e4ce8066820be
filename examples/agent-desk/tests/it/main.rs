//! The desk over real HTTP, with a tiny vendor on it, told as the stories of those who use it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acme;
mod agents;
mod bounds;
mod desk;
mod faults;
mod files;
mod gateway;
mod house;
mod page;
mod serving;
mod webhooks;
mod wire;
