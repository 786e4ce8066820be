//! The bodies of inbound requests, as `OpenInboundNormalizedMessage`, `…Event` and `…Receipt` define them.

use handover_connector::text::clean;
use handover_connector::{Attachment, Customer, time};
use serde_json::{Map, Value, json};

use crate::settings::Attributes;

/// One inbound message. Genesys knows it by its id together with its time: both stay the same on every attempt.
#[derive(Debug, Clone)]
pub struct Inbound<'a> {
    /// Ours: `channel.messageId`.
    pub id: String,
    /// Milliseconds since 1970.
    pub time: u64,
    /// What it says; may be empty where there is a file.
    pub text: String,
    /// One file at most: the platform takes one attachment a message.
    pub file: Option<&'a Attachment>,
}

impl Inbound<'_> {
    /// As it is posted for this customer of this session.
    pub fn body(&self, session: &str, customer: &Customer) -> Value {
        let mut body = json!({
            "channel": {
                "messageId": self.id,
                "from": from(session, customer),
                "time": time::rfc3339(self.time),
            },
        });
        if !self.text.is_empty() {
            body["text"] = json!(self.text);
        }
        if let Some(file) = self.file {
            body["content"] = json!([{ "attachment": attachment(&self.id, file) }]);
        }
        body
    }
}

/// Adds what is known of customer and case.
pub fn attach(body: &mut Value, place: Attributes, attributes: Map<String, Value>) {
    match place {
        Attributes::Channel => body["channel"]["metadata"] = json!({ "customAttributes": attributes }),
        Attributes::Metadata => body["metadata"] = Value::Object(attributes),
        Attributes::None => {}
    }
}

/// `OpenMessagingFromRecipient`. The id is the session's: callbacks name it, and each session gets a conversation of
/// its own however soon it follows another.
fn from(session: &str, customer: &Customer) -> Value {
    let mut from = json!({ "id": session, "idType": "Opaque" });
    if let Some(name) = customer.name.as_ref().filter(|name| !name.trim().is_empty()) {
        from["nickname"] = json!(clean(name));
    }
    if let Some(email) = &customer.email {
        from["email"] = json!(email);
    }
    from
}

/// `OpenContentAttachment`.
fn attachment(id: &str, file: &Attachment) -> Value {
    let media = match file.content_type.split('/').next() {
        Some("image") => "Image",
        Some("video") => "Video",
        Some("audio") => "Audio",
        _ => "File",
    };
    json!({
        "id": id,
        "mediaType": media,
        "url": file.url,
        "mime": file.content_type,
        "filename": file.name,
    })
}

/// `OpenInboundNormalizedEvent`: the customer types. That they stop is not on this wire: it passes by itself.
pub fn typing(session: &str, customer: &Customer, now: u64) -> Value {
    json!({
        "channel": { "from": from(session, customer), "time": time::rfc3339(now) },
        "events": [{ "eventType": "Typing", "typing": { "type": "On", "duration": 5000 } }],
    })
}

/// `OpenInboundNormalizedReceipt` for a message of the live agent; `failed` says why it was not delivered.
pub fn receipt(session: &str, message_id: &str, failed: Option<&str>, now: u64) -> Value {
    let mut body = json!({
        "id": message_id,
        "channel": { "to": { "id": session, "idType": "Opaque" }, "time": time::rfc3339(now) },
        "status": if failed.is_some() { "Failed" } else { "Delivered" },
        "isFinalReceipt": true,
    });
    if let Some(why) = failed {
        body["reasons"] = json!([{ "code": "GeneralError", "message": why }]);
    }
    body
}
