//! A customer's conversation as the bot hands it to the gateway, activity by activity.

use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

/// What the gateway answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The replies that the response carries.
    pub fn activities(&self) -> Vec<Value> {
        let body: Value = serde_json::from_str(&self.body).expect("JSON");
        body["activities"].as_array().expect("activities").clone()
    }
}

/// One conversation of one customer.
#[derive(Clone)]
pub struct Customer {
    pub conversation: String,
    pub channel: String,
    pub name: String,
    pub service_url: String,
    /// The response carries the replies.
    pub inline: bool,
    pub skill: String,
    pub http: Client,
}

impl Customer {
    pub fn on(mut self, channel: &str) -> Self {
        self.channel = channel.to_owned();
        self
    }

    /// As in Copilot Studio's test pane.
    pub fn in_the_pane(mut self) -> Self {
        self.channel = "pva-studio".to_owned();
        self.inline = true;
        self
    }

    /// What every activity of this conversation carries.
    pub fn activity(&self, kind: &str) -> Value {
        let mut activity = json!({
            "type": kind,
            "id": Uuid::now_v7().to_string(),
            "channelId": self.channel,
            "serviceUrl": self.service_url,
            "conversation": {
                "id": self.conversation,
                "conversationType": "personal",
                "tenantId": "7e4a4700-0000-4000-8000-000000005002",
            },
            "from": {
                "id": format!("29:{}", self.name),
                "name": self.name,
                "aadObjectId": "0a0b0c0d-0000-4000-8000-000000000001",
                "role": "user",
            },
            "recipient": { "id": "28:agent-app", "name": "Contoso Agent", "role": "bot" },
            "locale": "en-US",
            "channelData": {},
        });
        if self.inline {
            activity["deliveryMode"] = json!("expectReplies");
        }
        activity
    }

    pub fn event(&self, name: &str, value: Value) -> Value {
        let mut event = self.activity("event");
        event["name"] = json!(name);
        event["value"] = value;
        event
    }

    pub fn message(&self, text: &str) -> Value {
        let mut message = self.activity("message");
        message["text"] = json!(text);
        message
    }

    /// Sends an activity, whatever becomes of it.
    pub async fn post(&self, activity: &Value) -> Answer {
        self.try_post(activity).await.expect("an answer")
    }

    /// The same, where nobody may be there.
    pub async fn try_post(&self, activity: &Value) -> reqwest::Result<Answer> {
        let response = self.http.post(&self.skill).json(activity).send().await?;
        let status = response.status().as_u16();
        Ok(Answer { status, body: response.text().await? })
    }

    /// Sends an activity that must be taken.
    pub async fn sends(&self, activity: &Value) -> Answer {
        let answer = self.post(activity).await;
        assert_eq!(answer.status, if self.inline { 200 } else { 202 }, "{activity}: {}", answer.body);
        answer
    }

    pub async fn starts(&self) -> Answer {
        self.sends(&self.event("startConversation", json!({}))).await
    }

    pub async fn says(&self, text: &str) -> Answer {
        self.sends(&self.message(text)).await
    }

    pub async fn ends(&self, live: &str) -> Answer {
        self.sends(&self.event("endConversation", json!({ "LiveChatConversationId": live }))).await
    }
}
