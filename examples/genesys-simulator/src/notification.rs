//! Outbound notifications: what the platform posts to the integration's webhook, and how it signs it.

use std::sync::{Arc, PoisonError, RwLock};

use agent_desk::{
    AgentAction, Deed, Failure, Letter, Message, Recipient, Secret, Skill, Vendor, fresh_id, now,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    App,
    people::{Participant, disconnect},
};

/// `sha256=` and, in base64, the HMAC-SHA256 of the body.
const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");

/// Where notifications go, and their key.
pub(crate) struct Webhook {
    url: RwLock<String>,
    key: hmac::Key,
}

impl Webhook {
    pub(crate) fn new(url: &str, secret: Secret) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
        Self { url: RwLock::new(url.to_owned()), key }
    }

    pub(crate) fn point_at(&self, url: &str) {
        url.clone_into(&mut self.url.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn sign(&self, body: &[u8]) -> HeaderMap {
        let signature = format!("sha256={}", STANDARD.encode(hmac::sign(&self.key, body)));
        HeaderValue::try_from(signature).map(|value| (SIGNATURE, value)).into_iter().collect()
    }
}

impl App {
    fn letter(&self, conversation: &str, name: &str, body: &Value) -> Letter {
        let (at, key) = (Arc::clone(&self.webhook), Arc::clone(&self.webhook));
        Letter::json(conversation, "", body)
            .named(name)
            .to(move || at.url.read().unwrap_or_else(PoisonError::into_inner).clone())
            .with_headers(move |attempt| key.sign(attempt.body))
    }

    /// What every notification to the customer has.
    fn outbound(&self, conversation: &str, id: &str, kind: &str) -> Value {
        let to = self.store.at(conversation, |known| known.from.clone()).unwrap_or_default();
        json!({
            "id": id,
            "channel": {
                "id": self.integration_id,
                "platform": "Open",
                "type": "Private",
                "messageId": id,
                "to": { "id": to["id"], "idType": to["idType"] },
                "from": { "nickname": "Simulated Support", "id": self.integration_id, "idType": "Opaque" },
                "time": now(),
            },
            "type": kind,
            "direction": "Outbound",
            "conversationId": conversation,
        })
    }

    /// "If you attach multiple files, Genesys Cloud sends them as individual messages."
    async fn say(&self, conversation: &str, message: &Message) -> Result<(), Failure> {
        for at in 0..message.attachments.len().max(1) {
            let text = if at == 0 { message.text.as_str() } else { "" };
            let id = if at == 0 { message.sent_as.clone() } else { fresh_id() };
            self.store.at(conversation, |known| known.posted.insert(id.clone(), message.id.clone()));
            let mut body = self.outbound(conversation, &id, "Text");
            body["originatingEntity"] = json!("Human");
            if !text.is_empty() {
                body["text"] = json!(text);
            }
            if let Some(file) = message.attachments.get(at) {
                let media = match file.content_type.split('/').next() {
                    Some("image") => "Image",
                    Some("video") => "Video",
                    Some("audio") => "Audio",
                    _ => "File",
                };
                let attachment = json!({ "id": fresh_id(), "mediaType": media, "url": file.url,
                    "mime": file.content_type, "filename": file.name });
                body["content"] = json!([{ "contentType": "Attachment", "attachment": attachment }]);
            }
            self.courier.send(self.letter(conversation, "webhook.message", &body)).outcome().await?;
        }
        Ok(())
    }

    /// An inbound message has been delivered to the agents' desktop. Nobody waits for it.
    pub(crate) fn tell_receipt(&self, conversation: &str, answer: &Value) {
        let mut body = answer.clone();
        if let Some(body) = body.as_object_mut() {
            body.remove("text");
        }
        body["type"] = json!("Receipt");
        body["status"] = json!("Delivered");
        body["isFinalReceipt"] = json!(true);
        body["direction"] = json!("Inbound");
        drop(self.courier.send(self.letter(conversation, "webhook.receipt", &body)));
    }

    /// Whoever had the conversation gives it on, and somebody else has it.
    fn hand_on(&self, conversation: &str, from: &[&str], to: Participant) {
        self.store.at(conversation, |known| {
            disconnect(&mut known.people, from, "transfer");
            known.people.push(to);
        });
    }
}

impl Vendor for App {
    fn name(&self) -> &str {
        "Genesys Cloud simulated"
    }

    fn colour(&self) -> &str {
        "#c2410c"
    }

    fn skills(&self) -> &'static [Skill] {
        &[Skill::Typing, Skill::Leave, Skill::Transfer, Skill::Attachments]
    }

    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        let id = deed.conversation.as_str();
        match deed.action {
            AgentAction::Say(message) => return self.say(id, &message).await,
            AgentAction::Typing(true) => {
                let mut body = self.outbound(id, &fresh_id(), "Event");
                body["events"] =
                    json!([{ "eventType": "Typing", "typing": { "type": "On", "duration": 5000 } }]);
                return self.courier.send(self.letter(id, "webhook.typing", &body)).first_try().await;
            }
            // None of this is on the webhook.
            AgentAction::Accept => self.hand_on(id, &["acd"], Participant::agent(&deed.agent)),
            AgentAction::Leave => self.hand_on(id, &["agent"], Participant::queue("Support")),
            AgentAction::Transfer(Recipient::Agent(name)) => {
                self.hand_on(id, &["agent"], Participant::agent(&name));
            }
            AgentAction::Transfer(Recipient::Queue(name)) => {
                self.hand_on(id, &["agent"], Participant::queue(&name));
            }
            AgentAction::End => {
                self.store.at(id, |known| {
                    disconnect(&mut known.people, &["agent", "acd"], "client");
                    disconnect(&mut known.people, &["customer"], "peer");
                });
            }
            _ => {}
        }
        Ok(())
    }
}
