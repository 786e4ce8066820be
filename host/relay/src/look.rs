//! One look at a feed: the connector is asked, and what it says is taken in.
//!
//! What it brings is committed with the cursor behind it in one transaction, so that a node that dies in between
//! neither loses nor doubles anything: whoever goes on has the cursor of what was committed, and what comes again is
//! known by its name.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice, Target};
use handover_handoff::feed::{self, Gathered, Given, Verdict};
use handover_handoff::session::Phase;
use handover_handoff::vendor::Event;
use handover_handoff::{Session, Timestamp};
use handover_store::{Once, StoreError, Subject, decide, sift};

use crate::breaker::State;
use crate::feed::Feed;
use crate::outside::{Batch, Frame};
use crate::upkeep::SILENCE;

/// No look takes longer.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(60);

/// How often the same thing is looked at anew because the session has changed meanwhile.
const AGAIN: usize = 5;

/// What is asked of the connector.
pub(crate) enum Ask {
    /// What has happened since the last time.
    Poll,
    /// What a frame of the stream says.
    Read(Frame),
}

/// What it came to.
pub(crate) enum Step {
    /// All that there is has been taken in; when to look again, where the connector says, in milliseconds.
    Kept(Option<u64>),
    /// Nothing was taken in; how long to wait at least, where the vendor says, in milliseconds.
    Failed(Option<u64>),
    /// The vendor does not have the conversation yet.
    Early,
    /// The session is over.
    Over,
    /// The feed is another node's by now.
    Lost,
}

impl Feed {
    /// The session, where it is open and its feed this node's.
    pub(crate) async fn session(&self) -> Result<Session, Step> {
        let now = self.relay.outside.now();
        let ours = now.0 < self.lease.load(Ordering::Acquire);
        if !ours || now.since(self.relay.heard_at()) > SILENCE {
            return Err(Step::Lost);
        }
        match self.relay.store.session(self.id).await {
            Ok(Some(session)) if session.phase.is_open() => Ok(session),
            Ok(_) => Err(Step::Over),
            Err(e) => {
                tracing::warn!(session = %self.id, reason = %e, "the session of a feed could not be read");
                Err(Step::Failed(None))
            }
        }
    }

    /// Asks the connector, and takes in what it says.
    pub(crate) async fn bring(&self, ask: &Ask) -> Step {
        for _ in 0..AGAIN {
            match self.try_once(ask).await {
                Some(step) => return step,
                // A message was sent meanwhile: what was found may build on what is no longer so.
                None => tracing::debug!(session = %self.id, "overtaken; looking again"),
            }
        }
        Step::Failed(None)
    }

    /// None where the session has changed meanwhile.
    async fn try_once(&self, ask: &Ask) -> Option<Step> {
        let connector = match self.session().await {
            Ok(session) => session.connector,
            Err(step) => return Some(step),
        };
        let places = self.relay.feeds.places(&connector);
        let place = places.acquire().await;
        // To wait for the place may have taken a while.
        let session = match self.session().await {
            Ok(session) => session,
            Err(step) => return Some(step),
        };
        if session.vendor.lookup_keys.is_empty() && session.phase == Phase::Requested {
            return Some(Step::Early);
        }
        let now = self.relay.outside.now();
        if let State::Open(until) = self.relay.breakers.state(&Target::connector(&connector), now) {
            return Some(Step::Failed(Some(until.since(now))));
        }
        let asking = async {
            match ask {
                Ask::Poll => self.relay.outside.poll(&session).await,
                Ask::Read(frame) => self.relay.outside.read_frame(&session, frame.clone()).await,
            }
        };
        let asked = tokio::time::timeout(ATTEMPT, asking).await;
        drop(place);
        let batch = match asked {
            Ok(Ok(batch)) => batch,
            Ok(Err(failure)) => return Some(self.failed(ask, failure).await),
            Err(_) => return Some(Step::Failed(None)),
        };
        let delay = batch.delay;
        let typing = batch.typing;
        let verdict = match self.commit(&session, now, batch, true).await {
            // A key that another conversation has is refused, as it is to callbacks; what else there is counts.
            Err((e @ StoreError::KeyTaken { .. }, batch)) => {
                tracing::error!(session = %self.id, reason = %e, "a further key was refused");
                self.commit(&session, now, batch, false).await
            }
            other => other,
        };
        Some(match verdict {
            Ok(Verdict::Kept) => {
                if let Some(on) = typing {
                    self.relay.outside.shows_typing(&session, on);
                }
                Step::Kept(delay)
            }
            Ok(Verdict::Over) => Step::Over,
            Ok(Verdict::Overtaken) => return None,
            Err((e, _)) => {
                tracing::warn!(session = %self.id, reason = %e, "what a feed brought could not be kept");
                Step::Failed(None)
            }
        })
    }

    /// All of it or nothing, with the cursor behind it.
    async fn commit(
        &self,
        session: &Session,
        at: Timestamp,
        batch: Batch,
        keys: bool,
    ) -> Result<Verdict, (StoreError, Batch)> {
        let (relay, now) = (Arc::clone(&self.relay), self.relay.outside.now());
        let (connector, given, whole) = (session.connector.clone(), Given::of(session), batch.clone());
        let scopes = scopes(session);
        let names = batch.items.iter().flat_map(|item| {
            let name = |scope: &String| Once { scope: scope.clone(), key: item.name.clone() };
            scopes.iter().map(name)
        });
        let (names, each) = (names.collect(), scopes.len());
        let decided =
            sift(&*self.relay.store, Subject::Session(self.id), names, now, move |session, fresh| {
                let wanted = |event: &Event| keys || !matches!(event, Event::Reference(_));
                // One that a callback has told under any of the keys is told.
                let new =
                    batch.items.iter().zip(fresh.chunks(each)).filter(|(_, fresh)| !fresh.contains(&false));
                let gathered = Gathered {
                    events: new.map(|(item, _)| &item.event).filter(|event| wanted(event)).cloned().collect(),
                    cursor: batch.cursor.clone(),
                    update: batch.update.clone(),
                };
                feed::decide(session, &given, &gathered, at, relay.env(&connector, now))
            });
        match decided.await {
            Ok(verdict) => Ok(verdict.unwrap_or(Verdict::Overtaken)),
            Err(e) => Err((e, whole)),
        }
    }

    async fn failed(&self, ask: &Ask, failure: Failure) -> Step {
        if let (Ask::Poll, FailureReason::ConversationGone) = (ask, &failure.reason) {
            return self.gone().await;
        }
        let (reason, detail) = (failure.reason.as_str(), failure.detail);
        tracing::warn!(session = %self.id, reason, detail, "a feed could not be looked at");
        match failure.retry {
            RetryAdvice::Safe(after) => Step::Failed(after),
            RetryAdvice::Never | RetryAdvice::UnknownOutcome => Step::Failed(None),
        }
    }

    /// The vendor does not know the conversation any more.
    async fn gone(&self) -> Step {
        let (relay, now) = (Arc::clone(&self.relay), self.relay.outside.now());
        let decided = decide(&*self.relay.store, Subject::Session(self.id), None, now, move |session| {
            let connector = session.as_ref().map_or_else(String::new, |session| session.connector.clone());
            feed::gone(session, relay.env(&connector, now))
        });
        match decided.await {
            Ok(_) => Step::Over,
            Err(e) => {
                tracing::warn!(session = %self.id, reason = %e, "the end of a session could not be kept");
                Step::Failed(None)
            }
        }
    }
}

/// What names of events are kept under: the same as those of callbacks, which may tell the same event by any of the
/// keys.
fn scopes(session: &Session) -> Vec<String> {
    let connector = &session.connector;
    let keys = &session.vendor.lookup_keys;
    if keys.is_empty() {
        return vec![format!("vendor/{connector}/session {}", session.id)];
    }
    keys.iter().map(|key| format!("vendor/{connector}/{key}")).collect()
}
