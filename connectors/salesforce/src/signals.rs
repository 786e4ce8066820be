//! Typing and acknowledgements.

use handover_connector::failure::never;
use handover_connector::http::Method;
use handover_connector::{Context, Failure, FailureReason, Receipt, ReceiptOutcome, Session, Signals};
use serde_json::{Value, json};

use crate::request::of_conversation;
use crate::visitor::Visitor;
use crate::{Salesforce, ids, refusal};

impl Signals for Salesforce {
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        let kind = if on { "TypingStartedIndicator" } else { "TypingStoppedIndicator" };
        let id = ids::uuid(&format!("{}/{kind}/{}", session.id, context.now), 1);
        post(&session, "/entry", &json!({ "entryType": kind, "id": id }))
    }

    fn report(_: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        let kind = match &receipt.outcome {
            ReceiptOutcome::Delivered => "Delivery",
            ReceiptOutcome::Read => "Read",
            // There is no word for it that a visitor could say.
            ReceiptOutcome::NotDelivered(_) => {
                let why = "a visitor cannot tell Salesforce that a message has not arrived";
                return Err(never(FailureReason::Unsupported, why));
            }
        };
        let id = ids::uuid(&format!("{}/{kind}", receipt.message_id), 1);
        let ack = json!({ "id": id, "entryType": kind, "conversationEntryId": receipt.message_id });
        post(&session, "/acknowledge-entries", &json!({ "acks": [ack] }))
    }
}

/// Saying a sign again does no harm.
fn post(session: &Session, rest: &str, body: &Value) -> Result<(), Failure> {
    let visitor = Visitor::read(session)?;
    let request = of_conversation(&visitor, Method::Post, &ids::conversation(session), rest).json(body);
    let response = request.repeatable().send()?;
    if response.is_success() {
        return Ok(());
    }
    Err(refusal::of_conversation(&response).repeatable())
}
