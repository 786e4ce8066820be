//! The gateway: edges, workers and configuration around the domain.
//!
//! The way of a message, in reading order: [`messages`] takes a turn of the bot in, [`delivery`] carries what was
//! decided to the vendor ([`to_vendor`]) and to the customer ([`to_customer`]), [`callbacks`] takes in what the vendor
//! says. [`gateway`] holds what they share, [`serving`] starts and stops the whole.

#![forbid(unsafe_code)]

mod admin;
mod callbacks;
pub mod cli;
mod clock;
pub mod config;
mod connectors;
mod delivery;
mod gateway;
mod messages;
mod routes;
mod serving;
mod to_customer;
mod to_vendor;
mod typing;

pub use config::Config;
pub use serving::{Running, serve};
