//! A scenario: the healthy vendor, told in a plain file, from which all checks follow.
//!
//! One file has the operator's side (`settings`, `upstreams`, `credentials`), what the vendor takes and answers
//! (`exchanges`), which of that belongs to which call (`start`, `send`, `end`, …), and what the vendor sends by itself
//! (`callback`, `poll`, `frame`). Faults, repeats, strange texts and crashes are the kit's to add.

mod callback;
mod calls;
mod exchange;
mod reading;
mod spelling;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use callback::{Body, Callback, Wanted};
pub(crate) use calls::{
    Availability, Call, CustomerCast, End, FeedFrame, FeedStream, FileCase, Find, Migration, Poll, Receipts,
    RefusalCase, Start, Typing,
};
pub(crate) use exchange::{Answer, Exchange};
pub use reading::ScenarioError;

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The operator's settings.
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    /// What each upstream of the descriptor is; all of them lead to the scripted vendor.
    #[serde(default)]
    pub(crate) upstreams: BTreeMap<String, Upstream>,
    /// The credentials, with values made for the test.
    #[serde(default)]
    pub(crate) credentials: BTreeMap<String, Map<String, Value>>,
    /// What the vendor takes and answers when all is well, by a name of the author's choice.
    #[serde(default)]
    pub(crate) exchanges: BTreeMap<String, Exchange>,
    #[serde(default)]
    pub(crate) customer: CustomerCast,
    pub(crate) start: Start,
    pub(crate) send: Call,
    pub(crate) end: End,
    pub(crate) typing: Option<Typing>,
    pub(crate) receipt: Option<Receipts>,
    /// Messages with files.
    #[serde(default, rename = "file")]
    pub(crate) files: Vec<FileCase>,
    /// What the vendor says no to in its own way.
    #[serde(default, rename = "refusal")]
    pub(crate) refusals: Vec<RefusalCase>,
    #[serde(default, rename = "callback")]
    pub(crate) callbacks: Vec<Callback>,
    #[serde(default)]
    pub(crate) availability: Vec<Availability>,
    #[serde(default, rename = "poll")]
    pub(crate) polls: Vec<Poll>,
    #[serde(default, rename = "frame")]
    pub(crate) frames: Vec<FeedFrame>,
    #[serde(default, rename = "stream")]
    pub(crate) streams: Vec<FeedStream>,
    #[serde(default)]
    pub(crate) reconcile: Vec<Find>,
    #[serde(default)]
    pub(crate) migration: Vec<Migration>,
    /// What the connector reads when the operator asks whether all is set up.
    pub(crate) trial: Option<Call>,
    /// What does not apply to this vendor, by the name of the check, and why.
    #[serde(default)]
    pub(crate) waived: BTreeMap<String, String>,
}

/// One upstream.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upstream {
    /// Where the vendor's API begins below its host, e.g. `/sc`.
    #[serde(default)]
    pub(crate) base_path: String,
}
