//! One call over a network that fails: what goes wrong, and whether it took effect before it did.

use std::time::Duration;

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use handover_handoff::outcome::Outcome;

use crate::chance::Chance;
use crate::weather::Troubles;
use crate::world::World;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Refused for good.
    Never,
    /// Answered that it did not happen.
    Safe,
    /// Too much at once; come back after so long.
    Limited(u64),
    /// The request is lost.
    Before(u64),
    /// It took effect, the answer is lost.
    After(u64),
    /// It takes so long, and takes effect early or late in it.
    Slow(u64),
    /// It took effect or not, and there is no end.
    Hang(bool),
}

/// No request takes effect later than this: one that did could not be told from a node that has been replaced.
const LATEST: u64 = 1_500;

impl Trouble {
    /// What goes wrong this time.
    pub fn draw(troubles: &Troubles, chance: &Chance) -> Self {
        let mut at = chance.below(1_000);
        let kinds = [
            troubles.never,
            troubles.safe,
            troubles.limited,
            troubles.before,
            troubles.after,
            troubles.slow,
            troubles.hang,
        ];
        let kind = kinds.into_iter().position(|often| {
            let hit = at < often;
            at = at.saturating_sub(often);
            hit
        });
        match kind {
            None => Trouble::None,
            Some(0) => Trouble::Never,
            Some(1) => Trouble::Safe,
            Some(2) => Trouble::Limited(chance.one_of(&[500, 3_000, 20_000])),
            Some(3) => Trouble::Before(chance.between(500, 10_000)),
            Some(4) => Trouble::After(chance.between(1, 10_000)),
            Some(5) => Trouble::Slow(chance.between(200, 20_000)),
            Some(_) => Trouble::Hang(chance.of_thousand(500)),
        }
    }

    fn name(self) -> Option<&'static str> {
        Some(match self {
            Trouble::None => return None,
            Trouble::Never => "refused for good",
            Trouble::Safe => "unavailable",
            Trouble::Limited(_) => "rate-limited",
            Trouble::Before(_) => "request lost",
            Trouble::After(_) => "answer lost after effect",
            Trouble::Slow(_) => "slow",
            Trouble::Hang(_) => "hangs",
        })
    }
}

/// Makes a call. The effect is somebody else's at one moment in it, or never.
pub async fn call(
    world: &World,
    chance: &Chance,
    trouble: Trouble,
    effect: impl FnOnce() -> Outcome,
) -> Outcome {
    if let Some(name) = trouble.name() {
        world.tally.count(name);
    }
    pause(chance.between(1, 30)).await;
    match trouble {
        Trouble::Never => return failed(FailureReason::Rejected, RetryAdvice::Never, "refused"),
        Trouble::Safe => return failed(FailureReason::Unavailable, RetryAdvice::Safe(None), "down"),
        Trouble::Limited(after) => {
            return failed(FailureReason::RateLimited, RetryAdvice::Safe(Some(after)), "too much");
        }
        Trouble::Before(ms) => {
            pause(ms).await;
            return failed(FailureReason::TimedOut, RetryAdvice::UnknownOutcome, "lost before");
        }
        Trouble::Hang(false) => std::future::pending::<()>().await,
        Trouble::Slow(ms) => pause(chance.below(ms.min(LATEST))).await,
        Trouble::None | Trouble::After(_) | Trouble::Hang(true) => {}
    }
    let outcome = effect();
    pause(chance.between(1, 30)).await;
    match trouble {
        Trouble::After(ms) => {
            pause(ms).await;
            failed(FailureReason::TimedOut, RetryAdvice::UnknownOutcome, "lost after")
        }
        Trouble::Hang(_) => std::future::pending().await,
        Trouble::Slow(ms) => {
            pause(ms).await;
            outcome
        }
        _ => outcome,
    }
}

/// Waits.
pub async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// An attempt that did not succeed.
pub fn failed(reason: FailureReason, retry: RetryAdvice, detail: &str) -> Outcome {
    Outcome::Failed(Failure { reason, retry, detail: detail.to_owned() })
}
