//! What the customer sees: the lines of one conversation.
use serde::Serialize;
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum From {
    Customer,
    Bot,
    Agent,
    System,
}

/// Which way a line came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Via {
    /// Between the customer and the bot, without the gateway.
    Bot,
    /// Posted by the gateway to the Bot Connector.
    Connector,
    /// Sent by the gateway as a reply to the bot's runtime.
    Runtime,
}

/// One line.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// Its place: counts up within the conversation and never changes.
    pub seq: u64,
    /// The count at its last change; equal to `seq` until it is edited or deleted.
    pub revision: u64,
    pub from: From,
    pub text: String,
    pub text_format: String,
    pub name: String,
    pub time: String,
    pub activity_id: String,
    pub via: Via,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The activity it was made from, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Value>,
}

/// A line before it has found its place.
pub(crate) struct Line {
    pub from: From,
    pub name: String,
    pub text: String,
    pub text_format: String,
    pub via: Via,
    pub activity_id: Option<String>,
    pub raw: Option<Value>,
}

impl Line {
    /// Something said here in the house, not received from the gateway.
    pub fn said(from: From, name: &str, text: impl Into<String>) -> Self {
        Self {
            from,
            name: name.to_owned(),
            text: text.into(),
            text_format: match from {
                From::Bot => "markdown",
                _ => "plain",
            }
            .to_owned(),
            via: Via::Bot,
            activity_id: None,
            raw: None,
        }
    }

    /// Something the gateway sent as a message activity.
    pub fn received(from: From, name: String, activity: &Value, via: Via) -> Self {
        Self {
            from,
            name,
            text: activity["text"].as_str().unwrap_or_default().to_owned(),
            // Bot Framework's default where the sender says nothing.
            text_format: activity["textFormat"].as_str().unwrap_or("markdown").to_owned(),
            via,
            activity_id: None,
            raw: Some(activity.clone()),
        }
    }
}
