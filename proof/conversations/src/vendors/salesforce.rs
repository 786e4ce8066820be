//! Salesforce: Enhanced Chat, as a custom client.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use agent_desk::Desk;
use anyhow::bail;
use salesforce_simulator::{Config, Identity, Running};

use super::{Scene, Simulator, Step, Trouble, Vendor};
use crate::Row;
use crate::house::Gateway;

/// Salesforce.
pub const VENDOR: Vendor = Vendor {
    name: "salesforce",
    open: |scene| Box::pin(open(scene)),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// The simulated organization; visitors have tokens of their own.
struct Salesforce {
    running: Running,
    /// Whether customers are vouched for (User Verification); guests otherwise.
    known: bool,
}

/// The key that customers are vouched for with, made for this suite, and its public half.
const VISITORS_KEY: &str = include_str!("keys/visitors.key.pem");
const VISITORS_PUBLIC: &[u8] = include_bytes!("keys/visitors.public.der");
const ISSUER: &str = "handover";
const KEY_ID: &str = "visitors";

async fn open(scene: Scene) -> anyhow::Result<Box<dyn Simulator>> {
    let usual = Config::default();
    let known = scene.request == Some("start.token-known");
    let renews = scene.row.step() == Some(Step::Renewal);
    let identity = Identity {
        issuer: ISSUER.to_owned(),
        key_id: KEY_ID.to_owned(),
        public_key: VISITORS_PUBLIC.to_vec(),
    };
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        identity: known.then_some(identity),
        // In the last quarter of its life a token is renewed.
        token_life: if renews { Duration::from_secs(20) } else { usual.token_life },
        continuation_extends: renews,
        ..usual
    };
    let running = salesforce_simulator::serve(config, std::future::pending()).await?;
    Ok(Box::new(Salesforce { running, known }))
}

impl Simulator for Salesforce {
    fn desk(&self) -> &Desk {
        self.running.desk()
    }

    fn config(&self) -> String {
        let known = Config::default();
        let identity = format!(
            "[connectors.salesforce.settings.identity]\nissuer = \"{ISSUER}\"\nkey_id = \"{KEY_ID}\"\n\
             [connectors.salesforce.credentials.identity]\nkind = \"key\"\nvalue = \"file:visitors-key\"\n"
        );
        format!(
            "[connectors.salesforce.upstreams.api]\nbase_url = \"{}\"\nallow_private = true\n\
             [connectors.salesforce.settings]\norganization = \"{}\"\ndeployment = \"{}\"\n{}",
            self.running.url(),
            known.organization,
            known.deployment,
            if self.known { &identity } else { "" },
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("visitors-key", VISITORS_KEY)]
    }

    /// The visitor's own entries are events like all others (Server-Sent Events, `CONVERSATION_MESSAGE`).
    fn echoes(&self) -> bool {
        true
    }

    fn told(&self) -> Vec<String> {
        self.running.streams().told()
    }

    fn point_at(&self, _: &Gateway) {
        // Salesforce calls nobody back.
    }

    fn trouble(&self, trouble: Trouble) -> anyhow::Result<()> {
        match trouble {
            Trouble::Twice => self.running.streams().repeat(1000),
            Trouble::Swapped => self.running.streams().swap(),
            Trouble::Unanswered => bail!("a stream has no answers"),
        }
        Ok(())
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::Start => &["availability", "start.token", "start.token-known", "start.conversation", "send"],
        Step::Message => &["send"],
        Step::Doubt => &["find"],
        Step::FileToAgent => &["send.file", "send"],
        Step::Typing => &["typing"],
        Step::Receipt => &["receipt"],
        Step::Renewal => &["token.continue"],
        Step::Look => &["stream", "poll"],
        Step::End => &["end.session", "end.conversation"],
        Step::SignIn | Step::Return | Step::FileToCustomer | Step::Notice => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::NotDelivered => Some("a visitor acknowledges Delivery and Read only (acknowledge-entries)"),
        Row::LostAnswers => Some("calls nobody back: there are no answers to lose (Server-Sent Events)"),
        _ => None,
    }
}
