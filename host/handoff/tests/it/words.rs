//! What customers, live agents, vendors and bots say in these stories.

use handover_handoff::Timestamp;
use handover_handoff::address::{Action, ActionRef};
use handover_handoff::delivery::{ActionResult, Failure, FailureReason, Parcel, ResultCode, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::StartStatus;
use handover_handoff::vendor::{AgentMessage, CustomerMessage, Event, Participant, TextFormat};

pub fn message(text: &str, time: Timestamp) -> CustomerMessage {
    CustomerMessage {
        author: None,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        time,
    }
}

pub fn agent_message(text: &str) -> AgentMessage {
    AgentMessage {
        id: Some(format!("vendor-{text}")),
        author: participant("Ada"),
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    }
}

pub fn participant(name: &str) -> Participant {
    Participant { name: Some(name.to_owned()), ..Participant::default() }
}

pub fn started(keys: &[&str], events: Vec<Event>, proved: bool) -> Outcome {
    let lookup_keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Outcome::Started { lookup_keys, update: Update::default(), events, proved, problem_told: true }
}

/// The live agent has not been shown what the start was given.
pub fn in_silence(begun: Outcome) -> Outcome {
    match begun {
        Outcome::Started { lookup_keys, update, events, proved, .. } => {
            Outcome::Started { lookup_keys, update, events, proved, problem_told: false }
        }
        other => other,
    }
}

pub fn started_in_silence(keys: &[&str]) -> Outcome {
    in_silence(started(keys, Vec::new(), true))
}

pub fn failed(reason: FailureReason, retry: RetryAdvice) -> Outcome {
    Outcome::Failed(Failure { reason, retry, detail: "told by the test".to_owned() })
}

/// The result of a start, as the bot reads it.
pub fn start_result(activity: &str, id: &str, status: StartStatus) -> Parcel {
    Parcel::ActionResult(ActionResult {
        to: ActionRef { action: Action::StartConversation, activity: Some(activity.to_owned()) },
        code: ResultCode::CompletedSuccessfully,
        started: Some((id.to_owned(), status)),
    })
}

/// The result that gives control back.
pub fn result(action: Action, activity: &str) -> Parcel {
    Parcel::ActionResult(over(action, activity))
}

pub fn over(action: Action, activity: &str) -> ActionResult {
    ActionResult {
        to: ActionRef { action, activity: Some(activity.to_owned()) },
        code: ResultCode::CompletedSuccessfully,
        started: None,
    }
}
