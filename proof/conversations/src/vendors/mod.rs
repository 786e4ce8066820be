//! The vendors: how each simulator starts, what the gateway is configured with, which requests are made at which step,
//! and what the vendor cannot, with the source.

mod contoso;
mod genesys;
mod matrix;
mod salesforce;
mod servicenow;
mod zendesk;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use agent_desk::{Attachment, Desk, Fault, Kind};
use anyhow::Context;
use zendesk_simulator::Schema;

use crate::Row;
use crate::house::Gateway;

/// All, in the table's order: the reference first.
pub const ALL: [&Vendor; 6] = [
    &contoso::VENDOR,
    &zendesk::VENDOR,
    &servicenow::VENDOR,
    &genesys::VENDOR,
    &salesforce::VENDOR,
    &matrix::VENDOR,
];

/// A simulator about to run.
pub type Opening = Pin<Box<dyn Future<Output = anyhow::Result<Box<dyn Simulator>>> + Send>>;

/// A vendor, as far as the suite must know it.
pub struct Vendor {
    /// The connector's name.
    pub name: &'static str,
    /// Starts the simulator, set up for what is about to be played.
    pub open: fn(Scene) -> Opening,
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

/// What is about to be played: some requests are made only where vendor and gateway are set up for them.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The row.
    pub row: Row,
    /// The request that fails in it.
    pub request: Option<&'static str>,
    /// Zendesk's published schema, to hold each request against.
    pub zendesk_schema: Option<Arc<Schema>>,
}

/// Where in a conversation a request belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The gateway signs in: made once, then kept.
    SignIn,
    /// The handover begins.
    Start,
    /// The handover of a customer begins who was here before.
    Return,
    /// The customer says something.
    Message,
    /// The gateway asks for a message whose outcome it does not know.
    Doubt,
    /// The customer sends a file.
    FileToAgent,
    /// The customer opens a file of the agent's, which only the gateway may fetch.
    FileToCustomer,
    /// The customer types.
    Typing,
    /// The customer was shown what the agent said.
    Receipt,
    /// The customer could not be shown it.
    Notice,
    /// A token of the session's is getting old.
    Renewal,
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

/// The requests that were held against the vendor's published schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// How many, by the vendor's name of the operation.
    pub counts: BTreeMap<String, usize>,
    /// Which operation, where in its request, and what is wrong.
    pub violations: Vec<String>,
    /// Requests that the schema is not about.
    pub beside: usize,
}

impl Checks {
    /// Adds those of another simulator.
    pub fn add(&mut self, other: Checks) {
        for (operation, count) in other.counts {
            *self.counts.entry(operation).or_default() += count;
        }
        self.violations.extend(other.violations);
        self.beside += other.beside;
    }
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

    /// A file of the agent's, kept where this vendor keeps such files.
    ///
    /// # Errors
    /// The desk does not keep it.
    fn keep_file(&self, name: &str, content_type: &str, content: &[u8]) -> anyhow::Result<Attachment> {
        Ok(self.desk().keep_file(name, content_type, content.to_vec().into())?)
    }

    /// Whether this vendor tells the gateway what the gateway itself has posted.
    fn echoes(&self) -> bool {
        false
    }

    /// Answers by which this vendor says that a conversation is gone.
    fn says_gone(&self) -> &'static [u16] {
        &[404]
    }

    /// All that was told to the gateway, as it was told and in that order, where the gateway took it.
    fn told(&self) -> Vec<String> {
        let taken = |status: Option<u16>| status.is_some_and(|status| status < 300);
        let webhooks = self.desk().wire().webhooks();
        webhooks.into_iter().filter(|one| taken(one.status)).map(|one| one.body.to_string()).collect()
    }

    /// Holds all requests so far against the vendor's published schema; none where there is none at hand.
    fn checks(&self) -> Option<Checks> {
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
