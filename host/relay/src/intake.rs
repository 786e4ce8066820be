//! Intake: turns of the bot and events of the vendor are decided on and committed. What returns from here is durable.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::event::{self, Told, Verdict};
use handover_handoff::turn::{self, Opening, Turn};
use handover_handoff::vendor::Event;
use handover_handoff::{Decision, SessionId, Timestamp, timer};
use handover_store::{Once, StoreError, Subject, decide};

use crate::relay::Relay;

/// How long an event may wait for a start that is under way: it may be about the very conversation that the vendor
/// is just telling us of.
const START_RACE: Duration = Duration::from_secs(2);

/// How long between looks while it waits; a busy store changes all the time.
const LOOK: Duration = Duration::from_millis(25);

/// One event of the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Which session.
    pub key: String,
    /// Names this event among all of the vendor's; without it each one counts.
    pub name: Option<String>,
    /// What happened.
    pub event: Event,
}

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It counts, or did so before.
    Accepted,
    /// The session it is for has ended.
    Closed,
    /// No session goes by that key.
    Unknown,
    /// No session goes by that key yet; one may soon.
    Early,
}

impl Relay {
    /// Takes a turn of the bot in; nothing where it was taken in before.
    ///
    /// # Errors
    /// What the store says; then nothing was taken in.
    pub async fn turn(
        self: &Arc<Self>,
        turn: Turn,
        once: Option<Once>,
        opening: Opening,
    ) -> Result<Option<turn::Verdict>, StoreError> {
        let (relay, now) = (Arc::clone(self), self.outside.now());
        let subject = Subject::Conversation(turn.key.clone());
        let decided = decide(&*self.store, subject, once, now, move |session| {
            let open = session.as_ref().filter(|session| session.phase.is_open());
            let opening = relay.passing_over(opening.clone(), now);
            let connector = open.map_or(&opening.connector, |session| &session.connector).clone();
            turn::decide(session, &turn, opening, relay.env(&connector, now))
        });
        Ok(decided.await?.map(|(verdict, _)| verdict))
    }

    /// A vendor that does not answer is not asked first where there is another one.
    fn passing_over(&self, mut opening: Opening, now: Timestamp) -> Opening {
        while !opening.further.is_empty() && self.env(&opening.connector, now).vendor_down {
            opening.connector = opening.further.remove(0);
        }
        opening
    }

    /// Takes an event of a connector's vendor in.
    ///
    /// # Errors
    /// What the store says; then it was not taken in.
    pub async fn event(
        self: &Arc<Self>,
        connector: &str,
        happened: Happened,
        told: Told,
    ) -> Result<Heard, StoreError> {
        let deadline = tokio::time::Instant::now() + START_RACE;
        loop {
            match self.commit(connector, &happened, told).await? {
                Verdict::Accepted => return Ok(Heard::Accepted),
                Verdict::Closed => return Ok(Heard::Closed),
                Verdict::Unknown => {}
            }
            if !self.store.starting(connector).await? {
                // The start may have come to its end between the two looks.
                return Ok(match self.commit(connector, &happened, told).await? {
                    Verdict::Accepted => Heard::Accepted,
                    Verdict::Closed => Heard::Closed,
                    Verdict::Unknown => Heard::Unknown,
                });
            }
            if tokio::time::Instant::now() >= deadline {
                return Ok(Heard::Early);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn commit(
        self: &Arc<Self>,
        connector: &str,
        happened: &Happened,
        told: Told,
    ) -> Result<Verdict, StoreError> {
        let (relay, now) = (Arc::clone(self), self.outside.now());
        let subject = Subject::LookupKey { connector: connector.to_owned(), key: happened.key.clone() };
        let scope = || format!("vendor/{connector}/{}", happened.key);
        let once = happened.name.clone().map(|key| Once { scope: scope(), key });
        let (connector, event) = (connector.to_owned(), happened.event.clone());
        let decided = decide(&*self.store, subject, once, now, move |session| {
            event::decide(session, &event, told, relay.env(&connector, now))
        });
        match decided.await {
            Ok(decided) => Ok(decided.map_or(Verdict::Accepted, |(verdict, _)| verdict)),
            Err(error @ StoreError::KeyTaken { .. }) => {
                tracing::error!(reason = %error, "a further key was refused");
                Ok(Verdict::Closed)
            }
            Err(error) => Err(error),
        }
    }

    /// Does what is due in a session.
    ///
    /// # Errors
    /// What the store says.
    pub async fn timer(self: &Arc<Self>, id: SessionId) -> Result<(), StoreError> {
        let (relay, now) = (Arc::clone(self), self.outside.now());
        decide(&*self.store, Subject::Session(id), None, now, move |session| match &session {
            Some(known) => {
                let connector = known.connector.clone();
                timer::decide(session, relay.env(&connector, now))
            }
            None => Decision::nothing(()),
        })
        .await?;
        Ok(())
    }
}
