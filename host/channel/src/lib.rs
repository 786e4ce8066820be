//! The bot side: activities in and out, what they mean, and where their answers go.
//!
//! The way of a turn: [`inbound::read`] makes of a request's body what the domain decides on; what the domain
//! decides goes out through [`Outbound`], or in the turn's own response where the bot wants it there
//! ([`reply::inline`]). [`manifest()`] is what the bot's maker registers.
//!
//! Nothing here checks a caller: whoever calls [`inbound::read`] has done so. [`Identities`] say as whom activities
//! are posted, with a token that goes to listed hosts only.

#![forbid(unsafe_code)]

pub mod activity;
mod card;
pub mod conversion;
mod files;
mod hosts;
mod html;
pub mod identities;
pub mod inbound;
mod inputs;
pub mod limits;
mod manifest;
mod markdown;
mod mention;
mod message;
pub mod outbound;
pub mod parts;
mod plain;
pub mod refusal;
pub mod reply;
mod return_path;
mod split;
mod status;
pub mod wording;

pub use activity::Activity;
pub use hosts::{BadHost, HostPattern};
pub use identities::Identities;
pub use inbound::{Inbound, read};
pub use limits::{ChannelLimits, Limits, Window};
pub use manifest::manifest;
pub use outbound::{Outbound, OutboundConfig, OutboundError};
pub use refusal::Refusal;
pub use reply::Replies;
pub use return_path::BotSide;
pub use wording::Wording;
