//! The way out of the sandbox: upstreams, and nothing else.
//!
//! [`route`] joins a path to an upstream's base, [`hosts`] holds a further host against what is granted,
//! [`place`] finds the upstream that an address means, [`addresses`] says where no connection goes, and [`resolver`] sees to it that none does. [`elsewhere`] is the same care
//! for what others than connectors name.

mod addresses;
mod elsewhere;
mod hosts;
mod place;
mod resolver;
mod route;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::tls::Version;
use url::Url;

use crate::config::{ConnectorConfig, FurtherHosts, Method, UpstreamConfig};
use crate::convert::short;
use crate::error::OpenError;
use crate::imports::HEADERS;
use resolver::Guard;
use route::Base;

pub use elsewhere::Elsewhere;
pub use hosts::{HostPattern, NoPattern};
pub(crate) use place::Place;
pub use resolver::{Addresses, Resolver, SystemResolver};

/// One connector's way out: its own connections, its own upstreams.
#[derive(Debug)]
pub(crate) struct Egress {
    /// Those whose base address will not do are here with the reason.
    upstreams: BTreeMap<String, Result<Upstream, String>>,
}

#[derive(Debug)]
struct Upstream {
    base: Base,
    client: reqwest::Client,
    methods: Vec<Method>,
    further: Vec<FurtherHosts>,
    /// For further hosts: what the operator spelled out in the base address is no word about them.
    further_client: reqwest::Client,
}

/// Where a request goes, and with whom.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) url: Url,
    pub(crate) client: reqwest::Client,
    /// Whether the upstream's credential may go along.
    pub(crate) credential: bool,
}

impl Egress {
    pub(crate) fn new(config: &ConnectorConfig, resolver: &Arc<dyn Resolver>) -> Result<Self, OpenError> {
        let mut upstreams = BTreeMap::new();
        for (name, upstream) in &config.upstreams {
            let opened = match Base::new(upstream) {
                Ok(base) => Ok(Upstream::new(base, upstream, resolver)
                    .map_err(|e| OpenError::Client(format!("{name}: {e}")))?),
                Err(why) => Err(why),
            };
            upstreams.insert(name.clone(), opened);
        }
        Ok(Self { upstreams })
    }

    /// What is wrong with the base address of an upstream; none where nothing is, or where it is not granted at all.
    pub(crate) fn fault(&self, upstream: &str) -> Option<&str> {
        self.upstreams.get(upstream)?.as_ref().err().map(String::as_str)
    }

    /// Whether this upstream is granted.
    pub(crate) fn grants(&self, upstream: &str) -> bool {
        self.upstreams.contains_key(upstream)
    }

    /// Whether a pattern that a descriptor declares is within what is granted.
    pub(crate) fn grants_hosts(&self, upstream: &str, pattern: &HostPattern) -> bool {
        self.upstreams
            .get(upstream)
            .and_then(|upstream| upstream.as_ref().ok())
            .is_some_and(|upstream| upstream.further.iter().any(|granted| granted.pattern.covers(pattern)))
    }

    /// Where a path of an upstream is, and who goes there; why not, where it may not be reached.
    pub(crate) fn route(
        &self,
        upstream: &str,
        method: Method,
        host: Option<&str>,
        path: &str,
    ) -> Result<Way, String> {
        let granted = match self.upstreams.get(upstream) {
            Some(Ok(granted)) => granted,
            Some(Err(why)) => return Err(format!("the base address of upstream `{upstream}` {why}")),
            None => return Err(format!("no upstream `{}` is granted", short(upstream))),
        };
        if !granted.methods.contains(&method) {
            return Err(format!("{method} is not granted to upstream `{upstream}`"));
        }
        let Some(host) = host else {
            let url = granted.base.join(None, path)?;
            return Ok(Way { url, client: granted.client.clone(), credential: true });
        };
        let host = route::further(host)?;
        let Some(further) = granted.further.iter().find(|further| further.pattern.matches(&host)) else {
            return Err(format!("the host `{host}` is not granted to upstream `{upstream}`"));
        };
        let url = granted.base.join(Some(&host), path)?;
        Ok(Way { url, client: granted.further_client.clone(), credential: further.with_credential })
    }

    /// Who goes on to where an upstream's answer points; why not, where it may not be reached.
    pub(crate) fn redirect(&self, upstream: &str, url: Url) -> Result<Way, String> {
        let Some(Ok(granted)) = self.upstreams.get(upstream) else {
            return Err(format!("no upstream `{}` is granted", short(upstream)));
        };
        if granted.base.holds(&url) {
            return Ok(Way { url, client: granted.client.clone(), credential: true });
        }
        let host = route::further(url.host_str().unwrap_or_default())?;
        let further = granted.further.iter().find(|further| further.pattern.matches(&host));
        match further.filter(|_| granted.base.is_like(&url)) {
            Some(further) => {
                let credential = further.with_credential;
                Ok(Way { url, client: granted.further_client.clone(), credential })
            }
            None => Err(format!(
                "upstream `{upstream}` redirects to the host `{host}`, which is not granted: see `further_hosts`"
            )),
        }
    }
}

impl Upstream {
    fn new(base: Base, config: &UpstreamConfig, resolver: &Arc<dyn Resolver>) -> reqwest::Result<Self> {
        let client = |inside| client(&base, inside, resolver);
        Ok(Self {
            client: client(config.allow_private || base.spelled_inside())?,
            further_client: client(config.allow_private)?,
            methods: config.methods.clone(),
            further: config.further_hosts.clone(),
            base,
        })
    }
}

fn client(base: &Base, inside: bool, resolver: &Arc<dyn Resolver>) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .https_only(!base.is_plain())
        .tls_version_min(Version::TLS_1_2)
        .http1_max_headers(HEADERS)
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(60))
        .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Guard { resolver: Arc::clone(resolver), inside }))
        .build()
}
