//! Elements of the kind `ActionMsg`: typing, waiting, comings and goings.

use handover_connector::{EndReason, Event, Participant, QueueStatus, RoutingResult};
use serde_json::Value;

use super::{Told, agent, contains_any, flag, text};
use crate::settings::Settings;

/// What it tells. `is_over` is whether the callback ends the conversation anyway.
pub fn read(settings: &Settings, element: &Value, is_over: bool) -> Vec<Told> {
    let kind = text(element, "actionType").unwrap_or_default();
    let event = match kind {
        "StartTypingIndicator" => typing(settings, element, true),
        "EndTypingIndicator" => typing(settings, element, false),
        "StartSpinner" => waiting(element),
        "System" => system(settings, element, is_over),
        "CreateConversation" | "StartConversation" => return begun(element),
        _ => Event::Ignored(format!("an action `{kind}`")),
    };
    let name = text(element, "messageId").filter(|_| kind == "System").map(str::to_owned);
    vec![(name, event)]
}

fn typing(settings: &Settings, element: &Value, on: bool) -> Event {
    let info = &element["agentInfo"];
    let author = flag(info, "sentFromAgent").then(|| agent(settings, info));
    Event::typing(author, on)
}

/// `waitTime` is a text in the customer's language.
fn waiting(element: &Value) -> Event {
    let wait = text(element, "waitTime");
    let words: Vec<&str> = [text(element, "message"), wait].into_iter().flatten().collect();
    Event::Queued(QueueStatus {
        position: None,
        wait_seconds: wait.and_then(seconds),
        text: (!words.is_empty()).then(|| words.join(" ")),
    })
}

/// `8 Seconds`, `1 Hour 5 Minutes`; nothing where it is not that plain.
fn seconds(wait: &str) -> Option<u32> {
    let words: Vec<&str> = wait.split_whitespace().collect();
    if words.is_empty() || !words.len().is_multiple_of(2) {
        return None;
    }
    words.chunks(2).try_fold(0_u32, |sum, pair| {
        let unit = match pair[1].to_ascii_lowercase().trim_end_matches('s') {
            "second" | "sec" => 1,
            "minute" | "min" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return None,
        };
        sum.checked_add(pair[0].parse::<u32>().ok()?.checked_mul(unit)?)
    })
}

/// Comings and goings are sentences in the instance's language: `Beth Anglin has entered the chat`.
fn system(settings: &Settings, element: &Value, is_over: bool) -> Event {
    let Some(words) = text(element, "message").or_else(|| text(element, "value")) else {
        return Event::ignored("an announcement without words");
    };
    if contains_any(words, &settings.no_agents_words) {
        return Event::Routed(RoutingResult::NoAgents);
    }
    if let Some(name) = before_any(words, &settings.joined_words) {
        return Event::Joined(somebody(settings, element, name));
    }
    if is_over {
        return Event::ignored("the end, announced");
    }
    match before_any(words, &settings.left_words) {
        Some(_) if settings.leaving_ends => Event::ended(EndReason::LiveAgent, words),
        Some(name) => Event::Left(somebody(settings, element, name)),
        None => {
            Event::Queued(QueueStatus { position: None, wait_seconds: None, text: Some(words.to_owned()) })
        }
    }
}

fn somebody(settings: &Settings, element: &Value, name: &str) -> Participant {
    let info = &element["agentInfo"];
    let mut somebody = agent(settings, info);
    if text(info, "agentName").is_none() && !name.is_empty() {
        somebody.name = Some(name.to_owned());
    }
    somebody
}

/// What stands before the first of these that is there.
fn before_any<'a>(sentence: &'a str, words: &[String]) -> Option<&'a str> {
    let lower = sentence.to_ascii_lowercase();
    let at = words.iter().find_map(|word| lower.find(&word.to_ascii_lowercase()))?;
    Some(sentence[..at].trim())
}

/// The instance has the conversation, under ids of its own.
fn begun(element: &Value) -> Vec<Told> {
    let ids = ["interactionId", "conversationId"].map(|name| text(element, name));
    let keys: Vec<String> = ids.into_iter().flatten().map(str::to_owned).collect();
    let name = keys.first().map(|key| format!("begun/{key}"));
    let mut told = vec![(None, Event::Routed(RoutingResult::Accepted))];
    if !keys.is_empty() {
        told.push((name, Event::Reference(keys)));
    }
    told
}
