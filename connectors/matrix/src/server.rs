//! Requests to the homeserver's client-server API, as one of our users, and what its refusals mean.

use handover_connector::http::{self, Method, Outgoing, Response};
use handover_connector::text::percent;
use handover_connector::{Failure, FailureReason, RetryAdvice, failure};

/// The name of the upstream.
pub const HOMESERVER: &str = "homeserver";

/// A request as this user; `path` is below `/_matrix/`, its variable parts percent-encoded.
pub fn request(method: Method, path: &str, user: &str) -> Outgoing<'static> {
    let query = if path.contains('?') { '&' } else { '?' };
    http::request(method, HOMESERVER, format!("/_matrix/{path}{query}user_id={}", percent(user)))
}

/// What the homeserver calls its refusal, e.g. `M_FORBIDDEN` (client-server API, "Standard error response").
pub fn code(response: &Response) -> String {
    response.value()["errcode"].as_str().unwrap_or_default().to_owned()
}

/// A refusal as a failure, of a request that can be made again without harm.
pub fn refused(response: &Response) -> Failure {
    refusal(response).repeatable()
}

/// A refusal as a failure.
pub fn refusal(response: &Response) -> Failure {
    let code = code(response);
    let misconfigured = |key: &str| (FailureReason::Misconfigured(key.to_owned()), RetryAdvice::Never);
    let usual = failure::of_status(response);
    let (reason, retry) = match (response.status, code.as_str()) {
        (_, "M_LIMIT_EXCEEDED") | (429, _) => {
            let after = match usual.retry {
                RetryAdvice::Safe(Some(after)) => Some(after),
                _ => response.value()["retry_after_ms"].as_u64(),
            };
            (FailureReason::RateLimited, RetryAdvice::Safe(after))
        }
        (_, "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN") | (401, _) => misconfigured("credentials.as_token"),
        (_, "M_EXCLUSIVE" | "M_INVALID_USERNAME") => misconfigured("settings.prefix"),
        (_, "M_TOO_LARGE") => (FailureReason::TooLarge, RetryAdvice::Never),
        // An address where no homeserver answers.
        (404, "M_UNRECOGNIZED" | "") => misconfigured("upstreams.homeserver.base_url"),
        // Not in the room any more, or no such room.
        (403, "M_FORBIDDEN") => (FailureReason::ConversationGone, RetryAdvice::Never),
        _ => (usual.reason, usual.retry),
    };
    let named: String = code.chars().filter(|c| c.is_ascii_uppercase() || *c == '_').take(40).collect();
    Failure { reason, retry, detail: format!("{} {named}", usual.detail).trim_end().to_owned() }
}

/// Sends what can be sent again, and takes a 2xx for success.
pub fn done(request: Outgoing<'_>) -> Result<Response, Failure> {
    let response = answered(request)?;
    if response.is_success() { Ok(response) } else { Err(refused(&response)) }
}

/// Sends what can be sent again, by its transaction id or by its nature; any answer is one.
pub fn answered(request: Outgoing<'_>) -> Result<Response, Failure> {
    request.repeatable().send()
}
