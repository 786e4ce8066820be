//! What a connector says of itself, in the host's words.

use serde::Serialize;

/// Which optional interfaces a component exports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Typing, receipts.
    pub signals: bool,
    /// Open hours, agents online.
    pub availability: bool,
    /// Polling and streams.
    pub feed: bool,
    /// Whether a message was taken.
    pub reconcile: bool,
    /// State of older versions.
    pub migration: bool,
}

/// What a connector is and asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Its own name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The vendor, as people know it.
    pub vendor: String,
    /// The upstreams it names.
    pub upstreams: Vec<String>,
    /// The credentials it names.
    pub credentials: Vec<String>,
    /// Its callback routes.
    pub callbacks: Vec<CallbackRoute>,
    /// The longest text of one message and its unit.
    pub text_limit: Option<(u32, TextUnit)>,
    /// Grows when old state can no longer be read.
    pub state_schema: u32,
    /// The optional interfaces.
    pub capabilities: Capabilities,
}

/// How long a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextUnit {
    /// UTF-8 bytes.
    Bytes,
    /// UTF-16 code units.
    Utf16Units,
    /// Unicode scalar values.
    Characters,
}

/// One route below the connector's callback mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallbackRoute {
    /// Below the mount; a final `*` takes everything below.
    pub path: String,
    /// Upper case.
    pub methods: Vec<String>,
    /// The names of the schemes that would do.
    pub verification: Vec<&'static str>,
}

impl CallbackRoute {
    /// Whether a request's path below the mount belongs to this route.
    pub fn takes(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == self.path,
        }
    }
}
