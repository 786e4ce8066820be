//! The host's side of a guest without a guest: what its imports do, and what becomes of what it returns. For fuzz
//! targets, and for nobody else.

use std::sync::{Arc, Mutex};

use handover_handoff::delivery::Failure;
use handover_handoff::outcome::{Outcome, Update};

use crate::bindings::exports::handover::connector::descriptor::Description as Told;
use crate::bounds::Bounds;
use crate::claims::Wrong;
use crate::config::{ConnectorConfig, Limits};
use crate::convert;
use crate::credentials::Credentials;
use crate::description::{Capabilities, Description};
use crate::egress::{Egress, SystemResolver};
use crate::error::{CallError, OpenError};
use crate::files::{File, Files, NoFile, Reading};
use crate::generation::{Happening, Mapped};
use crate::imports::{CallState, Journal, Outgoing, journal};
use crate::stream::{Events, Frame};
use crate::{claims, weight};

/// The schema of its state that a fuzzed connector names.
const SCHEMA: u32 = 1;

/// What a guest returns.
pub use crate::bindings::exports::handover::connector as exports;
/// What a guest asks for; the traits are how it does.
pub use crate::bindings::handover::connector as imports;

/// Answers a request that would go out.
pub type Wire = Option<Box<dyn FnMut(reqwest::Request) -> reqwest::Response + Send>>;

/// What a connector is granted: its upstreams, and the credentials that its description asks for.
pub struct Granted {
    egress: Arc<Egress>,
    credentials: Arc<Credentials>,
    limits: Arc<Limits>,
    config: ConnectorConfig,
}

impl Granted {
    /// Grants all of `config` that the description asks for.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(told: &Told, config: ConnectorConfig) -> Result<Self, OpenError> {
        let egress = Arc::new(Egress::new(&config, &(Arc::new(SystemResolver) as _))?);
        let credentials = Arc::new(Credentials::new("fuzzed", told, &config, &mut Wrong::default()));
        Ok(Self { egress, credentials, limits: Arc::new(config.limits.clone()), config })
    }

    /// What a component says of itself in the host's words, and whether it may serve so; none where it says more than
    /// is heard.
    pub fn description(&self, told: &Told) -> Option<(Description, Result<(), String>)> {
        if weight::description(told) > crate::load::DESCRIPTION {
            return None;
        }
        let description = claims::read(told, Capabilities::default(), Vec::new());
        let verdict = claims::check("fuzzed", &description, told, &self.config, &self.egress);
        Some((description, verdict.map(drop).map_err(|rejection| rejection.reason)))
    }

    /// The beginning of a call.
    pub fn call(&self, wire: Wire) -> Call {
        let name: Arc<str> = "fuzzed".into();
        let limits = &self.limits;
        let journal =
            Journal::new(Arc::clone(&name), Arc::clone(&name), "fuzzed".to_owned(), limits.log_lines);
        let (egress, credentials) = (Some(Arc::clone(&self.egress)), Arc::clone(&self.credentials));
        let mut out = Outgoing::new(egress, credentials, Arc::clone(limits));
        out.wire = Mutex::new(wire);
        Call(CallState::new(name, journal, Arc::new(out), Some(Arc::new(Attic)), limits))
    }
}

/// Holds one file, of as many bytes as its address is long.
#[derive(Debug)]
struct Attic;

impl Files for Attic {
    fn read<'a>(&'a self, _: &'a str, url: &'a str, bound: usize) -> Reading<'a> {
        Box::pin(std::future::ready(match url.len() {
            0 => Err(NoFile::Unknown("it has no address".to_owned())),
            size if size > bound => Err(NoFile::TooLarge { bound }),
            size => Ok(File { content_type: "text/plain".to_owned(), body: vec![b'a'; size] }),
        }))
    }
}

/// A call under way.
pub struct Call(CallState);

impl Call {
    /// All that a guest can reach.
    pub fn host(
        &mut self,
    ) -> &mut (
             impl imports::http::Host
             + imports::media::Host
             + imports::crypto::Host
             + imports::log::Host
             + imports::clock::Host
             + imports::random::Host
         ) {
        &mut self.0
    }

    /// The lines that are remembered to explain a trap.
    pub fn last_lines(&self) -> Vec<String> {
        journal(&self.0.journal).last_lines().to_vec()
    }
}

/// What a start came to.
///
/// # Errors
/// More than a call may hand back.
pub fn started(outcome: exports::handoff::StartOutcome, limits: &Limits) -> Result<Outcome, CallError> {
    Bounds(limits).start(&outcome)?;
    Ok(convert::start_outcome(outcome, SCHEMA))
}

/// What became of a message.
///
/// # Errors
/// More than a call may hand back.
pub fn sent(sent: exports::handoff::Sent, limits: &Limits) -> Result<Outcome, CallError> {
    Bounds(limits).sent(&sent)?;
    Ok(Outcome::Done(Update { state: sent.update.state, tokens: sent.update.tokens, schema: Some(SCHEMA) }))
}

/// What a look brought.
///
/// # Errors
/// More than a call may hand back.
pub fn gleaned(batch: exports::feed::Batch, limits: &Limits) -> Result<Vec<(String, Happening)>, CallError> {
    Bounds(limits).batch(&batch)?;
    let items = batch.items.into_iter().map(|item| (item.dedupe_id, convert::happening(item.event)));
    Ok(items.collect())
}

/// The events of a stream whose bytes come in these parts; none of them has more than `most` bytes.
///
/// # Errors
/// One has.
pub fn frames(parts: &[&[u8]], most: usize) -> Result<Vec<Frame>, String> {
    let mut events = Events::new(most);
    let mut frames = Vec::new();
    for part in parts {
        events.add(part);
        while let Some(frame) = events.next()? {
            frames.push(frame);
        }
    }
    Ok(frames)
}

/// What a callback says.
///
/// # Errors
/// More than a call may hand back.
pub fn mapped(mapped: exports::callback::Mapped, limits: &Limits) -> Result<Mapped, CallError> {
    Bounds(limits).mapped(&mapped)?;
    Ok(convert::mapped(mapped))
}

/// Why a call did not work, by the guest's own account.
pub fn failed(failure: imports::types::Failure) -> Failure {
    convert::failure(failure)
}
