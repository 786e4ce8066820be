//! The domain of Handover: what a session is, and what follows from each thing that happens to it.
//!
//! Nothing here waits, reads a clock, draws a random number or touches the outside: time and ids come in as
//! values, and what is to be done goes out as a [`Decision`]. The way of a message through this crate:
//!
//! 1. An edge hands over what came in: a [`Turn`](turn::Turn) of the bot or an
//!    [`Event`](vendor::Event) of the vendor.
//! 2. [`turn::decide`], [`event::decide`], [`feed::decide`], [`outcome::decide`] or [`timer::decide`] says what the
//!    session becomes and which [`Parcel`](delivery::Parcel)s go out because of it.
//! 3. A store commits the decision whole. Workers deliver the parcels, and their outcomes come back in at 1.
//!
//! The invariants I1 to I8 that the rules keep are listed in ARCHITECTURE.md.

#![forbid(unsafe_code)]

pub mod address;
mod beginning;
pub mod decision;
pub mod delivery;
mod ending;
pub mod event;
pub mod feed;
pub mod ids;
pub mod notice;
pub mod operator;
pub mod outcome;
pub mod policy;
pub mod repetition;
pub mod retry;
pub mod session;
pub mod timer;
pub mod turn;
pub mod vendor;

pub use decision::Decision;
pub use ids::{ConversationKey, DeliveryId, SessionId, Timestamp};
pub use session::Session;
