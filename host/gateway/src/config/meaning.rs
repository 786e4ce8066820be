//! What the sections mean to the rooms that they are for.

use std::collections::BTreeMap;
use std::time::Duration;

use handover_channel::{BotSide, HostPattern, Wording};
use handover_handoff::policy::Policy;
use handover_relay::Policies;
use handover_sandbox::config::{FurtherHosts, GrantedCredential, Method};
use handover_sandbox::{ConnectorConfig, Instances, Limits, Provenance, SandboxConfig, UpstreamConfig};
use handover_store::Retention;
use url::Url;

use super::connector::{ConnectorSection, InstancesSection, UpstreamSection};
use super::sections::{Config, TimingSection};
use super::{ConfigError, with_slash};

impl Config {
    /// How long things may take, by connector.
    pub(crate) fn policies(&self) -> Policies {
        let default = self.timing.over(Policy::default());
        let connectors = self.connectors.iter();
        let connectors =
            connectors.map(|(name, section)| (name.clone(), section.timing.over(default.clone())));
        Policies { connectors: connectors.collect(), default }
    }

    /// How long what is over is kept.
    pub(crate) fn retention(&self) -> Retention {
        const DAY: u64 = 24 * 60 * 60_000;
        let default = Retention::default();
        let policies = self.policies();
        let longest =
            policies.connectors.values().chain([&policies.default]).map(|policy| policy.hard_limit).max();
        Retention {
            sessions: self.store.keep_days.map_or(default.sessions, |days| days * DAY),
            // A name must outlive its session.
            names: default.names.max(longest.unwrap_or_default() + DAY),
            callbacks: self.store.keep_days.map_or(default.callbacks, |days| days.max(1) * DAY),
        }
    }

    /// The words for everything.
    pub(crate) fn words(&self) -> Result<Wording, ConfigError> {
        let (mut wording, mut wrong) = (Wording::default(), Vec::new());
        for (language, phrases) in &self.wording {
            for (phrase, text) in phrases {
                if let Err(e) = wording.replace(language, phrase, text) {
                    wrong.push(format!("`wording.{language}`: {e}"));
                }
            }
        }
        if wrong.is_empty() { Ok(wording) } else { Err(ConfigError(wrong)) }
    }

    /// The address of the store where it is not a file of our own.
    pub(crate) fn store_url(&self) -> Result<Option<String>, ConfigError> {
        let wrong = |what: String| ConfigError(vec![format!("`store.url`: {what}")]);
        let Some(url) = &self.store.url else { return Ok(None) };
        let url = match url.strip_prefix("env:") {
            Some(name) => {
                std::env::var(name).map_err(|_| wrong(format!("there is no environment variable {name}")))?
            }
            None => url.clone(),
        };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Some(url));
        }
        Err(wrong(
            "this is no address of a store: `postgres://user@host/database` is wanted, or nothing".to_owned(),
        ))
    }

    pub(crate) fn bot_side(&self) -> BotSide {
        let mut side = BotSide::new(&self.bot.tenant);
        side.local = self.bot.local;
        let patterns =
            |hosts: &[String]| -> Vec<HostPattern> { hosts.iter().filter_map(|h| h.parse().ok()).collect() };
        side.runtime_hosts.extend(patterns(&self.bot.runtime_hosts));
        side.service_hosts.extend(patterns(&self.bot.service_hosts));
        if let Some(url) = &self.bot.teams_connector_url {
            side.teams_connector_url = url.clone();
        }
        side
    }

    pub(crate) fn sandbox(
        &self,
        public_url: &Url,
        mut credentials: BTreeMap<String, BTreeMap<String, GrantedCredential>>,
    ) -> SandboxConfig {
        let granted = |(name, section): (&String, &ConnectorSection)| {
            let config = ConnectorConfig {
                credentials: credentials.remove(name).unwrap_or_default(),
                ..section.granted()
            };
            (name.clone(), config)
        };
        let mut connectors: BTreeMap<String, ConnectorConfig> = self.connectors.iter().map(granted).collect();
        // The demo's live chat needs no configuration.
        connectors.entry("contoso".to_owned()).or_default().upstreams.entry("api".to_owned()).or_insert_with(
            || UpstreamConfig::new(Url::parse("http://127.0.0.1:5000").expect("a constant address")),
        );
        SandboxConfig {
            folder: self.gateway.connectors.clone(),
            cache: self.gateway.data.join("compiled"),
            connectors,
            callback_base: format!("{}api/callbacks", with_slash(public_url)),
            files: None,
            // What is wrong with it was told when the configuration was checked. Should a key's file be gone since,
            // nothing loads: the demand stands.
            provenance: self
                .provenance()
                .unwrap_or_else(|_| Provenance { required: true, ..Provenance::default() }),
            poll: Duration::from_millis(self.gateway.poll_ms.max(50)),
        }
    }
}

impl TimingSection {
    /// These figures where they are given, else those.
    fn over(&self, base: Policy) -> Policy {
        let timeout = |seconds: Option<u64>, base: Option<u64>| match seconds {
            None => base,
            Some(0) => None,
            Some(seconds) => Some(seconds * 1000),
        };
        let span = |seconds: Option<u64>, base: u64| seconds.map_or(base, |seconds| seconds * 1000);
        Policy {
            start_budget: self.start_budget_ms.unwrap_or(base.start_budget),
            fresh_to_vendor: span(self.fresh_to_vendor_seconds.or(self.fresh_seconds), base.fresh_to_vendor),
            fresh_to_customer: span(
                self.fresh_to_customer_seconds.or(self.fresh_seconds),
                base.fresh_to_customer,
            ),
            persistence: span(self.persistence_seconds, base.persistence),
            queue_timeout: timeout(self.queue_timeout_seconds, base.queue_timeout),
            customer_inactivity: timeout(self.customer_inactivity_seconds, base.customer_inactivity),
            agent_inactivity: timeout(self.agent_inactivity_seconds, base.agent_inactivity),
            hard_limit: span(self.hard_limit_seconds.filter(|s| *s > 0), base.hard_limit),
            ..base
        }
    }
}

impl UpstreamSection {
    /// What is no pattern or method has been told when the configuration was checked.
    fn granted(&self) -> UpstreamConfig {
        let methods = self.methods.as_ref().map(|methods| methods.iter().filter_map(|m| method(m)).collect());
        let further = self.further_hosts.iter().filter_map(|host| host.parse().ok());
        UpstreamConfig {
            allow_private: self.allow_private,
            allow_plain: self.allow_plain,
            methods: methods.unwrap_or_else(|| Method::ALL.to_vec()),
            further_hosts: further
                .map(|pattern| FurtherHosts { pattern, with_credential: self.credential_to_further_hosts })
                .collect(),
            credential: self.credential.clone(),
            ..UpstreamConfig::new(self.base_url.clone())
        }
    }

    /// What cannot be granted as it is written.
    pub(super) fn mistakes(&self, key: &str) -> Vec<String> {
        let hosts = self.further_hosts.iter().filter_map(|host| {
            let error = host.parse::<handover_sandbox::config::HostPattern>().err()?;
            Some(format!("`{key}.further_hosts`: {error}"))
        });
        let methods = self.methods.iter().flatten().filter(|name| method(name).is_none());
        let methods = methods
            .map(|name| format!("`{key}.methods`: {name} is none of GET, HEAD, POST, PUT, PATCH, DELETE"));
        let probe = self.probe.iter().filter(|path| !path.starts_with('/'));
        let probe = probe.map(|_| format!("`{key}.probe`: a path is wanted that begins with `/`"));
        hosts.chain(methods).chain(probe).collect()
    }
}

fn method(name: &str) -> Option<Method> {
    Method::ALL.into_iter().find(|method| method.as_str() == name)
}

impl ConnectorSection {
    fn granted(&self) -> ConnectorConfig {
        let default = Limits::default();
        let limits = &self.limits;
        ConnectorConfig {
            component: self.component.clone(),
            upstreams: self
                .upstreams
                .iter()
                .map(|(name, section)| (name.clone(), section.granted()))
                .collect(),
            credentials: BTreeMap::new(),
            settings: self.settings.clone(),
            limits: Limits {
                call: limits.call_ms.map_or(default.call, Duration::from_millis),
                map: limits.map_ms.map_or(default.map, Duration::from_millis),
                memory: limits.memory_bytes.unwrap_or(default.memory),
                request: limits.request_bytes.unwrap_or(default.request),
                response: limits.response_bytes.unwrap_or(default.response),
                requests: limits.requests.unwrap_or(default.requests),
                concurrency: limits.concurrency.unwrap_or(default.concurrency),
                instances: match limits.instances {
                    None => default.instances,
                    Some(InstancesSection::Fresh) => Instances::Fresh,
                    Some(InstancesSection::Reused) => Instances::Reused,
                },
                compile: limits.compile_ms.map_or(default.compile, Duration::from_millis),
                ..default
            },
        }
    }
}
