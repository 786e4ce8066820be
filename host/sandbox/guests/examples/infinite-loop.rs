//! Never returns: in `send`, in `map`.

use std::hint::black_box;

use handover_connector::{CallbackRequest, Context, Failure, Mapped, Message, Refusal, Sent, Session};
use sandbox_guests::Guest;

struct InfiniteLoop;

impl Guest for InfiniteLoop {
    fn send(_: Context, _: Session, _: Message) -> Result<Sent, Failure> {
        loop {
            black_box(());
        }
    }

    fn map(_: Context, _: CallbackRequest) -> Result<Mapped, Refusal> {
        loop {
            black_box(());
        }
    }
}

sandbox_guests::sin!(InfiniteLoop);
