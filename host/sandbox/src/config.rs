//! What the operator grants: folders, connectors, upstreams, limits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

/// How the sandbox is set up.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The drop-in folder.
    pub folder: PathBuf,
    /// A private folder for compiled code and for the last good build of each connector.
    pub cache: PathBuf,
    /// What each connector is granted, by name; a name that is not here is granted nothing.
    pub connectors: BTreeMap<String, ConnectorConfig>,
    /// The public address of the callback mounts, e.g. `https://handover.example/api/callbacks`.
    pub callback_base: String,
    /// How often the folder is looked at where no event says so: for network disks.
    pub poll: Duration,
}

/// What one connector is granted.
#[derive(Debug, Clone, Default)]
pub struct ConnectorConfig {
    /// Where its upstreams lead, by the names of its descriptor.
    pub upstreams: BTreeMap<String, UpstreamConfig>,
    /// Its settings.
    pub settings: Map<String, Value>,
    /// What it may use.
    pub limits: Limits,
}

/// Where one upstream leads.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// The base address; a path is kept.
    pub base_url: Url,
    /// The name may lead to private, loopback and link-local addresses. An address or `localhost` spelled out in
    /// `base_url` needs no such leave.
    pub allow_private: bool,
}

/// What one connector may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a start, send, end or signal may take.
    pub call: Duration,
    /// How long reading a callback may take.
    pub map: Duration,
    /// All memory and tables of one instance together, in bytes; at most 64 MiB.
    pub memory: usize,
    /// A request to an upstream, in bytes.
    pub request: usize,
    /// A response of an upstream, in bytes.
    pub response: usize,
    /// What a call hands back, in bytes: state, events, an answer.
    pub result: usize,
    /// Requests to upstreams within one call.
    pub requests: u32,
    /// Calls at the same time that talk to the vendor, and as many that read callbacks.
    pub concurrency: usize,
    /// Lines to the log within one call.
    pub log_lines: u32,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            call: Duration::from_secs(10),
            map: Duration::from_secs(2),
            memory: 64 * MIB,
            request: 4 * MIB,
            response: 4 * MIB,
            result: MIB,
            requests: 16,
            concurrency: 64,
            log_lines: 64,
        }
    }
}
