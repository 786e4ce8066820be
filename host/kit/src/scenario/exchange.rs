//! One request that the vendor takes, and its answer when all is well.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A request and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// Method and path below the upstream's base, e.g. `POST /api/chat/{session.id}`. A query counts where it is told.
    pub(crate) request: String,
    /// The upstream, where there are several that take such a request.
    pub(crate) upstream: Option<String>,
    /// Headers that must be there.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// What the JSON body must have, at least.
    pub(crate) json: Option<Value>,
    /// What the form must have, at least.
    pub(crate) form: Option<BTreeMap<String, String>>,
    /// What the body must be, where it is neither.
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) answer: Answer,
    /// The vendor does it once, however often it is asked with the same content: it takes an idempotency key, or sets
    /// what is set already. `GET` and `HEAD` are so by themselves.
    #[serde(default)]
    pub(crate) repeatable: bool,
    /// It may be left out.
    #[serde(default)]
    pub(crate) optional: bool,
    /// What a status means here, where that is not what it usually means: a failure's reason, or `success`.
    #[serde(default)]
    pub(crate) means: BTreeMap<String, String>,
    /// What it answers once another exchange has been done, by that one's name: a list that has what was made.
    #[serde(default)]
    pub(crate) after: BTreeMap<String, Answer>,
    /// Another one tells that it has been done: it is looked up before it is made again.
    #[serde(skip)]
    pub(crate) is_told: bool,
    /// Its place among all of them, as they are written.
    #[serde(skip)]
    pub(crate) nth: usize,
}

/// What the vendor answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) json: Option<Value>,
    pub(crate) body: Option<String>,
}

impl Default for Answer {
    fn default() -> Self {
        Self { status: ok(), headers: BTreeMap::new(), json: None, body: None }
    }
}

fn ok() -> u16 {
    200
}

impl Exchange {
    /// The method.
    pub(crate) fn method(&self) -> &str {
        self.request.split_once(' ').map_or("", |(method, _)| method)
    }

    /// The path, with its query where it is told.
    pub(crate) fn path(&self) -> &str {
        self.request.split_once(' ').map_or("", |(_, path)| path.trim())
    }

    /// Whether making it twice does no harm.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.repeatable || matches!(self.method(), "GET" | "HEAD")
    }

    /// Whether the call that makes it may be made again.
    pub(crate) fn may_come_again(&self) -> bool {
        self.is_repeatable() || self.is_told
    }
}

impl Answer {
    /// The body's bytes and their type.
    pub(crate) fn bytes(&self) -> (Vec<u8>, Option<&'static str>) {
        match (&self.json, &self.body) {
            (Some(json), _) => (json.to_string().into_bytes(), Some("application/json")),
            (None, Some(body)) => (body.clone().into_bytes(), None),
            (None, None) => (Vec::new(), None),
        }
    }
}
