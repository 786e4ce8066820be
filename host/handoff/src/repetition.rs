//! The problem said twice: bots hand a start the problem that the customer has just typed, and then forward what was
//! typed as the first message. The vendor hears it once: with the start, where the start shows it to the live agent.
//! Else, and while nobody knows, nothing is left out.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::delivery::{Delivery, Direction, Parcel};
use crate::ids::{SessionId, Timestamp};
use crate::session::Session;
use crate::vendor::CustomerMessage;

/// What is known of the problem that a start tells the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "repetition", rename_all = "kebab-case")]
pub enum Repetition {
    /// The customer has not written yet.
    Awaited {
        /// The problem, without its words.
        problem: Fingerprint,
        /// Whoever says the same later means it.
        until: Timestamp,
    },
    /// The first message repeats the problem: it is delivered with the start, which is before it in the lane, if that
    /// shows the problem.
    Made {
        /// Its place in the lane.
        seq: u64,
    },
}

/// Tells a text from others, in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Uuid);

impl Fingerprint {
    fn of(session: SessionId, text: &str) -> Self {
        Self(Uuid::new_v5(&session.0, text.trim().as_bytes()))
    }
}

/// A start tells the vendor this problem; `until` then the first message may repeat it.
pub(crate) fn awaited(session: SessionId, problem: Option<&str>, until: Timestamp) -> Option<Repetition> {
    let problem = problem.filter(|problem| !problem.trim().is_empty())?;
    Some(Repetition::Awaited { problem: Fingerprint::of(session, problem), until })
}

/// Whether this message, which is about to be posted, only repeats the problem. The first message alone can, so what
/// was awaited no longer is.
pub(crate) fn is_made(session: &mut Session, message: &CustomerMessage, now: Timestamp) -> bool {
    let Some(Repetition::Awaited { problem, until }) = session.repetition else { return false };
    session.repetition = None;
    session.vendor.problem_told != Some(false)
        && now <= until
        && message.attachments.is_empty()
        && Fingerprint::of(session.id, &message.text) == problem
}

/// Whether these words are the problem of a start that may yet turn out not to show it.
pub(crate) fn is_undecided(session: &Session, text: &str) -> bool {
    let Some(Repetition::Awaited { problem, .. }) = session.repetition else { return false };
    session.vendor.problem_told.is_none() && Fingerprint::of(session.id, text) == problem
}

/// The start has come to something, and this is what it says of the problem.
pub(crate) fn learn(session: &mut Session, start: &Delivery, told: bool) {
    session.vendor.problem_told = Some(told);
    let asked = matches!(&start.parcel, Parcel::Start(request) if is_given(request.problem.as_deref()));
    if asked && !told {
        // The next input that names the problem is passed on, unless a message with it waits already.
        session.problem_told = matches!(session.repetition, Some(Repetition::Made { .. }));
    }
}

/// Whether there is a problem to tell.
pub(crate) fn is_given(problem: Option<&str>) -> bool {
    problem.is_some_and(|problem| !problem.trim().is_empty())
}

/// Whether a delivery of a session that the vendor has is delivered with the start.
pub(crate) fn is_in_the_start(session: &Session, delivery: &Delivery) -> bool {
    delivery.direction == Direction::ToVendor
        && session.vendor.problem_told == Some(true)
        && session.repetition == Some(Repetition::Made { seq: delivery.seq })
}
