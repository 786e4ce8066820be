//! Users, conversations and the switchboard's state: what the Conversations API keeps.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::refusal::Refused;

/// A switchboard integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Integration {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) integration_id: String,
    pub(crate) kind: &'static str,
}

impl Integration {
    pub(crate) fn new(name: &str, kind: &'static str) -> Self {
        Self { id: fresh(), name: name.to_owned(), integration_id: fresh(), kind }
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "integrationId": self.integration_id,
            "integrationType": self.kind,
        })
    }
}

/// A user.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) external_id: Option<String>,
    profile: Value,
    metadata: Value,
    signed_up: String,
}

impl User {
    pub(crate) fn new(body: &Value) -> Self {
        let or_empty = |value: &Value| if value.is_object() { value.clone() } else { json!({}) };
        Self {
            id: fresh(),
            external_id: body["externalId"].as_str().map(str::to_owned),
            profile: or_empty(&body["profile"]),
            metadata: or_empty(&body["metadata"]),
            signed_up: now(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let mut user = json!({
            "id": self.id,
            "authenticated": false,
            "signedUpAt": self.signed_up,
            "profile": self.profile,
            "metadata": self.metadata,
            "identities": [],
        });
        if let Some(id) = &self.external_id {
            user["externalId"] = json!(id);
        }
        user
    }

    /// Given name and surname.
    pub(crate) fn name(&self) -> Option<String> {
        let parts = [&self.profile["givenName"], &self.profile["surname"]];
        let parts: Vec<&str> = parts.into_iter().filter_map(Value::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    pub(crate) fn profile(&self, what: &str) -> Option<String> {
        self.profile[what].as_str().map(str::to_owned)
    }
}

/// A conversation.
pub(crate) struct Talk {
    pub(crate) id: String,
    pub(crate) user: String,
    is_default: bool,
    metadata: Value,
    created: String,
    updated: String,
    pub(crate) active: Option<Integration>,
    pub(crate) pending: Option<Integration>,
    pub(crate) messages: Vec<Value>,
    /// The conversation at the desk, while the ticket is open.
    pub(crate) ticket: Option<String>,
    pub(crate) tickets: usize,
}

impl Talk {
    /// As webhooks show it (schema `conversationTruncated`).
    pub(crate) fn truncated(&self) -> Value {
        let mut conversation = json!({ "id": self.id, "type": "personal" });
        if self.metadata.as_object().is_some_and(|metadata| !metadata.is_empty()) {
            conversation["metadata"] = self.metadata.clone();
        }
        for (name, who) in
            [("activeSwitchboardIntegration", &self.active), ("pendingSwitchboardIntegration", &self.pending)]
        {
            if let Some(who) = who {
                conversation[name] = who.json();
            }
        }
        conversation
    }

    /// As answers show it (schema `conversation`).
    pub(crate) fn json(&self) -> Value {
        let mut conversation = self.truncated();
        conversation["isDefault"] = json!(self.is_default);
        conversation["createdAt"] = json!(self.created);
        conversation["lastUpdatedAt"] = json!(self.updated);
        conversation
    }

    /// Keeps a message; it as webhooks and answers show it.
    pub(crate) fn keep(&mut self, message: Value) -> Value {
        self.updated = now();
        self.messages.push(message.clone());
        message
    }

    /// Whether webhooks of this integration hear of the conversation: those on standby do not.
    pub(crate) fn involves(&self, integration: &Integration) -> bool {
        self.active.as_ref() == Some(integration) || self.pending.as_ref() == Some(integration)
    }
}

/// All of it.
#[derive(Default)]
pub(crate) struct Book {
    users: HashMap<String, User>,
    by_external_id: HashMap<String, String>,
    talks: Vec<Talk>,
}

impl Book {
    pub(crate) fn add_user(&mut self, user: User) -> Result<Value, Refused> {
        if let Some(external_id) = &user.external_id {
            if self.by_external_id.contains_key(external_id) {
                return Err(Refused::new(409, "conflict", "User already exists"));
            }
            self.by_external_id.insert(external_id.clone(), user.id.clone());
        }
        let json = user.json();
        self.users.insert(user.id.clone(), user);
        Ok(json)
    }

    /// By id, or else by external id.
    pub(crate) fn user(&self, id: &str) -> Result<&User, Refused> {
        let known = self.users.get(id).or_else(|| self.users.get(self.by_external_id.get(id)?));
        known.ok_or_else(Refused::no_user)
    }

    /// The one of `userId` and `userExternalId` that is given; both, or none, are refused.
    pub(crate) fn named(&self, by: &Value) -> Result<&User, Refused> {
        match (by["userId"].as_str(), by["userExternalId"].as_str()) {
            (Some(id), None) => self.users.get(id).ok_or_else(Refused::no_user),
            (None, Some(external_id)) => {
                let id = self.by_external_id.get(external_id).ok_or_else(Refused::no_user)?;
                self.users.get(id).ok_or_else(Refused::no_user)
            }
            _ => Err(Refused::bad("One of userId or userExternalId is required, but not both")),
        }
    }

    pub(crate) fn talks_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a Talk> {
        self.talks.iter().filter(move |talk| talk.user == user)
    }

    pub(crate) fn open(&mut self, user: &str, metadata: &Value, active: Integration) -> Value {
        let time = now();
        let talk = Talk {
            id: fresh(),
            user: user.to_owned(),
            is_default: self.talks_of(user).next().is_none(),
            metadata: if metadata.is_object() { metadata.clone() } else { Value::Object(Map::new()) },
            created: time.clone(),
            updated: time,
            active: Some(active),
            pending: None,
            messages: Vec::new(),
            ticket: None,
            tickets: 0,
        };
        let json = talk.json();
        self.talks.push(talk);
        json
    }

    pub(crate) fn talk(&mut self, id: &str) -> Result<&mut Talk, Refused> {
        self.talks.iter_mut().find(|talk| talk.id == id).ok_or_else(Refused::no_conversation)
    }

    pub(crate) fn by_ticket(&mut self, ticket: &str) -> Option<&mut Talk> {
        self.talks.iter_mut().find(|talk| talk.ticket.as_deref() == Some(ticket))
    }

    /// Another user takes the place of this one: the one that survives, and the one that does not.
    pub(crate) fn merge(&mut self, old: &str) -> Option<(User, User)> {
        let discarded = self.users.remove(old)?;
        let surviving = User { id: fresh(), ..discarded.clone() };
        self.users.insert(surviving.id.clone(), surviving.clone());
        if let Some(external_id) = &surviving.external_id {
            self.by_external_id.insert(external_id.clone(), surviving.id.clone());
        }
        for talk in self.talks.iter_mut().filter(|talk| talk.user == old) {
            talk.user = surviving.id.clone();
        }
        Some((surviving, discarded))
    }

    pub(crate) fn delete(&mut self, id: &str) -> Option<Talk> {
        let at = self.talks.iter().position(|talk| talk.id == id)?;
        Some(self.talks.remove(at))
    }
}

/// An id as Zendesk makes them: 24 hexadecimal digits.
pub(crate) fn fresh() -> String {
    agent_desk::fresh_id().chars().filter(|c| *c != '-').take(24).collect()
}

/// `YYYY-MM-DDThh:mm:ss.SSSZ`
pub(crate) fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}
