//! A gateway with a vendor behind it and a bot before it, each on ports of its own.

mod bot;
mod chat;
mod compiled;
mod customer;
mod gateway;
mod ports;

use std::fs;
use std::path::PathBuf;

use agent_desk::{Desk, Fault};
use anyhow::{Context, anyhow, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;
use uuid::Uuid;

pub use bot::{Bot, FILE, Post, summary};
pub use chat::{AGENT, Chat};
pub use customer::Customer;
pub use gateway::Gateway;

use crate::patience::eventually;
use crate::vendors::Scene;
use crate::vendors::{Simulator, Vendor};

/// How long a call of a connector may take: a vendor that never answers is given up after this.
const CALL_MS: u64 = 4_000;

/// What all houses share.
#[derive(Debug)]
pub struct Ground {
    /// The gateway's program.
    pub binary: PathBuf,
    /// The folder with the built connectors.
    pub connectors: PathBuf,
    /// Where compiled code is handed on; whoever is the first of a vendor holds this while it compiles.
    pub compiled: PathBuf,
    /// See `compiled`.
    pub compiling: Mutex<()>,
    /// Where failed cells leave their folders.
    pub keep: Option<PathBuf>,
}

/// One cell's surroundings.
pub struct House {
    // Dropped in this order: nothing may run in a folder that is gone.
    /// The gateway.
    pub gateway: Gateway,
    /// The bot's side.
    pub bot: Bot,
    /// The vendor, and what is known of it.
    pub vendor: &'static Vendor,
    simulator: Box<dyn Simulator>,
    component: Vec<u8>,
    http: Client,
    folder: TempDir,
}

impl House {
    /// With everything started.
    ///
    /// # Errors
    /// Something does not start.
    pub async fn open(ground: &Ground, vendor: &'static Vendor, scene: Scene) -> anyhow::Result<Self> {
        let fresh_seconds = scene.row.fresh_seconds();
        drop(rustls::crypto::ring::default_provider().install_default());
        // Everything is on this machine and speaks plain HTTP: neither proxies nor certificates are wanted.
        let http = Client::builder().no_proxy().tls_certs_only([]).build()?;
        let component = ground.connectors.join(format!("{}.wasm", vendor.name));
        let component = fs::read(&component).with_context(|| component.display().to_string())?;
        let (simulator, bot) = ((vendor.open)(scene).await?, Bot::open().await?);
        let folder = tempfile::Builder::new().prefix("handover-conversations-").tempdir()?;
        let connectors = folder.path().join("connectors");
        fs::create_dir_all(&connectors)?;
        fs::write(connectors.join(format!("{}.wasm", vendor.name)), &component)?;
        for (name, secret) in simulator.secrets() {
            fs::write(folder.path().join(name), secret)?;
        }
        let config = format!(
            "[bot]\nruntime_hosts = [\"{}\"]\nteams_connector_url = \"{}\"\n\n[routing]\ndefault = \"{name}\"\n\n\
             [timing]\nfresh_seconds = {fresh_seconds}\npersistence_seconds = 60\n\n\
             [channels.msteams]\nlimits = []\n\n\
             [limits]\nconversation_per_10_seconds = 1000\n\n[media]\nbegin_ms = {CALL_MS}\n\n{}\n\
             [connectors.{name}.limits]\ncall_ms = {CALL_MS}\n",
            bot.host(),
            bot.teams_url(),
            simulator.config(),
            name = vendor.name,
        );
        fs::write(folder.path().join("handover.toml"), config)?;
        let gateway = Gateway::new(&ground.binary, folder.path());
        simulator.point_at(&gateway);
        let mut house = Self { gateway, bot, vendor, simulator, component, http, folder };
        house.start_first(ground).await?;
        Ok(house)
    }

    async fn start_first(&mut self, ground: &Ground) -> anyhow::Result<()> {
        let (shared, own) =
            (ground.compiled.join(self.vendor.name), self.folder.path().join("data/compiled"));
        let compiling = ground.compiling.lock().await;
        if shared.is_dir() {
            drop(compiling);
            compiled::carry(&shared, &own)?;
            return self.gateway.start().await;
        }
        self.gateway.start().await?;
        self.serves(None).await?;
        Ok(compiled::carry(&own, &shared)?)
    }

    /// Waits until the connector serves, with another digest than this; its digest.
    ///
    /// # Errors
    /// It does not.
    pub async fn serves(&self, other_than: Option<&str>) -> anyhow::Result<String> {
        let found = eventually("a connector that serves", || async {
            let lines = self.gateway.connectors(&self.http).await.map_err(|error| error.to_string())?;
            let rejected = lines.as_array().into_iter().flatten().find(|line| line["state"] == "rejected");
            if let Some(line) = rejected {
                // It will not get better by itself.
                return Ok(Err(line["reason"].to_string()));
            }
            let serving = lines.as_array().into_iter().flatten().find(|line| {
                line["name"] == self.vendor.name
                    && line["state"] == "active"
                    && line["digest"].as_str() != other_than
            });
            let digest = serving.and_then(|line| line["digest"].as_str()).map(str::to_owned);
            digest.map(Ok).ok_or_else(|| lines.to_string())
        })
        .await?;
        found.map_err(|reason| anyhow!("the gateway turned the connector away: {reason}"))
    }

    /// Drops another build of the connector in: the same one with one more custom section. It serves on return.
    ///
    /// # Errors
    /// It is not taken.
    pub async fn swap(&self) -> anyhow::Result<()> {
        let before = self.serves(None).await?;
        // A custom section: its id, its length, the length of its name, its name.
        let marked = [&self.component[..], &[0, 5, 4], b"mark"].concat();
        let beside = self.folder.path().join("beside.wasm");
        fs::write(&beside, marked)?;
        fs::rename(
            &beside,
            self.folder.path().join("connectors").join(format!("{}.wasm", self.vendor.name)),
        )?;
        self.serves(Some(&before)).await.map(drop)
    }

    /// `kill -9`, and a start on the same data.
    ///
    /// # Errors
    /// It does not start.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.gateway.kill();
        self.gateway.start().await
    }

    /// The agents' desk.
    pub fn desk(&self) -> &Desk {
        self.simulator.desk()
    }

    /// What only this vendor's simulator can.
    pub fn simulator(&self) -> &dyn Simulator {
        &*self.simulator
    }

    /// What the vendor will do wrong from now on.
    ///
    /// # Errors
    /// It makes no sense.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) -> anyhow::Result<()> {
        Ok(self.desk().set_faults(faults)?)
    }

    /// Whether each fault that was set has met a request.
    ///
    /// # Errors
    /// One has not: what was to be proved was not proved.
    pub fn were_met(&self) -> anyhow::Result<()> {
        let left: Vec<_> = self.desk().faults().list().into_iter().map(|fault| fault.operation).collect();
        ensure!(left.is_empty(), "the gateway never made the request {}", left.join(", "));
        Ok(())
    }

    /// Whether the wire log still has all that went over the wire.
    ///
    /// # Errors
    /// It has forgotten the first of it: what is said of all requests would not be said of these.
    pub fn remembers_all(&self) -> anyhow::Result<()> {
        let wire = self.desk().wire();
        let all = wire.requests().into_iter().chain(wire.webhooks());
        let first = all.map(|exchange| exchange.number).min();
        ensure!(first.is_none_or(|first| first == 1), "the wire log is too short for this row");
        Ok(())
    }

    /// What the gateway could not deliver.
    ///
    /// # Errors
    /// It does not say.
    pub async fn dead_letters(&self) -> anyhow::Result<Value> {
        self.gateway.dead_letters(&self.http).await
    }

    /// A file, from wherever it is; its status and bytes.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn fetch(&self, url: &str) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut request = self.http.get(url);
        if let Some((user, password)) = self.simulator.file_key() {
            request = request.basic_auth(user, Some(password));
        }
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
    }

    /// Somebody new.
    pub fn customer(&self) -> Customer {
        let token = Uuid::new_v4().simple().to_string()[..10].to_owned();
        Customer {
            conversation: format!("a:1{token}"),
            name: format!("Jane {token}"),
            service_url: self.bot.service_url(),
            skill: self.gateway.url("/api/messages"),
            http: self.http.clone(),
            token,
        }
    }

    /// Starts a handover; what the bot was told: the conversation's id and the status.
    ///
    /// # Errors
    /// The bot was told nothing.
    pub async fn begin(&self, customer: &Customer) -> anyhow::Result<(String, String)> {
        let event = customer.start();
        customer.sends(&event).await?;
        let ours = |post: &Post| post.ends("startConversation") && post.body["replyToId"] == event["id"];
        let end = self.bot.gets(&customer.conversation, "the start's end", ours).await?;
        let value = |name: &str| end.body["value"][name].as_str().unwrap_or_default().to_owned();
        Ok((value("LiveChatConversationId"), value("Status")))
    }

    /// The desk's conversations of this customer.
    pub fn at_desk(&self, customer: &Customer) -> Vec<Value> {
        let summaries = self.desk().summaries();
        let ids = summaries.iter().filter_map(|summary| summary["id"].as_str());
        ids.filter_map(|id| self.desk().look(id, |conversation| conversation.detail()))
            .filter(|detail| detail.to_string().contains(&customer.token))
            .collect()
    }

    /// Brings a customer who has started to where every word goes to the live agent.
    ///
    /// # Errors
    /// It never comes to that.
    pub async fn goes_on(&self, customer: Customer, live: String) -> anyhow::Result<Chat<'_>> {
        let mut first = customer.message(&customer.problem());
        first["value"] = json!({ "LiveChatConversationId": live, "ProblemDescription": customer.problem() });
        customer.sends(&first).await?;
        let desk = eventually("the conversation at the desk", || async {
            let found = self.at_desk(&customer);
            // The newest: a start in doubt may have left another one.
            let open = found.iter().rfind(|one| one["status"] != "ended");
            let id = open.and_then(|one| one["id"].as_str()).map(str::to_owned);
            id.ok_or_else(|| json!({ "desk": self.desk().summaries() }).to_string())
        })
        .await?;
        Ok(Chat { house: self, customer, live, desk })
    }

    /// A chat that has begun.
    ///
    /// # Errors
    /// It has not.
    pub async fn chat(&self) -> anyhow::Result<Chat<'_>> {
        let customer = self.customer();
        let (live, status) = self.begin(&customer).await?;
        ensure!(is_good(&status), "the start ended with {status:?}");
        self.goes_on(customer, live).await
    }

    /// Leaves the folder for whoever wants to know why a cell failed.
    pub fn leave_behind(&self, ground: &Ground, cell: &str) {
        let Some(keep) = &ground.keep else { return };
        let place = keep.join(cell.replace([' ', '/', ':'], "-"));
        let _ = fs::create_dir_all(&place);
        for name in ["handover.toml", "gateway.log"] {
            let _ = fs::copy(self.folder.path().join(name), place.join(name));
        }
        let wire =
            json!({ "requests": self.desk().wire().requests(), "webhooks": self.desk().wire().webhooks() });
        let _ = fs::write(place.join("wire.json"), format!("{wire:#}"));
    }
}

/// Whether a start has come to something, or still may.
pub fn is_good(status: &str) -> bool {
    matches!(status, "connected" | "queued" | "pending")
}

/// A path for [`Vendor`]s: where a gateway takes this vendor's callbacks.
pub fn callbacks(gateway: &Gateway, connector: &str) -> String {
    gateway.url(&format!("/api/callbacks/{connector}"))
}
