//! Small signs: the customer types, has read, or did not get something.

use handover_connector::http::Method;
use handover_connector::text::{clean, percent};
use handover_connector::{Context, Failure, FailureReason, Receipt, ReceiptOutcome, Session, Signals};
use serde_json::json;

use super::Place;
use crate::settings::Settings;
use crate::{Matrix, server, state};

/// How long typing shows when nobody says more, in milliseconds.
const WEARS_OFF: u32 = 10_000;

impl Signals for Matrix {
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        let settings = Settings::read(&context)?;
        let (room, ghost) = state::of(&session)?;
        let place = Place { settings: &settings, room, ghost: &ghost };
        let body =
            if on { json!({ "typing": true, "timeout": WEARS_OFF }) } else { json!({ "typing": false }) };
        let path = place.path(&format!("typing/{}", percent(place.ghost)));
        server::done(server::request(Method::Put, &path, place.ghost).json(&body))?;
        Ok(())
    }

    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        let settings = Settings::read(&context)?;
        let (room, ghost) = state::of(&session)?;
        let place = Place { settings: &settings, room, ghost: &ghost };
        let told = match &receipt.outcome {
            // Matrix has no word for it; that it was read would be more than is known.
            ReceiptOutcome::Delivered => Ok(()),
            ReceiptOutcome::Read => {
                let path = place.path(&format!("receipt/m.read/{}", percent(&receipt.message_id)));
                server::done(server::request(Method::Post, &path, place.ghost).json(&json!({}))).map(drop)
            }
            ReceiptOutcome::NotDelivered(why) => {
                let content = json!({
                    "msgtype": "m.notice",
                    "body": format!("The customer did not get this: {}", clean(why)),
                    "m.relates_to": { "m.in_reply_to": { "event_id": receipt.message_id } },
                });
                place.say(&format!("{}-not-delivered", receipt.message_id), &content).map(drop)
            }
        };
        match told {
            // Nobody is left to be told.
            Err(Failure { reason: FailureReason::ConversationGone, .. }) => Ok(()),
            other => other,
        }
    }
}
