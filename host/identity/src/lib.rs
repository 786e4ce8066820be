//! Who is calling: the bot by its bearer token, a vendor by the one its callbacks carry.
//!
//! The way of a request: the token is taken out of `Authorization` and read, its claims are held against the rules
//! without any request of our own, and only then its signature is checked, with the keys that its issuer publishes.
//! What is refused is a [`Refusal`], one variant for each rule.
//!
//! A body is not looked at: [`Doorkeeper::admit`] comes before it is read, [`Admitted::speaks_for`] after.
//!
//! The process has installed a TLS provider for `rustls` before keys are fetched.

#![forbid(unsafe_code)]

mod algorithm;
mod bot;
mod callback;
mod claims;
mod cloud;
mod fetch;
mod header;
mod keyring;
mod keys;
mod members;
mod metadata;
mod mistake;
mod refusal;
mod rules;
mod token;

pub use algorithm::Algorithm;
pub use bot::{Admitted, Caller, Doorkeeper, Kind};
pub use callback::{Bearer, BearerRules, CallbackKeeper, KeysAt};
pub use claims::SKEW_MS;
pub use cloud::Cloud;
pub use fetch::FetchFailure;
pub use keyring::Probed;
pub use mistake::{Mistake, RulesError};
pub use refusal::{KeyFault, Refusal};
pub use rules::{BotRules, Callers, CustomIssuer};
