//! To the vendor: what a call becomes on Zendesk's side.

pub mod api;
mod customer;
pub mod ending;
pub mod message;
pub mod start;
mod ticket;
