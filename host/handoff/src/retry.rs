//! When a failed attempt is made again, if at all.

use crate::delivery::{Delivery, RetryAdvice};
use crate::ids::Timestamp;
use crate::policy::Env;

/// When the next attempt is due; none where there is none: it would fail again, or come too late to be fresh.
///
/// The delay is exponential with full jitter: `jitter`, from 0 up to 1, is drawn by the caller. What the other
/// side asks for (`Retry-After`) is honoured, and jitter comes on top so that not all come back at once.
pub fn next(delivery: &Delivery, advice: RetryAdvice, jitter: f64, env: Env<'_>) -> Option<Timestamp> {
    let asked = match advice {
        RetryAdvice::Never => return None,
        RetryAdvice::Safe(asked) => asked.unwrap_or(0),
        RetryAdvice::UnknownOutcome => 0,
    };
    let doubling = delivery.attempt.saturating_sub(1).min(20);
    let ceiling = env.policy.retry_base.saturating_mul(1 << doubling).min(env.policy.retry_cap);
    let due = env.now.plus(asked).plus((ceiling as f64 * jitter.clamp(0.0, 1.0)) as u64);
    (due <= delivery.deadline).then_some(due)
}
