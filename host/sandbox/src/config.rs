//! What the operator grants: folders, connectors, upstreams, limits.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use handover_credentials::Credential;
use serde_json::{Map, Value};
use url::Url;

use crate::description::CredentialKind;
pub use crate::egress::{HostPattern, NoPattern};
use crate::files::Files;
use crate::provenance::Provenance;

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
    /// Who has the customer's files; nobody where it is none.
    pub files: Option<Arc<dyn Files>>,
    /// Whose components may load.
    pub provenance: Provenance,
    /// How often the folder is looked at where no event says so: for network disks.
    pub poll: Duration,
}

/// What one connector is granted.
#[derive(Debug, Clone, Default)]
pub struct ConnectorConfig {
    /// The component that speaks for it, by the name of its file without the ending; none is the one of the connector's
    /// own name. So several connectors, e.g. one for each brand, can share a component.
    pub component: Option<String>,
    /// Where its upstreams lead, by the names of its descriptor.
    pub upstreams: BTreeMap<String, UpstreamConfig>,
    /// Its credentials, by the names of its descriptor.
    pub credentials: BTreeMap<String, GrantedCredential>,
    /// Its settings.
    pub settings: Map<String, Value>,
    /// What it may use.
    pub limits: Limits,
}

/// Whether a connector's calls have an instance each. What a component keeps in its memory against the contract
/// outlives a call only where they have not; see [`pool`](crate::pool).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instances {
    /// They have, unless making one is measured to be dear when the component is loaded.
    #[default]
    Measured,
    /// They have, whatever it costs.
    Fresh,
    /// They have not.
    Reused,
}

/// A credential that a connector may use and never sees.
#[derive(Debug, Clone)]
pub struct GrantedCredential {
    /// What the operator configured it as; see [`CredentialKind::of`].
    pub kind: CredentialKind,
    /// The credential itself, with the tokens that were got for it.
    pub credential: Arc<Credential>,
}

/// Where one upstream leads.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// The base address; a path is kept.
    pub base_url: Url,
    /// The name may lead to private, loopback and link-local addresses, never to a cloud's metadata service. An address
    /// or `localhost` spelled out in `base_url` needs no such leave.
    pub allow_private: bool,
    /// The base address may be plain `http` although it is not in the operator's own network.
    pub allow_plain: bool,
    /// The methods it may be asked with.
    pub methods: Vec<Method>,
    /// Hosts that the vendor may hand out at run time; scheme, port and path stay those of `base_url`.
    pub further_hosts: Vec<FurtherHosts>,
    /// The credential that goes along with each request, by its name. None is the one that the descriptor names; an
    /// empty name is none at all.
    pub credential: Option<String>,
}

impl UpstreamConfig {
    /// All that is usual: every method, no further host, public addresses only, encrypted, and the credential that the
    /// descriptor names.
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            allow_private: false,
            allow_plain: false,
            methods: Method::ALL.to_vec(),
            further_hosts: Vec::new(),
            credential: None,
        }
    }
}

/// Hosts besides that of the base address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherHosts {
    /// Which.
    pub pattern: HostPattern,
    /// The upstream's credential goes there too. Whoever can put up a host below the pattern then gets it.
    pub with_credential: bool,
}

/// A method that an upstream can be asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// All there are.
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As it is written in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not one of [`Method::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no method: GET, HEAD, POST, PUT, PATCH or DELETE")]
pub struct NoMethod(String);

impl FromStr for Method {
    type Err = NoMethod;

    fn from_str(text: &str) -> Result<Self, NoMethod> {
        let found = Self::ALL.into_iter().find(|method| method.as_str() == text);
        found.ok_or_else(|| NoMethod(text.chars().filter(|c| !c.is_control()).take(20).collect()))
    }
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
    /// What all calls of the host's imports within one call may cost together: 1 for each and for each KiB handed over,
    /// 10 for a request or for checking a signature, 100 for a signature.
    pub host_calls: u32,
    /// Events that one callback or one start may bring.
    pub events: usize,
    /// How long compiling may take when a file is dropped in; a component with an interpreter takes long.
    pub compile: Duration,
    /// Whether its instances are used again.
    pub instances: Instances,
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
            host_calls: 20_000,
            events: 1_000,
            compile: Duration::from_secs(300),
            instances: Instances::Measured,
        }
    }
}
