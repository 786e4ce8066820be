//! ServiceNow: Virtual Agent API, Agent Chat.

use std::net::{Ipv4Addr, SocketAddr};

use agent_desk::Desk;
use servicenow_simulator::{Config, MessageAuth, Running, Secret, SignIn};

use super::{Simulator, Step, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// ServiceNow.
pub const VENDOR: Vendor = Vendor {
    name: "servicenow",
    open: || Box::pin(open()),
    requests,
    cannot,
    // "requestId and clientMessageId pass through" (Common errors): nothing is known again.
    knows_messages: false,
    knows_starts: false,
};

const PASSWORD: &str = "the gateway's password";
const SIGNATURE: &str = "the secret of hash message verification";
const CALLBACK: &str = "the secret of callbacks";

struct ServiceNow(Running);

async fn open() -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        sign_in: vec![SignIn::Basic("handover".to_owned(), Secret::new(PASSWORD))],
        message_auth: Some(MessageAuth::Hash(Secret::new(SIGNATURE))),
        callback_url: String::new(),
        callback_headers: vec![("x-handover-secret".to_owned(), Secret::new(CALLBACK))],
        ..Config::default()
    };
    Ok(Box::new(ServiceNow(servicenow_simulator::serve(config, std::future::pending()).await?)))
}

impl Simulator for ServiceNow {
    fn desk(&self) -> &Desk {
        self.0.desk()
    }

    fn config(&self) -> String {
        let url = self.0.url();
        format!(
            "[connectors.servicenow.upstreams.api]\nbase_url = \"{url}\"\nallow_private = true\n\
             [connectors.servicenow.credentials.api]\nkind = \"basic\"\nuser = \"handover\"\n\
             password = \"file:password\"\n\
             [connectors.servicenow.credentials.signature]\nkind = \"key\"\nvalue = \"file:signature\"\n\
             [connectors.servicenow.credentials.callback]\nkind = \"key\"\nvalue = \"file:callback\"\n\
             [connectors.servicenow.settings]\nsign_messages = true\ninstance = \"{}\"\n",
            url.trim_start_matches("http://")
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("password", PASSWORD), ("signature", SIGNATURE), ("callback", CALLBACK)]
    }

    fn point_at(&self, gateway: &Gateway) {
        self.0.set_callback_url(&callbacks(gateway, "servicenow"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::Start => &["start"],
        Step::Message => &["send"],
        Step::Typing => &["typing"],
        Step::Receipt => &["receipt"],
        Step::End => &["end"],
        Step::SignIn | Step::Look => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue => Some("tells a time to wait, no place (Bot Integration API, ActionMsg)"),
        Row::LostAnswers => Some("no callback is sent again (Bot Integration API documents no retries)"),
        _ => None,
    }
}
