//! Callers as the bot edge and a vendor's callbacks meet them, before an authority of the tests' own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod admission;
mod authority;
mod bot_service;
mod callbacks;
mod claims;
mod forgery;
mod headers;
mod keys;
mod refusals;
mod rules;
mod tokens;
mod world;
