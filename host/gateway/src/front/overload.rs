//! The two edges' bounds and rates: what is beyond them is told so at once, and when to come again.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request as HttpRequest, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use handover_channel::Inbound;
use handover_handoff::ConversationKey;
use handover_handoff::turn::Request;
use tokio::sync::Semaphore;

use super::rate::Rate;
use super::{Seldom, refuse};
use crate::config::FrontSection;
use crate::gateway::Gateway;

/// In which time a conversation may have its turns.
const CONVERSATION: Duration = Duration::from_secs(10);

/// What is under way and how often something comes.
pub(crate) struct Overload {
    turns: Semaphore,
    callbacks: Semaphore,
    conversations: Rate<ConversationKey>,
    connectors: Rate<String>,
    full: Seldom,
    often: Seldom,
}

impl Overload {
    pub(crate) fn new(limits: &FrontSection) -> Self {
        Self {
            turns: Semaphore::new(limits.turns.get()),
            callbacks: Semaphore::new(limits.callbacks.get()),
            conversations: Rate::per(CONVERSATION, limits.conversation_per_10_seconds),
            connectors: Rate::per(Duration::from_secs(1), limits.connector_per_second),
            full: Seldom::default(),
            often: Seldom::default(),
        }
    }

    /// Whether one conversation has had enough turns for now; the answer to the bot where it has.
    pub(crate) fn conversation(&self, inbound: &Inbound) -> Option<Response> {
        let key = match inbound {
            // The way out is open to everybody.
            Inbound::Turn(turn) if matches!(turn.request, Request::End | Request::Release) => return None,
            Inbound::Turn(turn) => &turn.key,
            Inbound::Typing { key, .. } | Inbound::UnknownEvent { key, .. } => key,
            Inbound::Nothing { .. } => return None,
        };
        let wait = self.conversations.check(key).err()?;
        if let Some(times) = self.often.tell() {
            tracing::warn!(times, "a conversation has more turns than `limits.conversation_per_10_seconds`");
        }
        Some(refuse(StatusCode::TOO_MANY_REQUESTS, "too many turns in this conversation", Some(wait)))
    }

    /// Whether a connector has had enough callbacks for now; the answer to the vendor where it has. To be asked only
    /// once the callback is known to be the vendor's: nobody else may use the vendor's rate up.
    pub(crate) fn connector(&self, name: &str) -> Option<Response> {
        let wait = self.connectors.check(&name.to_owned()).err()?;
        if let Some(times) = self.often.tell() {
            tracing::warn!(connector = name, times, "more callbacks than `limits.connector_per_second`");
        }
        Some(refuse(StatusCode::TOO_MANY_REQUESTS, "too many callbacks", Some(wait)))
    }

    async fn admit(&self, places: &Semaphore, what: &str, request: HttpRequest, next: Next) -> Response {
        let Ok(_place) = places.try_acquire() else {
            if let Some(times) = self.full.tell() {
                tracing::warn!(times, "too many {what} are under way; further ones are told to come again");
            }
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "too much at once", Some(1));
        };
        next.run(request).await
    }
}

/// Takes a turn in where there is a place for it.
pub(crate) async fn turn(State(gateway): State<Arc<Gateway>>, request: HttpRequest, next: Next) -> Response {
    let overload = &gateway.overload;
    overload.admit(&overload.turns, "turns", request, next).await
}

/// Takes a callback in where there is a place for it.
pub(crate) async fn callback(
    State(gateway): State<Arc<Gateway>>,
    request: HttpRequest,
    next: Next,
) -> Response {
    let overload = &gateway.overload;
    overload.admit(&overload.callbacks, "callbacks", request, next).await
}
