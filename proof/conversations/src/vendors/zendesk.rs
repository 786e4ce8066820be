//! Zendesk: Sunshine Conversations API v2.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use agent_desk::{Attachment, Desk};
use zendesk_simulator::{Config, Running, Schema};

use super::{Checks, Scene, Simulator, Step, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// Zendesk.
pub const VENDOR: Vendor = Vendor {
    name: "zendesk",
    open: |scene| Box::pin(open(scene)),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// The simulated account, with the secrets that everybody knows.
struct Zendesk {
    running: Running,
    schema: Option<Arc<Schema>>,
}

async fn open(scene: Scene) -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        webhook_url: String::new(),
        webhook_pauses: Some(vec![Duration::from_millis(200); 5]),
        schema: scene.zendesk_schema.clone(),
        ..Config::default()
    };
    let running = zendesk_simulator::serve(config, std::future::pending()).await?;
    Ok(Box::new(Zendesk { running, schema: scene.zendesk_schema }))
}

impl Simulator for Zendesk {
    fn desk(&self) -> &Desk {
        self.running.desk()
    }

    fn config(&self) -> String {
        let (url, known) = (self.running.base_url(), Config::default());
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

    /// Below the address where media are private.
    fn keep_file(&self, name: &str, content_type: &str, content: &[u8]) -> anyhow::Result<Attachment> {
        let url = self.running.add_media(name, content_type, content);
        Ok(Attachment { name: name.to_owned(), content_type: content_type.to_owned(), url })
    }

    /// `conversation:message` is told of all messages, whoever wrote them (Conversations webhooks).
    fn echoes(&self) -> bool {
        true
    }

    fn checks(&self) -> Option<Checks> {
        let schema = self.schema.as_ref()?;
        let mut checks = Checks::default();
        // Those too that met a fault, of which the simulator has seen nothing.
        for request in self.desk().wire().requests() {
            if request.operation == "media" {
                // The file behind an address that Zendesk gave: no operation of the API.
                checks.beside += 1;
                continue;
            }
            let (operation, problems) =
                schema.request_problems(&request.method, &request.path, &request.query, &request.body);
            *checks.counts.entry(operation.to_owned()).or_default() += 1;
            checks.violations.extend(problems.into_iter().map(|problem| format!("{operation}: {problem}")));
        }
        Some(checks)
    }

    fn point_at(&self, gateway: &Gateway) {
        self.running.set_webhook_url(&callbacks(gateway, "zendesk"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::Start => &[
            "start.create-user",
            "start.list-conversations",
            "start.create-conversation",
            "start.take-control",
            "list-messages",
            "start.message",
            "start.pass-control",
            "start.offer-control",
        ],
        // Who was here before has a user and a conversation.
        Step::Return => &["start.create-user", "start.get-user", "start.list-conversations"],
        Step::Message => &["send"],
        Step::Doubt => &["list-messages"],
        Step::FileToAgent => &["upload", "send"],
        Step::FileToCustomer => &["media"],
        Step::Notice => &["notice"],
        Step::End => &["list-messages", "notice", "end"],
        Step::SignIn | Step::Typing | Step::Receipt | Step::Renewal | Step::Look => &[],
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
