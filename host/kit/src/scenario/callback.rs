//! A request that the vendor makes, and what it must come to.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A callback.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Callback {
    pub(crate) name: String,
    #[serde(default = "post")]
    pub(crate) method: String,
    /// Below the connector's mount; empty is the mount itself.
    #[serde(default)]
    pub(crate) path: String,
    /// Without the question mark.
    #[serde(default)]
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body: one of these, or none.
    pub(crate) json: Option<Value>,
    pub(crate) form: Option<BTreeMap<String, String>>,
    pub(crate) body: Option<String>,
    /// What it must come to: one of these.
    pub(crate) events: Option<Vec<Map<String, Value>>>,
    /// Our own message comes back: nothing of it may reach the customer.
    #[serde(default)]
    pub(crate) echo: bool,
    /// It is not what this vendor sends.
    #[serde(default)]
    pub(crate) malformed: bool,
    /// It may be the vendor's, but this version cannot read it.
    #[serde(default)]
    pub(crate) unmapped: bool,
    /// The vendor has signed it: `headers` hold the signature, `[credentials]` the key it was made with.
    #[serde(default)]
    pub(crate) signed_by_vendor: bool,
    /// When it was received, RFC 3339; for what the vendor has signed.
    pub(crate) at: Option<String>,
    /// What the vendor wants to hear.
    pub(crate) answer: Option<AnswerWanted>,
}

/// What the vendor wants to hear.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerWanted {
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) json: Option<Value>,
    pub(crate) body: Option<String>,
}

/// What a callback must come to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    Events(&'a [Map<String, Value>]),
    Echo,
    Malformed,
    Unmapped,
}

/// The body of a callback, in the way that its texts can be replaced.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Json(Value),
    Form(BTreeMap<String, String>),
    Raw(Vec<u8>),
}

fn post() -> String {
    "POST".to_owned()
}

impl Callback {
    pub(crate) fn wanted(&self) -> Wanted<'_> {
        match &self.events {
            _ if self.echo => Wanted::Echo,
            _ if self.malformed => Wanted::Malformed,
            _ if self.unmapped => Wanted::Unmapped,
            Some(events) => Wanted::Events(events),
            None => Wanted::Events(&[]),
        }
    }

    pub(crate) fn content(&self) -> Body {
        match (&self.json, &self.form, &self.body) {
            (Some(json), _, _) => Body::Json(json.clone()),
            (None, Some(form), _) => Body::Form(form.clone()),
            (None, None, body) => Body::Raw(body.clone().unwrap_or_default().into_bytes()),
        }
    }
}

impl Body {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(json) => json.to_string().into_bytes(),
            Self::Form(form) => {
                let field = |(name, value): (&String, &String)| {
                    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                    format!("{}={}", encode(name), encode(value))
                };
                form.iter().map(field).collect::<Vec<_>>().join("&").into_bytes()
            }
            Self::Raw(bytes) => bytes.clone(),
        }
    }

    pub(crate) fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Json(_) => Some("application/json"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Raw(_) => None,
        }
    }

    /// The same with another text wherever this one stands alone; none where it stands nowhere.
    pub(crate) fn with_text(&self, old: &str, new: &str) -> Option<Self> {
        let mut made = self.clone();
        let replaced = match &mut made {
            Self::Json(json) => replace(json, old, new),
            Self::Form(form) => {
                let places = form.values_mut().filter(|value| *value == old);
                places.map(|value| new.clone_into(value)).count() > 0
            }
            Self::Raw(_) => false,
        };
        replaced.then_some(made)
    }
}

fn replace(value: &mut Value, old: &str, new: &str) -> bool {
    match value {
        Value::String(text) if text == old => {
            new.clone_into(text);
            true
        }
        // All of them, not only the first.
        Value::Array(items) => {
            items.iter_mut().filter_map(|item| replace(item, old, new).then_some(())).count() > 0
        }
        Value::Object(members) => {
            members.values_mut().filter_map(|member| replace(member, old, new).then_some(())).count() > 0
        }
        _ => false,
    }
}
