//! A customer's conversation as the bot hands it to the gateway, activity by activity.

use anyhow::ensure;
use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::patience::eventually;

/// One conversation of one customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// In everything that is said of this customer's case, and nowhere else.
    pub token: String,
    /// The channel's id of the conversation.
    pub conversation: String,
    /// The customer's name.
    pub name: String,
    pub(super) service_url: String,
    pub(super) skill: String,
    pub(super) http: Client,
}

impl Customer {
    /// What this customer needs.
    pub fn problem(&self) -> String {
        format!("My parcel {} has not come", self.token)
    }

    /// What every activity of this conversation carries.
    pub fn activity(&self, kind: &str) -> Value {
        json!({
            "type": kind,
            "id": Uuid::now_v7().to_string(),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "conversation": {
                "id": self.conversation,
                "conversationType": "personal",
                "tenantId": "7e4a4700-0000-4000-8000-000000005002",
            },
            "from": { "id": format!("29:{}", self.token), "name": self.name, "role": "user" },
            "recipient": { "id": "28:agent-app", "name": "Contoso Agent", "role": "bot" },
            "locale": "en-US",
            "channelData": {},
        })
    }

    /// An action of the bot's.
    pub fn event(&self, name: &str, value: Value) -> Value {
        let mut event = self.activity("event");
        event["name"] = json!(name);
        event["value"] = value;
        event
    }

    /// The start of the handover, as a topic with all inputs has it.
    pub fn start(&self) -> Value {
        self.event(
            "startConversation",
            json!({
                "ProblemDescription": self.problem(),
                "Transcript": [
                    { "role": "user", "text": "hello there", "timestamp": "2025-11-05T15:21:01Z" },
                    { "role": "bot", "name": "Contoso Agent", "text": "How can I help you today?" },
                ],
                "CustomerEmail": "jane@contoso.example",
                "OrderNumber": "4711-B",
            }),
        )
    }

    /// Words of the customer's.
    pub fn message(&self, text: &str) -> Value {
        let mut message = self.activity("message");
        message["text"] = json!(text);
        message["textFormat"] = json!("plain");
        message
    }

    /// Sends an activity until it is taken.
    ///
    /// # Errors
    /// It is refused, or never taken.
    pub async fn sends(&self, activity: &Value) -> anyhow::Result<()> {
        let status = eventually("an acknowledgement of the bot's activity", || async {
            let sent = self.http.post(&self.skill).json(activity).send().await;
            match sent.map(|answer| answer.status().as_u16()) {
                Ok(status) if status != 429 && status < 500 => Ok(status),
                other => Err(format!("{other:?}")),
            }
        })
        .await?;
        ensure!(status == 202, "the bot's activity was answered with {status}: {}", activity["name"]);
        Ok(())
    }

    /// Says something.
    ///
    /// # Errors
    /// It is refused, or never taken.
    pub async fn says(&self, text: &str) -> anyhow::Result<()> {
        self.sends(&self.message(text)).await
    }

    /// The topic of goodbye.
    ///
    /// # Errors
    /// It is refused, or never taken.
    pub async fn ends(&self, live: &str) -> anyhow::Result<()> {
        self.sends(&self.event("endConversation", json!({ "LiveChatConversationId": live }))).await
    }
}
