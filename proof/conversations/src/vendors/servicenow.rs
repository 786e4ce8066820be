//! ServiceNow: Virtual Agent API, Agent Chat.

use std::net::{Ipv4Addr, SocketAddr};

use agent_desk::Desk;
use servicenow_simulator::{Config, MessageAuth, Running, Secret, SignIn};

use super::{Scene, Simulator, Step, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// ServiceNow.
pub const VENDOR: Vendor = Vendor {
    name: "servicenow",
    open: |scene| Box::pin(open(scene)),
    requests,
    cannot,
    // "requestId and clientMessageId pass through" (Common errors): nothing is known again.
    knows_messages: false,
    knows_starts: false,
};

const CLIENT: &str = "the gateway's OAuth client";
const CLIENT_SECRET: &str = "the secret of that client";
const PASSWORD: &str = "the gateway's password";
const SIGNATURE: &str = "the secret of hash message verification";
const CALLBACK: &str = "the secret of callbacks";

struct ServiceNow {
    running: Running,
    /// Whether the gateway signs in with OAuth; with a password otherwise.
    oauth: bool,
    /// Whether the customer's files are uploaded; fetched by the instance otherwise.
    uploads: bool,
}

async fn open(scene: Scene) -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        sign_in: vec![
            SignIn::Basic("handover".to_owned(), Secret::new(PASSWORD)),
            SignIn::Client(CLIENT.to_owned(), Secret::new(CLIENT_SECRET)),
        ],
        message_auth: Some(MessageAuth::Hash(Secret::new(SIGNATURE))),
        callback_url: String::new(),
        callback_headers: vec![("x-handover-secret".to_owned(), Secret::new(CALLBACK))],
        ..Config::default()
    };
    let running = servicenow_simulator::serve(config, std::future::pending()).await?;
    let oauth = scene.row.step() == Some(Step::SignIn);
    Ok(Box::new(ServiceNow { running, oauth, uploads: scene.request == Some("upload") }))
}

impl Simulator for ServiceNow {
    fn desk(&self) -> &Desk {
        self.running.desk()
    }

    fn config(&self) -> String {
        let url = self.running.url();
        let api = if self.oauth {
            format!(
                "kind = \"oauth2-client-credentials\"\ntoken_url = \"{url}/oauth_token.do\"\n\
                 client_id = \"{CLIENT}\"\nclient_secret = \"file:client-secret\""
            )
        } else {
            "kind = \"basic\"\nuser = \"handover\"\npassword = \"file:password\"".to_owned()
        };
        let files = if self.uploads { "upload" } else { "by-url" };
        format!(
            "[connectors.servicenow.upstreams.api]\nbase_url = \"{url}\"\nallow_private = true\n\
             [connectors.servicenow.credentials.api]\n{api}\n\
             [connectors.servicenow.credentials.signature]\nkind = \"key\"\nvalue = \"file:signature\"\n\
             [connectors.servicenow.credentials.callback]\nkind = \"key\"\nvalue = \"file:callback\"\n\
             [connectors.servicenow.settings]\nsign_messages = true\nattachments = \"{files}\"\n\
             instance = \"{}\"\n",
            url.trim_start_matches("http://")
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("password", PASSWORD),
            ("client-secret", CLIENT_SECRET),
            ("signature", SIGNATURE),
            ("callback", CALLBACK),
        ]
    }

    /// Every callback quotes the customer's last message (Bot Integration API, `message` of the response).
    fn echoes(&self) -> bool {
        true
    }

    fn point_at(&self, gateway: &Gateway) {
        self.running.set_callback_url(&callbacks(gateway, "servicenow"));
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::SignIn => &["token"],
        Step::Start => &["start"],
        Step::Message => &["send"],
        Step::FileToAgent => &["upload", "send"],
        Step::FileToCustomer => &["file"],
        Step::Typing => &["typing"],
        Step::Receipt | Step::Notice => &["receipt"],
        Step::End => &["end"],
        Step::Return | Step::Doubt | Step::Renewal | Step::Look => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue => Some("tells a time to wait, no place (Bot Integration API, ActionMsg)"),
        Row::LostAnswers => Some("no callback is sent again (Bot Integration API documents no retries)"),
        _ => None,
    }
}
