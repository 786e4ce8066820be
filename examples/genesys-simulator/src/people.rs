//! Participants: who is in a conversation, and how they come and go (`MessageMediaParticipant`).

use agent_desk::{fresh_id, now};
use serde::Serialize;
use serde_json::{Value, json};

/// One participant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Participant {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    pub(crate) purpose: &'static str,
    pub(crate) state: &'static str,
    direction: &'static str,
    r#type: &'static str,
    connected_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Value>,
    /// `MessageDetails`.
    pub(crate) messages: Vec<Value>,
}

impl Participant {
    fn new(purpose: &'static str) -> Self {
        Self {
            id: fresh_id(),
            name: None,
            purpose,
            state: "connected",
            direction: "inbound",
            r#type: "open",
            connected_time: now(),
            end_time: None,
            disconnect_type: None,
            queue: None,
            user: None,
            attributes: None,
            messages: Vec::new(),
        }
    }

    pub(crate) fn customer(name: Option<String>, attributes: Value) -> Self {
        Self { name, attributes: Some(attributes), ..Self::new("customer") }
    }

    pub(crate) fn flow() -> Self {
        Self { name: Some("Inbound message flow".to_owned()), ..Self::new("workflow") }
    }

    pub(crate) fn queue(name: &str) -> Self {
        let queue = json!({ "id": format!("queue-{}", name.to_lowercase().replace(' ', "-")), "name": name });
        Self { name: Some(name.to_owned()), queue: Some(queue), ..Self::new("acd") }
    }

    pub(crate) fn agent(name: &str) -> Self {
        let user = json!({ "id": format!("user-{}", name.to_lowercase().replace(' ', "-")) });
        Self { name: Some(name.to_owned()), user: Some(user), ..Self::new("agent") }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.state != "disconnected"
    }

    /// Gone already is as good.
    pub(crate) fn disconnect(&mut self, why: &'static str) {
        if self.is_there() {
            (self.state, self.disconnect_type, self.end_time) = ("disconnected", Some(why), Some(now()));
        }
    }
}

/// Disconnects whoever of these purposes is there.
pub(crate) fn disconnect(people: &mut [Participant], purposes: &[&str], why: &'static str) {
    people.iter_mut().filter(|one| purposes.contains(&one.purpose)).for_each(|one| one.disconnect(why));
}
