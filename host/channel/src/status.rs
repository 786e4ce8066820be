//! What a channel's answer to a posted activity means for the delivery.

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use serde_json::Value;

/// The failure that a status other than 2xx stands for, by Teams' table of status codes. `retry_after` in
/// milliseconds.
pub(crate) fn failure(status: StatusCode, retry_after: Option<u64>, code: Option<&str>) -> Failure {
    let (reason, retry) = match status.as_u16() {
        429 => (FailureReason::RateLimited, RetryAdvice::Safe(retry_after)),
        // 412: somebody else changed the conversation at the same time.
        412 | 502 | 503 | 504 => (FailureReason::Unavailable, RetryAdvice::Safe(retry_after)),
        404 | 410 => (FailureReason::ConversationGone, RetryAdvice::Never),
        403 if code == Some("BotNotInConversationRoster") => {
            (FailureReason::ConversationGone, RetryAdvice::Never)
        }
        413 => (FailureReason::TooLarge, RetryAdvice::Never),
        _ => (FailureReason::Rejected, RetryAdvice::Never),
    };
    let detail = match code {
        Some(code) => format!("the channel answered {} {code}", status.as_u16()),
        None => format!("the channel answered {}", status.as_u16()),
    };
    Failure { reason, retry, detail }
}

/// A `Retry-After` in milliseconds: a number of seconds, or a date.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<u64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let at = DateTimeParser::new().parse_timestamp(header).ok()?;
    // A date that has passed means now.
    Some(u64::try_from(at.as_millisecond() - now.as_millisecond()).unwrap_or(0))
}

/// The code in an error's body: `{"error":{"code":…}}`, or Teams' `{"errorCode":…}`. The message beside it may
/// quote what was sent and is left alone.
pub(crate) fn error_code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let code = match body.pointer("/error/code").or_else(|| body.get("errorCode"))? {
        Value::String(code) => code.clone(),
        Value::Number(code) => code.to_string(),
        _ => return None,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!code.is_empty() && code.len() <= 64 && code.chars().all(plain)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().expect("a time");
        assert_eq!(retry_after("3", now), Some(3_000));
        assert_eq!(retry_after(" 0 ", now), Some(0));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(7_000));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(0));
        assert_eq!(retry_after("99999999999999999999", now), None);
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn a_code_is_a_word() {
        let code = |body: &str| error_code(body.as_bytes());
        assert_eq!(
            code(r#"{"error":{"code":"ServiceError","message":"m"}}"#).as_deref(),
            Some("ServiceError")
        );
        assert_eq!(code(r#"{"errorCode":209,"message":"m"}"#).as_deref(), Some("209"));
        assert_eq!(code(r#"{"error":{"code":"you wrote: hello"}}"#), None);
        assert_eq!(code("<html>"), None);
        assert_eq!(code(""), None);
    }
}
