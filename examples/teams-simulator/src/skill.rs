//! Calling the gateway: one activity, delivered or given up, with the whole exchange on record.
use std::time::{Duration, Instant};

use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::{
    conversation::Conversation,
    redaction, runtime,
    simulator::Simulator,
    wire::{Answer, Direction, Exchange, Route, headers_of},
};

/// How long an activity is repeated while the skill cannot be reached.
const RETRY_FOR: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Sends an activity that matters. False where the skill could not be reached or refused it.
pub(crate) async fn deliver(simulator: &Simulator, conversation: &Conversation, activity: Value) -> bool {
    if let Some(id) = activity["id"].as_str() {
        conversation.handover(|handover| handover.sending(id));
    }
    let give_up = Instant::now() + RETRY_FOR;
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        match post(simulator, conversation, &activity, attempt).await {
            Attempt::Accepted => return true,
            Attempt::Refused => return false,
            Attempt::Unreachable => {
                if !simulator.switches().retry_skill || Instant::now() + pause > give_up {
                    return false;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
    false
}

/// Sends an activity whose loss is no loss, once.
pub(crate) async fn signal(simulator: &Simulator, conversation: &Conversation, activity: Value) {
    post(simulator, conversation, &activity, 1).await;
}

enum Attempt {
    Accepted,
    Refused,
    /// Nobody there, or nobody there yet.
    Unreachable,
}

async fn post(simulator: &Simulator, conversation: &Conversation, activity: &Value, attempt: u32) -> Attempt {
    let url = simulator.skill_url();
    let mut request = simulator.http.post(&url).json(activity);
    let switches = simulator.switches();
    let bearer = simulator
        .authority
        .agents_bearer(switches.tokens, switches.token_flaw, &simulator.service_url())
        .await;
    let mut headers = Value::Null;
    if let Some(bearer) = bearer {
        headers = json!({ "authorization": redaction::header(&bearer) });
        request = request.header(AUTHORIZATION, bearer);
    }
    let exchange = simulator.wire.open(Exchange {
        direction: Direction::ToSkill,
        route: Route::Skill,
        conversation_id: conversation.identity.id.clone(),
        method: "POST".into(),
        path: url,
        headers,
        body: activity.clone(),
        attempt,
        fault: None,
        token: None,
    });
    let answer = match request.send().await {
        Ok(response) => {
            let status = response.status();
            let headers = headers_of(response.headers());
            response.bytes().await.map(|body| (status, headers, body))
        }
        Err(error) => Err(error),
    };
    let (status, headers, body) = match answer {
        Ok(answer) => answer,
        Err(error) => {
            simulator.wire.failed(exchange, &error);
            return if error.is_timeout() { Attempt::Refused } else { Attempt::Unreachable };
        }
    };
    let body = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
    simulator.wire.answered(exchange, Answer { status: status.as_u16(), headers, body: body.clone() });
    match status.as_u16() {
        200..300 => take_replies(conversation, &body),
        502..=504 => Attempt::Unreachable,
        _ => Attempt::Refused,
    }
}

/// With `expectReplies` the answer carries the replies; nothing else is an answer then.
fn take_replies(conversation: &Conversation, body: &Value) -> Attempt {
    if conversation.identity.delivery_mode != "expectReplies" {
        return Attempt::Accepted;
    }
    let Some(activities) = body["activities"].as_array() else {
        return Attempt::Refused;
    };
    for activity in activities {
        runtime::receive(conversation, activity);
    }
    Attempt::Accepted
}
