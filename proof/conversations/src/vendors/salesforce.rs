//! Salesforce: Enhanced Chat, as a custom client.

use std::net::{Ipv4Addr, SocketAddr};

use agent_desk::Desk;
use anyhow::bail;
use salesforce_simulator::{Config, Running};

use super::{Simulator, Step, Trouble, Vendor};
use crate::Row;
use crate::house::Gateway;

/// Salesforce.
pub const VENDOR: Vendor = Vendor {
    name: "salesforce",
    open: || Box::pin(open()),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// The simulated organization; visitors have tokens of their own.
struct Salesforce(Running);

async fn open() -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config { addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Config::default() };
    Ok(Box::new(Salesforce(salesforce_simulator::serve(config, std::future::pending()).await?)))
}

impl Simulator for Salesforce {
    fn desk(&self) -> &Desk {
        self.0.desk()
    }

    fn config(&self) -> String {
        let known = Config::default();
        format!(
            "[connectors.salesforce.upstreams.api]\nbase_url = \"{}\"\nallow_private = true\n\
             [connectors.salesforce.settings]\norganization = \"{}\"\ndeployment = \"{}\"\n",
            self.0.url(),
            known.organization,
            known.deployment
        )
    }

    fn point_at(&self, _: &Gateway) {
        // Salesforce calls nobody back.
    }

    fn trouble(&self, trouble: Trouble) -> anyhow::Result<()> {
        match trouble {
            Trouble::Twice => self.0.streams().repeat(1000),
            Trouble::Swapped => self.0.streams().swap(),
            Trouble::Unanswered => bail!("a stream has no answers"),
        }
        Ok(())
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::SignIn => &[],
        Step::Start => &["start.token", "start.conversation"],
        Step::Message => &["send"],
        Step::Typing => &["typing"],
        Step::Receipt => &["receipt"],
        Step::Look => &["stream", "poll"],
        Step::End => &["end.session", "end.conversation"],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::NotDelivered => Some("a visitor acknowledges Delivery and Read only (acknowledge-entries)"),
        Row::LostAnswers => Some("calls nobody back: there are no answers to lose (Server-Sent Events)"),
        _ => None,
    }
}
