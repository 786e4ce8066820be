//! The elements of `body[]`, as the documentation shows them.

use agent_desk::{Attachment, Format, Message};
use serde_json::{Value, json};

/// What Virtual Agent says.
pub fn text(value: &str) -> Value {
    json!({ "uiType": "OutputText", "group": "DefaultText", "value": value, "maskType": "NONE" })
}

/// How long to wait for a live agent.
pub fn waiting(wait: &str) -> Value {
    json!({
        "uiType": "ActionMsg",
        "actionType": "StartSpinner",
        "spinnerType": "wait_time",
        "message": "Routing you to a live agent...",
        "waitTime": wait,
    })
}

/// Comings and goings.
pub fn system(message: &str) -> Value {
    json!({ "uiType": "ActionMsg", "actionType": "System", "message": message })
}

pub fn typing(agent: &str, on: bool) -> Value {
    let action = if on { "StartTypingIndicator" } else { "EndTypingIndicator" };
    json!({ "uiType": "ActionMsg", "actionType": action, "agentInfo": info(agent) })
}

/// The interaction exists.
pub fn created(conversation: &str, interaction: &str) -> Value {
    json!({
        "uiType": "ActionMsg",
        "actionType": "CreateConversation",
        "conversationId": conversation,
        "interactionId": interaction,
        "messageId": crate::users::sys_id(),
    })
}

/// Virtual Agent greets, with its topics.
pub fn greeting() -> Vec<Value> {
    let picker = json!({
        "uiType": "TopicPickerControl",
        "group": "DefaultPicker",
        "nluTextEnabled": false,
        "promptMsg": "Hi guest, please enter your request or make a selection of what I can help with.",
        "label": "Show me everything",
        "options": [
            { "label": "Live Agent Support.", "value": "ce2ee85053130010cf8cddeeff7b12bf", "enabled": true },
        ],
    });
    vec![text("Hi, I'm your Virtual Agent. Let me know how I can help you today."), picker]
}

/// What a live agent wrote; each file is an element of its own. Ids are for `third_party_chat` only.
pub fn message(agent: &str, message: &Message, with_id: bool) -> Vec<Value> {
    let mut elements = Vec::new();
    if !message.text.trim().is_empty() {
        elements.push(match message.format {
            Format::Html => json!({
                "uiType": "OutputHtml", "group": "DefaultOutputHtml", "style": "inline", "height": 0, "width": 0,
                "value": message.text,
            }),
            Format::Plain | Format::Markdown => text(&message.text),
        });
    }
    elements.extend(message.attachments.iter().map(file));
    for element in &mut elements {
        element["agentInfo"] = info(agent);
        if with_id {
            element["messageId"] = json!(message.sent_as);
        }
    }
    elements
}

fn file(file: &Attachment) -> Value {
    if file.content_type.starts_with("image/") {
        return json!({
            "uiType": "OutputImage", "group": "DefaultOutputImage", "value": file.url, "altText": file.name,
        });
    }
    json!({
        "uiType": "OutputText", "group": "DefaultText", "itemType": "File", "label": file.name, "value": file.url,
        "maskType": "NONE",
    })
}

fn info(agent: &str) -> Value {
    let id: String = agent.bytes().map(|byte| format!("{byte:02x}")).chain(["0".repeat(32)]).collect();
    json!({ "sentFromAgent": true, "agentName": agent, "agentId": &id[..32] })
}
