//! The Matrix connector: an application service of a homeserver. Agents answer in Element or any other client, one
//! room per session. [`encode`] goes to the homeserver, [`decode`] comes from it.

mod decode;
mod describe;
mod encode;
mod html;
mod json;
mod names;
mod server;
mod settings;
mod state;

use handover_connector::{
    Attribute, Availability, AvailabilityStatus, Batch, CallbackRequest, Connector, Context, Description,
    EndReason, Failure, FailureReason, Feed, Frame, Mapped, Message, NewSession, Receipt, Refusal,
    RetryAdvice, Sent, Session, Signals, StartOutcome, Subscription, Update,
};

use settings::Settings;

/// The connector.
pub struct Matrix;

impl Connector for Matrix {
    fn describe() -> Description {
        describe::description()
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        encode::start(&Settings::read(&context)?, &session)
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        encode::send(&Settings::read(&context)?, &session, &message)
    }

    fn end(context: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        encode::end(&Settings::read(&context)?, &session, reason)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        let settings = Settings::read(&context).map_err(|failure| Refusal::Unmapped(failure.detail))?;
        decode::map(&settings, &request)
    }
}

impl Signals for Matrix {
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        encode::typing(&Settings::read(&context)?, &session, on)
    }

    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        encode::report(&Settings::read(&context)?, &session, &receipt)
    }
}

impl Availability for Matrix {
    fn check(context: Context, routing: Vec<Attribute>) -> Result<AvailabilityStatus, Failure> {
        encode::availability(&Settings::read(&context)?, &routing)
    }
}

/// The room's history: what counts, or for repair beside transactions.
impl Feed for Matrix {
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        decode::poll(&Settings::read(&context)?, &session, cursor)
    }

    fn open(_: Context, _: Session, _: Option<String>) -> Result<Option<Subscription>, Failure> {
        Ok(None)
    }

    fn read(_: Context, _: Session, _: Frame) -> Result<Batch, Failure> {
        Err(Failure {
            reason: FailureReason::Unsupported,
            retry: RetryAdvice::Never,
            detail: "no stream is opened".to_owned(),
        })
    }
}

handover_connector::export!(Matrix: Connector, Signals, Availability, Feed);
