//! Small signs to the live agent's desktop: `TYPING`, `VIEWING`, `UPDATE_MESSAGES`.

use handover_connector::{Context, Failure, Receipt, ReceiptOutcome, Session};
use serde_json::{Value, json};

use super::{base, exchange, user};
use crate::settings::Settings;

/// "First send `TYPING` and then after the user finishes typing, send `VIEWING`."
pub fn typing(context: &Context, session: &Session, on: bool) -> Result<(), Failure> {
    let action = if on { "TYPING" } else { "VIEWING" };
    let request = format!("{}-{}", session.id, context.now);
    act(context, session, &request, action, None)
}

/// Delivered shows a second tick, not delivered a tag. The API has no word for read.
pub fn report(context: &Context, session: &Session, receipt: &Receipt) -> Result<(), Failure> {
    let status = match receipt.outcome {
        ReceiptOutcome::Delivered => "sent_to_user",
        ReceiptOutcome::NotDelivered(_) => "external_error",
        ReceiptOutcome::Read => return Ok(()),
    };
    let request = format!("{}-{status}", receipt.message_id);
    let messages = json!([{ "id": receipt.message_id, "status": status }]);
    act(context, session, &request, "UPDATE_MESSAGES", Some(messages))
}

fn act(
    context: &Context,
    session: &Session,
    request: &str,
    action: &str,
    message: Option<Value>,
) -> Result<(), Failure> {
    let settings = Settings::of(context)?;
    let mut body = base(&session.id, &user(session), request, &session.customer);
    body.insert("action".to_owned(), json!(action));
    body.insert("timestamp".to_owned(), json!(context.now));
    if let Some(message) = message {
        body.insert("message".to_owned(), message);
    }
    exchange::post(&settings, &Value::Object(body))
}
