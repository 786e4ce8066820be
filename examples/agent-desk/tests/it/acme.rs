//! Acme Chat: the smallest vendor, whose wire is one event per deed.

use std::sync::Arc;

use agent_desk::{
    AgentAction, Courier, Deed, Desk, Failure, Incoming, Letter, Opening, Party, Policy, Recipient, Refusal,
    Skill, Vendor, fresh_id,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue},
    routing::post,
};
use serde_json::{Value, json};

pub struct Acme {
    desk: Desk,
    courier: Courier,
    webhook: String,
    skills: &'static [Skill],
    in_turn: bool,
}

impl Acme {
    pub fn new(desk: &Desk, webhook: &str, policy: Policy, skills: &'static [Skill]) -> Arc<Self> {
        let in_turn = policy.in_turn;
        let courier = Courier::new(desk, policy);
        Arc::new(Self { desk: desk.clone(), courier, webhook: webhook.to_owned(), skills, in_turn })
    }
}

impl Vendor for Acme {
    fn name(&self) -> &str {
        "Acme <Chat> & Co"
    }

    fn colour(&self) -> &str {
        "#123abc"
    }

    fn skills(&self) -> &'static [Skill] {
        self.skills
    }

    fn in_turn(&self) -> bool {
        self.in_turn
    }

    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        let mut event = match deed.action {
            AgentAction::Accept => json!({ "kind": "accepted" }),
            AgentAction::Say(message) => {
                json!({ "kind": "said", "id": message.sent_as, "text": message.text, "files": message.attachments })
            }
            AgentAction::Typing(typing) => json!({ "kind": "typing", "typing": typing }),
            AgentAction::Read(message_id) => json!({ "kind": "read", "id": message_id }),
            AgentAction::Leave => json!({ "kind": "left" }),
            AgentAction::Transfer(Recipient::Agent(name)) => json!({ "kind": "transferred", "agent": name }),
            AgentAction::Transfer(Recipient::Queue(name)) => json!({ "kind": "transferred", "queue": name }),
            AgentAction::Queue(position) => json!({ "kind": "queued", "position": position }),
            AgentAction::End => json!({ "kind": "ended" }),
            _ => return Err(Failure::Forbidden("not at Acme".to_owned())),
        };
        event["by"] = json!(deed.agent);
        let letter = Letter::json(deed.conversation, &self.webhook, &event).with_headers(|attempt| {
            let mut headers = HeaderMap::new();
            headers.insert("x-attempt", HeaderValue::from(attempt.number));
            headers.insert("x-length", HeaderValue::from(attempt.body.len()));
            headers.insert("authorization", HeaderValue::from_static("Bearer acme-webhook-key"));
            headers
        });
        self.courier.send(letter).outcome().await
    }
}

pub fn routes(acme: &Arc<Acme>) -> Router {
    let desk = &acme.desk;
    let action = |_: &axum::http::request::Parts, body: &[u8]| match serde_json::from_slice::<Value>(body) {
        Ok(body) if body["action"] == "SEND" => "bot.send",
        _ => "bot.unknown",
    };
    Router::new()
        .route("/chats", desk.operation("start", post(start)))
        .route("/chats/{id}/messages", desk.operation("send", post(send)))
        .route("/chats/{id}/end", desk.operation("end", post(end)))
        .route("/bot", desk.operation_by(action, post(|| async { "{}" })))
        .with_state(Arc::clone(acme))
}

async fn start(State(acme): State<Arc<Acme>>, Json(body): Json<Value>) -> Result<Json<Value>, Refusal> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let mut opening = Opening::new(fresh_id());
    opening.session_id = text("session");
    opening.customer.name = text("name");
    let (id, status) = acme.desk.begin_if_open(opening)?;
    Ok(Json(json!({ "id": id, "status": status.word() })))
}

async fn send(
    State(acme): State<Arc<Acme>>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    let mut incoming = Incoming::text(body["text"].as_str().unwrap_or_default());
    incoming.id = body["id"].as_str().map(str::to_owned);
    incoming.attachments = serde_json::from_value(body["files"].clone()).unwrap_or_default();
    let received = acme.desk.receive(&id, incoming)?;
    Ok(Json(json!({ "messageId": received.message_id, "repeated": received.repeated })))
}

async fn end(State(acme): State<Arc<Acme>>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    acme.desk.end(&id, Party::Customer, Some("goodbye".to_owned()))?;
    Ok(Json(json!({})))
}
