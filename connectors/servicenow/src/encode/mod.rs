//! To the vendor: start, send and end as actions of the Bot Integration API.

mod exchange;
mod files;
mod signals;

use handover_connector::failure::never;
use handover_connector::{
    AuthorKind, Context, Customer, Failure, FailureReason, Message, NewSession, Sent, Session, StartOutcome,
    Started, Turn, Update, json,
};
use serde_json::{Map, Value, json};

use crate::settings::Settings;

/// `AGENT`, with all that is known. That the API takes it proves nothing; the first callback does.
pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let settings = Settings::of(context)?;
    let user = match session.customer.id.as_str() {
        "" => &session.id,
        _ if settings.knows_customers => &session.customer.id,
        _ => &session.id,
    };
    let mut body = base(&session.id, user, &session.id, &session.customer);
    body.insert("action".to_owned(), json!("AGENT"));
    body.insert("timestamp".to_owned(), json!(context.now));
    body.insert("contextVariables".to_owned(), json!(variables(&settings, session)));
    let said = session.problem.as_deref().filter(|problem| !problem.trim().is_empty());
    let text = said.unwrap_or(&settings.opening_text);
    body.insert("message".to_owned(), json!({ "text": text, "typed": true, "clientMessageId": session.id }));
    let history: Vec<Value> = session
        .transcript
        .iter()
        .filter(|turn| !turn.text.trim().is_empty())
        .map(|turn| said_before(turn, &session.customer))
        .collect();
    if !history.is_empty() {
        body.insert("history".to_owned(), json!(history));
    }
    exchange::post(&settings, &Value::Object(body))?;
    Ok(StartOutcome::Accepted(Started {
        lookup_keys: vec![session.id.clone()],
        // Settings may change while it runs.
        state: json::write(&json!({ "user": user })),
        tokens: None,
        events: Vec::new(),
        // As the first message of the conversation.
        problem_told: said.is_some(),
    }))
}

/// A message without an action goes to whoever has the conversation.
pub fn send(context: &Context, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let settings = Settings::of(context)?;
    let user = user(session);
    let mut said = json!({ "typed": true, "clientMessageId": message.id });
    let text = spoken(session, message);
    if !text.is_empty() {
        said["text"] = json!(text);
    }
    match files::attached(&settings, &user, message)?.as_mut_slice() {
        [] if text.is_empty() => {
            return Err(never(FailureReason::Unsupported, "the message has neither text nor a file"));
        }
        [] => {}
        // The table of parameters says "Array of Objects"; every example has one object.
        [one] => said["attachment"] = one.take(),
        many => said["attachment"] = Value::Array(many.to_vec()),
    }
    let mut body = base(&session.id, &user, &message.id, &session.customer);
    body.insert("timestamp".to_owned(), json!(message.time));
    body.insert("message".to_owned(), said);
    exchange::post(&settings, &Value::Object(body))?;
    Ok(Sent { vendor_message_id: None, update: Update::UNCHANGED })
}

/// `END_CONVERSATION`; "the message.text parameter should be empty when using this action".
pub fn end(context: &Context, session: &Session) -> Result<Update, Failure> {
    let request = format!("{}-end", session.id);
    let message = json!({ "text": "", "typed": true });
    match act(context, session, &request, "END_CONVERSATION", message) {
        Err(failure) if failure.reason != FailureReason::ConversationGone => Err(failure),
        _ => Ok(Update::UNCHANGED),
    }
}

/// An action in a conversation that has begun; `message` may be null.
fn act(
    context: &Context,
    session: &Session,
    request: &str,
    action: &str,
    message: Value,
) -> Result<(), Failure> {
    let mut body = base(&session.id, &user(session), request, &session.customer);
    body.insert("action".to_owned(), json!(action));
    body.insert("timestamp".to_owned(), json!(context.now));
    if !message.is_null() {
        body.insert("message".to_owned(), message);
    }
    exchange::post(&Settings::of(context)?, &Value::Object(body))
}

/// What every request has. `clientVariables` come back in every callback, as `clientSessionId` does.
fn base(session: &str, user: &str, request: &str, who: &Customer) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("requestId".to_owned(), json!(request));
    body.insert("clientSessionId".to_owned(), json!(session));
    body.insert("userId".to_owned(), json!(user));
    body.insert("clientVariables".to_owned(), json!({ crate::decode::SESSION: session }));
    let timezone = ["timezone", "localTimezone"].iter().find_map(|name| attribute(who, name));
    for (name, value) in [("emailId", who.email.as_deref()), ("timezone", timezone)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            body.insert(name.to_owned(), json!(value));
        }
    }
    body
}

fn attribute<'a>(customer: &'a Customer, name: &str) -> Option<&'a str> {
    customer.attributes.iter().find(|attribute| attribute.name == name).map(|found| found.value.as_str())
}

/// `userId`, as it was at the start.
fn user(session: &Session) -> String {
    json::read(&session.state)["user"].as_str().unwrap_or(&session.id).to_owned()
}

/// Queues are chosen by these. What is more particular wins: routing rules, the bot's inputs, settings, the channel.
fn variables(settings: &Settings, session: &NewSession) -> Map<String, Value> {
    let mut variables = Map::new();
    let locale = session.customer.locale.as_deref();
    let language = locale.and_then(|locale| locale.split(['-', '_']).next()).map(str::to_ascii_lowercase);
    let known = [
        ("requester_session_language", language.as_deref()),
        ("customer_name", session.customer.name.as_deref()),
        ("channel", Some(session.channel.as_str())),
    ];
    let known = known.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    for (name, value) in known.chain(settings.context_variables.iter()).chain(session.given()) {
        if !value.is_empty() {
            variables.insert(name.to_owned(), json!(value));
        }
    }
    variables
}

/// `isBotMessage` is all that the API knows of who spoke.
fn said_before(turn: &Turn, customer: &Customer) -> Value {
    let is_customer = turn.author == AuthorKind::Customer;
    let name = match &turn.name {
        Some(name) => name.as_str(),
        None if is_customer => customer.name.as_deref().unwrap_or("User"),
        None => "Bot",
    };
    let mut said =
        json!({ "isBotMessage": !is_customer, "value": turn.text, "displayName": name, "type": "text" });
    if let Some(time) = turn.time {
        said["timestamp"] = json!(format!("{time:013}"));
    }
    said
}

/// The API knows one user per conversation: in a group, others are named.
fn spoken(session: &Session, message: &Message) -> String {
    if message.text.trim().is_empty() {
        return String::new();
    }
    match (&message.author, &session.customer.name) {
        (Some(author), Some(customer)) if author != customer => format!("{author}: {}", message.text),
        _ => message.text.clone(),
    }
}
