//! A recorded conversation becomes a scenario.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::KitError;

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
#[derive(Debug, Clone, Default)]
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
    /// The kit cannot run.
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

/// Makes a scenario.
///
/// # Errors
/// What it lacks.
pub async fn scenario(
    _component: &[u8],
    _recording: &Recording,
    _setup: &Setup,
) -> Result<Told, RecordError> {
    Err(RecordError::Lacks("not yet".to_owned()))
}
