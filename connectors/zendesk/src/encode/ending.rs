//! The end, and what agents are told of what became of their messages.

use handover_connector::http::Response;
use handover_connector::{
    Context, EndReason, Failure, Receipt, ReceiptOutcome, RetryAdvice, Session, Signals, Update, text,
};
use serde_json::json;

use super::api::{Api, conversation, place, refused, user};
use super::ticket::readable;
use crate::{MESSAGE_MARK, MOST_TEXT, SESSION_MARK, Zendesk};

pub fn end(context: &Context, session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let api = Api::of(context)?;
    let Ok(conversation) = conversation(session) else { return Ok(Update::UNCHANGED) };
    let told = match reason {
        // The agent knows.
        EndReason::LiveAgent => Ok(()),
        _ => farewell(&api, conversation, &session.id),
    };
    match told {
        // Nobody can be told, here or at all: it ends all the same.
        Err(failure) if failure.retry == RetryAdvice::Never => {}
        other => other?,
    }
    let response = release(&api, conversation, &session.id)?;
    if response.is_success() || matches!(response.status, 404 | 410 | 423) {
        return Ok(Update::UNCHANGED);
    }
    let mut failure = refused(&response).repeatable();
    if response.status == 403 {
        failure.detail.push_str(
            "; a key of an integration cannot release what it does not control, use one of the app",
        );
    }
    Err(failure)
}

/// Takes the conversation away from whoever has it.
pub fn release(api: &Api, conversation: &str, session: &str) -> Result<Response, Failure> {
    let path = format!("{}/releaseControl", place(conversation));
    api.post(&path, &json!({ "metadata": { SESSION_MARK: session } }))
}

/// Agent Workspace shows no sign of a released conversation: a line tells it, once.
fn farewell(api: &Api, conversation: &str, session: &str) -> Result<(), Failure> {
    let notice = &api.settings.ended_notice;
    if notice.trim().is_empty() {
        return Ok(());
    }
    let mark = format!("end/{session}");
    let there = api.recent(conversation)?;
    if there.iter().any(|message| message["metadata"][MESSAGE_MARK] == json!(mark)) {
        return Ok(());
    }
    notify(api, conversation, &mark, notice).map_err(Failure::repeatable)
}

impl Signals for Zendesk {
    /// Nothing: the author of an activity that is a user can only have read (schema `activityTypes`).
    fn typing(_: Context, _: Session, _: bool) -> Result<(), Failure> {
        Ok(())
    }

    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        let api = Api::of(&context)?;
        let conversation = conversation(&session)?;
        match &receipt.outcome {
            // Zendesk has no place for it.
            ReceiptOutcome::Delivered => Ok(()),
            ReceiptOutcome::Read => {
                let author = json!({ "type": "user", "userId": user(&session) });
                let body = json!({ "author": author, "type": "conversation:read" });
                let response = api.post(&format!("{}/activity", place(conversation)), &body)?;
                if response.is_success() { Ok(()) } else { Err(refused(&response).repeatable()) }
            }
            ReceiptOutcome::NotDelivered(why) => {
                let notice = api.settings.not_delivered_notice.replace("{reason}", why);
                if notice.trim().is_empty() {
                    return Ok(());
                }
                notify(&api, conversation, &format!("lost/{}", receipt.message_id), &notice)
            }
        }
    }
}

/// Writes a line for the agents.
fn notify(api: &Api, conversation: &str, mark: &str, notice: &str) -> Result<(), Failure> {
    let body = json!({
        "author": { "type": "business", "displayName": api.settings.bot_name },
        "content": { "type": "text", "text": text::clip(&readable(notice), MOST_TEXT) },
        "metadata": { MESSAGE_MARK: mark },
    });
    api.say(conversation, &body).map(drop)
}
