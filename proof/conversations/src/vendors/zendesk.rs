//! Zendesk: Sunshine Conversations API v2.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use agent_desk::Desk;
use zendesk_simulator::{Config, Running};

use super::{Simulator, Step, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// Zendesk.
pub const VENDOR: Vendor = Vendor {
    name: "zendesk",
    open: || Box::pin(open()),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// The simulated account, with the secrets that everybody knows.
struct Zendesk(Running);

async fn open() -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        webhook_url: String::new(),
        webhook_pauses: Some(vec![Duration::from_millis(200); 5]),
        ..Config::default()
    };
    Ok(Box::new(Zendesk(zendesk_simulator::serve(config, std::future::pending()).await?)))
}

impl Simulator for Zendesk {
    fn desk(&self) -> &Desk {
        self.0.desk()
    }

    fn config(&self) -> String {
        let (url, known) = (self.0.base_url(), Config::default());
        format!(
            "[connectors.zendesk.upstreams.api]\nbase_url = \"{url}\"\nallow_private = true\n\
             [connectors.zendesk.credentials.api]\nkind = \"basic\"\nuser = \"{}\"\npassword = \"file:key\"\n\
             [connectors.zendesk.credentials.webhook]\nkind = \"key\"\nvalue = \"file:webhook-secret\"\n\
             [connectors.zendesk.settings]\napp_id = \"{}\"\nintegration = \"{}\"\nmedia_base = \"{url}\"\n",
            known.key.id, known.app_id, known.integration
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("key", "simulated-secret"), ("webhook-secret", "simulated-webhook-secret")]
    }

    fn file_key(&self) -> Option<(String, &'static str)> {
        Some((Config::default().key.id, "simulated-secret"))
    }

    fn point_at(&self, gateway: &Gateway) {
        self.0.set_webhook_url(&callbacks(gateway, "zendesk"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::Start => &[
            "start.create-user",
            "start.create-conversation",
            "start.take-control",
            "start.message",
            "start.pass-control",
            "start.offer-control",
        ],
        Step::Message => &["send"],
        Step::End => &["end"],
        Step::SignIn | Step::Typing | Step::Receipt | Step::Look => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue | Row::Join | Row::Leave | Row::Transfer => Some(
            "no webhook trigger tells of tickets taken, left, passed on, or of a queue (Conversations webhooks)",
        ),
        Row::TypingToAgent => Some(
            "\"If the author type is `user`, only `conversation:read` is supported\" (schema `activityTypes`)",
        ),
        Row::Delivered => {
            Some("no receipts of single messages (Conversations API); a loss is a notice from the bot")
        }
        Row::NoAgents => {
            Some("a ticket waits; the gateway's queue timeout ends it (Conversations API, Switchboard)")
        }
        _ => None,
    }
}
