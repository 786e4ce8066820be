//! A scenario played for people: the healthy vendor on loopback, for as many conversations as there are, and what it
//! can send by itself, when somebody says so.
//!
//! Other than the checks it takes requests in any order and at any time. Each conversation has ids of its own, made in
//! the shape of the scenario's, so that callbacks find their session and none is taken for one that came before.

mod fresh;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_credentials::CredentialConfig;
use handover_sandbox::description::CallbackRoute;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::scenario::Scenario;
use crate::signing::{Signed, route, way_with};
use crate::{KitError, cast, keys, vendor};
use stage::Stage;

/// The vendor of a scenario, on loopback for as long as the process lives.
#[derive(Clone)]
pub struct Rehearsal {
    base: String,
    stage: Arc<Mutex<Stage>>,
    changed: Arc<watch::Sender<u64>>,
}

/// What went over the line, in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// Counts up from 1.
    pub nth: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    /// Whether the vendor sent it by itself.
    pub sent: bool,
    /// The exchange's or the callback's name in the scenario; none for a request that it does not have.
    pub name: Option<String>,
    /// The method.
    pub method: String,
    /// The path, below the upstream or the connector's mount.
    pub path: String,
    /// The body: JSON in lines of its own, everything else as it is.
    pub body: String,
    /// What it was answered with; none where nobody did.
    pub status: Option<u16>,
    /// The conversation, by its first lookup key.
    pub conversation: Option<String>,
}

/// A callback that can be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Its place in the scenario.
    pub id: usize,
    /// Its name there.
    pub name: String,
    /// The text that it carries, where another one can stand in its place.
    pub text: Option<String>,
}

/// A callback as it goes over the wire, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its name in the scenario.
    pub name: String,
    /// The method.
    pub method: String,
    /// Below the connector's mount, with its query.
    pub path: String,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// The conversation, by its first lookup key.
    pub conversation: String,
}

/// Why a callback cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// The scenario has none at this place.
    #[error("the scenario has no such callback")]
    Unknown,
    /// Nobody has begun one.
    #[error("there is no conversation yet: write as the customer first")]
    NoConversation,
}

impl Rehearsal {
    /// Plays a scenario from now on.
    ///
    /// # Errors
    /// Nothing can listen on loopback.
    pub async fn open(scenario: Scenario) -> Result<Self, KitError> {
        let stage = Arc::new(Mutex::new(Stage::new(scenario)));
        let changed = Arc::new(watch::Sender::new(0));
        let (played, tell) = (Arc::clone(&stage), Arc::clone(&changed));
        let answering = move |asked| {
            let reply = lock(&played).reply(&asked);
            tell.send_modify(|changes| *changes += 1);
            reply
        };
        Ok(Self { base: vendor::listen(Arc::new(answering)).await?, stage, changed })
    }

    /// Plays another scenario from now on: the same vendor, told better. Conversations go on.
    pub fn play(&self, scenario: Scenario) {
        self.stage().scenario = scenario;
        self.change();
    }

    /// Where each upstream leads.
    pub fn upstreams(&self) -> BTreeMap<String, String> {
        let stage = self.stage();
        let each = stage.scenario.upstreams.iter();
        each.map(|(name, one)| (name.clone(), vendor::upstream(&self.base, name, &one.base_path))).collect()
    }

    /// The operator's settings.
    pub fn settings(&self) -> Map<String, Value> {
        self.stage().scenario.settings.clone()
    }

    /// The credentials as the gateway's configuration has them, each secret in a file of this folder.
    ///
    /// # Errors
    /// One is not written as the configuration has it, or the folder cannot be written.
    pub fn credentials(&self, folder: &Path) -> Result<BTreeMap<String, CredentialConfig>, KitError> {
        keys::configured(&keys::told(&self.stage().scenario), folder, &vendor::token_url(&self.base))
    }

    /// The person who chats, as the scenario tells of them: the channel's id, the name and the language.
    pub fn customer(&self) -> (String, Option<String>, Option<String>) {
        let customer = self.stage().scenario.customer.clone();
        (customer.id, customer.name, customer.locale)
    }

    /// What was last counted changes whenever something else can be seen.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What went over the line, the oldest first; no more than the last few hundred.
    pub fn passed(&self) -> Vec<Passed> {
        self.stage().passed.iter().cloned().collect()
    }

    /// The conversations, each by its first lookup key, the oldest first.
    pub fn conversations(&self) -> Vec<String> {
        self.stage().conversations()
    }

    /// The callbacks that can be sent: all good ones but those that tell what the customer wrote.
    pub fn offers(&self) -> Vec<Offer> {
        self.stage().offers()
    }

    /// Makes a callback of this conversation, the latest where none is told, signed by the first of the route's ways
    /// that there is a key for. `mount` is the connector's public address.
    ///
    /// # Errors
    /// There is none such.
    pub fn callback(
        &self,
        offer: usize,
        conversation: Option<&str>,
        text: Option<&str>,
        routes: &[CallbackRoute],
        mount: &str,
    ) -> Result<Prepared, NotOffered> {
        let mut stage = self.stage();
        let made = stage.callback(offer, conversation, text)?;
        let mut headers = made.headers;
        if let Some(content_type) = made.body.content_type()
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        let query = if made.query.is_empty() { String::new() } else { format!("?{}", made.query) };
        let path = format!("{}{query}", made.path);
        let url = if made.path.is_empty() { format!("{mount}{query}") } else { format!("{mount}/{path}") };
        let mut signed = Signed { url, headers, body: made.body.bytes() };
        let keys = keys::told(&stage.scenario);
        let way = route(routes, &made.path, &made.method).and_then(|route| way_with(&keys, route));
        if let Some(way) = way.filter(|way| way.can_sign()) {
            way.sign(&mut signed, fresh::now(), None);
        }
        Ok(Prepared {
            name: made.name,
            method: made.method,
            path,
            headers: signed.headers,
            body: signed.body,
            conversation: made.conversation,
        })
    }

    /// Notes that a callback was sent, and what it was answered with.
    pub fn sent(&self, prepared: &Prepared, status: Option<u16>) {
        self.stage().note(Passed {
            nth: 0,
            at: fresh::now(),
            sent: true,
            name: Some(prepared.name.clone()),
            method: prepared.method.clone(),
            path: format!("/{}", prepared.path),
            body: fresh::shown(&prepared.body),
            status,
            conversation: Some(prepared.conversation.clone()),
        });
        self.change();
    }

    fn change(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        lock(&self.stage)
    }
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The session's id in what a scenario's lookup keys are filled with.
fn told_session() -> String {
    cast::SESSION.to_string()
}
