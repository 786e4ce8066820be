//! The bot side as a bot and a channel see it.

mod addresses;
mod identities;
mod manifest;
mod posting;
mod replies;
mod stage;
mod tolerance;
mod turns;
