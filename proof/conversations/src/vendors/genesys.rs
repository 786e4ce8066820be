//! Genesys Cloud: Open Messaging.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use agent_desk::Desk;
use genesys_simulator::{Config, Running};

use super::{Simulator, Step, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// Genesys Cloud.
pub const VENDOR: Vendor = Vendor {
    name: "genesys",
    open: || Box::pin(open()),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// One address for platform and login; the secrets that everybody knows.
struct Genesys(Running);

async fn open() -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        webhook_url: String::new(),
        requests_per_minute: 100_000,
        pause: Duration::from_millis(200),
        ..Config::default()
    };
    Ok(Box::new(Genesys(genesys_simulator::serve(config, std::future::pending()).await?)))
}

impl Simulator for Genesys {
    fn desk(&self) -> &Desk {
        self.0.desk()
    }

    fn config(&self) -> String {
        let (url, known) = (self.0.url(), Config::default());
        format!(
            "[connectors.genesys.upstreams.api]\nbase_url = \"{url}\"\nallow_private = true\n\
             [connectors.genesys.credentials.api]\nkind = \"oauth2-client-credentials\"\n\
             token_url = \"{url}/oauth/token\"\nclient_id = \"{}\"\nclient_secret = \"file:client-secret\"\n\
             basic = true\n\
             [connectors.genesys.credentials.webhook]\nkind = \"key\"\nvalue = \"file:webhook-secret\"\n\
             [connectors.genesys.settings]\nintegration_id = \"{}\"\npoll_queued_seconds = 2\n\
             poll_active_seconds = 2\n",
            known.client_id, known.integration_id
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("client-secret", "simulated-client-secret"), ("webhook-secret", "simulated-webhook-secret")]
    }

    fn point_at(&self, gateway: &Gateway) {
        self.0.set_webhook_url(&callbacks(gateway, "genesys"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::SignIn => &["token"],
        Step::Start | Step::Message => &["message"],
        Step::Typing => &["event"],
        Step::Receipt => &["receipt"],
        Step::Look => &["conversation"],
        Step::End => &["disconnect"],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue => Some("no place in the queue on this channel (Open Messaging, outbound notifications)"),
        _ => None,
    }
}
