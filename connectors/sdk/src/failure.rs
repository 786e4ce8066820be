//! Failures with the right advice: what may be tried again, and what may have happened already.

use crate::http::{Error, Response};
use crate::{Failure, FailureReason, RetryAdvice};

/// A request that got no response.
pub fn of_http(error: Error) -> Failure {
    let (reason, retry, detail) = match error {
        Error::Denied(why) => (FailureReason::Misconfigured("upstreams".to_owned()), RetryAdvice::Never, why),
        Error::Unreachable(why) => (FailureReason::Unavailable, RetryAdvice::Safe(None), why),
        Error::TimedOut(why) | Error::Broken(why) => {
            (FailureReason::Unavailable, RetryAdvice::UnknownOutcome, why)
        }
        Error::TooLarge(why) => (FailureReason::TooLarge, RetryAdvice::Never, why),
    };
    Failure { reason, retry, detail }
}

/// A response that is no success, by what its status usually means.
pub fn of_status(response: &Response) -> Failure {
    let after =
        response.header("retry-after").and_then(|value| value.trim().parse::<u64>().ok()).map(|s| s * 1000);
    let (reason, retry) = match response.status {
        401 | 403 => (FailureReason::Misconfigured("credential".to_owned()), RetryAdvice::Never),
        404 | 410 => (FailureReason::ConversationGone, RetryAdvice::Never),
        413 => (FailureReason::TooLarge, RetryAdvice::Never),
        429 => (FailureReason::RateLimited, RetryAdvice::Safe(after)),
        // A vendor that says when to come back has not done it.
        503 if after.is_some() => (FailureReason::Unavailable, RetryAdvice::Safe(after)),
        500..=599 => (FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        _ => (FailureReason::Rejected, RetryAdvice::Never),
    };
    Failure { reason, retry, detail: format!("the vendor answered {}", response.status) }
}
