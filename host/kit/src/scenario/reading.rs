//! Reading a scenario: several files are one, and every mistake is told with its place.

use std::path::Path;

use toml::de::DeTable;
use toml::{Table, Value};

use super::{Callback, Exchange, Scenario, spelling};
use crate::happening;

/// Why a scenario cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// A file cannot be read.
    #[error("{file}: cannot be read: {why}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        why: String,
    },
    /// A file is no TOML.
    #[error("{file}: {why}")]
    NoToml {
        /// Which.
        file: String,
        /// Where and why.
        why: String,
    },
    /// Two files say the same thing.
    #[error("{file}: `{key}` is told in another file already")]
    Twice {
        /// Which.
        file: String,
        /// What.
        key: String,
    },
    /// It does not say what a scenario says.
    #[error("the scenario: {0}")]
    Shape(String),
    /// It contradicts itself; all there is.
    #[error("the scenario: {}", .0.join("; "))]
    Wrong(Vec<String>),
}

impl Scenario {
    /// Reads one scenario from one file or several.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read<P: AsRef<Path>>(files: &[P]) -> Result<Self, ScenarioError> {
        let mut whole = Table::new();
        let mut written = Vec::new();
        for file in files {
            let name = file.as_ref().display().to_string();
            let text = std::fs::read_to_string(file)
                .map_err(|e| ScenarioError::Unreadable { file: name.clone(), why: e.to_string() })?;
            merge(&mut whole, table(&name, &text)?)
                .map_err(|key| ScenarioError::Twice { file: name, key })?;
            written.extend(as_written(&text));
        }
        Self::of(whole, &written)
    }

    /// Reads a scenario from a text.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        Self::of(table("the scenario", text)?, &as_written(text))
    }

    fn of(whole: Table, written: &[String]) -> Result<Self, ScenarioError> {
        let mut scenario: Self =
            whole.try_into().map_err(|e: toml::de::Error| ScenarioError::Shape(e.to_string()))?;
        let told: Vec<String> =
            scenario.exchanges.values().flat_map(|exchange| exchange.after.keys().cloned()).collect();
        for (_, exchange) in scenario.exchanges.iter_mut().filter(|(name, _)| told.contains(*name)) {
            exchange.is_told = true;
        }
        for (name, exchange) in &mut scenario.exchanges {
            exchange.nth = written.iter().position(|one| one == name).unwrap_or(written.len());
        }
        let wrong = scenario.contradictions();
        if wrong.is_empty() { Ok(scenario) } else { Err(ScenarioError::Wrong(wrong)) }
    }

    fn contradictions(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, exchange) in &self.exchanges {
            request(name, exchange, &mut wrong);
            if let Some(upstream) =
                exchange.upstream.as_ref().filter(|one| !self.upstreams.contains_key(*one))
            {
                wrong.push(format!(
                    "[exchanges.{name}] names the upstream `{upstream}`, which [upstreams] lacks"
                ));
            }
            for other in exchange.after.keys().filter(|other| !self.exchanges.contains_key(*other)) {
                wrong.push(format!("[exchanges.{name}.after] names `{other}`, which [exchanges] lacks"));
            }
        }
        let lists =
            [("start", &self.start.exchanges), ("send", &self.send.exchanges), ("end", &self.end.exchanges)];
        let lists = lists.map(|(place, names)| (place, names.as_slice()));
        let further = self.further();
        for (place, names) in lists.into_iter().chain(further) {
            for name in names.iter().filter(|name| !self.exchanges.contains_key(*name)) {
                wrong.push(format!("[{place}] names the exchange `{name}`, which [exchanges] lacks"));
            }
        }
        for stream in &self.streams {
            let place = format!("[[stream]] `{}`", stream.name);
            let opening = [Some(&stream.exchange), stream.resumed.as_ref()];
            for name in opening.into_iter().flatten().filter(|name| !self.exchanges.contains_key(*name)) {
                wrong.push(format!("{place} names the exchange `{name}`, which [exchanges] lacks"));
            }
            let known = |name: &&String| self.frames.iter().any(|frame| frame.name == **name);
            for name in stream.frames.iter().filter(|name| !known(name)) {
                wrong.push(format!("{place} names the frame `{name}`, and there is no such [[frame]]"));
            }
        }
        if self.start.lookup_keys.is_empty() && !self.start.accepted {
            wrong.push(
                "[start] lookup_keys is empty: name what callbacks will find the session by".to_owned(),
            );
        }
        for case in &self.refusals {
            let of = match case.call.as_str() {
                "start" => &self.start.exchanges,
                "send" => &self.send.exchanges,
                "end" => &self.end.exchanges,
                other => {
                    wrong.push(format!("[[refusal]] `{}`: `{other}` is none of start, send, end", case.name));
                    continue;
                }
            };
            if !of.contains(&case.exchange) {
                let (name, exchange) = (&case.name, &case.exchange);
                wrong.push(format!("[[refusal]] `{name}`: `{exchange}` is no exchange of [{}]", case.call));
            }
        }
        for callback in &self.callbacks {
            outcome(callback, &mut wrong);
        }
        let callbacks = self.callbacks.iter().filter_map(|one| one.events.as_ref());
        let polls = self.polls.iter().map(|one| &one.events);
        let frames = self.frames.iter().map(|one| &one.events);
        for event in callbacks.chain(polls).chain(frames).chain([&self.start.events]).flatten() {
            wrong.extend(happening::misspelt(event));
        }
        wrong.extend(spelling::mistakes(self));
        let used = self.used();
        for name in self.exchanges.keys().filter(|name| !used.contains(&name.as_str())) {
            wrong.push(format!(
                "[exchanges.{name}] is named by nothing: say which call makes it (`exchanges` of [start], [send], …)"
            ));
        }
        wrong
    }
}

impl Scenario {
    /// The exchanges that anything names.
    fn used(&self) -> Vec<&str> {
        let calls = [&self.start.exchanges, &self.send.exchanges, &self.end.exchanges];
        let further = self.further();
        let lists = calls.into_iter().map(Vec::as_slice).chain(further.into_iter().map(|(_, names)| names));
        let streams = self.streams.iter().flat_map(|one| [Some(&one.exchange), one.resumed.as_ref()]);
        let after = self.exchanges.values().flat_map(|one| one.after.keys());
        lists.flatten().chain(streams.flatten()).chain(after).map(String::as_str).collect()
    }

    /// Whether a conversation in which all goes well makes this exchange: it is no case of closed hours, and nothing
    /// that is only looked up when something has failed.
    pub(crate) fn is_of_the_healthy_way(&self, name: &str) -> bool {
        let calls = [&self.start.exchanges, &self.send.exchanges, &self.end.exchanges];
        let open = self.availability.iter().filter(|one| one.anybody).map(|one| &one.exchanges);
        let looks = self.polls.iter().map(|one| &one.exchanges);
        let files = self.files.iter().map(|one| &one.exchanges);
        let trial = self.trial.iter().map(|one| &one.exchanges);
        let mut named = calls.into_iter().chain(open).chain(looks).chain(files).chain(trial).flatten();
        let signals = [true, false].into_iter().any(|told| {
            self.typing.iter().any(|one| one.of(told).iter().any(|one| one == name))
                || self.receipt.iter().any(|one| one.of(told).iter().any(|one| one == name))
        });
        let streamed = |one: &super::FeedStream| one.exchange == name || one.resumed.as_deref() == Some(name);
        named.any(|one| one == name) || signals || self.streams.iter().any(streamed)
    }

    /// The exchanges of what may be left out, with the place that names them.
    fn further(&self) -> Vec<(&'static str, &[String])> {
        let mut all: Vec<(&str, &[String])> = Vec::new();
        for told in [true, false] {
            all.extend(self.typing.iter().map(|one| ("typing", one.of(told))));
            all.extend(self.receipt.iter().map(|one| ("receipt", one.of(told))));
        }
        all.extend(self.trial.iter().map(|one| ("trial", one.exchanges.as_slice())));
        all.extend(self.files.iter().map(|one| ("file", one.exchanges.as_slice())));
        all.extend(self.polls.iter().map(|one| ("poll", one.exchanges.as_slice())));
        all.extend(self.reconcile.iter().map(|one| ("reconcile", one.exchanges.as_slice())));
        all.extend(self.availability.iter().map(|one| ("availability", one.exchanges.as_slice())));
        all
    }
}

fn request(name: &str, exchange: &Exchange, wrong: &mut Vec<String>) {
    const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    if !METHODS.contains(&exchange.method()) || !exchange.path().starts_with('/') {
        let request = &exchange.request;
        wrong.push(format!("[exchanges.{name}] request = {request:?}: write it like \"POST /path\""));
    }
    let bodies = [exchange.json.is_some(), exchange.form.is_some(), exchange.body.is_some()];
    if bodies.into_iter().filter(|told| *told).count() > 1 {
        wrong.push(format!("[exchanges.{name}] tells more than one of json, form and body"));
    }
}

fn outcome(callback: &Callback, wrong: &mut Vec<String>) {
    let name = &callback.name;
    let told = [callback.events.is_some(), callback.echo, callback.malformed, callback.unmapped];
    if told.into_iter().filter(|told| *told).count() != 1 {
        wrong.push(format!("[[callback]] `{name}` needs one of events, echo, malformed and unmapped"));
    }
    let bodies = [callback.json.is_some(), callback.form.is_some(), callback.body.is_some()];
    if bodies.into_iter().filter(|told| *told).count() > 1 {
        wrong.push(format!("[[callback]] `{name}` tells more than one of json, form and body"));
    }
    if callback.signed_by_vendor && callback.json.is_some() {
        wrong.push(format!(
            "[[callback]] `{name}` is signed by the vendor: give its `body` byte by byte, not as `json`"
        ));
    }
    if let Some(at) = callback.at.as_ref().filter(|at| at.parse::<jiff::Timestamp>().is_err()) {
        wrong.push(format!("[[callback]] `{name}`: at = {at:?} is no time like 2026-01-31T12:00:00Z"));
    }
}

/// The exchanges' names in the order in which they are written.
fn as_written(text: &str) -> Vec<String> {
    let Ok(whole) = DeTable::parse(text) else { return Vec::new() };
    let exchanges = whole.get_ref().get("exchanges").and_then(|told| told.get_ref().as_table());
    let mut names: Vec<(usize, String)> = exchanges
        .into_iter()
        .flatten()
        .map(|(name, _)| (name.span().start, name.get_ref().to_string()))
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

fn table(file: &str, text: &str) -> Result<Table, ScenarioError> {
    text.parse()
        .map_err(|e: toml::de::Error| ScenarioError::NoToml { file: file.to_owned(), why: e.to_string() })
}

/// Puts a file's tables to those before it. Lists grow; what is told twice is a mistake.
fn merge(whole: &mut Table, more: Table) -> Result<(), String> {
    for (key, value) in more {
        match (whole.get_mut(&key), value) {
            (None, value) => {
                whole.insert(key, value);
            }
            (Some(Value::Table(known)), Value::Table(new)) => {
                merge(known, new).map_err(|inner| format!("{key}.{inner}"))?;
            }
            (Some(Value::Array(known)), Value::Array(new)) => known.extend(new),
            (Some(_), _) => return Err(key),
        }
    }
    Ok(())
}
