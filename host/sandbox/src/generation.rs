//! One proved version of a connector, and the calls that can be made of it.

use std::sync::Arc;

use handover_handoff::delivery::Receipt;
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::EndReason;
use handover_handoff::vendor::{CustomerMessage, Event, StartRequest};
use handover_handoff::{DeliveryId, Session, Timestamp};

use crate::bindings::exports::handover::connector as guest;
use crate::bindings::handover::connector::types as wit;
use crate::bounds::Bounds;
use crate::call::{Call, Caller};
use crate::config::GrantedCredential;
use crate::convert;
use crate::description::{Capabilities, Description};
use crate::difference::Difference;
use crate::error::{CallError, MapError};

/// Where the functions of each interface are; looked up once, when the component is proved.
pub(crate) struct Interfaces {
    pub(crate) descriptor: guest::descriptor::GuestIndices,
    pub(crate) handoff: guest::handoff::GuestIndices,
    pub(crate) callback: guest::callback::GuestIndices,
    pub(crate) signals: Option<guest::signals::GuestIndices>,
    pub(crate) availability: Option<guest::availability::GuestIndices>,
    pub(crate) feed: Option<guest::feed::GuestIndices>,
    pub(crate) reconcile: Option<guest::reconcile::GuestIndices>,
    pub(crate) migration: Option<guest::migration::GuestIndices>,
    pub(crate) trial: Option<guest::trial::GuestIndices>,
}

impl Interfaces {
    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities {
            signals: self.signals.is_some(),
            availability: self.availability.is_some(),
            feed: self.feed.is_some(),
            reconcile: self.reconcile.is_some(),
            migration: self.migration.is_some(),
            trial: self.trial.is_some(),
        }
    }
}

/// One version of a connector. Calls that have begun on it end on it.
pub struct Generation {
    pub(crate) description: Description,
    pub(crate) digest: String,
    /// Who signed it, by the operator's name for them.
    pub(crate) signer: Option<String>,
    /// What came with it to show that.
    pub(crate) signature: Option<Arc<str>>,
    pub(crate) caller: Caller,
    pub(crate) interfaces: Arc<Interfaces>,
    pub(crate) settings: String,
    pub(crate) callback_url: String,
    /// When it began to serve.
    pub(crate) since: Timestamp,
    /// Whether each call has an instance of its own, and why.
    pub(crate) instances: String,
}

/// A vendor's request, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRequest {
    /// Upper case.
    pub method: String,
    /// The public address with its query.
    pub url: String,
    /// Below the connector's mount.
    pub path: String,
    /// In order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
    /// When it was received.
    pub received: Timestamp,
}

/// An exact HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What happened at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// For the domain.
    Event(Box<Event>),
    /// The live agent types, or stops: passed on at once or not at all.
    Typing(bool),
}

/// One event of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedEvent {
    /// Which session.
    pub lookup_key: String,
    /// Names this event among all of the vendor's.
    pub dedupe_id: Option<String>,
    /// What happened.
    pub happening: Happening,
}

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// In order.
    pub events: Vec<MappedEvent>,
    /// What the vendor wants to hear.
    pub answer: Option<Answer>,
    /// What makes the vendor stop, where no event meets an open session.
    pub answer_when_closed: Option<Answer>,
}

impl Generation {
    /// What it says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// SHA-256 of the component, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Who signed it, by the operator's name for them; nobody whose key is known where it is none.
    pub fn signer(&self) -> Option<&str> {
        self.signer.as_deref()
    }

    /// Credentials that it could use besides those that are configured.
    pub fn could_have(&self) -> &[Difference] {
        self.caller.credentials.could_have()
    }

    /// The credential that goes along to this upstream.
    pub fn credential_of(&self, upstream: &str) -> Option<&GrantedCredential> {
        self.caller.credentials.of_upstream(upstream)
    }

    /// The largest file that it can be handed and send on, in bytes.
    pub fn longest_request(&self) -> usize {
        self.caller.limits.request
    }

    /// Begins the conversation at the vendor, or goes one step on with that.
    pub async fn start(
        &self,
        session: &Session,
        request: &StartRequest,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Outcome, CallError> {
        let (interfaces, context) = (Arc::clone(&self.interfaces), self.context(now));
        let subject = convert::new_session(session, request, attempt);
        let outcome = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let handoff = interfaces.handoff.load(&mut *store, &instance)?;
                    handoff.call_start(store, &context, &subject).await
                })
            })
            .await?
            .map_err(refused)?;
        self.bounds().start(&outcome)?;
        Ok(convert::start_outcome(outcome, self.description.state_schema))
    }

    /// Brings one message of the customer to the live agent.
    pub async fn send(
        &self,
        session: &Session,
        id: DeliveryId,
        message: &CustomerMessage,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Outcome, CallError> {
        let (interfaces, context) = (Arc::clone(&self.interfaces), self.context(now));
        let (subject, migrated) = self.own(session, now).await?.apart();
        let message = convert::message(id, message, attempt);
        let sent = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let handoff = interfaces.handoff.load(&mut *store, &instance)?;
                    handoff.call_send(store, &context, &subject, &message).await
                })
            })
            .await?
            .map_err(refused)?;
        self.bounds().sent(&sent)?;
        Ok(Outcome::Done(self.kept(sent.update, migrated)))
    }

    /// Ends the conversation at the vendor.
    pub async fn end(
        &self,
        session: &Session,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<Outcome, CallError> {
        let (interfaces, context) = (Arc::clone(&self.interfaces), self.context(now));
        let (subject, migrated) = self.own(session, now).await?.apart();
        let reason = convert::end_reason(reason);
        let update = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let handoff = interfaces.handoff.load(&mut *store, &instance)?;
                    handoff.call_end(store, &context, &subject, reason).await
                })
            })
            .await?
            .map_err(refused)?;
        self.bounds().update(&update)?;
        Ok(Outcome::Done(self.kept(update, migrated)))
    }

    /// Tells the live agent what became of a message; nothing to do where the connector has no `signals`.
    pub async fn report(
        &self,
        session: &Session,
        message: &str,
        receipt: &Receipt,
        now: Timestamp,
    ) -> Result<Outcome, CallError> {
        let Some(indices) = self.interfaces.signals.clone() else {
            return Ok(Outcome::Done(Update::default()));
        };
        let context = self.context(now);
        let subject = self.own(session, now).await?.subject;
        let receipt = convert::receipt(message, receipt);
        self.caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let signals = indices.load(&mut *store, &instance)?;
                    signals.call_report(store, &context, &subject, &receipt).await
                })
            })
            .await?
            .map_err(refused)?;
        Ok(Outcome::Done(Update::default()))
    }

    /// Whether the vendor has a message whose attempt ended without a known outcome; none where neither the vendor nor
    /// the connector can tell.
    pub async fn find(
        &self,
        session: &Session,
        id: DeliveryId,
        message: &CustomerMessage,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Option<bool>, CallError> {
        let Some(indices) = self.interfaces.reconcile.clone() else { return Ok(None) };
        let context = self.context(now);
        let subject = self.own(session, now).await?.subject;
        let message = convert::message(id, message, attempt);
        let verdict = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let reconcile = indices.load(&mut *store, &instance)?;
                    reconcile.call_find(store, &context, &subject, &message).await
                })
            })
            .await?
            .map_err(refused)?;
        Ok(match verdict {
            guest::reconcile::Verdict::Taken(_) => Some(true),
            guest::reconcile::Verdict::NotTaken => Some(false),
            guest::reconcile::Verdict::Unknown => None,
        })
    }

    /// Tells the live agent that the customer types, or stops.
    pub async fn typing(&self, session: &Session, on: bool, now: Timestamp) -> Result<(), CallError> {
        let indices = self.interfaces.signals.clone().ok_or(CallError::Unsupported("signals"))?;
        let context = self.context(now);
        let subject = self.own(session, now).await?.subject;
        self.caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let signals = indices.load(&mut *store, &instance)?;
                    signals.call_typing(store, &context, &subject, on).await
                })
            })
            .await?
            .map_err(refused)
    }

    /// Reads a callback.
    pub async fn map(&self, request: CallbackRequest) -> Result<Mapped, MapError> {
        let (interfaces, context) = (Arc::clone(&self.interfaces), self.context(request.received));
        let call = Call {
            subject: "callback".to_owned(),
            deadline: self.caller.limits.map,
            reach: false,
            tenant: None,
        };
        let request = convert::request(request);
        let mapped = self
            .caller
            .run(call, move |store, instance| {
                Box::pin(async move {
                    let callback = interfaces.callback.load(&mut *store, &instance)?;
                    callback.call_map(store, &context, &request).await
                })
            })
            .await?;
        match mapped {
            Ok(mapped) => {
                self.bounds().mapped(&mapped)?;
                Ok(convert::mapped(mapped))
            }
            Err(guest::callback::Refusal::Malformed(why)) => Err(MapError::Malformed(convert::short(&why))),
            Err(guest::callback::Refusal::Unmapped(why)) => Err(MapError::Unmapped(convert::short(&why))),
        }
    }

    pub(crate) fn context(&self, now: Timestamp) -> wit::Context {
        wit::Context {
            connector: self.caller.connector.to_string(),
            settings: self.settings.clone(),
            callback_url: self.callback_url.clone(),
            now: now.0,
        }
    }

    pub(crate) fn call(&self, session: &Session) -> Call {
        let tenant = self.caller.pool.as_ref().map(|_| session.conversation.tenant.clone());
        Call { subject: session.id.to_string(), deadline: self.caller.limits.call, reach: true, tenant }
    }

    pub(crate) fn bounds(&self) -> Bounds<'_> {
        Bounds(&self.caller.limits)
    }
}

pub(crate) fn refused(failure: wit::Failure) -> CallError {
    CallError::Failed(convert::failure(failure))
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation")
            .field("connector", &self.caller.connector)
            .field("version", &self.description.version)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// Old versions that still finish their calls are told apart from the one that serves by who else holds them.
pub(crate) type Shared = Arc<Generation>;
