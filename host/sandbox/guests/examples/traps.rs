//! Breaks down: in `send` at once or after a request, in `map`.

use handover_connector::{CallbackRequest, Context, Failure, Mapped, Message, Refusal, Sent, Session, http};
use sandbox_guests::{API, Guest};

struct Traps;

impl Guest for Traps {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        if message.text == "after a request" {
            http::post(API, "/taken").send()?;
        }
        panic!("the cup is empty")
    }

    fn map(_: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        panic!("{} bytes are too many", request.body.len())
    }
}

sandbox_guests::sin!(Traps);
