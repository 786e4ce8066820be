//! Carries what agents say and do to the webhook: one conversation's errands one after another, conversations side by side.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    App,
    conversation::Status,
    message::{Delivery, Message, fresh_id, now},
    webhook::Outcome,
};

/// How long the webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for typing, which is worthless when late.
const TYPING_PATIENCE: Duration = Duration::from_secs(3);
/// How long joining and leaving are told again while the webhook does not take them.
const BRIEFLY: Duration = Duration::from_secs(15);
/// The same for the end: a customer who is not told of it stays with an agent who has gone.
const LONG: Duration = Duration::from_secs(5 * 60);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Something to tell the webhook.
pub(crate) enum Errand {
    /// An agent's message; the outcome is reported to whoever sent it.
    Message { id: String, report: oneshot::Sender<Outcome> },
    /// Something an agent did.
    Notice(Notice),
}

/// What an agent did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Joined,
    Left,
    Ended,
}

/// An event for the webhook. It keeps its id through all attempts.
#[derive(Clone)]
pub(crate) struct Notice {
    word: Word,
    agent: String,
    body: Value,
}

impl Notice {
    pub(crate) fn new(word: Word, conversation_id: &str, agent: &str) -> Self {
        let kind = match word {
            Word::Joined => "joined",
            Word::Left => "left",
            Word::Ended => "ended",
        };
        let mut body = event(kind, conversation_id, agent);
        if word == Word::Ended {
            body["Reason"] = json!("agent");
        }
        Self { word, agent: agent.to_owned(), body }
    }
}

fn event(kind: &str, conversation_id: &str, agent: &str) -> Value {
    json!({
        "Type": kind,
        "ConversationId": conversation_id,
        "Id": fresh_id(),
        "Sender": agent,
        "Timestamp": now(),
    })
}

/// The sample's webhook body, with nothing added.
fn message_body(conversation_id: &str, message: &Message) -> Value {
    json!({
        "ConversationId": conversation_id,
        "Id": message.sent_as,
        "Message": message.text,
        "Sender": message.sender,
        "Timestamp": message.timestamp,
    })
}

/// Sends a courier for a conversation's errands unless one is under way.
pub(crate) fn send_courier(app: &Arc<App>, conversation_id: &str) {
    let needed = app.desk.change(conversation_id, |conversation| Ok(conversation.call_courier()));
    if needed.unwrap_or(false) {
        let app = Arc::clone(app);
        let id = conversation_id.to_owned();
        tokio::spawn(async move { app.stop.clone().run_until_cancelled(carry_all(&app, &id)).await });
    }
}

/// Tells the webhook that an agent writes, or no longer does. Nobody waits for it and nothing is repeated.
pub(crate) fn tell_typing(app: &Arc<App>, conversation_id: &str, agent: &str, typing: bool) {
    let mut body = event("typing", conversation_id, agent);
    body["Typing"] = json!(typing);
    let app = Arc::clone(app);
    tokio::spawn(async move { app.stop.run_until_cancelled(app.webhook.post(&body, TYPING_PATIENCE)).await });
}

async fn carry_all(app: &Arc<App>, id: &str) {
    while let Ok(Some(errand)) = app.desk.change(id, |conversation| Ok(conversation.next_errand())) {
        match errand {
            Errand::Message { id: message_id, report } => {
                let outcome = carry_message(app, id, &message_id).await;
                // Whoever sent it may have hung up; the conversation knows the outcome.
                let _ = report.send(outcome);
            }
            Errand::Notice(notice) => carry_notice(app, id, notice).await,
        }
    }
}

async fn carry_message(app: &App, id: &str, message_id: &str) -> Outcome {
    let body = app.desk.look(id, |conversation| {
        conversation.message_to_carry(message_id).map(|message| message_body(id, message))
    });
    let outcome = match body.flatten() {
        Some(body) => app.webhook.post(&body, PATIENCE).await,
        None => Outcome::TooLate,
    };
    let news = match &outcome {
        Outcome::Taken => Delivery::Accepted,
        failure => Delivery::NotDelivered(failure.reason()),
    };
    // The conversation is there: none is ever removed.
    let _ = app.desk.change(id, |conversation| conversation.posted(message_id, news));
    outcome
}

async fn carry_notice(app: &Arc<App>, id: &str, notice: Notice) {
    let outcome = app.webhook.post(&notice.body, PATIENCE).await;
    if notice.word == Word::Ended {
        // Nothing comes after the end, so it may hold the line.
        let outcome = insist(app, id, &notice, outcome, LONG).await;
        if !matches!(outcome, Outcome::Taken) {
            let note = format!("The customer's side was not told that the chat ended. {}", outcome.reason());
            let _ = app.desk.change(id, |conversation| {
                conversation.note(note);
                Ok(())
            });
        }
    } else if outcome.may_pass() {
        // Messages behind it need not wait: late news of who joined is better than late answers.
        let app = Arc::clone(app);
        let id = id.to_owned();
        tokio::spawn(async move {
            app.stop.run_until_cancelled(insist(&app, &id, &notice, outcome, BRIEFLY)).await;
        });
    }
}

/// Repeats a notice until it is taken, refused for good, out of date, or too old.
async fn insist(app: &App, id: &str, notice: &Notice, mut outcome: Outcome, how_long: Duration) -> Outcome {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    while outcome.may_pass() && begun.elapsed() < how_long {
        let asked_for = match &outcome {
            Outcome::Refused { retry_after: Some(wait), .. } => (*wait).min(LONGEST_PAUSE),
            _ => Duration::ZERO,
        };
        tokio::time::sleep(pause.max(asked_for)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let holds = app.desk.look(id, |conversation| match notice.word {
            Word::Joined => {
                conversation.status == Status::Active && conversation.agent.as_ref() == Some(&notice.agent)
            }
            Word::Left => conversation.status == Status::Waiting,
            Word::Ended => true,
        });
        if holds != Some(true) {
            break;
        }
        outcome = app.webhook.post(&notice.body, PATIENCE).await;
    }
    outcome
}
