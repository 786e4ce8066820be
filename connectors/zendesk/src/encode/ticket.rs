//! What the agents' ticket is made of: what was said, and its fields.

use handover_connector::{NewSession, json};
use serde_json::{Map, Value, json};

use crate::SESSION_MARK;
use crate::settings::Settings;

/// Most bytes of a metadata object (schema `metadata`: 4 KB).
const MOST_METADATA: usize = 4000;

/// What Agent Workspace knows by name (Zendesk, "Switchboard integrations for Zendesk").
const SYSTEM_FIELDS: [&str; 8] = [
    "priority",
    "tags",
    "group_id",
    "assignee_id",
    "brand_id",
    "organization_id",
    "requester.name",
    "requester.email",
];

/// What agents read first.
pub fn story(session: &NewSession) -> String {
    readable(&session.story(session.customer.name.as_deref().unwrap_or("Customer")))
}

/// Without what neither JSON readers nor pages like.
pub fn readable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// What Agent Workspace makes the ticket of.
pub fn ticket(settings: &Settings, session: &NewSession, first_message: &str) -> Value {
    let mut metadata = Map::new();
    metadata.insert(SESSION_MARK.to_owned(), json!(session.id));
    if !first_message.is_empty() {
        metadata.insert("first_message_id".to_owned(), json!(first_message));
    }
    let mapped = session.attributes.iter().filter_map(|a| Some((field(settings.fields.get(&a.name)?), a)));
    let routing = session.routing.iter().map(|a| (field(settings.fields.get(&a.name).unwrap_or(&a.name)), a));
    for (key, attribute) in mapped.chain(routing) {
        metadata.insert(key.clone(), json!(attribute.value));
        if json::write(&Value::Object(metadata.clone())).len() > MOST_METADATA {
            metadata.remove(&key);
        }
    }
    Value::Object(metadata)
}

/// The name that Agent Workspace reads a field by; others are shown to whoever reads webhooks.
fn field(target: &str) -> String {
    if !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("dataCapture.ticketField.{target}")
    } else if SYSTEM_FIELDS.contains(&target) {
        format!("dataCapture.systemField.{target}")
    } else {
        target.to_owned()
    }
}
