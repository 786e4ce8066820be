//! The live chats that the demo can hand customers to: each started in its file, and joined with the gateway.

mod contoso;
mod genesys;
mod matrix;
mod salesforce;
mod servicenow;
mod zendesk;

use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::Context as _;
use clap::ValueEnum;
use handover::Config;
use handover::config::{ConnectorSection, CredentialConfig, Reference, UpstreamSection};
use serde_json::Value;

use crate::wiring::Secrets;

/// Whose live chat it is.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Vendor {
    /// Contoso Live Chat
    #[default]
    Contoso,
    /// Zendesk Agent Workspace
    Zendesk,
    /// ServiceNow Agent Chat
    #[value(name = "servicenow")]
    ServiceNow,
    /// Genesys Cloud
    Genesys,
    /// Salesforce Enhanced Chat
    Salesforce,
    /// Matrix, with rooms for agents
    Matrix,
}

impl Vendor {
    /// As its connector is called.
    fn connector(self) -> &'static str {
        match self {
            Self::Contoso => "contoso",
            Self::Zendesk => "zendesk",
            Self::ServiceNow => "servicenow",
            Self::Genesys => "genesys",
            Self::Salesforce => "salesforce",
            Self::Matrix => "matrix",
        }
    }

    /// What the live agent's page is, for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::Contoso => "the Contoso live chat",
            Self::Zendesk => "Zendesk, simulated",
            Self::ServiceNow => "ServiceNow Agent Chat, simulated",
            Self::Genesys => "Genesys Cloud, simulated",
            Self::Salesforce => "Salesforce Enhanced Chat, simulated",
            Self::Matrix => "a Matrix homeserver, simulated",
        }
    }

    /// Starts the live chat, and has the gateway hand customers to it. It runs until `stopped` resolves.
    ///
    /// # Errors
    /// The address cannot be had, or a secret cannot be kept.
    pub async fn start(
        self,
        config: &mut Config,
        secrets: &Secrets,
        addr: SocketAddr,
        stopped: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<LiveChat> {
        config.routing.default = self.connector().to_owned();
        let section = config.connectors.entry(self.connector().to_owned()).or_default();
        let seat = Seat { addr, secrets, section };
        let started = match self {
            Self::Contoso => contoso::start(seat, stopped).await,
            Self::Zendesk => zendesk::start(seat, stopped).await,
            Self::ServiceNow => servicenow::start(seat, stopped).await,
            Self::Genesys => genesys::start(seat, stopped).await,
            Self::Salesforce => salesforce::start(seat, stopped).await,
            Self::Matrix => matrix::start(seat, stopped).await,
        };
        started.context(self.about())
    }
}

/// Where a live chat listens, and what the gateway's operator writes of its connector.
struct Seat<'a> {
    addr: SocketAddr,
    secrets: &'a Secrets,
    section: &'a mut ConnectorSection,
}

impl Seat<'_> {
    /// A new secret for what the gateway's operator writes as this credential; what it is.
    fn credential(
        &mut self,
        name: &str,
        kind: impl FnOnce(Reference) -> CredentialConfig,
    ) -> anyhow::Result<String> {
        let (secret, reference) = self.secrets.make(name)?;
        self.section.credentials.insert(name.to_owned(), kind(reference));
        Ok(secret)
    }

    /// The same for one that is a key and no more.
    fn key(&mut self, name: &str) -> anyhow::Result<String> {
        self.credential(name, |value| CredentialConfig::Key { value, previous: None })
    }

    /// Where the gateway reaches the live chat's API.
    fn api(&mut self, url: &str) -> anyhow::Result<()> {
        self.section.upstreams.insert("api".to_owned(), UpstreamSection::new(url.parse()?));
        Ok(())
    }

    fn setting(&mut self, name: &str, value: impl Into<Value>) {
        self.section.settings.insert(name.to_owned(), value.into());
    }
}

type Ended = Pin<Box<dyn Future<Output = anyhow::Result<()>>>>;

/// A live chat that runs, and does not know the gateway yet.
pub struct LiveChat {
    url: String,
    meet: Box<dyn FnOnce(SocketAddr) -> anyhow::Result<Ended>>,
}

impl LiveChat {
    /// `meet` tells it where the gateway is; what it returns resolves when the live chat has stopped.
    fn new<F>(url: String, meet: impl FnOnce(SocketAddr) -> anyhow::Result<F> + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + 'static,
    {
        Self { url, meet: Box::new(|gateway| Ok(Box::pin(meet(gateway)?))) }
    }

    /// Tells it where the gateway is.
    ///
    /// # Errors
    /// It does not call such an address.
    pub fn meet(self, gateway: SocketAddr) -> anyhow::Result<Met> {
        Ok(Met { ended: (self.meet)(gateway)?, url: self.url })
    }
}

/// A live chat that knows the gateway.
pub struct Met {
    /// The live agent's page.
    pub url: String,
    /// Resolves when it has stopped.
    pub ended: Ended,
}
