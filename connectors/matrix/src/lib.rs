//! The Matrix connector: an application service of a homeserver. Agents answer in Element or any other client, one
//! room per session. [`encode`] goes to the homeserver, [`decode`] comes from it.

mod decode;
mod describe;
mod encode;
mod names;
mod server;
mod settings;
mod state;

use handover_connector::{
    CallbackRequest, Connector, Context, Description, EndReason, Failure, Mapped, Message, NewSession,
    Refusal, Sent, Session, StartOutcome, Update,
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

handover_connector::export!(Matrix: Connector, Signals, Availability, Feed);
