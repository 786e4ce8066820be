//! Declares `api` and goes wherever the message's text says; `map` goes to `api`, which it may not while it maps.

use handover_connector::{CallbackRequest, Context, Failure, Mapped, Message, Refusal, Sent, Session};
use sandbox_guests::wander::wander;
use sandbox_guests::{Guest, sent};

struct WantsOtherUpstream;

impl Guest for WantsOtherUpstream {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        Ok(sent(wander(&message.text)))
    }

    fn map(_: Context, _: CallbackRequest) -> Result<Mapped, Refusal> {
        Err(Refusal::Unmapped(wander("api|/")))
    }
}

sandbox_guests::sin!(WantsOtherUpstream);
