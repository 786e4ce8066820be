//! The bot: what it posts to its skill, field by field as Copilot Studio on Teams writes it.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Person;

/// How long the gateway may take to acknowledge a turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// The bot, its skill's address once it is known.
pub(super) struct Bot {
    service_url: String,
    skill: OnceLock<String>,
    http: reqwest::Client,
}

impl Bot {
    pub(super) fn new(service_url: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { service_url, skill: OnceLock::new(), http })
    }

    pub(super) fn meet(&self, skill: String) {
        // It is told once.
        drop(self.skill.set(skill));
    }

    /// Posts an activity; why it was not taken, where it was not.
    pub(super) async fn post(&self, activity: Value) -> Result<(), String> {
        let Some(skill) = self.skill.get() else { return Err("the gateway does not serve yet".to_owned()) };
        match self.http.post(skill).json(&activity).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("the gateway answered {}", answer.status())),
            Err(error) => Err(format!("the gateway did not answer: {}", error.without_url())),
        }
    }

    /// An event action with its inputs.
    pub(super) fn event(&self, conversation: &str, who: &Person, name: &str, value: Value) -> Value {
        let mut event = self.envelope(conversation, who, "event");
        event.insert("name".to_owned(), json!(name));
        event.insert("value".to_owned(), value);
        Value::Object(event)
    }

    /// What the customer wrote; with `live`, it begins the action that further messages belong to.
    pub(super) fn message(&self, conversation: &str, who: &Person, text: &str, live: Option<&str>) -> Value {
        let mut message = self.envelope(conversation, who, "message");
        message.insert("text".to_owned(), json!(text));
        message.insert("textFormat".to_owned(), json!("plain"));
        if let Some(live) = live {
            let value = json!({ "LiveChatConversationId": live, "ProblemDescription": text });
            message.insert("value".to_owned(), value);
        }
        Value::Object(message)
    }

    pub(super) fn typing(&self, conversation: &str, who: &Person) -> Value {
        Value::Object(self.envelope(conversation, who, "typing"))
    }

    fn envelope(&self, conversation: &str, who: &Person, kind: &str) -> Map<String, Value> {
        let id = Uuid::now_v7().to_string();
        let activity = json!({
            "type": kind,
            "id": id,
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "conversation": { "id": conversation, "conversationType": "personal" },
            "from": { "id": who.id, "name": who.name, "role": "user" },
            "recipient": { "id": "28:handover-connector-run", "name": "Bot", "role": "skill" },
            "locale": who.locale,
            "channelData": {},
        });
        match activity {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}
