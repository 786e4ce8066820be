//! What all parts share: the conversations, the switches and faults, the record of the wire, and the word to stop.
use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use tokio::sync::watch;

use crate::{
    authority::Authority,
    bot,
    config::{Config, Switches},
    conversation::Conversation,
    faults::Faults,
    identity::Identity,
    limits::TeamsLimits,
    locked::Locked,
    refusal::Refusal,
    wire::Wire,
};

pub(crate) struct Simulator {
    pub config: Config,
    pub addr: SocketAddr,
    pub authority: Authority,
    pub faults: Faults,
    pub limits: TeamsLimits,
    pub wire: Wire,
    pub http: reqwest::Client,
    skill_url: Locked<String>,
    switches: Locked<Switches>,
    conversations: Locked<HashMap<String, Arc<Conversation>>>,
    stopping: watch::Receiver<bool>,
}

impl Simulator {
    pub fn new(config: Config, addr: SocketAddr, stopping: watch::Receiver<bool>) -> anyhow::Result<Self> {
        // Whoever embeds the simulator may have installed a provider already; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The skill usually runs on this machine: a proxy configured for the outside world would only be in the way.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(std::time::Duration::from_secs(15))
            .build()
            .context("the HTTP client could not be set up")?;
        Ok(Self {
            addr,
            authority: Authority::new(&config, addr)?,
            faults: Faults::default(),
            limits: TeamsLimits::default(),
            wire: Wire::default(),
            http,
            skill_url: Locked::new(config.skill_url.clone()),
            switches: Locked::new(config.switches),
            conversations: Locked::default(),
            stopping,
            config,
        })
    }

    /// The bot runtime's address, as activities announce it.
    pub fn service_url(&self) -> String {
        format!("http://{}/api/runtime/bots/{}/skillsV2/", self.addr, self.config.bot_id)
    }

    pub fn skill_url(&self) -> String {
        self.skill_url.lock().clone()
    }

    pub fn set_skill_url(&self, url: String) {
        *self.skill_url.lock() = url;
    }

    pub fn switches(&self) -> Switches {
        *self.switches.lock()
    }

    pub fn set_switches(&self, switches: Switches) {
        *self.switches.lock() = switches;
    }

    /// Opens a conversation and gives it a bot of its own, which greets.
    pub fn open(self: &Arc<Self>, identity: Identity) -> Arc<Conversation> {
        let (conversation, inputs) = Conversation::new(identity, &self.config.agent_name);
        let conversation = Arc::new(conversation);
        self.conversations.lock().insert(conversation.identity.id.clone(), conversation.clone());
        bot::greet(self, &conversation);
        tokio::spawn(bot::run(self.clone(), conversation.clone(), inputs));
        conversation
    }

    pub fn conversation(&self, id: &str) -> Result<Arc<Conversation>, Refusal> {
        let found = self.conversations.lock().get(id).cloned();
        found.ok_or(Refusal::ConversationNotFound)
    }

    /// Resolves when the simulator is being stopped.
    pub async fn stopped(&self) {
        // An error means that the other side is gone, which is a stop as well.
        let _ = self.stopping.clone().wait_for(|stopping| *stopping).await;
    }
}
