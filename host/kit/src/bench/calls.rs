//! The calls of a conversation, as the gateway makes them: what a call leaves behind goes through the store and back
//! before the next one sees it.

use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::vendor::{CustomerMessage, Event};
use handover_handoff::{DeliveryId, Session};
use handover_sandbox::{CallError, CallbackRequest, MapError, Mapped};

use super::{Bench, Seat};
use crate::cast;
use crate::template::Names;
use crate::vendor::Fault;

/// Steps of one start; more is a start that never ends.
const STEPS: usize = 32;

/// How a start went.
#[derive(Debug)]
pub(crate) struct Driven {
    /// What was known at once, and whether the conversation is proved; or why it did not begin.
    pub(crate) result: Result<(Vec<Event>, bool), CallError>,
    /// How many steps were committed before the one that ended it.
    pub(crate) steps: usize,
}

impl Bench {
    /// Begins the conversation, or goes on with what an earlier attempt has begun.
    pub(crate) async fn drive(&self, seat: Seat, session: &mut Session, attempt: u32) -> Driven {
        let request = cast::start_request(&self.scenario);
        for steps in 0..STEPS {
            let outcome = match self.seat(seat) {
                Some(connector) => {
                    let call = connector.start(session, &request, attempt, cast::now());
                    self.timed_on(seat, "start", call).await
                }
                None => Err(CallError::Unsupported("this seat")),
            };
            match outcome {
                Ok(Outcome::Progressed { progress, tokens }) => {
                    session.vendor.progress = Some(progress);
                    if tokens.is_some() {
                        session.vendor.tokens = tokens;
                    }
                    stored(session);
                }
                Ok(Outcome::Started { lookup_keys, update, events, proved, problem_told }) => {
                    session.vendor.lookup_keys = lookup_keys;
                    session.vendor.problem_told = Some(problem_told);
                    session.vendor.progress = None;
                    session.phase = Phase::Active;
                    keep(session, update);
                    return Driven { result: Ok((events, proved)), steps };
                }
                // No other outcome comes of a start.
                Ok(_) => return Driven { result: Err(CallError::Unsupported("this outcome")), steps },
                Err(error) => return Driven { result: Err(error), steps },
            }
        }
        let error = CallError::OverLimit(format!("more than {STEPS} steps of one start"));
        Driven { result: Err(error), steps: STEPS }
    }

    /// A conversation that has begun as the scenario says; why not, where it has not.
    pub(crate) async fn begun(&self) -> Result<Session, String> {
        let mut session = self.session();
        let start = &self.scenario.start;
        self.expect(&start.exchanges, self.names(&session), None);
        match self.drive(Seat::Usual, &mut session, 1).await.result {
            Ok(_) if session.vendor.lookup_keys.is_empty() => {
                session.vendor.lookup_keys.clone_from(&self.names_of_session(&session, &start.lookup_keys));
                Ok(session)
            }
            Ok(_) => Ok(session),
            Err(error) => Err(format!("a start does not succeed: {error}")),
        }
    }

    /// Lookup keys with their placeholders filled.
    pub(crate) fn names_of_session(&self, session: &Session, keys: &[String]) -> Vec<String> {
        let names = self.names(session);
        keys.iter().map(|key| names.fill(key)).collect()
    }

    /// Brings a message of the customer; the session keeps what the call leaves behind.
    pub(crate) async fn send(
        &self,
        seat: Seat,
        session: &mut Session,
        id: DeliveryId,
        message: &CustomerMessage,
        attempt: u32,
    ) -> Result<(), CallError> {
        let connector = self.seat(seat).ok_or(CallError::Unsupported("this seat"))?;
        let call = connector.send(session, id, message, attempt, cast::now());
        if let Outcome::Done(update) = self.timed_on(seat, "send", call).await? {
            keep(session, update);
        }
        Ok(())
    }

    /// Ends the conversation.
    pub(crate) async fn end(
        &self,
        seat: Seat,
        session: &mut Session,
        why: EndReason,
    ) -> Result<(), CallError> {
        let connector = self.seat(seat).ok_or(CallError::Unsupported("this seat"))?;
        if let Outcome::Done(update) =
            self.timed_on(seat, "end", connector.end(session, why, cast::now())).await?
        {
            keep(session, update);
        }
        Ok(())
    }

    /// Only what is usual tells how long calls take.
    async fn timed_on<T>(&self, seat: Seat, what: &'static str, call: impl Future<Output = T>) -> T {
        if seat == Seat::Usual { self.timed(what, call).await } else { call.await }
    }

    /// Reads a callback.
    pub(crate) async fn map(&self, request: &CallbackRequest) -> Result<Mapped, MapError> {
        let connector = self.seat(Seat::Usual).ok_or(CallError::Unsupported("this seat"))?;
        self.timed("map", connector.map(request.clone())).await
    }

    /// The placeholders for one message.
    pub(crate) fn names_for(&self, session: &Session, id: DeliveryId, text: &str) -> Names {
        let mut names = self.names(session);
        names.set("text", text);
        names.set("message.id", id.to_string());
        names
    }

    /// Has the vendor expect a message.
    pub(crate) fn expect_message(
        &self,
        session: &Session,
        id: DeliveryId,
        text: &str,
        fault: Option<(usize, Fault)>,
    ) {
        self.expect(&self.scenario.send.exchanges, self.names_for(session, id, text), fault);
    }
}

/// What a call leaves behind.
pub(crate) fn keep(session: &mut Session, update: Update) {
    if let Some(state) = update.state {
        session.vendor.state = state;
        session.vendor.schema = update.schema;
    }
    if update.tokens.is_some() {
        session.vendor.tokens = update.tokens;
    }
    stored(session);
}

/// Through the store and back.
fn stored(session: &mut Session) {
    let record = serde_json::to_vec(session).ok();
    if let Some(read) = record.and_then(|record| serde_json::from_slice(&record).ok()) {
        *session = read;
    }
}
