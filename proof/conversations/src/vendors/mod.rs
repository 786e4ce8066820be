//! The vendors: how each simulator starts, what the gateway is configured with, which requests are made at which step,
//! and what the vendor cannot, with the source.

mod contoso;
mod genesys;
mod salesforce;
mod servicenow;
mod zendesk;

use std::future::Future;
use std::pin::Pin;

use agent_desk::{Desk, Fault, Kind};
use anyhow::Context;

use crate::Row;
use crate::house::Gateway;

/// All, in the table's order: the reference first.
pub const ALL: [&Vendor; 5] =
    [&contoso::VENDOR, &zendesk::VENDOR, &servicenow::VENDOR, &genesys::VENDOR, &salesforce::VENDOR];

/// A simulator about to run.
pub type Opening = Pin<Box<dyn Future<Output = anyhow::Result<Box<dyn Simulator>>> + Send>>;

/// A vendor, as far as the suite must know it.
pub struct Vendor {
    /// The connector's name.
    pub name: &'static str,
    /// Starts the simulator.
    pub open: fn() -> Opening,
    /// The requests that are made at a step, each for certain, by the names of the simulator's operations. Where there
    /// are none, the row is left out.
    pub requests: fn(Step) -> &'static [&'static str],
    /// What the vendor cannot, and where that is said.
    pub cannot: fn(Row) -> Option<&'static str>,
    /// Whether a message of unknown outcome shows once: the vendor knows it again, or can be asked.
    pub knows_messages: bool,
    /// The same for a start.
    pub knows_starts: bool,
}

/// Where in a conversation a request belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The gateway signs in: made once, then kept.
    SignIn,
    /// The handover begins.
    Start,
    /// The customer says something.
    Message,
    /// The customer types.
    Typing,
    /// The customer was shown what the agent said.
    Receipt,
    /// The gateway looks for what the vendor does not tell.
    Look,
    /// The customer goes.
    End,
}

/// What goes wrong on the way from the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Each thing is told twice.
    Twice,
    /// The next two change places.
    Swapped,
    /// The gateway takes the next one, and the vendor does not learn of it.
    Unanswered,
}

/// A simulator that runs. Dropping it stops it.
pub trait Simulator: Send + Sync {
    /// Its desk.
    fn desk(&self) -> &Desk;

    /// The sections below `[connectors.<name>]`.
    fn config(&self) -> String;

    /// Secrets that the configuration refers to as `file:NAME`.
    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// Where callbacks go from now on.
    fn point_at(&self, gateway: &Gateway);

    /// User and password that open files which the vendor keeps for itself.
    fn file_key(&self) -> Option<(String, &'static str)> {
        None
    }

    /// Makes trouble on the way from the vendor.
    ///
    /// # Errors
    /// This simulator cannot.
    fn trouble(&self, trouble: Trouble) -> anyhow::Result<()> {
        let fault = match trouble {
            Trouble::Twice => Fault::new("webhook*", Kind::Duplicate),
            Trouble::Swapped => Fault::new("webhook*", Kind::Reorder).times(1),
            Trouble::Unanswered => Fault::new("webhook.message", Kind::DropAnswer).times(1),
        };
        Ok(self.desk().set_faults([fault])?)
    }
}

impl Vendor {
    /// The vendors of these names; all where there are none.
    ///
    /// # Errors
    /// There is no such vendor.
    pub fn named(names: &[String]) -> anyhow::Result<Vec<&'static Vendor>> {
        if names.is_empty() {
            return Ok(ALL.to_vec());
        }
        let find = |name: &String| {
            ALL.into_iter()
                .find(|vendor| vendor.name == name)
                .with_context(|| format!("there is no vendor {name}"))
        };
        names.iter().map(find).collect()
    }
}

impl std::fmt::Debug for Vendor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
