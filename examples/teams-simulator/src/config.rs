//! What a simulator is started with, and the switches that may be thrown while it runs.
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::authority::{Flaw, Secret, Tokens};

/// What a simulator is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one. The customer's side asks nobody who they are, so loopback unless you
    /// know better.
    pub addr: SocketAddr,
    /// The gateway's messaging endpoint.
    pub skill_url: String,
    /// The gateway's Microsoft app id, as the agent solution names it.
    pub skill_app_id: String,
    /// The agent's Microsoft app id: `28:<id>` is the bot's account in Teams.
    pub agent_app_id: String,
    /// The agent's name.
    pub agent_name: String,
    /// The live-chat system's name in what the agent says.
    pub live_chat_name: String,
    /// The agent's id in its runtime, part of every `serviceUrl`.
    pub bot_id: String,
    /// The tenant all customers belong to, and the skill and the agent are registered in.
    pub tenant_id: String,
    /// The skill's client secret; one is made at random where there is none.
    pub skill_secret: Option<Secret>,
    /// The agent's client secret; one is made at random where there is none.
    pub agent_secret: Option<Secret>,
    /// Who issues Bot Service's own tokens. The real name, because whoever checks them knows it by heart; the keys are
    /// this simulator's.
    pub bot_service_issuer: String,
    /// Let in only who brings the right token: at the bot's runtime the skill, for the agent; at the Bot Connector the
    /// agent itself. Who brings none, or a wrong one, is answered 401.
    pub checks_tokens: bool,
    /// How long an action may take to come back before the agent gives it up.
    pub action_timeout: Duration,
    /// Where the switches stand at the start.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 5002)),
            skill_url: "http://127.0.0.1:5001/api/messages".into(),
            skill_app_id: "5c1e0f7a-0000-4000-8000-000000005001".into(),
            agent_app_id: "a6e27b10-0000-4000-8000-000000005002".into(),
            agent_name: "Contoso Agent".into(),
            live_chat_name: "Contoso Live Chat".into(),
            bot_id: "b0700000-0000-4000-8000-000000005002".into(),
            tenant_id: "7e4a4700-0000-4000-8000-000000005002".into(),
            skill_secret: None,
            agent_secret: None,
            bot_service_issuer: "https://api.botframework.com".into(),
            checks_tokens: false,
            action_timeout: Duration::from_secs(30),
            switches: Switches::default(),
        }
    }
}

/// What the simulator does differently when asked to; read and thrown at `/api/switches` too.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Switches {
    /// Repeat an activity, with the same id, for about ten seconds while the skill cannot be reached or answers 502,
    /// 503 or 504. Copilot Studio does not; without it a gateway restarted in the middle of a chat costs a message.
    pub retry_skill: bool,
    /// Send the skill an `endOfConversation` for its open action before the goodbye's `endConversation`, as hosts built
    /// on the protocol's SDKs do. Whether Copilot Studio does is not documented.
    pub cancel_before_end: bool,
    /// Give activities an `id`. Copilot Studio has been seen to leave it out.
    pub activity_ids: bool,
    /// Answer 429 where the skill sends more to one conversation than Teams allows.
    pub enforce_teams_limits: bool,
    /// Hand the problem and the transcript to `startConversation`, as a topic made for Handover's manifest does. The
    /// sample's topic hands over nothing.
    pub start_inputs: bool,
    /// How the agent signs in when it calls its skill. With `v1` the token endpoint issues tokens of version 1.0 for the
    /// apps too.
    pub tokens: Tokens,
    /// What is wrong with the agent's tokens.
    pub token_flaw: Flaw,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            retry_skill: true,
            cancel_before_end: false,
            activity_ids: true,
            enforce_teams_limits: false,
            start_inputs: false,
            tokens: Tokens::None,
            token_flaw: Flaw::None,
        }
    }
}
