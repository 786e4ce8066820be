//! A recorded conversation becomes a scenario.
//!
//! The requests of the scenario are not the recorded ones. The component plays its part again, in the bench, with the
//! scenario's customer and texts, and the recording only answers it ([`tape`]): so each call makes its own requests, what
//! it carries is known ([`telling`]), and what the component sends otherwise than before is what has to be taken out of
//! answers and callbacks ([`scrub`]). What these come to is what the component makes of them, once they are scrubbed.

mod play;
mod scrub;
mod tape;
mod telling;
mod writing;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::bench::{Bench, NoBench, Seat};
use crate::happening::Told as Event;
use crate::lab::{Lab, LabError};
use crate::scenario::Scenario;
use crate::{KitError, keys};
use play::{Play, request};
use scrub::Scrubber;
use tape::without_nulls;
use writing::{key, lines};

/// What the customer of a scenario needs, where it says nothing else.
const PROBLEM: &str = "My laptop does not start";

/// What went between a connector and its vendor, in order.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// The connector's requests.
    pub exchanges: Vec<Heard>,
    /// The vendor's.
    pub callbacks: Vec<Called>,
}

/// A request of the connector, and its answer. Request headers are not kept.
#[derive(Clone)]
pub struct Heard {
    /// The upstream's name.
    pub upstream: String,
    /// The method.
    pub method: String,
    /// Below the upstream's base address, with its query.
    pub path: String,
    /// The body.
    pub body: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub answer_headers: Vec<(String, String)>,
    /// The answer's body.
    pub answer: Vec<u8>,
}

/// A callback that the gateway took.
#[derive(Clone)]
pub struct Called {
    /// The method.
    pub method: String,
    /// Below the connector's mount.
    pub path: String,
    /// Without the question mark.
    pub query: String,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What the recording was made with.
#[derive(Clone, Default)]
pub struct Setup {
    /// The operator's settings.
    pub settings: Map<String, Value>,
    /// The upstreams' names.
    pub upstreams: Vec<String>,
    /// Credentials with values made up.
    pub credentials: BTreeMap<String, Map<String, Value>>,
    /// What the customer wrote, in order.
    pub texts: Vec<String>,
    /// What the customer is called.
    pub names: Vec<String>,
    /// The customer's ids.
    pub ids: Vec<String>,
}

/// A scenario that was made of a recording.
#[derive(Debug, Clone)]
pub struct Told {
    /// The file's text.
    pub text: String,
    /// What the author should look at.
    pub notes: Vec<String>,
}

/// Why no scenario can be made of a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The kit cannot run, or what was made is no scenario.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// The component.
    #[error("the component: {0}")]
    Component(String),
    /// It lacks something.
    #[error("the recording: {0}")]
    Lacks(String),
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heard")
            .field("method", &self.method)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Called").field("method", &self.method).finish_non_exhaustive()
    }
}

impl From<NoBench> for RecordError {
    fn from(error: NoBench) -> Self {
        match error {
            NoBench::Kit(error) => Self::Kit(error),
            NoBench::Rejected(why) => Self::Component(why),
        }
    }
}

impl From<LabError> for RecordError {
    fn from(error: LabError) -> Self {
        match error {
            LabError::Kit(error) => Self::Kit(error),
            LabError::Component(why) => Self::Component(why),
        }
    }
}

/// Makes a scenario of a recording.
///
/// # Errors
/// What the recording lacks, or why the component cannot play.
pub async fn scenario(component: &[u8], recording: &Recording, setup: &Setup) -> Result<Told, RecordError> {
    let mut scrubber = Scrubber::new(recording, setup);
    let operator = operator(setup, &mut scrubber);
    let draft = "[start]\nexchanges = []\naccepted = true\nlookup_keys = []\n[send]\nexchanges = []\n[end]\nexchanges = []\n";
    let draft = Scenario::parse(&format!("{operator}{draft}")).map_err(KitError::from)?;
    let lab = Lab::open(component, keys::told(&draft))?;
    let raw = lab.describe()?;
    let bench = Bench::open(component, lab, raw, &draft, None, &[Seat::Usual]).await?;
    for called in &recording.callbacks {
        if let Ok(mapped) = bench.map(&request(called, called.body.clone())).await {
            mapped.events.iter().for_each(|event| scrubber.hear(&Event::mapped(event)));
        }
    }
    let mut play = Play::new(&bench, recording, scrubber);
    let calls = play.calls().await?;
    let mut text = "# Recorded with `handover connector run --record`: look through it, name what has no good name yet, and add\n\
                    # what did not happen in this conversation.\n\n"
        .to_owned();
    text.push_str(&operator);
    text.push_str(&play.exchanges());
    text.push_str(&calls);
    text.push_str(&play.callbacks(recording).await);
    text.push_str(&waived(play.many_events));
    // It must be one.
    Scenario::parse(&text).map_err(KitError::from)?;
    Ok(Told { text, notes: play.notes })
}

/// What one conversation does not show.
fn waived(many_events: bool) -> String {
    let mut text = "\n# One conversation does not show these. Tell them, and take the line away.\n[waived]\n\
                    echoes = \"none was recorded\"\nrefusals = \"none was recorded\"\n\
                    vendor-signature = \"a recording keeps no signatures\"\n"
        .to_owned();
    if !many_events {
        text.push_str("many-events = \"none was recorded\"\n");
    }
    text
}

/// Settings, upstreams and credentials.
fn operator(setup: &Setup, scrubber: &mut Scrubber) -> String {
    let mut text = String::new();
    let settings = without_nulls(Value::Object(scrubber.members(&setup.settings)));
    if let Value::Object(settings) = settings
        && !settings.is_empty()
    {
        text.push_str(&format!("[settings]\n{}\n", lines(&settings)));
    }
    for name in &setup.upstreams {
        text.push_str(&format!("[upstreams.{}]\n\n", key(name)));
    }
    for (name, fields) in &setup.credentials {
        text.push_str(&format!("[credentials.{}]\n{}\n", key(name), lines(fields)));
    }
    text
}
