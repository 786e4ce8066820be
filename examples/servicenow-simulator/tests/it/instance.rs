//! An instance to test, with its stand-in gateway and the requests that tests make.

use std::time::Duration;

use agent_desk::Exchange;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use servicenow_simulator::{Config, Running, serve};
use tokio::sync::oneshot;

use crate::gateway::Gateway;

pub const PATH: &str = "/api/sn_va_as_service/bot/integration";

pub struct Instance {
    pub gateway: Gateway,
    pub running: Running,
    pub client: Client,
    _stop: oneshot::Sender<()>,
}

/// An answer: status and JSON (null when empty or not JSON).
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Instance {
    pub async fn open() -> Self {
        Self::with(Config::default()).await
    }

    /// An instance of this configuration, but for its addresses.
    pub async fn with(config: Config) -> Self {
        let gateway = Gateway::start().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let addr = "127.0.0.1:0".parse().unwrap();
        let config = Config { addr, callback_url: gateway.url.clone(), ..config };
        let running = serve(config, async {
            let _ = stopped.await;
        });
        let running = running.await.unwrap();
        // Also set up by the simulator; whoever comes first decides.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(60));
        Self { gateway, running, client: client.build().unwrap(), _stop: stop }
    }

    pub fn request(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.running.url()))
    }

    /// Posts to the endpoint.
    pub async fn post(&self, body: &Value) -> Answer {
        read(self.request(PATH).json(body).send().await.unwrap()).await
    }

    /// The same, and success is the answer.
    pub async fn tell(&self, body: Value) {
        let answer = self.post(&body).await;
        assert_eq!(answer, Answer { status: 200, body: json!({ "status": "success" }) }, "{body}");
    }

    /// Jane asks for a live agent; her conversation's id, after the first callback.
    pub async fn start(&self) -> String {
        let before = self.gateway.callbacks().len();
        self.tell(agent_request()).await;
        self.gateway.wait_for(before + 1).await;
        self.conversations().last().unwrap()["id"].as_str().unwrap().to_owned()
    }

    pub fn conversations(&self) -> Vec<Value> {
        self.running.desk().summaries()
    }

    pub fn conversation(&self, id: &str) -> Value {
        self.running.desk().look(id, |conversation| conversation.detail()).unwrap()
    }

    /// The operation that the last request was.
    pub fn last(&self) -> Exchange {
        self.running.desk().wire().requests().pop().unwrap()
    }

    /// Posts what is discarded, and says as what, and why.
    pub async fn discarded(&self, body: Value) -> (String, String) {
        self.tell(body).await;
        (self.last().operation, self.running.syslog().pop().unwrap().why)
    }
}

pub fn agent_request() -> Value {
    json!({
        "requestId": "r-1", "clientSessionId": "s-1", "userId": "jane", "emailId": "jane@example.com",
        "action": "AGENT", "clientVariables": { "mine": "x" }, "timestamp": 1_588_824_102_000_u64,
        "contextVariables": { "customer_name": "Jane Doe", "channel": "msteams", "requester_session_language": "en" },
        "message": { "text": "My laptop does not start", "typed": true, "clientMessageId": "m-1" },
        "history": [
            { "isBotMessage": true, "value": "How can I help?", "displayName": "Bot", "type": "text",
              "timestamp": "1739866290393" },
            { "isBotMessage": false, "value": "A person!", "displayName": "Jane", "type": "text" },
        ],
    })
}

/// Something for the running conversation.
pub fn said(with: Value) -> Value {
    let mut body = json!({
        "requestId": "r-2", "clientSessionId": "s-1", "userId": "jane", "clientVariables": { "mine": "x" },
    });
    body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    body
}

pub async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() }
}
