//! The record of everything that crossed the line between the bot's side and the gateway.
use std::{collections::VecDeque, error::Error, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{locked::Locked, redaction, simulator::Simulator};

/// As many exchanges as are kept; the oldest go first.
const KEPT: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Direction {
    ToSkill,
    FromSkill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Route {
    Skill,
    Runtime,
    Connector,
    Authority,
}

/// A request, in either direction.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchange {
    pub direction: Direction,
    pub route: Route,
    pub conversation_id: String,
    pub method: String,
    /// The path as it was asked for; the whole address towards the skill.
    pub path: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub headers: Value,
    pub body: Value,
    /// Counts up while one activity is repeated.
    pub attempt: u32,
    /// The fault it met, if one was switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// What is wrong with its token, if it was refused for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What it was answered with.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Value,
    pub body: Value,
}

#[derive(Clone, Debug, Serialize)]
struct Record {
    seq: u64,
    time: String,
    #[serde(flatten)]
    exchange: Exchange,
    /// None while it is under way, and where the connection broke.
    answer: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Default)]
struct Records {
    next: u64,
    kept: VecDeque<Record>,
}

#[derive(Default)]
pub(crate) struct Wire(Locked<Records>);

impl Wire {
    /// Puts a request on record; what it is answered with follows under the number given back.
    pub fn open(&self, exchange: Exchange) -> u64 {
        let mut records = self.0.lock();
        let seq = records.next;
        records.next += 1;
        if records.kept.len() == KEPT {
            records.kept.pop_front();
        }
        records.kept.push_back(Record {
            seq,
            time: jiff::Timestamp::now().to_string(),
            exchange,
            answer: None,
            error: None,
        });
        seq
    }

    pub fn answered(&self, seq: u64, answer: Answer) {
        self.with(seq, |record| record.answer = Some(answer));
    }

    pub fn failed(&self, seq: u64, error: &dyn Error) {
        // An HTTP client's error says what it was doing; only its sources say what went wrong.
        let mut told = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            told = format!("{told}: {cause}");
            source = cause.source();
        }
        self.with(seq, |record| record.error = Some(told));
    }

    fn with(&self, seq: u64, change: impl FnOnce(&mut Record)) {
        let mut records = self.0.lock();
        let first = records.kept.front().map_or(0, |record| record.seq);
        let place = seq.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        // Gone from the record under heavy traffic: nothing to add to.
        if let Some(record) = place.and_then(|place| records.kept.get_mut(place)) {
            change(record);
        }
    }

    fn of(&self, conversation_id: Option<&str>) -> Vec<Record> {
        self.0
            .lock()
            .kept
            .iter()
            .filter(|record| conversation_id.is_none_or(|id| record.exchange.conversation_id == id))
            .cloned()
            .collect()
    }
}

/// Headers as a JSON object; one that comes more than once is joined as HTTP allows. A token loses its signature.
pub(crate) fn headers_of(headers: &HeaderMap) -> Value {
    let mut object = Map::new();
    for name in headers.keys() {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        object.insert(name.to_string(), Value::String(redaction::header(&values.join(", "))));
    }
    Value::Object(object)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    conversation_id: Option<String>,
}

/// `GET /api/wire?conversationId=`
pub(crate) async fn read(
    State(simulator): State<Arc<Simulator>>,
    Query(asked): Query<Asked>,
) -> impl IntoResponse {
    Json(simulator.wire.of(asked.conversation_id.as_deref()))
}
