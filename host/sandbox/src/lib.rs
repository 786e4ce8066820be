//! The sandbox: connectors as WebAssembly components, from a file in a folder to a call that was answered.
//!
//! The way of a file: [`watch`] sees it, [`taking`] reads it, [`load`] proves it, [`provenance`] asks who signed it,
//! [`slot`] serves it. The way of a call:
//! [`generation`] is one proved version, [`call`] makes an instance of it with limits and a deadline,
//! or takes one of [`pool`], [`imports`] is all that the instance can reach, [`egress`] is its way to the vendor and [`credentials`] the credentials
//! that go there, [`download`] fetches the vendor's files by it, [`stream`] is what the host keeps open for it,
//! [`bounds`] is what it may hand back, [`convert`] stands between the contract's words and the domain's.
//!
//! Deliberately absent: HTTP routes, the bot, and any knowledge of a vendor.

#![deny(unsafe_code)]

mod availability;
mod bindings;
mod bounds;
mod cache;
mod call;
mod claims;
mod compiling;
pub mod config;
mod convert;
mod credentials;
pub mod description;
mod difference;
mod download;
pub mod egress;
mod engine;
pub mod error;
mod feed;
pub mod files;
mod folder;
mod fuel;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod generation;
mod hints;
mod imports;
mod limits;
mod load;
mod migration;
mod pinning;
mod pool;
pub mod provenance;
mod reload;
mod schema;
mod slot;
pub mod status;
mod stream;
mod taking;
mod trial;
mod watch;
mod weight;

pub use config::{
    ConnectorConfig, FurtherHosts, GrantedCredential, Instances, Limits, Method, SandboxConfig,
    UpstreamConfig,
};
pub use difference::Difference;
pub use egress::HostPattern;
pub use error::{CallError, MapError, OpenError};
pub use feed::Gleaned;
pub use generation::{Answer, CallbackRequest, Generation, Happening, Mapped, MappedEvent};
pub use provenance::{NoKey, Provenance, Signer};
pub use reload::Sandbox;
pub use schema::with_defaults;
pub use status::ConnectorStatus;
pub use stream::{Frame, Frames};
pub use trial::Finding;
