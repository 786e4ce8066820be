//! Genesys Cloud: Open Messaging.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use agent_desk::Desk;
use genesys_simulator::{Config, Running};

use super::{Scene, Simulator, Step, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// Genesys Cloud.
pub const VENDOR: Vendor = Vendor {
    name: "genesys",
    open: |scene| Box::pin(open(scene)),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// One address for platform and login; the secrets that everybody knows.
struct Genesys {
    running: Running,
    /// How often a conversation is looked at while an agent has it, in seconds.
    look: u32,
}

async fn open(scene: Scene) -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        webhook_url: String::new(),
        requests_per_minute: 100_000,
        pause: Duration::from_millis(200),
        ..Config::default()
    };
    // The same request looks for news, asks after a message and comes before an end: where it is to fail for one of
    // the latter, the first is made seldom.
    let look = if matches!(scene.row.step(), Some(Step::Doubt | Step::End)) { 300 } else { 2 };
    let running = genesys_simulator::serve(config, std::future::pending()).await?;
    Ok(Box::new(Genesys { running, look }))
}

impl Simulator for Genesys {
    fn desk(&self) -> &Desk {
        self.running.desk()
    }

    fn config(&self) -> String {
        let (url, known) = (self.running.url(), Config::default());
        format!(
            "[connectors.genesys.upstreams.api]\nbase_url = \"{url}\"\nallow_private = true\n\
             [connectors.genesys.credentials.api]\nkind = \"oauth2-client-credentials\"\n\
             token_url = \"{url}/oauth/token\"\nclient_id = \"{}\"\nclient_secret = \"file:client-secret\"\n\
             basic = true\n\
             [connectors.genesys.credentials.webhook]\nkind = \"key\"\nvalue = \"file:webhook-secret\"\n\
             [connectors.genesys.settings]\nintegration_id = \"{}\"\npoll_queued_seconds = 2\n\
             poll_active_seconds = {}\n",
            known.client_id, known.integration_id, self.look
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("client-secret", "simulated-client-secret"), ("webhook-secret", "simulated-webhook-secret")]
    }

    fn point_at(&self, gateway: &Gateway) {
        self.running.set_webhook_url(&callbacks(gateway, "genesys"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::SignIn => &["token"],
        Step::Start | Step::Message | Step::FileToAgent => &["message"],
        Step::Doubt => &["conversation", "bulk"],
        Step::Typing => &["event"],
        Step::Receipt | Step::Notice => &["receipt"],
        Step::Look => &["conversation"],
        Step::End => &["conversation", "disconnect"],
        Step::Return | Step::FileToCustomer | Step::Renewal => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue => Some("no place in the queue on this channel (Open Messaging, outbound notifications)"),
        _ => None,
    }
}
