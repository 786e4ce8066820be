//! What entries of a conversation look like: the kinds of the vendor's Interaction Service schema.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// One entry, and the event that carries it.
pub(crate) struct Entry {
    pub(crate) event: &'static str,
    /// Whether the list of entries has it, or only the stream.
    pub(crate) listed: bool,
    pub(crate) value: Value,
}

/// Who made an entry.
pub(crate) enum Maker<'a> {
    Customer(&'a str),
    Rep(&'a str),
    System,
}

impl Maker<'_> {
    fn participant(&self) -> Value {
        let (app, subject, role) = match self {
            Self::Customer(subject) => ("iamessage", (*subject).to_owned(), "EndUser"),
            Self::Rep(name) => ("agent", user_id(name), "Agent"),
            Self::System => ("conversation", "conversation".to_owned(), "System"),
        };
        json!({ "appType": app, "subject": subject, "role": role })
    }

    fn name(&self) -> Value {
        match self {
            Self::Customer(_) => json!("Guest"),
            Self::Rep(name) => json!(name),
            Self::System => Value::Null,
        }
    }
}

/// A message; `id` is its own.
pub(crate) fn message(id: &str, by: &Maker<'_>, content: Value, reply_to: Option<&str>) -> Entry {
    let message = json!({
        "messageType": "StaticContentMessage",
        "id": id,
        "inReplyToMessageId": reply_to,
        "references": [],
        "staticContent": content,
    });
    let payload = json!({ "abstractMessage": message, "messageReason": null });
    entry("CONVERSATION_MESSAGE", "Message", true, id, by, payload)
}

/// People come and go: `add` or `remove`, and who.
pub(crate) fn participants(changes: &[(&str, &str)]) -> Entry {
    let entries: Vec<Value> = changes
        .iter()
        .map(|(operation, name)| {
            let participant = Maker::Rep(name).participant();
            json!({ "operation": operation, "participant": participant, "displayName": name, "menuMetadata": null })
        })
        .collect();
    let payload = json!({ "entries": entries });
    of_system("CONVERSATION_PARTICIPANT_CHANGED", "ParticipantChanged", true, payload)
}

/// What came of a routing; `failure` is why it failed.
pub(crate) fn routing(kind: &str, failure: Option<&str>) -> Entry {
    let payload = json!({
        "routingType": kind,
        "failureType": if failure.is_some() { "RoutingError" } else { "None" },
        "failureReason": failure,
        "errorMessages": failure.into_iter().collect::<Vec<_>>(),
        "estimatedWaitTime": { "isEWTRequested": false },
    });
    of_system("CONVERSATION_ROUTING_RESULT", "RoutingResult", true, payload)
}

/// A place in the queue.
pub(crate) fn place(position: u32) -> Entry {
    let payload =
        json!({ "position": position, "pendingServiceRoutingId": "0JRxx0000004C92", "workItemId": "0Bzxx" });
    of_system("CONVERSATION_QUEUE_POSITION", "QueuePosition", false, payload)
}

/// The messaging session goes on to another status; `by` is the role that ended it.
pub(crate) fn session(conversation: &str, before: &str, status: &str, by: Option<&str>) -> Entry {
    let payload = json!({
        "sessionId": "0Mwxx0000004CAW",
        "conversationIdentifier": conversation,
        "channelAddressIdentifier": "4d9f0a6c-3a0b-4d6e-9a52-4f3d2a9b7c11",
        "sessionStatusPrev": before,
        "sessionStatus": status,
        "sessionEndedByRole": by,
        "sessionStartTime": now(),
        "sessionEndTime": by.map(|_| now()),
    });
    of_system("CONVERSATION_SESSION_STATUS_CHANGED", "SessionStatusChanged", true, payload)
}

/// A rep begins or stops to write.
pub(crate) fn typing(name: &str, on: bool) -> Entry {
    let payload = json!({ "timestamp": now() });
    let (event, kind) = if on {
        ("CONVERSATION_TYPING_STARTED_INDICATOR", "TypingStartedIndicator")
    } else {
        ("CONVERSATION_TYPING_STOPPED_INDICATOR", "TypingStoppedIndicator")
    };
    entry(event, kind, false, &agent_desk::fresh_id(), &Maker::Rep(name), payload)
}

/// A message has arrived, or was read.
pub(crate) fn acknowledgement(message: &str, by: &Maker<'_>, read: bool) -> Entry {
    let payload = json!({
        "acknowledgedConversationEntryIdentifier": message,
        "acknowledgementTimestamp": now(),
        "recipient": by.participant(),
    });
    let (event, kind) = if read {
        ("CONVERSATION_READ_ACKNOWLEDGEMENT", "ReadAcknowledgement")
    } else {
        ("CONVERSATION_DELIVERY_ACKNOWLEDGEMENT", "DeliveryAcknowledgement")
    };
    entry(event, kind, false, &agent_desk::fresh_id(), by, payload)
}

/// The customer has closed the conversation.
pub(crate) fn closed(subject: &str) -> Entry {
    let by = Maker::Customer(subject);
    entry(
        "CONVERSATION_CLOSE_CONVERSATION",
        "CloseConversation",
        false,
        &agent_desk::fresh_id(),
        &by,
        json!({}),
    )
}

/// The stream's form: the payload is JSON within a text.
pub(crate) fn for_stream(conversation: &str, entry: &Value) -> String {
    let mut entry = entry.clone();
    entry["entryPayload"] = json!(entry["entryPayload"].to_string());
    let data = json!({
        "channelPlatformKey": "cpk",
        "channelType": "embedded_messaging",
        "channelAddressIdentifier": "4d9f0a6c-3a0b-4d6e-9a52-4f3d2a9b7c11",
        "conversationId": conversation,
        "conversationEntry": entry,
    });
    data.to_string()
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

fn of_system(event: &'static str, kind: &str, listed: bool, payload: Value) -> Entry {
    entry(event, kind, listed, &agent_desk::fresh_id(), &Maker::System, payload)
}

fn entry(
    event: &'static str,
    kind: &str,
    listed: bool,
    id: &str,
    by: &Maker<'_>,
    mut payload: Value,
) -> Entry {
    payload["entryType"] = json!(kind);
    payload["id"] = json!(id);
    let time = now();
    let value = json!({
        "identifier": id,
        "entryType": kind,
        "entryPayload": payload,
        "sender": by.participant(),
        "senderDisplayName": by.name(),
        "transcriptedTimestamp": time,
        "clientTimestamp": time,
        "clientDuration": 0,
    });
    Entry { event, listed, value }
}

/// The same for the same name.
fn user_id(name: &str) -> String {
    let sum = name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("005{:012}", sum % 1_000_000_000_000)
}
