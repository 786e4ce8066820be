//! From what the component has sent in the kit's play to what a scenario says of it: the kit's own values become
//! placeholders, and what is different each time is left out.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::vendor::Asked;

/// What a call carried: placeholder and value.
pub(super) type Carried = Vec<(&'static str, String)>;

/// Values that mean something only where they stand alone.
const ALONE: [&str; 2] = ["channel", "customer.locale"];

/// How much of a request is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Much {
    /// Words of the connector's own, too.
    Words,
    /// What the call carries only: the rest depends on how it ends, or what is told.
    Carried,
    /// The same, and what is true or false tells whether somebody types.
    Typing,
}

/// A request as a scenario tells it: request line, JSON, form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) upstream: String,
    pub(super) request: String,
    pub(super) json: Option<Value>,
    pub(super) form: Option<Map<String, Value>>,
}

impl Line {
    pub(super) fn of(asked: &Asked, carried: &Carried, much: Much) -> Self {
        let path = asked.path.split('?').next().unwrap_or_default();
        let segments = path.split('/').map(|segment| {
            let segment = percent_decode_str(segment).decode_utf8_lossy();
            match placed(&segment, carried) {
                Some(told) => told,
                None if is_passing(&segment) => "{any}".to_owned(),
                None => segment.into_owned(),
            }
        });
        let request = format!("{} {}", asked.method, segments.collect::<Vec<_>>().join("/"));
        let is_form = asked.header("content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
        let (mut json, mut form) = (None, None);
        if is_form {
            let fields = url::form_urlencoded::parse(&asked.body).into_owned();
            let told =
                fields.filter_map(|(name, value)| Some((name, leaf(&Value::String(value), carried, much)?)));
            form = Some(told.collect::<Map<_, _>>()).filter(|fields| !fields.is_empty());
        } else if let Ok(body) = serde_json::from_slice::<Value>(&asked.body) {
            json = leaf(&body, carried, much);
        }
        Self { upstream: asked.upstream.clone(), request, json, form }
    }

    /// Whether it carries an id of the gateway's, by which a vendor can tell a repeat.
    pub(super) fn has_id(&self) -> bool {
        let all = format!("{} {:?} {:?}", self.request, self.json, self.form);
        ["{session.id}", "{message.id}"].iter().any(|id| all.contains(id))
    }
}

fn leaf(value: &Value, carried: &Carried, much: Much) -> Option<Value> {
    match value {
        Value::String(text) => match placed(text, carried) {
            Some(told) => Some(Value::String(told)),
            None if text.is_empty() || is_passing(text) || much != Much::Words => None,
            None => Some(value.clone()),
        },
        Value::Bool(_) if much == Much::Typing => Some(Value::String("{typing}".to_owned())),
        Value::Bool(_) if much == Much::Words => Some(value.clone()),
        Value::Number(number) if much == Much::Words && number.as_u64().is_some_and(|n| n < 100_000) => {
            Some(value.clone())
        }
        Value::Array(items) => {
            // All of them or none: lists are compared item by item.
            let told: Option<Vec<Value>> =
                items.iter().map(|item| leaf(item, carried, Much::Carried)).collect();
            told.filter(|told| !told.is_empty()).map(Value::Array)
        }
        Value::Object(members) => {
            let told =
                members.iter().filter_map(|(name, one)| Some((name.clone(), leaf(one, carried, much)?)));
            let told: Map<String, Value> = told.collect();
            (!told.is_empty()).then_some(Value::Object(told))
        }
        Value::Bool(_) | Value::Number(_) | Value::Null => None,
    }
}

/// The text with placeholders, where it has what the call carries.
fn placed(text: &str, carried: &Carried) -> Option<String> {
    let mut told = text.to_owned();
    let mut any = false;
    for (name, value) in carried.iter().filter(|(_, value)| !value.is_empty()) {
        let is_there = if ALONE.contains(name) { told == *value } else { told.contains(value.as_str()) };
        if is_there {
            told = told.replace(value.as_str(), &format!("{{{name}}}"));
            any = true;
        }
    }
    any.then_some(told)
}

/// Whether it is another one each time.
fn is_passing(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || Uuid::try_parse(text).is_ok()
}
