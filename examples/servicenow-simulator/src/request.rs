//! A request as the worker reads it: what the documentation asks of each action, and nothing that it does not know.

use serde_json::{Map, Value};

/// Media types of attachments (`message.attachment.contentType`; Common errors adds video/mp4). Not case-sensitive.
const FILES: [&str; 7] = [
    "application/pdf",
    "application/msword",
    "image/png",
    "image/jpeg",
    "text/plain",
    "video/mpeg",
    "video/mp4",
];

/// Actions without an effect on a live agent's conversation.
const OTHERS: [&str; 5] = [
    "START_CONVERSATION",
    "CREATE_CONVERSATION",
    "START_CREATED_CONVERSATION",
    "SWITCH",
    "SET_USER_TIMEZONE",
];

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Agent,
    Message,
    End,
    Fault,
    Typing(bool),
    Update,
    History,
    Other,
}

impl Action {
    /// The operation's name.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Agent => "start",
            Self::Message => "send",
            Self::End | Self::Fault => "end",
            Self::Typing(_) => "typing",
            Self::Update => "receipt",
            Self::History => "history",
            Self::Other => "other",
        }
    }
}

/// A request that is well-formed.
#[derive(Clone, Debug)]
pub struct Request {
    pub action: Action,
    pub user: String,
    pub body: Map<String, Value>,
}

/// Why a request is discarded: one word for the wire log, one sentence for the system log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discarded {
    pub word: &'static str,
    pub why: &'static str,
}

const fn discarded(word: &'static str, why: &'static str) -> Discarded {
    Discarded { word, why }
}

/// Reads a body, or says why it is discarded.
pub fn read(json: &Value) -> Result<Request, Discarded> {
    let body = json.as_object().ok_or(discarded("shape", "the body is no object"))?;
    let action = match body.get("action") {
        None | Some(Value::Null) => Action::Message,
        Some(Value::String(action)) => match action.as_str() {
            "" => Action::Message,
            "AGENT" => Action::Agent,
            "END_CONVERSATION" => Action::End,
            "FAULT_CONVERSATION" => Action::Fault,
            "TYPING" => Action::Typing(true),
            "VIEWING" => Action::Typing(false),
            "UPDATE_MESSAGES" => Action::Update,
            "SEND_HISTORY" => Action::History,
            other if OTHERS.contains(&other) => Action::Other,
            _ => return Err(discarded("action", "there is no such action")),
        },
        Some(_) => return Err(discarded("action", "action is no string")),
    };
    let user = body.get("userId").and_then(Value::as_str).filter(|user| !user.is_empty());
    let user = user.ok_or(discarded("user", "userId is mandatory"))?.to_owned();
    types(body)?;
    let message = body.get("message").unwrap_or(&Value::Null);
    match action {
        Action::Update => updates(message)?,
        _ => said(action, message)?,
    }
    if action == Action::Fault
        && body.get("cause").is_none_or(|cause| cause.as_str().is_none_or(str::is_empty))
    {
        return Err(discarded("shape", "FAULT_CONVERSATION needs a cause"));
    }
    if action == Action::History && body.get("history").is_none() {
        return Err(discarded("shape", "SEND_HISTORY needs a history"));
    }
    Ok(Request { action, user, body: body.clone() })
}

fn types(body: &Map<String, Value>) -> Result<(), Discarded> {
    let is = |name: &str, fits: fn(&Value) -> bool| {
        body.get(name).is_none_or(|value| value.is_null() || fits(value))
    };
    let texts = ["requestId", "clientSessionId", "emailId", "timezone", "cause"];
    if !texts.iter().all(|name| is(name, Value::is_string)) {
        return Err(discarded("shape", "an id, address or time zone is no string"));
    }
    if !["contextVariables", "clientVariables", "intent", "topic"]
        .iter()
        .all(|name| is(name, Value::is_object))
    {
        return Err(discarded("shape", "variables, intent or topic are no object"));
    }
    if !is("timestamp", Value::is_u64)
        || !["botToBot", "silentMessage"].iter().all(|name| is(name, Value::is_boolean))
    {
        return Err(discarded("shape", "timestamp is no number, or a flag is no boolean"));
    }
    if !is("history", |history| history.as_array().is_some_and(|turns| turns.iter().all(is_turn))) {
        return Err(discarded(
            "shape",
            "history is no list of {isBotMessage, value, displayName, type, timestamp}",
        ));
    }
    Ok(())
}

/// "timestamp: Valid values: 13-digit Unix timestamp. Data type: String"; "type: Valid values: text".
fn is_turn(turn: &Value) -> bool {
    let stamp = &turn["timestamp"];
    let digits = |stamp: &str| stamp.len() == 13 && stamp.bytes().all(|byte| byte.is_ascii_digit());
    turn["isBotMessage"].is_boolean()
        && turn["value"].is_string()
        && turn["displayName"].is_string()
        && turn["type"] == "text"
        && (stamp.is_null() || stamp.as_str().is_some_and(digits))
}

fn said(action: Action, message: &Value) -> Result<(), Discarded> {
    if !(message.is_null() || message.is_object()) {
        return Err(discarded("shape", "message is no object"));
    }
    let text = match &message["text"] {
        Value::Null => "",
        Value::String(text) => text,
        _ => return Err(discarded("shape", "message.text is no string")),
    };
    if !(message["typed"].is_null() || message["typed"].is_boolean()) {
        return Err(discarded("shape", "message.typed is no boolean"));
    }
    let files = files(message).ok_or(discarded("shape", "message.attachment is neither object nor list"))?;
    if !files.iter().all(|file| is_file(file)) {
        return Err(discarded("shape", "an attachment needs contentType (of those known), fileName and url"));
    }
    match action {
        Action::Agent | Action::Message if text.trim().is_empty() && files.is_empty() => {
            Err(discarded("text", "message.text is mandatory where there is no attachment"))
        }
        Action::End if !text.is_empty() => {
            Err(discarded("text", "message.text must be empty with END_CONVERSATION"))
        }
        _ => Ok(()),
    }
}

/// The attachments of a message: one object, or a list of them.
pub fn files(message: &Value) -> Option<Vec<&Value>> {
    match &message["attachment"] {
        Value::Null => Some(Vec::new()),
        one @ Value::Object(_) => Some(vec![one]),
        Value::Array(all) => Some(all.iter().collect()),
        _ => None,
    }
}

fn is_file(file: &Value) -> bool {
    let kind = file["contentType"].as_str().unwrap_or_default();
    let url = file["url"].as_str().unwrap_or_default();
    FILES.iter().any(|known| known.eq_ignore_ascii_case(kind))
        && file["fileName"].as_str().is_some_and(|name| !name.is_empty())
        && url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// "This action can accept a list of messages."
fn updates(message: &Value) -> Result<(), Discarded> {
    let statuses = ["external_error", "sent_to_user"];
    let is_update = |update: &Value| {
        let status = update["status"].as_str().unwrap_or_default();
        let known = statuses.iter().any(|known| known.eq_ignore_ascii_case(status));
        update["id"].as_str().is_some_and(|id| !id.is_empty()) && (known || update["text"].is_string())
    };
    match message.as_array() {
        Some(updates) if !updates.is_empty() && updates.iter().all(is_update) => Ok(()),
        _ => Err(discarded("shape", "UPDATE_MESSAGES needs a list of {id, status}")),
    }
}
