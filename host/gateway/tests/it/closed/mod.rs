//! Both edges closed, as in production: tokens in and out, signed webhooks, a key for the vendor, everything at rest
//! encrypted. The simulator is Entra, Teams and Copilot Studio.

mod bot_edge;
mod planted;
mod vendor_edge;

use std::fs;
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::{Value, json};
use teams_simulator::{Running, Switches, Tokens};

use crate::bot::Bot;
use crate::component::contoso;
use crate::desk::Desk;
use crate::gateway::Gateway;
use crate::house::{House, client};
use crate::page::Page;

/// Everything, but for the compiler of components, which has gigabytes to say and hears no secret.
const TALKATIVE: &str = "trace,cranelift=warn,regalloc2=warn,wasmtime=warn,wasmparser=warn";

/// Secrets that must turn up nowhere.
pub const WEBHOOK: &str = "planted-webhook-secret-6d1f";
pub const VENDOR_KEY: &str = "planted-vendor-key-81c2";
pub const SKILL: &str = "planted-skill-secret-44ab";
pub const AGENT: &str = "planted-agent-secret-97ee";
pub const STORE: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A gateway that asks everybody who they are.
pub struct Guarded {
    pub house: House,
    pub simulator: Running,
}

impl Guarded {
    pub async fn open(tokens: Tokens) -> Self {
        Self::with(tokens, None).await
    }

    /// Only this agent may call, where one is given.
    pub async fn with(tokens: Tokens, agent: Option<&str>) -> Self {
        let http = client();
        let config = teams_simulator::Config {
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            switches: Switches { tokens, ..Switches::default() },
            checks_tokens: true,
            skill_secret: Some(SKILL.to_owned().into()),
            agent_secret: Some(AGENT.to_owned().into()),
            ..Default::default()
        };
        let simulator = teams_simulator::serve(config, std::future::pending()).await.expect("a simulator");
        let desk = Arc::new(Desk::guarded(http.clone(), WEBHOOK, VENDOR_KEY).await);
        let folder = tempfile::tempdir().expect("a folder");
        let agent = agent.unwrap_or(simulator.agent_app_id());
        fs::write(folder.path().join("handover.toml"), configuration(&simulator, agent, &desk))
            .expect("a configuration");
        let environment = [
            ("SKILL_SECRET", SKILL.to_owned()),
            ("AGENT_SECRET", AGENT.to_owned()),
            ("WEBHOOK_KEY", WEBHOOK.to_owned()),
            ("VENDOR_KEY", VENDOR_KEY.to_owned()),
            ("STORE_KEY", STORE.to_owned()),
            ("RUST_LOG", TALKATIVE.to_owned()),
        ];
        let gateway = Gateway::new(folder.path(), &environment).closed();
        desk.calls(&gateway.url("/api/livechat/messages"));
        simulator.set_skill_url(gateway.url("/api/messages"));
        let bot = Bot::open().await;
        let mut house = House { gateway, desk, bot, http, folder };
        house.install("contoso.wasm", &contoso());
        house.gateway.start().await;
        Self { house, simulator }
    }

    pub async fn page(&self) -> Page {
        Page::open(&self.house.http, self.simulator.addr()).await
    }

    /// A token that the agent gets for this audience.
    pub async fn token(&self, client: &str, secret: &str, scope: &str) -> String {
        let url =
            format!("{}/{}/oauth2/v2.0/token", self.simulator.authority_url(), self.simulator.tenant_id());
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", scope),
        ];
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self.house.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer: Value =
            request.body(body.join("&")).send().await.expect("an answer").json().await.expect("JSON");
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The agent's token for the skill.
    pub async fn agent_token(&self) -> String {
        let scope = format!("{}/.default", self.simulator.skill_app_id());
        self.token(self.simulator.agent_app_id(), AGENT, &scope).await
    }

    /// Posts an activity with this `Authorization`; the status.
    pub async fn posts(&self, authorization: Option<&str>, activity: &Value) -> u16 {
        let mut request = self.house.http.post(self.house.gateway.url("/api/messages")).json(activity);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        request.send().await.expect("an answer").status().as_u16()
    }

    /// An activity that begins a handover, with replies to go here.
    pub fn start(&self, service_url: &str) -> Value {
        json!({
            "type": "event", "name": "startConversation", "id": "forged", "channelId": "msteams",
            "serviceUrl": service_url, "from": { "id": "29:eve" }, "conversation": { "id": "a:1eve" },
            "recipient": { "id": "28:agent", "role": "skill" }, "value": {}
        })
    }

    /// How often the gateway has refused by this rule.
    pub async fn refused(&self, rule: &str) -> u64 {
        let url = format!("http://{}/admin/api/connectors", self.house.gateway.admin_addr());
        let body: Value =
            self.house.http.get(url).send().await.expect("an answer").json().await.expect("JSON");
        let refused = body["refused"].as_array().expect("a list");
        refused.iter().filter(|one| one["rule"] == rule).filter_map(|one| one["times"].as_u64()).sum()
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}

fn configuration(simulator: &Running, agent: &str, desk: &Desk) -> String {
    let issuers: String = simulator
        .issuers()
        .iter()
        .zip(simulator.metadata_urls())
        .map(|(issuer, metadata)| {
            format!("[[bot.issuers]]\nissuer = \"{issuer}\"\nmetadata = \"{metadata}\"\n\n")
        })
        .collect();
    let bot_service = format!(
        "[[bot.issuers]]\nissuer = \"https://api.botframework.com\"\nmetadata = \"{}\"\nbot_service = true\n\n",
        simulator.metadata_urls()[2]
    );
    let connection = |name: &str, client: &str| {
        format!(
            "[connections.{name}]\ntenant = \"{}\"\nclient_id = \"{client}\"\nauthority = \"{}\"\n\
             proof = {{ kind = \"client-secret\", secret = \"env:{}_SECRET\" }}\n\n",
            simulator.tenant_id(),
            simulator.authority_url(),
            name.to_uppercase()
        )
    };
    format!(
        "[bot]\napp_id = \"{}\"\ntenant_id = \"{}\"\nconnection = \"skill\"\nruntime_hosts = [\"{}\"]\n\
         teams_connector_url = \"{}\"\n\n[[bot.agents]]\napp_id = \"{agent}\"\nconnection = \"agent\"\n\n\
         {issuers}{bot_service}{}{}\
         [connectors.contoso.upstreams.api]\nbase_url = \"{}\"\n\n\
         [connectors.contoso.credentials]\nwebhook = {{ kind = \"key\", value = \"env:WEBHOOK_KEY\" }}\n\
         api = {{ kind = \"bearer\", token = \"env:VENDOR_KEY\" }}\n\n\
         [[store.keys]]\nid = \"one\"\nkey = \"env:STORE_KEY\"\n",
        simulator.skill_app_id(),
        simulator.tenant_id(),
        simulator.addr(),
        simulator.connector_url(),
        connection("skill", simulator.skill_app_id()),
        connection("agent", simulator.agent_app_id()),
        desk.url(""),
    )
}
