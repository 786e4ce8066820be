//! The activities the bot sends to its skill, field by field as Copilot Studio on Teams is taken to write them.
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{action::Action, conversation::Conversation, simulator::Simulator};

/// What every activity of a conversation carries.
fn envelope(
    simulator: &Simulator,
    conversation: &Conversation,
    kind: &str,
    id: Option<&str>,
) -> Map<String, Value> {
    let who = &conversation.identity;
    let on_teams = who.channel_id.starts_with("msteams");
    let mut place = json!({ "id": who.id });
    let mut channel_data = json!({});
    if on_teams {
        place["conversationType"] = json!("personal");
        place["tenantId"] = json!(simulator.config.tenant_id);
        channel_data = json!({ "tenant": { "id": simulator.config.tenant_id } });
    }
    let id = simulator
        .switches()
        .activity_ids
        .then(|| id.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned));
    let activity = json!({
        "type": kind,
        "channelId": who.channel_id,
        "serviceUrl": simulator.service_url(),
        "conversation": place,
        "from": {
            "id": who.user_id,
            "name": who.name,
            "aadObjectId": who.aad_object_id,
            "role": "user",
        },
        "recipient": {
            "id": format!("28:{}", simulator.config.agent_app_id),
            "name": simulator.config.agent_name,
            "role": "skill",
        },
        "locale": who.locale,
        "localTimestamp": jiff::Timestamp::now().to_string(),
        "channelData": channel_data,
        // The original conversation; it names no serviceUrl, and `bot` has been seen to be null.
        "relatesTo": {
            "activityId": id,
            "bot": null,
            "channelId": who.channel_id,
            "conversation": { "id": who.id },
            "locale": who.locale,
        },
        "attachments": [],
        "entities": [],
    });
    let Value::Object(mut activity) = activity else {
        unreachable!("an object literal");
    };
    if let Some(id) = id {
        activity.insert("id".into(), Value::String(id));
    }
    if who.delivery_mode == "expectReplies" {
        activity.insert("deliveryMode".into(), json!("expectReplies"));
    }
    activity
}

/// An event action (`startConversation`, `endConversation`) with its inputs.
pub(crate) fn event(
    simulator: &Simulator,
    conversation: &Conversation,
    action: Action,
    value: Value,
) -> Value {
    let mut activity = envelope(simulator, conversation, "event", None);
    activity.insert("name".into(), json!(action.name()));
    activity.insert("value".into(), value);
    Value::Object(activity)
}

/// The message that begins the `sendMessage` action: inputs in `value`, the customer's last words as text.
pub(crate) fn first_message(
    simulator: &Simulator,
    conversation: &Conversation,
    problem: &str,
    live_chat_conversation_id: &str,
) -> Value {
    let mut activity = envelope(simulator, conversation, "message", None);
    activity.insert("text".into(), json!(problem));
    activity.insert("textFormat".into(), json!("plain"));
    activity.insert(
        "value".into(),
        json!({
            "LiveChatConversationId": live_chat_conversation_id,
            "ProblemDescription": problem,
        }),
    );
    Value::Object(activity)
}

/// What the customer writes while the action is open: no inputs any more.
pub(crate) fn further_message(
    simulator: &Simulator,
    conversation: &Conversation,
    text: &str,
    id: &str,
) -> Value {
    let mut activity = envelope(simulator, conversation, "message", Some(id));
    activity.insert("text".into(), json!(text));
    activity.insert("textFormat".into(), json!("plain"));
    Value::Object(activity)
}

pub(crate) fn typing(simulator: &Simulator, conversation: &Conversation) -> Value {
    Value::Object(envelope(simulator, conversation, "typing", None))
}

/// What a host built on the protocol's SDKs sends when it cancels an action.
pub(crate) fn cancelled(simulator: &Simulator, conversation: &Conversation) -> Value {
    let mut activity = envelope(simulator, conversation, "endOfConversation", None);
    activity.insert("code".into(), json!("userCancelled"));
    Value::Object(activity)
}
