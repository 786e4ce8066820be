//! Contoso Live Chat: the reference.

use std::net::{Ipv4Addr, SocketAddr};

use agent_desk::Desk;
use contoso_live_chat::{Config, Running, Secret};

use super::{Simulator, Step, Vendor};
use crate::Row;
use crate::house::Gateway;

/// Contoso.
pub const VENDOR: Vendor = Vendor {
    name: "contoso",
    open: |_| Box::pin(open()),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

const API_KEY: &str = "a key for the live chat";
const WEBHOOK: &str = "a secret for the webhook";

struct Contoso(Running);

async fn open() -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        webhook_url: String::new(),
        webhook_secret: Some(Secret::new(WEBHOOK)),
        api_key: Some(Secret::new(API_KEY)),
        ..Config::default()
    };
    Ok(Box::new(Contoso(contoso_live_chat::serve(config, std::future::pending()).await?)))
}

impl Simulator for Contoso {
    fn desk(&self) -> &Desk {
        self.0.desk()
    }

    fn config(&self) -> String {
        format!(
            "[connectors.contoso.upstreams.api]\nbase_url = \"http://{}\"\nallow_private = true\n\
             [connectors.contoso.credentials.api]\nkind = \"bearer\"\ntoken = \"file:api-key\"\n\
             [connectors.contoso.credentials.webhook]\nkind = \"key\"\nvalue = \"file:webhook-secret\"\n",
            self.0.addr()
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("api-key", API_KEY), ("webhook-secret", WEBHOOK)]
    }

    fn point_at(&self, gateway: &Gateway) {
        // An address of this machine is always one of HTTP.
        let _ = self.0.set_webhook_url(&gateway.url("/api/livechat/messages"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::Start => &["start"],
        Step::Message | Step::FileToAgent => &["send"],
        Step::Typing => &["typing"],
        Step::Receipt | Step::Notice => &["receipt"],
        Step::End => &["end"],
        Step::SignIn | Step::Return | Step::Doubt | Step::FileToCustomer | Step::Renewal | Step::Look => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue => Some("no event tells a place in the queue (examples/contoso-live-chat, telling.rs)"),
        Row::Transfer => Some("no event tells of transfers (examples/contoso-live-chat, telling.rs)"),
        Row::FileToCustomer => Some("messages have no attachments (Microsoft's sample: the webhook's body)"),
        _ => None,
    }
}
