//! What the vendor of a rehearsal knows: its conversations, and what went over the line.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::fresh::{self, Swaps};
use super::{NotOffered, Offer, Passed};
use crate::scenario::{Body, Callback, Exchange, Scenario, Wanted};
use crate::template::{Names, PLACEHOLDERS, open};
use crate::vendor::{Asked, Reply, differences, takes, usual};

/// What is remembered of the line.
const KEPT: usize = 300;

/// Stands for a text while ids are replaced around it.
const MARK: &str = "\u{1}the text\u{1}";

/// What the vendor knows.
pub(super) struct Stage {
    pub(super) scenario: Scenario,
    pub(super) passed: VecDeque<Passed>,
    live: Vec<Live>,
    nth: u64,
}

/// One conversation.
struct Live {
    /// The gateway's id of it, where a request has told.
    session: Option<String>,
    /// Each lookup key of the scenario, and what stands in its place here.
    keys: Swaps,
    /// The exchanges that were made and answered.
    done: Vec<String>,
}

/// A callback before it is signed.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) conversation: String,
}

impl Live {
    /// By its first key.
    fn name(&self) -> String {
        let key = self.keys.first().map(|(_, live)| live.clone());
        key.or_else(|| self.session.clone()).unwrap_or_default()
    }

    fn has_done(&mut self, name: &str) {
        if !self.done.iter().any(|one| one == name) {
            self.done.push(name.to_owned());
        }
    }

    fn is_meant(&self, told: &str) -> bool {
        let keys = self.keys.iter().map(|(_, live)| live);
        keys.chain(&self.session).any(|id| !id.is_empty() && told.contains(id.as_str()))
    }

    /// What of the scenario has to be replaced in what this conversation is told of.
    fn swaps(&self) -> Swaps {
        let session = self.session.iter().map(|live| (super::told_session(), live.clone()));
        self.keys.iter().cloned().chain(session).collect()
    }
}

impl Stage {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self { scenario, passed: VecDeque::new(), live: Vec::new(), nth: 0 }
    }

    pub(super) fn conversations(&self) -> Vec<String> {
        self.live.iter().map(Live::name).collect()
    }

    pub(super) fn note(&mut self, passed: Passed) {
        self.nth += 1;
        self.passed.push_back(Passed { nth: self.nth, ..passed });
        if self.passed.len() > KEPT {
            self.passed.pop_front();
        }
    }

    pub(super) fn reply(&mut self, asked: &Asked) -> Reply {
        let found = self.find(asked);
        let (reply, conversation) = match &found {
            Some((name, exchange)) => {
                let at = self.conversation(name, exchange, asked);
                let swaps = at.map(|at| self.live[at].swaps()).unwrap_or_default();
                let done = at.map(|at| &self.live[at].done[..]).unwrap_or_default();
                let after = done.iter().rev().find_map(|done| exchange.after.get(done));
                let mut answer = after.unwrap_or(&exchange.answer).clone();
                answer.json.iter_mut().for_each(|json| fresh::value(json, &swaps, false));
                answer.body.iter_mut().for_each(|body| *body = fresh::swapped(body, &swaps));
                answer.headers.values_mut().for_each(|told| *told = fresh::swapped(told, &swaps));
                let live = at.map(|at| &self.live[at]);
                let told = (usual(&answer, &meant(exchange, asked, live)), live.map(Live::name));
                if let Some(at) = at {
                    self.live[at].has_done(name);
                }
                told
            }
            None => {
                let body = json!({ "kit": "the scenario has no such request" }).to_string().into_bytes();
                (Reply::Answer { status: 404, headers: Vec::new(), body }, None)
            }
        };
        let status = match &reply {
            Reply::Answer { status, .. } => Some(*status),
            Reply::Break | Reply::Hang => None,
        };
        self.note(Passed {
            nth: 0,
            at: fresh::now(),
            sent: false,
            name: found.map(|(name, _)| name),
            method: asked.method.clone(),
            path: asked.path.clone(),
            body: fresh::shown(&asked.body),
            status,
            conversation,
        });
        reply
    }

    /// The exchange that it is: of those that take it the one that is most like it; of these rather one of the healthy
    /// way than one that only a refusal or a failure meets, then one that has not been made yet, then the first that is
    /// written.
    fn find(&self, asked: &Asked) -> Option<(String, Exchange)> {
        let base = self.scenario.upstreams.get(&asked.upstream).map_or("", |one| one.base_path.as_str());
        let names = Names::default();
        let told = format!("{} {}", asked.path, String::from_utf8_lossy(&asked.body));
        let done = self.live.iter().rfind(|live| live.is_meant(&told)).map(|live| &live.done);
        let opened = self.scenario.exchanges.iter().map(|(name, exchange)| (name, opened(exchange)));
        let taking = opened.filter(|(_, exchange)| takes(exchange, asked, base, &names));
        let best = taking.min_by_key(|(name, exchange)| {
            let again = done.is_some_and(|done| done.contains(name));
            let amiss = !self.scenario.is_of_the_healthy_way(name);
            (differences(exchange, asked, &names).len(), amiss, again, exchange.nth)
        });
        let name = best?.0;
        Some((name.clone(), self.scenario.exchanges[name].clone()))
    }

    /// The conversation that a request is of; a new one where it begins such.
    fn conversation(&mut self, name: &str, exchange: &Exchange, asked: &Asked) -> Option<usize> {
        let told = format!("{} {}", asked.path, String::from_utf8_lossy(&asked.body));
        let session = carried(exchange, asked, "session.id");
        let begins = self.scenario.start.exchanges.iter().any(|one| one == name);
        let latest = self.live.len().checked_sub(1);
        let at = match self.live.iter().rposition(|live| live.is_meant(&told)) {
            Some(at) => Some(at),
            // A further step of the start that is under way.
            None if begins && session.is_none() => {
                latest.filter(|at| !self.live[*at].done.iter().any(|one| one == name))
            }
            None if begins => None,
            None => latest,
        };
        let at = match at {
            Some(at) => at,
            None if begins => {
                let keys = self.keys(session.as_deref());
                self.live.push(Live { session: None, keys, done: Vec::new() });
                self.live.len() - 1
            }
            None => return None,
        };
        let live = &mut self.live[at];
        live.session = live.session.take().or(session);
        Some(at)
    }

    /// The lookup keys of a new conversation.
    fn keys(&mut self, session: Option<&str>) -> Swaps {
        let start = &self.scenario.start;
        let answers = start.exchanges.iter().filter_map(|name| self.scenario.exchanges.get(name));
        let answers: Vec<String> = answers.map(|one| format!("{:?}", one.answer)).collect();
        let mut keys = Swaps::new();
        for told in &start.lookup_keys {
            let mut names = Names::default();
            names.set("session.id", super::told_session());
            let told = names.fill(told);
            let live = if answers.iter().any(|answer| answer.contains(&told)) {
                self.nth += 1;
                fresh::id(&told, self.nth)
            } else {
                // It is the gateway's, or the same for all.
                session.map_or_else(|| told.clone(), |live| told.replace(&super::told_session(), live))
            };
            keys.push((told, live));
        }
        keys
    }

    pub(super) fn offers(&self) -> Vec<Offer> {
        let callbacks = self.scenario.callbacks.iter().enumerate().filter(|(_, one)| is_offered(one));
        let offer = |(id, one): (usize, &Callback)| {
            let text = text(one).filter(|text| one.content().with_text(text, MARK).is_some());
            Offer { id, name: one.name.clone(), text: text.map(str::to_owned) }
        };
        callbacks.map(offer).collect()
    }

    pub(super) fn callback(
        &mut self,
        offer: usize,
        conversation: Option<&str>,
        said: Option<&str>,
    ) -> Result<Made, NotOffered> {
        let told = self.scenario.callbacks.get(offer).filter(|one| is_offered(one));
        let told = told.ok_or(NotOffered::Unknown)?.clone();
        let live = self.live.iter().rfind(|live| conversation.is_none_or(|wanted| live.name() == wanted));
        let live = live.ok_or(NotOffered::NoConversation)?;
        let (name, mut swaps) = (live.name(), live.swaps());
        let old = text(&told).unwrap_or_default();
        let content = told.content();
        let (marked, is_marked) = match content.with_text(old, MARK) {
            Some(marked) if !old.is_empty() => (marked, true),
            _ => (content, false),
        };
        let mut is_there = false;
        let mut others: Vec<&str> = Vec::new();
        for key in told.events.iter().flatten().filter_map(|event| event.get("key")?.as_str()) {
            if swaps.iter().any(|(old, _)| old == key) {
                is_there = true;
            } else if !others.contains(&key) {
                others.push(key);
            }
        }
        for (nth, other) in others.into_iter().enumerate() {
            // Where none of its events is this conversation's, the first of them is; what is of another one beside it
            // stays so.
            let meant = if nth == 0 && !is_there { &name } else { other };
            swaps.push((other.to_owned(), meant.to_owned()));
        }
        let known: Vec<String> = swaps.iter().map(|(old, _)| old.clone()).collect();
        let mut ids: Vec<String> = fresh::leaves(&marked);
        ids.extend(told.headers.values().cloned());
        ids.retain(|one| !known.contains(one) && is_id(one, told.events.iter().flatten()));
        ids.sort();
        ids.dedup();
        for id in ids {
            self.nth += 1;
            swaps.push((id.clone(), fresh::id(&id, self.nth)));
        }
        let mut body = fresh::body(marked, &swaps, true);
        if is_marked {
            body = body.with_text(MARK, said.unwrap_or(old)).unwrap_or(body);
        }
        let headers = told.headers.iter().map(|(name, value)| (name.clone(), fresh::swapped(value, &swaps)));
        Ok(Made {
            name: told.name.clone(),
            method: told.method.clone(),
            path: fresh::swapped(&told.path, &swaps),
            query: fresh::swapped(&told.query, &swaps),
            headers: headers.collect(),
            body,
            conversation: name,
        })
    }
}

fn is_offered(callback: &Callback) -> bool {
    matches!(callback.wanted(), Wanted::Events(events) if !events.is_empty()) && !callback.signed_by_vendor
}

/// The text of its first message.
fn text(callback: &Callback) -> Option<&str> {
    callback.events.iter().flatten().find_map(|event| event.get("message")).and_then(Value::as_str)
}

/// Whether a value is what an event is named by, or a part of that name.
fn is_id<'a>(value: &str, events: impl IntoIterator<Item = &'a Map<String, Value>>) -> bool {
    events.into_iter().any(|event| {
        ["id", "message_id"].into_iter().filter_map(|name| event.get(name)?.as_str()).any(|id| {
            id == value
                || (value.len() >= 3 && value.bytes().any(|byte| byte.is_ascii_digit()) && id.contains(value))
        })
    })
}

/// The same with anything in the place of what differs from conversation to conversation.
fn opened(exchange: &Exchange) -> Exchange {
    let mut made = exchange.clone();
    made.request = open(&made.request);
    made.headers.values_mut().for_each(|told| *told = open(told));
    made.json.iter_mut().for_each(open_value);
    made.form.iter_mut().flat_map(|form| form.values_mut()).for_each(|told| *told = open(told));
    made.body.iter_mut().for_each(|told| *told = open(told));
    made
}

fn open_value(value: &mut Value) {
    match value {
        Value::String(text) => *text = open(text),
        Value::Array(items) => items.iter_mut().for_each(open_value),
        Value::Object(members) => members.values_mut().for_each(open_value),
        _ => {}
    }
}

/// What the placeholders of an answer stand for: what the request carries in their places.
fn meant(exchange: &Exchange, asked: &Asked, live: Option<&Live>) -> Names {
    let mut names = Names::default();
    for name in PLACEHOLDERS {
        if let Some(value) = carried(exchange, asked, name) {
            names.set(name, value);
        }
    }
    if let Some(live) = live {
        names.set("conversation", live.name());
        live.session.iter().for_each(|session| names.set("session.id", session));
    }
    names
}

/// What a request carries in the place of this placeholder, where the exchange says where that is.
fn carried(exchange: &Exchange, asked: &Asked, name: &str) -> Option<String> {
    let place = format!("{{{name}}}");
    // From the end: what stands before may be the upstream's base path.
    let told = exchange.path().split(['/', '?', '&', '=']).rev();
    let mut segments = told.zip(asked.path.split(['/', '?', '&', '=']).rev());
    if let Some((_, value)) = segments.find(|(told, _)| *told == place) {
        return Some(value.to_owned());
    }
    if let Some(form) = &exchange.form {
        let (field, _) = form.iter().find(|(_, told)| **told == place)?;
        let mut fields = url::form_urlencoded::parse(&asked.body).into_owned();
        return fields.find(|(name, _)| name == field).map(|(_, value)| value);
    }
    let body: Value = serde_json::from_slice(&asked.body).ok()?;
    at_place(exchange.json.as_ref()?, &body, &place)
}

fn at_place(template: &Value, value: &Value, place: &str) -> Option<String> {
    match (template, value) {
        (Value::String(told), Value::String(id)) if told == place => Some(id.clone()),
        (Value::Object(told), Value::Object(there)) => {
            told.iter().find_map(|(name, told)| at_place(told, there.get(name)?, place))
        }
        (Value::Array(told), Value::Array(there)) => {
            told.iter().zip(there).find_map(|(told, there)| at_place(told, there, place))
        }
        _ => None,
    }
}
