//! Carries webhooks to the gateway as the vendor documents it: its timeout, its tries, its pauses, its order.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, oneshot};

use crate::{
    desk::Desk,
    faults::Kind,
    letter::{Letter, Post},
    vendor::Failure,
};

/// How long a webhook waits for the next one that it is to change places with.
const LONGEST_REORDER: Duration = Duration::from_secs(5);
/// Lanes above which those are swept out that nobody is in.
const MANY_LANES: usize = 1024;

type Outcome = Result<(), Failure>;

/// A vendor's way with webhooks.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The pauses between attempts: one attempt more than there are pauses.
    pub pauses: Vec<Duration>,
    /// Whether an answer with this status may be followed by another attempt. No answer always may.
    pub again: fn(u16) -> bool,
    /// The longest `Retry-After` that is heeded where it is longer than the pause; none heeds it not at all.
    pub retry_after: Option<Duration>,
    /// Whether a conversation's webhooks go one after another, each after the outcome of the one before.
    pub in_turn: bool,
}

impl Policy {
    /// One attempt, and none after it.
    pub fn once(timeout: Duration) -> Self {
        Self { timeout, pauses: Vec::new(), again: |_| false, retry_after: None, in_turn: true }
    }

    /// Attempts with these pauses between them while the answer is 429 or 5xx, or there is none.
    pub fn retrying(timeout: Duration, pauses: impl IntoIterator<Item = Duration>) -> Self {
        let again = |status| status == 429 || status >= 500;
        Self { pauses: pauses.into_iter().collect(), again, ..Self::once(timeout) }
    }
}

/// Pauses that double from the first one up to the longest, for as long as all of them together do not exceed `within`.
pub fn doubling(first: Duration, longest: Duration, within: Duration) -> Vec<Duration> {
    let mut pauses = Vec::new();
    let (mut pause, mut sum) = (first, first);
    while sum <= within && !pause.is_zero() {
        pauses.push(pause);
        pause = (pause * 2).min(longest);
        sum += pause;
    }
    pauses
}

/// Carries webhooks. Copies share order and connections.
#[derive(Clone)]
pub struct Courier {
    shared: Arc<Shared>,
}

struct Shared {
    desk: Desk,
    policy: Policy,
    post: Post,
    /// Resolves when the last letter of a conversation is through.
    lanes: Mutex<HashMap<String, oneshot::Receiver<()>>>,
    /// The letter that waits for the next one to overtake it.
    waiting: Mutex<Option<Arc<Notify>>>,
}

/// A letter under way. It is carried whether or not anybody waits for it.
pub struct Carriage {
    first: oneshot::Receiver<Outcome>,
    whole: oneshot::Receiver<Outcome>,
}

impl Carriage {
    /// What came of the first attempt, and the rest.
    ///
    /// # Errors
    /// Why it failed; there may be further attempts.
    pub async fn first_try(self) -> Outcome {
        self.first.await.unwrap_or(Err(Failure::Stopping))
    }

    /// What came of it in the end.
    ///
    /// # Errors
    /// Why the last attempt failed.
    pub async fn outcome(self) -> Outcome {
        self.whole.await.unwrap_or(Err(Failure::Stopping))
    }
}

impl Courier {
    /// A courier for the webhooks of this desk.
    pub fn new(desk: &Desk, policy: Policy) -> Self {
        let shared = Shared {
            desk: desk.clone(),
            policy,
            post: Post::default(),
            lanes: Mutex::default(),
            waiting: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Sends a letter off; its place in the order is taken now.
    pub fn send(&self, letter: Letter) -> Carriage {
        let (first_report, first) = oneshot::channel();
        let (whole_report, whole) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let lane = shared.policy.in_turn.then(|| shared.join_lane(&letter.conversation));
        tokio::spawn(async move {
            let stop = shared.desk.stopping();
            let work = async {
                let mut through = None;
                if let Some((before, done)) = lane {
                    if let Some(before) = before.filter(|_| !shared.is_reordering()) {
                        let _ = before.await;
                    }
                    through = Some(done);
                }
                let outcome = shared.carry(&letter, first_report).await;
                drop(through);
                let _ = whole_report.send(outcome);
            };
            stop.run_until_cancelled(work).await
        });
        Carriage { first, whole }
    }
}

impl Shared {
    /// What to wait for, and what to drop when those behind may go.
    fn join_lane(&self, conversation: &str) -> (Option<oneshot::Receiver<()>>, oneshot::Sender<()>) {
        let (done, behind) = oneshot::channel();
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() > MANY_LANES {
            lanes.retain(|_, last| matches!(last.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
        }
        (lanes.insert(conversation.to_owned(), behind), done)
    }

    async fn carry(&self, letter: &Letter, first: oneshot::Sender<Outcome>) -> Outcome {
        let faults = self.desk.faults();
        let overtaken = self.let_one_pass(letter);
        if let Some(next) = &overtaken {
            let _ = tokio::time::timeout(LONGEST_REORDER, next.notified()).await;
            self.wake_overtaken();
        }
        let mut outcome = self.attempt(letter, 1).await;
        if overtaken.is_none() {
            self.wake_overtaken();
        }
        let _ = first.send(outcome.clone());
        for (number, pause) in (2..).zip(&self.policy.pauses) {
            let asked = match &outcome {
                Err(Failure::Unreachable(_)) => Duration::ZERO,
                Err(Failure::Refused { status, retry_after, .. }) if (self.policy.again)(*status) => {
                    let longest = self.policy.retry_after.unwrap_or_default();
                    retry_after.unwrap_or_default().min(longest)
                }
                _ => break,
            };
            tokio::time::sleep((*pause).max(asked)).await;
            if !letter.still_holds() {
                break;
            }
            outcome = self.attempt(letter, number).await;
        }
        if outcome.is_ok() && faults.meet_webhook(&letter.operation, Kind::Duplicate) {
            self.desk.push_state();
            // Once is enough for the outcome.
            let _ = self.post.once(&self.desk, letter, 1, self.policy.timeout).await;
        }
        outcome
    }

    async fn attempt(&self, letter: &Letter, number: u32) -> Outcome {
        let outcome = self.post.once(&self.desk, letter, number, self.policy.timeout).await;
        if !matches!(outcome, Err(Failure::Unreachable(_)))
            && self.desk.faults().meet_webhook(&letter.operation, Kind::DropAnswer)
        {
            self.desk.push_state();
            return Err(Failure::Unreachable("The webhook's answer got lost".to_owned()));
        }
        outcome
    }

    /// Where a fault says that the next two change places, and this is the first of them, what tells of the second.
    fn let_one_pass(&self, letter: &Letter) -> Option<Arc<Notify>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_some() || !self.desk.faults().meet_webhook(&letter.operation, Kind::Reorder) {
            return None;
        }
        let next = Arc::new(Notify::new());
        *waiting = Some(Arc::clone(&next));
        Some(next)
    }

    /// Whether those behind must not wait for those before them.
    fn is_reordering(&self) -> bool {
        let waits = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        waits || self.desk.faults().reorders()
    }

    fn wake_overtaken(&self) {
        if let Some(waiting) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waiting.notify_one();
        }
    }
}
