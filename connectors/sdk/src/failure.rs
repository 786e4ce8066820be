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

/// It would fail again.
pub fn never(reason: FailureReason, detail: impl Into<String>) -> Failure {
    Failure { reason, retry: RetryAdvice::Never, detail: detail.into() }
}

/// It will not work until the operator has mended the configuration; `key` is the one at fault.
pub fn misconfigured(key: &str, detail: impl Into<String>) -> Failure {
    never(FailureReason::Misconfigured(key.to_owned()), detail)
}

/// A success that has not what it should have: it was taken, and is not asked for again.
pub fn odd(response: &Response) -> Failure {
    never(FailureReason::Rejected, format!("status {} with an unexpected body", response.status))
}

/// The vendor's own word for an error, where it is one: letters, digits and `._-`, and nothing that could be a text.
pub fn word(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    ((1..=80).contains(&text.len()) && text.bytes().all(plain)).then_some(text)
}

impl Failure {
    /// The failure of a request that may be made twice: it only asks, or the vendor knows it again.
    pub fn repeatable(self) -> Self {
        match self.retry {
            RetryAdvice::UnknownOutcome => Self { retry: RetryAdvice::Safe(None), ..self },
            _ => self,
        }
    }

    /// The failure of a request before there is a conversation that could be gone: what `key` configures is wrong.
    pub fn before_conversation(self, key: &str) -> Self {
        match self.reason {
            FailureReason::ConversationGone => {
                Self { reason: FailureReason::Misconfigured(key.to_owned()), ..self }
            }
            _ => self,
        }
    }

    /// The same, with the credential's own key where the vendor refused it.
    pub fn with_credential(self, name: &str) -> Self {
        match &self.reason {
            FailureReason::Misconfigured(key) if key == "credential" => {
                Self { reason: FailureReason::Misconfigured(format!("credentials.{name}")), ..self }
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Failure {
        of_status(&Response { status, headers: Vec::new(), body: Vec::new() })
    }

    #[test]
    fn only_an_unknown_outcome_becomes_safe_where_a_request_may_be_made_twice() {
        assert_eq!(answered(500).retry, RetryAdvice::UnknownOutcome);
        assert_eq!(answered(500).repeatable().retry, RetryAdvice::Safe(None));
        assert_eq!(answered(400).repeatable().retry, RetryAdvice::Never);
    }

    #[test]
    fn what_is_refused_names_the_key_at_fault() {
        let key = |failure: Failure| match failure.reason {
            FailureReason::Misconfigured(key) => Some(key),
            _ => None,
        };
        assert_eq!(key(answered(403).with_credential("api")).as_deref(), Some("credentials.api"));
        assert_eq!(key(answered(404).before_conversation("settings.x")).as_deref(), Some("settings.x"));
        assert_eq!(key(answered(400).with_credential("api").before_conversation("settings.x")), None);
    }

    #[test]
    fn a_word_is_no_sentence() {
        assert_eq!(word("bad.request_1"), Some("bad.request_1"));
        assert_eq!(word("Jane said no"), None);
        assert_eq!(word(""), None);
        assert_eq!(word(&"x".repeat(81)), None);
    }
}
