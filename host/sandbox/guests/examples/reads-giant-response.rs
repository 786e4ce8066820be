//! Fetches what is far too large.

use handover_connector::{Context, Failure, Message, Sent, Session, http};
use sandbox_guests::{API, Guest, sent};

struct ReadsGiantResponse;

impl Guest for ReadsGiantResponse {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        let answer = http::get(API, message.text).send()?;
        Ok(sent(format!("has {} bytes", answer.body.len())))
    }
}

sandbox_guests::sin!(ReadsGiantResponse);
