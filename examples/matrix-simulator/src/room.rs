//! One room: its members, its state, its timeline, and who types in it.

use std::collections::BTreeMap;

use agent_desk::fresh_id;
use serde_json::{Value, json};

use crate::refusal::Refusal;

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A new event id.
pub(crate) fn event_id() -> String {
    format!("${}", fresh_id())
}

/// A room.
pub(crate) struct Room {
    pub(crate) id: String,
    /// Of events with a state key, the newest each, by type and key.
    state: BTreeMap<(String, String), Value>,
    pub(crate) timeline: Vec<Value>,
    /// Who types, and which of their signs it was.
    pub(crate) typing: BTreeMap<String, u64>,
    /// Whether agents have been asked to come: their desk shows it.
    pub(crate) at_desk: bool,
}

/// An event before it has its id and time.
pub(crate) struct Draft<'a> {
    pub(crate) id: Option<String>,
    pub(crate) kind: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) state_key: Option<&'a str>,
    pub(crate) content: Value,
}

impl Room {
    pub(crate) fn new(id: String) -> Self {
        Self { id, state: BTreeMap::new(), timeline: Vec::new(), typing: BTreeMap::new(), at_desk: false }
    }

    /// The event, in the timeline and the state.
    pub(crate) fn add(&mut self, draft: Draft<'_>) -> Value {
        let Draft { id, kind, sender, state_key, content } = draft;
        let mut event = json!({
            "type": kind,
            "event_id": id.unwrap_or_else(event_id),
            "room_id": self.id,
            "sender": sender,
            "origin_server_ts": now(),
            "content": content,
            "unsigned": {},
        });
        if let Some(key) = state_key {
            event["state_key"] = json!(key);
            let before = self.state.insert((kind.to_owned(), key.to_owned()), event["content"].clone());
            if let Some(before) = before {
                event["unsigned"]["prev_content"] = before;
            }
        }
        self.timeline.push(event.clone());
        event
    }

    pub(crate) fn state(&self, kind: &str, key: &str) -> Option<&Value> {
        self.state.get(&(kind.to_owned(), key.to_owned()))
    }

    /// The name or topic, e.g.
    pub(crate) fn text(&self, kind: &str, member: &str) -> Option<&str> {
        self.state(kind, "")?[member].as_str()
    }

    pub(crate) fn membership(&self, user: &str) -> &str {
        self.state("m.room.member", user)
            .and_then(|content| content["membership"].as_str())
            .unwrap_or("leave")
    }

    pub(crate) fn is_joined(&self, user: &str) -> bool {
        self.membership(user) == "join"
    }

    /// Refuses who is not there.
    pub(crate) fn needs(&self, user: &str) -> Result<(), Refusal> {
        if self.is_joined(user) { Ok(()) } else { Err(Refusal::not_in_room(user)) }
    }

    /// Everybody who was ever a member.
    pub(crate) fn people(&self) -> impl Iterator<Item = (&str, &Value)> {
        let members = self.state.iter().filter(|((kind, _), _)| kind == "m.room.member");
        members.map(|((_, user), content)| (user.as_str(), content))
    }

    pub(crate) fn joined(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.people().filter(|(_, content)| content["membership"] == "join")
    }

    /// What somebody may (client-server API, `m.room.power_levels`).
    pub(crate) fn power(&self, user: &str) -> i64 {
        let levels = self.state("m.room.power_levels", "");
        let of = levels.and_then(|levels| levels["users"][user].as_i64());
        of.or_else(|| levels?["users_default"].as_i64()).unwrap_or(0)
    }

    /// What is needed for it.
    pub(crate) fn level(&self, what: &str, otherwise: i64) -> i64 {
        self.state("m.room.power_levels", "").and_then(|levels| levels[what].as_i64()).unwrap_or(otherwise)
    }
}
