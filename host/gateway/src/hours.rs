//! Whether anybody is there, asked before a start where the connector can tell. What it says is good for a few seconds;
//! where it cannot say, the start is tried.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use handover_handoff::vendor::Attribute;
use handover_handoff::{Session, Timestamp};
use handover_sandbox::Generation;

/// How long an answer is good for, in milliseconds.
const FRESH: u64 = 5_000;

/// How many answers are kept; more are asked for again.
const MOST: usize = 1_000;

/// Whom an answer is about: connector, version, routing.
type Queue = (String, String, Vec<(String, String)>);

/// What was answered last.
#[derive(Default)]
pub(crate) struct Hours(Mutex<HashMap<Queue, (Timestamp, bool)>>);

impl Hours {
    /// Whether nobody is there, as far as the vendor says.
    pub(crate) async fn are_over(
        &self,
        connector: &Generation,
        session: &Session,
        routing: &[Attribute],
        now: Timestamp,
    ) -> bool {
        if !connector.description().capabilities.availability {
            return false;
        }
        let named = routing.iter().map(|one| (one.name.clone(), one.value.clone())).collect();
        let queue = (session.connector.clone(), connector.digest().to_owned(), named);
        if let Some(anybody) = self.known(&queue, now) {
            return !anybody;
        }
        match connector.anybody(session, routing, now).await {
            Ok(anybody) => {
                let anybody = anybody.unwrap_or(true);
                self.note(queue, now, anybody);
                !anybody
            }
            Err(error) => {
                tracing::warn!(session = %session.id, connector = session.connector, reason = %error,
                    "whether anybody is there is not known; the start is tried");
                false
            }
        }
    }

    fn known(&self, queue: &Queue, now: Timestamp) -> Option<bool> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(queue).filter(|(at, _)| now.since(*at) < FRESH).map(|(_, anybody)| *anybody)
    }

    fn note(&self, queue: Queue, now: Timestamp, anybody: bool) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, (at, _)| now.since(*at) < FRESH);
        if answers.len() < MOST {
            answers.insert(queue, (now, anybody));
        }
    }
}
