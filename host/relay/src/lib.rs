//! The relay: what is taken in is committed, what is due is carried, and what cannot be is told.
//!
//! It stands between the domain, which decides, the store, which commits, and [`Outside`]: time, chance, the vendors
//! and the bot's side. With a real outside it is the heart of the gateway; with a simulated one, and everything else
//! as it is, it is proved.
//!
//! In reading order: [`intake`] takes turns and events in, [`dispatch`] claims what is due as far as there are
//! [`places`] and [`breaker`]s let it, [`lane`] carries it and commits what became of it, [`unread`] goes back to
//! callbacks that nobody could read, [`feeds`] has each open session's [`feed`] followed by one node, [`upkeep`] keeps this node's leases and removes what is old, [`operator`] does
//! what people ask for.

#![forbid(unsafe_code)]

mod breaker;
mod dispatch;
mod feed;
mod feeds;
mod intake;
mod lane;
mod look;
mod operator;
mod outside;
mod places;
mod relay;
mod unread;
mod upkeep;

pub use breaker::{Breakers, Health, State as BreakerState};
pub use intake::{Happened, Heard};
pub use operator::Redriven;
pub use outside::{Batch, Frame, Item, Later, Outside, Stream};
pub use places::{EACH, LANES};
pub use relay::{Policies, Relay, Settings};
