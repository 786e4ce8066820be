//! The gateway: edges, workers and configuration around the domain.
//!
//! The way of a message, in reading order: [`messages`] takes a turn of the bot in, the relay (`host/relay`) decides,
//! commits and carries it by way of [`outside`]: to the vendor ([`to_vendor`]), and to the customer ([`to_customer`]).
//! [`callbacks`] takes in what the vendor says, once [`verification`] has proved that it does; what cannot be read is
//! [`kept`]. [`media`] is what becomes of files. [`trust`] is who may call and what for, [`gateway`] holds what the edges share, [`serving`] starts and
//! stops the whole. Before both listeners stands [`front`], which bounds what comes in; what operators do is written
//! down by [`audit`].

#![forbid(unsafe_code)]

mod admin;
mod appsettings;
mod audit;
mod author;
mod becomes;
mod callbacks;
mod capacity;
mod check;
pub mod cli;
mod client;
mod clock;
pub mod config;
mod connectors;
mod dead_letters;
mod down_conversion;
mod feeds;
mod front;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gateway;
mod hours;
mod kept;
pub mod log;
mod media;
mod messages;
mod outside;
mod printable;
mod refusals;
mod routes;
mod routing;
mod serving;
mod sns;
mod swaps;
mod to_customer;
mod to_vendor;
mod trust;
mod typing;
mod verification;

pub use config::Config;
pub use serving::{Running, serve};
