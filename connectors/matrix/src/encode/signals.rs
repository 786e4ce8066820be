//! Small signs: the customer types, has read, or did not get something.

use handover_connector::http::Method;
use handover_connector::text::percent;
use handover_connector::{Failure, FailureReason, Receipt, ReceiptOutcome, Session};
use serde_json::json;

use super::{Place, clean};
use crate::server;
use crate::settings::Settings;
use crate::state;

/// How long typing shows when nobody says more, in milliseconds.
const WEARS_OFF: u32 = 10_000;

pub fn typing(settings: &Settings, session: &Session, on: bool) -> Result<(), Failure> {
    let (room, ghost) = state::of(session)?;
    let place = Place { settings, room, ghost: &ghost };
    let body = if on { json!({ "typing": true, "timeout": WEARS_OFF }) } else { json!({ "typing": false }) };
    let path = place.path(&format!("typing/{}", percent(place.ghost)));
    server::done(server::request(Method::Put, &path, place.ghost).json(&body))?;
    Ok(())
}

pub fn report(settings: &Settings, session: &Session, receipt: &Receipt) -> Result<(), Failure> {
    let (room, ghost) = state::of(session)?;
    let place = Place { settings, room, ghost: &ghost };
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
                "body": format!("Not delivered: {}", clean(why)),
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
