//! A lane: carries one delivery after the other, first in, first out, and commits what became of each.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use handover_handoff::delivery::{Failure, FailureReason, Parcel, RetryAdvice};
use handover_handoff::notice::Notice;
use handover_handoff::outcome::{self, Outcome};
use handover_handoff::{Decision, Timestamp};
use handover_store::{Claim, StoreError, Subject, decide};

use crate::breaker::{Health, State};
use crate::relay::Relay;
use crate::upkeep::SILENCE;

/// No attempt takes longer; leases are longer than this.
const ATTEMPT: Duration = Duration::from_secs(60);

/// How often an outcome is tried to be committed before the lane is left to its lease, and how long between.
const COMMITS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(250);

/// How long what is due waits where its target's breaker has opened meanwhile, in milliseconds. Whether it is open
/// is looked at before each claim; this only gives the lane back.
const POSTPONED: u64 = 500;

impl Relay {
    /// Works on a lane for as long as it has a delivery that is due.
    pub(crate) async fn lane(self: &Arc<Self>, first: Claim) {
        let mut claim = Some(first);
        while let Some(at) = claim.take() {
            let now = self.outside.now();
            if now.since(self.heard_at()) > SILENCE {
                // Other nodes take this one for dead: what it has in hand is theirs.
                tracing::warn!(session = %at.session.id, "left to others: the store has not heard of this node");
                return;
            }
            let outcome = self.attempt(&at, now).await;
            tell(&at, &outcome);
            match self.conclude(&at, outcome).await {
                Ok(next) => claim = next.map(|next| *next),
                Err(e) => {
                    tracing::error!(session = %at.session.id, delivery = %at.delivery.id, reason = %e,
                        "an outcome could not be kept; the delivery is made again");
                }
            }
        }
    }

    async fn attempt(&self, claim: &Claim, now: Timestamp) -> Outcome {
        let delivery = &claim.delivery;
        if !outcome::is_wanted(&claim.session, delivery) {
            return Outcome::Unwanted;
        }
        if now >= delivery.deadline {
            return Outcome::Stale;
        }
        let target = claim.session.target(delivery.direction);
        if let State::Open(_) = self.breakers.state(&target, now) {
            return Outcome::Postponed { until: now.plus(POSTPONED) };
        }
        let carried = tokio::time::timeout(ATTEMPT, self.outside.carry(claim)).await;
        let outcome = carried.unwrap_or_else(|_| {
            Outcome::Failed(Failure {
                reason: FailureReason::TimedOut,
                retry: RetryAdvice::UnknownOutcome,
                detail: format!("no end within {} s", ATTEMPT.as_secs()),
            })
        });
        // The news is made of the session as it was claimed.
        let outcome = match (&delivery.parcel, outcome) {
            (Parcel::Notice(Notice::Ended { .. }), Outcome::Done(_)) => {
                Outcome::EndTold { crossed: claim.session.crossed }
            }
            (_, outcome) => outcome,
        };
        match self.breakers.heard(&target, Health::of(&outcome), self.outside.now()) {
            Some(State::Closed) => tracing::info!(%target, "it answers again"),
            Some(_) => tracing::warn!(%target, "it does not answer and is left alone for a while"),
            None => {}
        }
        outcome
    }

    async fn conclude(
        self: &Arc<Self>,
        claim: &Claim,
        outcome: Outcome,
    ) -> Result<Option<Box<Claim>>, StoreError> {
        let mut outcome = outcome;
        let mut tries = 0;
        loop {
            match self.commit_outcome(claim, outcome.clone()).await {
                Ok(next) => {
                    if let Outcome::Started { .. } = outcome {
                        self.feeds.begin();
                    }
                    return Ok(next);
                }
                Err(error @ StoreError::KeyTaken { .. }) if matches!(outcome, Outcome::Started { .. }) => {
                    outcome = Outcome::Failed(Failure {
                        reason: FailureReason::Rejected,
                        retry: RetryAdvice::Never,
                        detail: error.to_string(),
                    });
                }
                // What was carried was carried: to forget it would double it. Whether it was kept all the same is open.
                Err(e) if tries < COMMITS && !matches!(e, StoreError::Closed) => {
                    tracing::warn!(reason = %e, "an outcome could not be kept; trying again");
                    self.doubt.store(true, Ordering::Release);
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(e) => return Err(e),
            }
        }
    }

    async fn commit_outcome(
        self: &Arc<Self>,
        claim: &Claim,
        outcome: Outcome,
    ) -> Result<Option<Box<Claim>>, StoreError> {
        let (relay, now, jitter) = (Arc::clone(self), self.outside.now(), self.outside.chance());
        let (delivery, subject) = (claim.delivery.clone(), Subject::Session(claim.session.id));
        let decided = decide(&*self.store, subject, None, now, move |session| match session {
            Some(session) => {
                let connector = session.connector.clone();
                outcome::decide(session, &delivery, outcome.clone(), jitter, relay.env(&connector, now))
            }
            None => Decision::nothing(()),
        });
        Ok(decided.await?.and_then(|(_, next)| next))
    }
}

fn tell(claim: &Claim, outcome: &Outcome) {
    let (session, delivery) = (claim.session.id, &claim.delivery);
    let (kind, attempt, connector) = (delivery.parcel.kind(), delivery.attempt, &claim.session.connector);
    match outcome {
        Outcome::Failed(failure) => {
            tracing::warn!(%session, delivery = %delivery.id, kind, attempt, connector,
                reason = failure.reason.as_str(), detail = failure.detail, "not delivered");
        }
        Outcome::Stale => {
            tracing::warn!(%session, delivery = %delivery.id, kind, attempt, connector, "too late to be delivered");
        }
        Outcome::Unwanted => {
            tracing::debug!(%session, delivery = %delivery.id, kind, "no longer wanted");
        }
        Outcome::Postponed { .. } => tracing::debug!(%session, delivery = %delivery.id, kind, "postponed"),
        _ => tracing::debug!(%session, delivery = %delivery.id, kind, attempt, "delivered"),
    }
}
