//! The sandbox: connectors as WebAssembly components, from a file in a folder to a call that was answered.
//!
//! The way of a file: [`watch`] sees it, [`load`] proves it, [`slot`] serves it. The way of a call:
//! [`generation`] is one proved version, [`call`] makes a fresh instance of it with limits and a deadline,
//! [`imports`] is all that the instance can reach, [`convert`] stands between the contract's words and the domain's.
//!
//! Deliberately absent: HTTP routes, the bot, and any knowledge of a vendor.

#![deny(unsafe_code)]

mod bindings;
mod cache;
mod call;
mod claims;
pub mod config;
mod convert;
pub mod description;
mod egress;
mod engine;
pub mod error;
mod folder;
mod generation;
mod hints;
mod imports;
mod limits;
mod load;
mod reload;
mod schema;
mod slot;
pub mod status;
mod watch;
mod weight;

pub use config::{ConnectorConfig, Limits, SandboxConfig, UpstreamConfig};
pub use error::{CallError, MapError, OpenError};
pub use generation::{Answer, CallbackRequest, Generation, Happening, Mapped, MappedEvent};
pub use reload::Sandbox;
pub use status::ConnectorStatus;
