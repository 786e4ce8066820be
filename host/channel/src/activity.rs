//! The activity, as the Activity protocol puts it on the wire, as far as a handover needs it.
//!
//! Reading is tolerant: fields that are unknown are ignored (A2005), and a field that is null or of another type
//! than the protocol's counts as absent. What must be there is for [`crate::inbound`] to say.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One activity, in or out. Absent fields are not written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activity {
    /// `message`, `event`, `endOfConversation`, `typing`, …
    #[serde(rename = "type", deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The sender's id of this activity.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What event, or which action an `endOfConversation` ends.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E.g. `msteams`, or `msteams:COPILOT` with a sub-channel.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// Where replies are posted.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub service_url: Option<String>,
    /// The conversation.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationAccount>,
    /// The sender.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub from: Option<ChannelAccount>,
    /// The receiver.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub recipient: Option<ChannelAccount>,
    /// The activity that this one answers.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub reply_to_id: Option<String>,
    /// Another conversation that this activity is about.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub relates_to: Option<ConversationReference>,
    /// BCP 47.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// An IANA time zone.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub local_timezone: Option<String>,
    /// What is said.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `markdown` (where absent), `plain` or `xml`.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub text_format: Option<String>,
    /// Files and cards.
    #[serde(deserialize_with = "lenient_list", skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<ActivityAttachment>,
    /// Mentions and other metadata.
    #[serde(deserialize_with = "lenient_list", skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// The inputs or outputs of an action.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// How a conversation ended, e.g. `completedSuccessfully`.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How the answer is wanted: `normal` (where absent or unknown, A3111) or `expectReplies`.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub delivery_mode: Option<String>,
    /// What only this channel knows.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub channel_data: Option<Value>,
}

/// A participant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelAccount {
    /// The channel's id.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name to show.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The id in Entra.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub aad_object_id: Option<String>,
    /// `user`, `bot`, `skill`, `connectoruser`, …
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The tenant in Entra.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Sent for connected agents.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationAccount {
    /// The channel's id.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `personal`, `groupChat`, `channel`.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub conversation_type: Option<String>,
    /// The tenant in Entra.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
}

/// A conversation elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationReference {
    /// Where it is reached; Copilot Studio leaves it out at times.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub service_url: Option<String>,
}

/// A file or a card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ActivityAttachment {
    /// A media type.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Where the content is.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub content_url: Option<String>,
    /// The content itself, or what the channel says of it.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
    /// The file's name.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Metadata about the text; only mentions are looked into.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Entity {
    /// E.g. `mention`.
    #[serde(rename = "type", deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who is mentioned.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub mentioned: Option<ChannelAccount>,
    /// How the mention stands in the text.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A value of another type than expected is as good as none.
fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(if value.is_null() { None } else { serde_json::from_value(value).ok() })
}

/// As [`lenient`], item by item.
fn lenient_list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => {
            items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect()
        }
        _ => Vec::new(),
    })
}
