//! What a body must look like: the models of Genesys' Python SDK, read by `tests/models.py` (`models.json`), and what
//! the SDK does not say but the documentation does.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::Value;

use crate::refusal::Refusal;

#[derive(Deserialize)]
struct Field {
    r#type: String,
    #[serde(default, rename = "enum")]
    allowed: Vec<String>,
}

static MODELS: LazyLock<BTreeMap<String, BTreeMap<String, Field>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("models.json")).unwrap_or_default());

/// In the documentation and not in the SDK's models: typing's own object, of which the model has the base only.
const BESIDES: [(&str, &str, &str); 1] = [("OpenEvent", "typing", "ConversationEventTyping")];

/// Required by the SDKs that say so (`OpenInboundMessageMessagingChannel.md` of the iOS and Java SDKs), and the id that
/// makes a message unique.
const REQUIRED: [(&str, &[&str]); 12] = [
    ("OpenInboundNormalizedMessage", &["channel"]),
    ("OpenInboundMessageMessagingChannel", &["from", "time", "messageId"]),
    ("OpenMessagingFromRecipient", &["id", "idType"]),
    ("OpenMessagingToRecipient", &["id"]),
    ("OpenContentAttachment", &["mediaType", "url"]),
    ("OpenInboundNormalizedEvent", &["channel", "events"]),
    ("OpenInboundMessagingChannel", &["from", "time"]),
    ("OpenEvent", &["eventType"]),
    ("OpenInboundNormalizedReceipt", &["id", "channel", "status"]),
    ("OpenInboundMessagingReceiptChannel", &["to", "time"]),
    ("OpenInboundStructuredResponseMessage", &["channel", "buttonResponse", "originatingMessageId"]),
    ("ContentButtonResponse", &["type", "text", "payload"]),
];

/// Whether `value` is a `model`; says what and where it is not.
pub(crate) fn check(model: &str, value: &Value) -> Result<(), Refusal> {
    is_a(model, value, "body").map_err(Refusal::bad)
}

fn is_a(kind: &str, value: &Value, at: &str) -> Result<(), String> {
    if let Some(of) = kind.strip_prefix("list[").and_then(|kind| kind.strip_suffix(']')) {
        let items = value.as_array().ok_or_else(|| format!("{at} is no list"))?;
        return items.iter().enumerate().try_for_each(|(n, item)| is_a(of, item, &format!("{at}[{n}]")));
    }
    let fits = match kind {
        "str" => value.is_string(),
        "bool" => value.is_boolean(),
        "int" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        "datetime" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        "dict(str, str)" => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
        model => return object(model, value, at),
    };
    if fits { Ok(()) } else { Err(format!("{at} is no {kind}")) }
}

fn object(model: &str, value: &Value, at: &str) -> Result<(), String> {
    // Models that nobody here sends are not looked into.
    let Some(fields) = MODELS.get(model) else { return Ok(()) };
    let given = value.as_object().ok_or_else(|| format!("{at} is no {model}"))?;
    for (name, value) in given {
        let at = format!("{at}.{name}");
        let besides = BESIDES.iter().find(|(of, field, _)| *of == model && field == name);
        match (fields.get(name), besides) {
            (Some(field), _) => {
                is_a(&field.r#type, value, &at)?;
                if let Some(word) = value.as_str().filter(|_| !field.allowed.is_empty())
                    && !field.allowed.iter().any(|allowed| allowed == word)
                {
                    return Err(format!("{at} must be one of {:?}", field.allowed));
                }
            }
            (None, Some((_, _, kind))) => is_a(kind, value, &at)?,
            (None, None) => return Err(format!("{at} is not known: {model} has no such field")),
        }
    }
    let required = REQUIRED.iter().find(|(of, _)| *of == model).map_or(&[][..], |(_, names)| names);
    match required.iter().find(|name| given.get(**name).is_none_or(|value| value.as_str() == Some(""))) {
        Some(name) => Err(format!("{at}.{name} is required")),
        None => Ok(()),
    }
}
