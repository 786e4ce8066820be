//! What a refused request means, beyond its status.

use handover_connector::failure::{self, misconfigured, never, word};
use handover_connector::http::Response;
use handover_connector::{Failure, FailureReason};

/// A request for one conversation with the visitor's own token: where that is refused, no credential of the operator's
/// is at fault. A visitor with another token may not see the conversation (403), with a dead one nothing (401).
pub fn of_conversation(response: &Response) -> Failure {
    let failure = failure::of_status(response);
    if matches!(response.status, 401 | 403) {
        let detail = format!("{}: the visitor's access token is no longer taken", told(response));
        return never(FailureReason::ConversationGone, detail);
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

/// The status, and the vendor's code for it where that is one word: sentences may quote what was sent.
fn told(response: &Response) -> String {
    // Older errors say `code` where newer ones say `errorCode`.
    let body = response.value();
    let code = body["errorCode"].as_str().or(body["code"].as_str());
    match code.and_then(word) {
        Some(code) => format!("the vendor answered {} {code}", response.status),
        None => format!("the vendor answered {}", response.status),
    }
}
