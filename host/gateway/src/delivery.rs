//! The workers: claim what is due, carry it, commit what became of it.
//!
//! A lane (one session, one direction) is worked on by one task at a time, first delivery first; lanes go on side by
//! side. Nothing here decides: outcomes go to the domain.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::delivery::Direction;
use handover_handoff::outcome::Outcome;
use handover_handoff::{SessionId, outcome, timer};
use handover_store::{Claim, StoreError, Subject, decide};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::gateway::Gateway;
use crate::{clock, to_customer, to_vendor};

/// Lanes that are worked on at the same time.
const LANES: usize = 256;

/// How long to wait where the store does not answer.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// How often an outcome is tried to be committed before the lane is left to its lease.
const COMMITS: u32 = 20;

/// How long what is in hand may take once the gateway is to stop.
const FINISH: Duration = Duration::from_secs(12);

/// Works until told to stop, then finishes what is in hand.
pub(crate) async fn run(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(LANES));
    let mut lanes = JoinSet::new();
    while !*stop.borrow() {
        while lanes.try_join_next().is_some() {}
        let now = clock::now();
        let wait = match gateway.store.claim(now, room.available_permits()).await {
            Ok(due) => {
                let saturated = due.claims.len() >= room.available_permits();
                for claim in due.claims {
                    let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                        return;
                    };
                    let gateway = Arc::clone(&gateway);
                    lanes.spawn(async move {
                        lane(&gateway, claim).await;
                        drop(place);
                    });
                }
                for id in due.timers {
                    run_timers(&gateway, id).await;
                }
                match due.next {
                    _ if saturated => {
                        // The next free place is what to wait for.
                        tokio::select! {
                            place = room.acquire() => drop(place),
                            _ = stop.changed() => {}
                        }
                        continue;
                    }
                    Some(next) => Duration::from_millis(next.since(clock::now())),
                    None => Duration::from_secs(60),
                }
            }
            Err(e) => {
                tracing::error!(reason = %e, "the store does not say what is due");
                STORE_PAUSE
            }
        };
        tokio::select! {
            () = gateway.store.changed().notified() => {}
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => {}
        }
    }
    let finished = async { while lanes.join_next().await.is_some() {} };
    if tokio::time::timeout(FINISH, finished).await.is_err() {
        tracing::warn!(
            "stopping with deliveries under way; they are made again, marked as possible duplicates"
        );
    }
}

async fn run_timers(gateway: &Arc<Gateway>, id: SessionId) {
    let now = clock::now();
    let policy = gateway.policy.clone();
    let decided = decide(&*gateway.store, Subject::Session(id), None, now, move |session| {
        timer::decide(session, handover_handoff::policy::Env { now, policy: &policy })
    });
    if let Err(e) = decided.await {
        tracing::error!(session = %id, reason = %e, "a timer could not run");
    }
    gateway.starts.tell();
}

/// Carries one delivery after the other, for as long as the lane has one that is due.
async fn lane(gateway: &Arc<Gateway>, first: Claim) {
    let mut claim = Some(first);
    while let Some(at) = claim.take() {
        let outcome = attempt(gateway, &at).await;
        tell(&at, &outcome);
        match conclude(gateway, &at, outcome).await {
            Ok(next) => claim = next.map(|next| *next),
            Err(e) => {
                tracing::error!(session = %at.session.id, delivery = %at.delivery.id, reason = %e,
                    "an outcome could not be kept; the delivery is made again");
            }
        }
        gateway.starts.tell();
    }
}

async fn attempt(gateway: &Arc<Gateway>, claim: &Claim) -> Outcome {
    if !outcome::is_wanted(&claim.session, &claim.delivery.parcel) {
        return Outcome::Unwanted;
    }
    match claim.delivery.direction {
        Direction::ToVendor => to_vendor::attempt(gateway, claim).await,
        Direction::ToCustomer => to_customer::attempt(gateway, claim).await,
    }
}

async fn conclude(
    gateway: &Arc<Gateway>,
    claim: &Claim,
    outcome: Outcome,
) -> Result<Option<Box<Claim>>, StoreError> {
    let mut tries = 0;
    loop {
        let now = clock::now();
        let (policy, jitter) = (gateway.policy.clone(), jitter());
        let (delivery, outcome) = (claim.delivery.clone(), outcome.clone());
        let subject = Subject::Session(claim.session.id);
        let decided = decide(&*gateway.store, subject, None, now, move |session| match session {
            Some(session) => {
                let env = handover_handoff::policy::Env { now, policy: &policy };
                outcome::decide(session, &delivery, outcome.clone(), jitter, env)
            }
            None => handover_handoff::Decision::nothing(()),
        });
        match decided.await {
            Ok(decided) => return Ok(decided.and_then(|(_, next)| next)),
            // What was carried was carried: to forget it would double it.
            Err(e) if tries < COMMITS && !matches!(e, StoreError::Closed) => {
                tracing::warn!(reason = %e, "an outcome could not be kept; trying again");
                tries += 1;
                tokio::time::sleep(STORE_PAUSE).await;
            }
            Err(e) => return Err(e),
        }
    }
}

fn tell(claim: &Claim, outcome: &Outcome) {
    let (session, delivery) = (claim.session.id, &claim.delivery);
    let (kind, attempt) = (delivery.parcel.kind(), delivery.attempt);
    match outcome {
        Outcome::Failed(failure) => {
            tracing::warn!(%session, delivery = %delivery.id, kind, attempt,
            connector = claim.session.connector, reason = failure.reason.as_str(), detail = failure.detail,
            "not delivered")
        }
        Outcome::Unwanted => {
            tracing::debug!(%session, delivery = %delivery.id, kind, "no longer wanted")
        }
        _ => tracing::debug!(%session, delivery = %delivery.id, kind, attempt, "delivered"),
    }
}

/// From 0 up to 1. Without randomness retries come at once, which is worse than nothing but no error.
fn jitter() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
}
