//! Makes request after request within one call.

use handover_connector::{Context, Failure, Message, Sent, Session, http};
use sandbox_guests::{API, Guest};

struct RequestStorm;

impl Guest for RequestStorm {
    fn send(_: Context, _: Session, _: Message) -> Result<Sent, Failure> {
        loop {
            http::post(API, "/taken").send()?;
        }
    }
}

sandbox_guests::sin!(RequestStorm);
