//! The kit: whether a connector does what the contract asks, tried on the component itself.
//!
//! A [`Scenario`] tells the healthy vendor in a plain file. From it [`test`] derives the checks: it lets the component
//! run in the gateway's own sandbox ([`bench`]) against that vendor on loopback ([`vendor`]), spoils what can be spoilt,
//! and holds what comes of it against the contract ([`checks`], [`advice`]). The result is a [`Certificate`]: a list
//! of checks and the [`Level`] they add up to, for people ([`Certificate::page`]) and for machines. [`inspect`] tells
//! what a component is and asks for, without running it on anything.
//!
//! [`rehearsal`] plays the same vendor for people who try what they write, [`record`] makes a scenario of what they did.
//!
//! Deliberately absent: any knowledge of a vendor, and any network but loopback.

#![deny(unsafe_code)]

mod advice;
mod bench;
mod cast;
mod certificate;
mod checks;
mod happening;
pub mod inspect;
mod keys;
mod lab;
mod page;
pub mod record;
pub mod rehearsal;
mod scenario;
mod signing;
mod template;
mod vendor;

pub use certificate::{Certificate, Check, Fault, Level, Outcome};
pub use checks::{test, test_cached};
pub use scenario::{Scenario, ScenarioError};

/// Why the kit cannot run at all: nothing is said of the component.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// The scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A credential of the scenario is not written as the gateway's configuration has it.
    #[error("the scenario: [credentials.{name}]: {why}")]
    Credential {
        /// Which.
        name: String,
        /// Why not.
        why: String,
    },
    /// This machine.
    #[error("this machine: {0}")]
    Machine(String),
}
