//! What an operator can write of a connector: `[connectors.<name>]` and what is below it.

use std::collections::BTreeMap;

use handover_credentials::CredentialConfig;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::sections::TimingSection;

/// `[connectors.<name>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectorSection {
    /// The component that speaks for it, by its file's name without `.wasm`, where that is not the connector's own name:
    /// two connectors, e.g. one for each brand, can share one.
    pub component: Option<String>,
    /// Where its upstreams lead.
    pub upstreams: BTreeMap<String, UpstreamSection>,
    /// Its own settings, checked against its schema when it is loaded.
    pub settings: Map<String, Value>,
    /// What it may use.
    pub limits: LimitsSection,
    /// How long things may take in its sessions, where it is not as for all.
    pub timing: TimingSection,
    /// Its secrets, by the names that it asks for them by.
    pub credentials: BTreeMap<String, CredentialConfig>,
    /// The issuers of tokens in callbacks, by the names that it asks for them by.
    pub issuers: BTreeMap<String, CallbackIssuerSection>,
    /// How its callbacks are verified, by route: the name of one of the ways that it declares. `""` is the mount
    /// itself, and stands for routes that are not named. Without it the first way but `none` counts: `none` has to be
    /// said.
    pub callbacks: BTreeMap<String, Way>,
    /// Whose signature its component must bear, by the names of `[[provenance.keys]]`; where it is left out, that of any
    /// of them where `provenance.required` is set, and none otherwise.
    pub signed_by: Option<Vec<String>>,
    /// The topics of Amazon SNS that may call.
    pub sns_topics: Vec<String>,
}

/// What becomes of an instance of the component after its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstancesSection {
    /// It goes: what a component keeps in its memory, against the contract, cannot outlive the call.
    Fresh,
    /// It serves further calls of the same tenant: for components whose instances are dear to make.
    Reused,
}

/// A way to verify callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A keyed hash of the request.
    Hmac,
    /// A secret in a header.
    SharedSecret,
    /// HTTP Basic.
    Basic,
    /// A token of an issuer.
    BearerJwt,
    /// An RSA signature of the body.
    Rsa,
    /// <https://www.standardwebhooks.com>
    StandardWebhooks,
    /// Amazon SNS' signed messages.
    AwsSns,
    /// The fingerprint that a TLS proxy writes into a header.
    ClientCertificate,
    /// Nothing: whoever knows the address can say anything.
    None,
}

impl Way {
    /// As the contract and the configuration spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Hmac => "hmac",
            Way::SharedSecret => "shared-secret",
            Way::Basic => "basic",
            Way::BearerJwt => "bearer-jwt",
            Way::Rsa => "rsa",
            Way::StandardWebhooks => "standard-webhooks",
            Way::AwsSns => "aws-sns",
            Way::ClientCertificate => "client-certificate",
            Way::None => "none",
        }
    }
}

/// `[connectors.<name>.issuers.<credential>]`: who signs the tokens that callbacks carry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackIssuerSection {
    /// As tokens name it.
    pub issuer: String,
    /// Its OpenID metadata document, or
    pub metadata: Option<Url>,
    /// its keys.
    pub jwks: Option<Url>,
    /// Whom its tokens are for.
    pub audience: String,
}

/// `[connectors.<name>.upstreams.<upstream>]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSection {
    /// The base address; a path is kept.
    pub base_url: Url,
    /// The name may lead to private addresses.
    #[serde(default)]
    pub allow_private: bool,
    /// Plain http to an address out there is in order.
    #[serde(default)]
    pub allow_plain: bool,
    /// Hosts that the vendor may hand out at run time: `host` or `*.suffix`, within what the connector declares.
    #[serde(default)]
    pub further_hosts: Vec<String>,
    /// The credential goes to those, too.
    #[serde(default)]
    pub credential_to_further_hosts: bool,
    /// The credential, where it is not the one that the connector names.
    pub credential: Option<String>,
    /// The methods that may be used, e.g. `["GET", "POST"]`; all where it is left out.
    pub methods: Option<Vec<String>>,
    /// A path below the base address that only a good credential can read. `handover check --online` reads it, with
    /// the credential and without; nothing else does.
    pub probe: Option<String>,
}

impl UpstreamSection {
    /// Leads to this address, and is granted what is usual.
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            allow_private: false,
            allow_plain: false,
            further_hosts: Vec::new(),
            credential_to_further_hosts: false,
            credential: None,
            methods: None,
            probe: None,
        }
    }
}

/// `[connectors.<name>.limits]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// How long a start, send, end or signal may take.
    pub call_ms: Option<u64>,
    /// How long reading a callback may take.
    pub map_ms: Option<u64>,
    /// Memory of one call; at most 64 MiB.
    pub memory_bytes: Option<usize>,
    /// A request to an upstream.
    pub request_bytes: Option<usize>,
    /// A response of an upstream.
    pub response_bytes: Option<usize>,
    /// Requests to upstreams within one call.
    pub requests: Option<u32>,
    /// Calls at the same time.
    pub concurrency: Option<usize>,
    /// How long compiling its component may take when that is dropped in.
    pub compile_ms: Option<u64>,
    /// Whether its calls have an instance each; measured where it is left out.
    pub instances: Option<InstancesSection>,
}
