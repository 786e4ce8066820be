//! Behaves, and can tell whether a message arrived: by the message's text.

use handover_connector::{Context, Failure, Message, Reconcile, Session, Verdict};
use sandbox_guests::{Guest, failure};

struct KnowsWhatArrived;

impl Guest for KnowsWhatArrived {}

impl Reconcile for KnowsWhatArrived {
    fn find(_: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        match message.text.as_str() {
            "taken" => Ok(Verdict::Taken(Some(format!("{} {}", message.id, message.attempt)))),
            "not taken" => Ok(Verdict::NotTaken),
            "unknown" => Ok(Verdict::Unknown),
            _ => Err(failure(session.id)),
        }
    }
}

sandbox_guests::sin!(KnowsWhatArrived, Reconcile);
