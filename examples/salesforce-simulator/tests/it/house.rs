//! A running organization, and a visitor's client for it.

use std::{sync::Once, time::Duration};

use reqwest::{Method, Response};
use salesforce_simulator::{Config, Running, serve};
use serde_json::{Value, json};

pub const BASE: &str = "/iamessage/api/v2";

/// An organization on a free port.
pub struct House {
    pub running: Running,
    pub client: reqwest::Client,
}

/// A status and a JSON body; null where there is none.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl House {
    pub async fn open() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        let config = Config { addr: ([127, 0, 0, 1], 0).into(), ..config };
        let running = serve(config, std::future::pending()).await.unwrap();
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        Self { running, client: reqwest::Client::new() }
    }

    pub fn request(&self, method: Method, token: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.running.url()));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        read(self.request(Method::POST, token, &format!("{BASE}{path}")).json(body).send().await.unwrap())
            .await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        read(self.request(Method::GET, token, path).send().await.unwrap()).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        read(self.request(Method::DELETE, token, &format!("{BASE}{path}")).send().await.unwrap()).await
    }

    /// A guest's token.
    pub async fn guest(&self) -> String {
        let answer = self.post("", "/authorization/unauthenticated/access-token", &asked()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["accessToken"].as_str().unwrap().to_owned()
    }

    /// A guest with an open conversation.
    pub async fn begin(&self) -> (String, String) {
        let (token, id) = (self.guest().await, uuid());
        let answer = self.post(&token, "/conversation", &opened(&id)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        (token, id)
    }

    /// Says something; the message's id.
    pub async fn say(&self, token: &str, id: &str, text: &str) -> String {
        let message = uuid();
        let answer = self.post(token, &format!("/conversation/{id}/message"), &sent(&message, text)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        message
    }

    /// The entries of a conversation, the oldest first.
    pub async fn entries(&self, token: &str, id: &str) -> Vec<Value> {
        let path = format!("{BASE}/conversation/{id}/entries?limit=50&direction=FromStart");
        let answer = self.get(token, &path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["conversationEntries"].as_array().unwrap().clone()
    }

    /// Opens a visitor's stream.
    pub async fn stream(&self, token: &str, after: Option<&str>) -> Stream {
        let mut request = self
            .request(Method::GET, token, "/eventrouter/v1/sse")
            .header("accept", "text/event-stream")
            .header("x-org-id", "00Dxx0000001gEr");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Stream { response, text: String::new() }
    }
}

/// The events of one connection.
pub struct Stream {
    response: Response,
    text: String,
}

/// One event.
#[derive(Debug, Default, Clone)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: Value,
}

impl Stream {
    /// The next event; none where the stream is over.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = parse(block);
                self.text = rest.to_owned();
                return Some(event);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await;
            match chunk.expect("the stream says something in time") {
                Ok(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The next event of this name; others are passed over.
    pub async fn until(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before {name}"));
            if event.name == name {
                return event;
            }
        }
    }
}

impl Event {
    /// What the entry says.
    pub fn payload(&self) -> Value {
        serde_json::from_str(self.data["conversationEntry"]["entryPayload"].as_str().unwrap()).unwrap()
    }

    pub fn entry(&self) -> &str {
        self.data["conversationEntry"]["identifier"].as_str().unwrap()
    }
}

fn parse(block: &str) -> Event {
    let mut event = Event::default();
    for line in block.lines() {
        match line.split_once(':') {
            Some(("id", id)) => event.id = id.trim().to_owned(),
            Some(("event", name)) => event.name = name.trim().to_owned(),
            Some(("data", data)) => event.data = serde_json::from_str(data.trim()).unwrap(),
            other => panic!("{other:?}"),
        }
    }
    event
}

pub async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() }
}

pub fn uuid() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// What asks for a guest's token.
pub fn asked() -> Value {
    json!({
        "orgId": "00Dxx0000001gErEAI",
        "esDeveloperName": "Custom_Client",
        "capabilitiesVersion": "1",
        "platform": "Web",
        "context": { "appName": "test", "clientVersion": "1.0" },
    })
}

/// What opens a conversation.
pub fn opened(id: &str) -> Value {
    json!({
        "conversationId": id,
        "esDeveloperName": "Custom_Client",
        "routingAttributes": { "_firstName": "Jane", "_lastName": "Doe", "order": "5" },
        "language": "en_US",
    })
}

/// A text message.
pub fn sent(id: &str, text: &str) -> Value {
    json!({
        "message": {
            "id": id,
            "messageType": "StaticContentMessage",
            "staticContent": { "formatType": "Text", "text": text },
        },
        "esDeveloperName": "Custom_Client",
        "isNewMessagingSession": false,
    })
}

/// The same with another value at a place.
pub fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() { &mut body } else { body.pointer_mut(parent).unwrap() };
    match value {
        Value::Null => drop(parent.as_object_mut().unwrap().remove(name)),
        value => parent[name] = value,
    }
    body
}
