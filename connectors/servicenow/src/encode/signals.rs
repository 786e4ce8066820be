//! Small signs to the live agent's desktop: `TYPING`, `VIEWING`, `UPDATE_MESSAGES`.

use handover_connector::{Context, Failure, Receipt, ReceiptOutcome, Session, Signals};
use serde_json::{Value, json};

use super::act;
use crate::ServiceNow;

impl Signals for ServiceNow {
    /// "First send `TYPING` and then after the user finishes typing, send `VIEWING`."
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        let action = if on { "TYPING" } else { "VIEWING" };
        let request = format!("{}-{}", session.id, context.now);
        act(&context, &session, &request, action, Value::Null)
    }

    /// Delivered shows a second tick, not delivered a tag. The API has no word for read.
    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        let status = match receipt.outcome {
            ReceiptOutcome::Delivered => "sent_to_user",
            ReceiptOutcome::NotDelivered(_) => "external_error",
            ReceiptOutcome::Read => return Ok(()),
        };
        let request = format!("{}-{status}", receipt.message_id);
        let messages = json!([{ "id": receipt.message_id, "status": status }]);
        act(&context, &session, &request, "UPDATE_MESSAGES", messages)
    }
}
