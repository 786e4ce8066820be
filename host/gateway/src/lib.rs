//! The gateway: edges, workers and configuration around the domain.
//!
//! The way of a message, in reading order: [`messages`] takes a turn of the bot in, the relay (`host/relay`) decides,
//! commits and carries it by way of [`outside`]: to the vendor ([`to_vendor`]), and to the customer ([`to_customer`]).
//! [`callbacks`] takes in what the vendor says; what cannot be read is [`kept`]. [`gateway`] holds what the edges
//! share, [`serving`] starts and stops the whole. Before both listeners stands [`front`], which bounds what comes in;
//! what operators do is written down by [`audit`].

#![forbid(unsafe_code)]

mod admin;
mod audit;
mod callbacks;
mod capacity;
pub mod cli;
mod client;
mod clock;
pub mod config;
mod connectors;
mod dead_letters;
mod front;
mod gateway;
mod kept;
pub mod log;
mod messages;
mod outside;
mod printable;
mod routes;
mod serving;
mod swaps;
mod to_customer;
mod to_vendor;
mod typing;

pub use config::Config;
pub use serving::{Running, serve};
