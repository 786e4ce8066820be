//! Reads every callback of the echo but those with a message of the live agent: over them it trips.

use handover_connector::{
    CallbackRequest, Connector, Context, Description, EndReason, Failure, Mapped, Message, NewSession,
    Refusal, Sent, Session, StartOutcome, Update,
};
use sandbox_guests::echo::{Echo, Version};

struct Number;

impl Version for Number {
    const NUMBER: &'static str = "1.1.0";
}

struct TripsOverMessages;

// Built for the machine that tests run on nothing else uses them.
const _: (Number, TripsOverMessages) = (Number, TripsOverMessages);

impl Connector for TripsOverMessages {
    fn describe() -> Description {
        Echo::<Number>::describe()
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        Echo::<Number>::start(context, session)
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        Echo::<Number>::send(context, session, message)
    }

    fn end(context: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        Echo::<Number>::end(context, session, reason)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        assert!(!request.body.starts_with(b"message "), "nobody told me of messages");
        Echo::<Number>::map(context, request)
    }
}

handover_connector::export!(TripsOverMessages: Connector);
