//! What people ask for: an end, another try, an eraser.

use std::sync::Arc;

use handover_handoff::{SessionId, operator};
use handover_store::{Place, Redrive, StoreError, Subject, Which, decide};

use crate::relay::Relay;

/// How many dead letters are looked at at a time.
const BATCH: usize = 100;

/// What became of dead letters that were to go on their way again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redriven {
    /// On their way, in the order they were written.
    pub queued: usize,
    /// Not, and why.
    pub refused: Vec<(Place, operator::Refusal)>,
}

impl Relay {
    /// Ends a session; false where it is not open.
    ///
    /// # Errors
    /// What the store says.
    pub async fn end(self: &Arc<Self>, id: SessionId) -> Result<bool, StoreError> {
        let (relay, now) = (Arc::clone(self), self.outside.now());
        let decided = decide(&*self.store, Subject::Session(id), None, now, move |session| {
            let connector = session.as_ref().map_or_else(String::new, |session| session.connector.clone());
            operator::end(session, relay.env(&connector, now))
        });
        Ok(decided.await?.is_some_and(|(ended, _)| ended))
    }

    /// Sends one dead letter on its way again.
    ///
    /// # Errors
    /// What the store says.
    pub async fn redrive(self: &Arc<Self>, place: Place) -> Result<Redrive, StoreError> {
        let (relay, now) = (Arc::clone(self), self.outside.now());
        let redriver = Box::new(move |session: handover_handoff::Session, dead: &_| {
            let connector = session.connector.clone();
            operator::redrive(session, dead, relay.env(&connector, now))
        });
        self.store.redrive(place, now, redriver).await
    }

    /// Sends dead letters on their way again, lane by lane in the order they were written.
    ///
    /// # Errors
    /// What the store says; those before are on their way.
    pub async fn redrive_all(self: &Arc<Self>, which: Which) -> Result<Redriven, StoreError> {
        let (mut redriven, mut after) = (Redriven::default(), None);
        loop {
            let letters = self.store.dead_letters(which.clone(), after, BATCH).await?;
            for letter in &letters {
                let place = Place {
                    session: letter.delivery.session,
                    direction: letter.delivery.direction,
                    seq: letter.delivery.seq,
                };
                after = Some(place);
                match self.redrive(place).await? {
                    Redrive::Queued => redriven.queued += 1,
                    Redrive::Refused(why) => redriven.refused.push((place, why)),
                    Redrive::Unknown => {}
                }
            }
            if letters.len() < BATCH {
                return Ok(redriven);
            }
        }
    }

    /// Erases a customer: sessions that are open are ended, and none outlives its end. How many there are.
    ///
    /// # Errors
    /// What the store says; asked again, it goes on.
    pub async fn forget(self: &Arc<Self>, customer: &str) -> Result<usize, StoreError> {
        let sessions = self.store.of_customer(customer, true).await?;
        for session in sessions.iter().filter(|session| session.phase.is_open()) {
            self.end(session.id).await?;
        }
        self.sweep().await?;
        Ok(sessions.len())
    }
}
