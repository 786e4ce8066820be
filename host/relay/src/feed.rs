//! One session's feed: looked at again and again, or streamed, and looked at where the stream may have a gap.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use handover_handoff::{SessionId, Timestamp};
use handover_store::feed_job;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::look::{ATTEMPT, Ask, Step};
use crate::outside::Stream;
use crate::relay::Relay;

/// Between looks, in milliseconds: where the connector does not say, the least, and the most.
const PACE: u64 = 2_000;
const LEAST: u64 = 250;
const MOST: u64 = 60_000;

/// What failed is tried again after this at most, doubled with each failure; in milliseconds.
const FIRST: u64 = 1_000;

/// The longest wait that a vendor may ask for, in milliseconds.
const ASKED: u64 = 10 * 60_000;

/// How long between looks at a session whose start is under way, in milliseconds.
const EARLY: u64 = 500;

/// How often a session with an open stream is looked at: it may be over.
const TICK: Duration = Duration::from_secs(2);

/// A stream that lasts so long was no failure, in milliseconds.
const STEADY: u64 = 10_000;

/// A session's feed, on the node that follows it.
pub(crate) struct Feed {
    pub(crate) relay: Arc<Relay>,
    pub(crate) id: SessionId,
    /// Until when it is this node's, in milliseconds.
    pub(crate) lease: Arc<AtomicU64>,
    swaps: watch::Receiver<()>,
    /// Looks that failed, and streams that broke, in a row.
    failed: u32,
    broke: u32,
    /// When a stream may be opened; none where this version has none.
    opens: Option<Timestamp>,
}

/// What became of a stream.
enum Streamed {
    /// This version has none.
    Unknown,
    /// It did not open.
    Shut,
    /// It broke, or was let go of for another version.
    Ended,
    /// The session is over.
    Over,
    /// The feed is another node's by now.
    Lost,
}

impl Feed {
    pub(crate) fn new(relay: Arc<Relay>, id: SessionId, lease: Arc<AtomicU64>) -> Self {
        let swaps = relay.feeds.swaps();
        Self { relay, id, lease, swaps, failed: 0, broke: 0, opens: Some(Timestamp(0)) }
    }

    /// Follows it until the session is over, or the feed another node's.
    pub(crate) async fn follow(mut self) {
        if self.run().await
            && let Err(e) = self.relay.store.end_lease(&feed_job(self.id)).await
        {
            tracing::debug!(session = %self.id, reason = %e, "the lease of a feed that is over runs out");
        }
    }

    /// True where the session is over.
    async fn run(&mut self) -> bool {
        loop {
            let step = self.bring(&Ask::Poll).await;
            let now = self.relay.outside.now();
            let mut wait = match &step {
                Step::Over => return true,
                Step::Lost => return false,
                Step::Early => EARLY,
                Step::Kept(delay) => {
                    self.failed = 0;
                    delay.unwrap_or(PACE).clamp(LEAST, MOST)
                }
                Step::Failed(asked) => {
                    self.failed = self.failed.saturating_add(1);
                    self.backoff(self.failed, *asked)
                }
            };
            if matches!(step, Step::Kept(_)) && self.opens.is_some_and(|at| at <= now) {
                match self.stream().await {
                    Streamed::Over => return true,
                    Streamed::Lost => return false,
                    Streamed::Unknown => self.opens = None,
                    Streamed::Shut => {}
                    // There may be a gap: it is looked at before anything else.
                    Streamed::Ended => continue,
                }
            }
            if let (Step::Kept(_), Some(at)) = (&step, self.opens) {
                wait = wait.min(at.since(self.relay.outside.now()).max(LEAST));
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait)) => {}
                // What this version cannot, the next one may.
                Ok(()) = self.swaps.changed() => self.begin_anew(),
            }
        }
    }

    fn begin_anew(&mut self) {
        (self.failed, self.broke, self.opens) = (0, 0, Some(Timestamp(0)));
    }

    /// Full jitter: a vendor that comes back is not met by all at once. What it asks for is honoured.
    fn backoff(&self, failures: u32, asked: Option<u64>) -> u64 {
        let ceiling = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MOST);
        let jitter = (ceiling as f64 * self.relay.outside.chance()) as u64;
        jitter.max(LEAST).saturating_add(asked.unwrap_or(0).min(ASKED))
    }

    /// Opens a stream and follows it to its end.
    async fn stream(&mut self) -> Streamed {
        let session = match self.session().await {
            Ok(session) => session,
            Err(Step::Over) => return Streamed::Over,
            Err(Step::Lost) => return Streamed::Lost,
            Err(_) => return self.rest(Streamed::Shut),
        };
        let opening = async {
            let places = self.relay.feeds.places(&session.connector);
            let _place = places.acquire().await;
            self.relay.outside.open(&session).await
        };
        let mut stream = match tokio::time::timeout(ATTEMPT, opening).await {
            Ok(Ok(Some(stream))) => stream,
            Ok(Ok(None)) => return Streamed::Unknown,
            Ok(Err(failure)) => {
                tracing::debug!(session = %self.id, reason = failure.detail, "a stream was not opened");
                return self.rest(Streamed::Shut);
            }
            Err(_) => return self.rest(Streamed::Shut),
        };
        let begun = self.relay.outside.now();
        // What happened between the last look and the opening is in neither.
        match self.bring(&Ask::Poll).await {
            Step::Over => return Streamed::Over,
            Step::Lost => return Streamed::Lost,
            _ => {}
        }
        match self.frames(&mut *stream).await {
            Streamed::Ended => {
                if self.relay.outside.now().since(begun) >= STEADY {
                    self.broke = 0;
                }
                self.rest(Streamed::Ended)
            }
            other => other,
        }
    }

    /// No stream is opened for a while.
    fn rest(&mut self, why: Streamed) -> Streamed {
        self.broke = self.broke.saturating_add(1);
        let wait = self.backoff(self.broke, None);
        self.opens = Some(self.relay.outside.now().plus(wait));
        why
    }

    async fn frames(&mut self, stream: &mut dyn Stream) -> Streamed {
        let mut tick = tokio::time::interval_at(Instant::now() + TICK, TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let frame = tokio::select! {
                frame = stream.next() => frame,
                _ = tick.tick() => match self.session().await {
                    Err(Step::Over) => return Streamed::Over,
                    Err(Step::Lost) => return Streamed::Lost,
                    _ => continue,
                },
                // The next version opens its own.
                Ok(()) = self.swaps.changed() => return Streamed::Ended,
            };
            let frame = match frame {
                Ok(frame) => frame,
                Err(failure) => {
                    tracing::debug!(session = %self.id, reason = failure.detail, "a stream broke");
                    return Streamed::Ended;
                }
            };
            let mut step = self.bring(&Ask::Read(frame)).await;
            if let Step::Failed(_) = step {
                // It is passed over where a look finds what it told of, and else comes again with the next stream.
                step = self.bring(&Ask::Poll).await;
            }
            match step {
                Step::Kept(_) => {}
                Step::Over => return Streamed::Over,
                Step::Lost => return Streamed::Lost,
                Step::Failed(_) | Step::Early => return Streamed::Ended,
            }
        }
    }
}
