//! What a refused request means, beyond its status.

use handover_connector::http::Response;
use handover_connector::{Failure, FailureReason, RetryAdvice, failure};
use serde_json::Value;

/// A request for one conversation with the visitor's own token: where that is refused, no credential of the operator's
/// is at fault. A visitor with another token may not see the conversation (403), with a dead one nothing (401).
pub fn of_conversation(response: &Response) -> Failure {
    let failure = failure::of_status(response);
    if matches!(response.status, 401 | 403) {
        let detail = format!("{}: the visitor's access token is no longer taken", told(response));
        return Failure { reason: FailureReason::ConversationGone, retry: RetryAdvice::Never, detail };
    }
    Failure { detail: told(response), ..failure }
}

/// A request before there is a conversation: the deployment, or the address, is not what the operator thinks.
pub fn of_opening(response: &Response) -> Failure {
    let detail = told(response);
    match response.status {
        404 => misconfigured("upstreams.api.base_url", detail),
        401 | 403 => misconfigured("settings.deployment", detail),
        _ => Failure { detail, ..failure::of_status(response) },
    }
}

/// It will not work until the operator has mended the configuration.
pub fn misconfigured(key: &str, detail: String) -> Failure {
    Failure { reason: FailureReason::Misconfigured(key.to_owned()), retry: RetryAdvice::Never, detail }
}

/// The status, and the vendor's code for it where that is one word: sentences may quote what was sent.
fn told(response: &Response) -> String {
    // Older errors say `code` where newer ones say `errorCode`.
    let body: Value = response.json().unwrap_or_default();
    let code = body["errorCode"].as_str().or(body["code"].as_str());
    let word = |code: &&str| {
        (1..=60).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match code.filter(word) {
        Some(code) => format!("the vendor answered {} {code}", response.status),
        None => format!("the vendor answered {}", response.status),
    }
}
