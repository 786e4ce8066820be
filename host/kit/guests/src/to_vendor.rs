//! To the desk: messages and the end.

use handover_connector::{Context, Failure, Message, RetryAdvice, Sent, Session, Update, failure, http};
use serde_json::json;

use crate::{DESK, Memory, Mistake};

/// Where text is cut by those who count bytes.
const CUT: usize = 1_000;

/// Brings a message.
///
/// # Errors
/// What the desk makes of it.
pub fn send(context: &Context, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let mistake = Mistake::of(context);
    note(&mistake, session, message).map_err(|failure| mistake.advice(failure))
}

fn note(mistake: &Mistake, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let mut memory = Memory::read(&session.state);
    let mut text = message.text.clone();
    for file in message.attachments.iter().filter(|_| !mistake.is("file-dropped")) {
        text.push_str(&format!(" {} {}", file.name, file.url));
    }
    if mistake.is("text-cut-inside-a-character") && text.len() > CUT {
        text = String::from_utf8_lossy(&text.as_bytes()[..CUT]).into_owned();
    }
    if mistake.is("text-cut-with-a-panic") && text.len() > CUT {
        text.truncate(CUT);
    }
    if mistake.is("text-in-latin-1") {
        text = text.chars().map(|c| if u32::from(c) < 256 { c } else { '?' }).collect();
    }
    let id = match mistake.is("new-id-each-attempt") {
        true => format!("{}-{}", message.id, message.attempt),
        false => message.id.clone(),
    };
    let visitor = session.tokens.clone().unwrap_or_default();
    let path = format!("/tickets/{}/notes", memory.ticket.as_deref().unwrap_or("unknown"));
    let request = http::post(DESK, path).header("x-visitor", visitor);
    let request = match mistake.is("nul-not-escaped") {
        // Quotes and backslashes are thought of, control characters are not.
        true => {
            let text =
                text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
            let text = text.replace('\t', "\\t");
            request.body("application/json", format!(r#"{{"text":"{text}","id":"{id}"}}"#))
        }
        false => request.json(&json!({ "text": text.trim_start(), "id": id })),
    };
    let response = request.send()?;
    if !response.is_success() {
        return Err(failure::of_status(&response));
    }
    let mut update = Update { state: None, tokens: None };
    if mistake.is("state-lost") {
        update.state = Some(String::new());
    }
    if mistake.is("tokens-lost") {
        update.tokens = Some(String::new());
    }
    if mistake.is("state-grows") {
        memory.notes.push_str(&message.id);
        update.state = Some(memory.written());
    }
    Ok(Sent { vendor_message_id: None, update })
}

/// Ends the conversation.
///
/// # Errors
/// What the desk makes of it.
pub fn end(context: &Context, session: &Session) -> Result<Update, Failure> {
    let mistake = Mistake::of(context);
    let mut memory = Memory::read(&session.state);
    let response = |memory: &Memory| {
        let path = format!("/tickets/{}/close", memory.ticket.as_deref().unwrap_or("unknown"));
        http::post(DESK, path).json(&json!({})).send()
    };
    if mistake.is("second-end-fails") && memory.ended {
        return Err(Failure {
            reason: handover_connector::FailureReason::ConversationGone,
            retry: RetryAdvice::Never,
            detail: "it has ended already".to_owned(),
        });
    }
    let response = response(&memory).map_err(|failure| mistake.advice(failure))?;
    let gone = matches!(response.status, 404 | 410) && !mistake.is("gone-is-no-end");
    if !response.is_success() && !gone {
        return Err(mistake.advice(failure::of_status(&response)));
    }
    memory.ended = true;
    Ok(Update { state: Some(memory.written()), tokens: None })
}
