//! The inputs of the bot's actions: problem, transcript, customer, and whatever else the maker passes.

use handover_handoff::Timestamp;
use handover_handoff::vendor::{Attribute, AuthorKind, Customer, StartRequest, Utterance};
use serde_json::{Map, Value};

use crate::refusal::{ID_LIMIT, Refusal, TEXT_LIMIT, within};

/// Most inputs of one action; Copilot Studio itself allows 25.
const INPUT_LIMIT: usize = 100;

/// The inputs of `startConversation`.
pub(crate) struct StartInputs {
    pub(crate) request: StartRequest,
    pub(crate) customer_name: Option<String>,
    pub(crate) customer_email: Option<String>,
}

/// Reads the inputs of `startConversation`. Names are matched without regard to case, as Copilot Studio binds
/// them; of several spellings one wins.
pub(crate) fn start(value: Option<Value>, customer: &Customer) -> Result<StartInputs, Refusal> {
    let mut inputs =
        StartInputs { request: StartRequest::default(), customer_name: None, customer_email: None };
    let Some(Value::Object(given)) = value else {
        return Ok(inputs);
    };
    if given.len() > INPUT_LIMIT {
        return Err(Refusal::TooMany { field: "value", limit: INPUT_LIMIT });
    }
    let request = &mut inputs.request;
    for (name, value) in given {
        if name.eq_ignore_ascii_case("Transcript") {
            if request.transcript.is_empty() {
                request.transcript = transcript(value, customer);
            }
            continue;
        }
        let Some(value) = scalar(&value) else {
            continue;
        };
        if name.eq_ignore_ascii_case("ProblemDescription") {
            within(&value, "value.ProblemDescription", TEXT_LIMIT)?;
            request.problem.get_or_insert(value);
        } else if name.eq_ignore_ascii_case("CustomerName") {
            within(&value, "value.CustomerName", ID_LIMIT)?;
            inputs.customer_name.get_or_insert(value);
        } else if name.eq_ignore_ascii_case("CustomerEmail") {
            within(&value, "value.CustomerEmail", ID_LIMIT)?;
            inputs.customer_email.get_or_insert(value);
        } else {
            within(&name, "value", ID_LIMIT)?;
            within(&value, "value", TEXT_LIMIT)?;
            request.attributes.push(Attribute { name, value });
        }
    }
    Ok(inputs)
}

/// The problem that comes with the first message of `sendMessage`.
pub(crate) fn problem(value: Option<&Value>) -> Result<Option<String>, Refusal> {
    let problem = value
        .and_then(Value::as_object)
        .and_then(|inputs| get(inputs, &["ProblemDescription"]))
        .and_then(scalar);
    if let Some(problem) = &problem {
        within(problem, "value.ProblemDescription", TEXT_LIMIT)?;
    }
    Ok(problem)
}

/// What was said before: a list, the same list written as a string, or just text.
fn transcript(value: Value, customer: &Customer) -> Vec<Utterance> {
    let items = match value {
        Value::Array(items) => items,
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Array(items)) => items,
            _ => vec![Value::String(text)],
        },
        _ => return Vec::new(),
    };
    items.iter().filter_map(|item| utterance(item, customer)).collect()
}

fn utterance(item: &Value, customer: &Customer) -> Option<Utterance> {
    let Value::Object(fields) = item else {
        let text = scalar(item)?;
        return Some(Utterance { author: AuthorKind::Bot, name: None, text, time: None });
    };
    let text = scalar(get(fields, &["text", "message", "content"])?)?;
    let from = get(fields, &["from", "author"]);
    let from_role = from.and_then(|from| get(from.as_object()?, &["role"]));
    let from_name = from.and_then(|from| get(from.as_object()?, &["name"]));
    let role = get(fields, &["role"]).or(from_role).or(from);
    let kind = role.and_then(author_kind);
    // A `from` that is no role is a name: the customer's, or of somebody on the bot's side.
    let named = get(fields, &["name"]).or(from_name).and_then(scalar);
    let unnamed = || {
        if kind.is_none() { from.and_then(scalar) } else { None }
    };
    let name = named.or_else(unnamed);
    let is_customer = |name: &String| *name == customer.id || Some(name) == customer.name.as_ref();
    let author = match kind {
        Some(kind) => kind,
        None if name.as_ref().is_some_and(is_customer) => AuthorKind::Customer,
        None => AuthorKind::Bot,
    };
    Some(Utterance { author, name, text, time: get(fields, &["timestamp", "time"]).and_then(time) })
}

fn author_kind(role: &Value) -> Option<AuthorKind> {
    if let Some(number) = role.as_u64() {
        // Copilot Studio's own transcripts number the roles.
        return match number {
            0 => Some(AuthorKind::Bot),
            1 => Some(AuthorKind::Customer),
            _ => None,
        };
    }
    match role.as_str()?.trim().to_ascii_lowercase().as_str() {
        "user" | "customer" | "visitor" | "consumer" | "enduser" | "end-user" => Some(AuthorKind::Customer),
        // The Agents SDK says `agent` where the Bot Framework says `bot`.
        "bot" | "agent" | "assistant" | "copilot" | "virtualagent" => Some(AuthorKind::Bot),
        "liveagent" | "live-agent" | "live agent" | "human" | "representative" => Some(AuthorKind::LiveAgent),
        "system" => Some(AuthorKind::System),
        _ => None,
    }
}

/// RFC 3339, or a number of seconds or milliseconds since 1970.
fn time(value: &Value) -> Option<Timestamp> {
    if let Some(number) = value.as_u64() {
        // So many seconds are in the year 5138; so many milliseconds were in 1973.
        let ms = if number < 100_000_000_000 { number * 1000 } else { number };
        return (ms < Timestamp::NEVER.0).then_some(Timestamp(ms));
    }
    let time: jiff::Timestamp = value.as_str()?.trim().parse().ok()?;
    u64::try_from(time.as_millisecond()).ok().map(Timestamp)
}

/// The first of these fields that is there and not null, without regard to case.
fn get<'a>(fields: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|wanted| {
        let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        Some(found.1).filter(|value| !value.is_null())
    })
}

/// A string, number or truth value as text. What is empty says nothing: a variable that the bot never set.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
