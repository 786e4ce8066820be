//! Genesys' Platform API: its paths, and what its refusals mean.

use handover_connector::failure::{self, word};
use handover_connector::http::Response;
use handover_connector::text::percent;
use handover_connector::{Failure, RetryAdvice};

use crate::API;
use crate::settings::Settings;

/// `/api/v2/conversations/messages/{integrationId}/inbound/open/{kind}`.
pub fn inbound(settings: &Settings, kind: &str) -> String {
    format!("/api/v2/conversations/messages/{}/inbound/open/{kind}", percent(&settings.integration_id))
}

/// `/api/v2/conversations/messages/{conversationId}`.
pub fn conversation(id: &str) -> String {
    format!("/api/v2/conversations/messages/{}", percent(id))
}

/// A response that is no success.
pub fn refused(response: &Response) -> Failure {
    // Of a token that the host has renewed, or of a role that lacks a permission.
    let mut failure = failure::of_status(response).with_credential(API);
    if response.status == 429 && failure.retry == RetryAdvice::Safe(None) {
        failure.retry = RetryAdvice::Safe(number(response, "inin-ratelimit-reset").map(|s| s * 1000));
    }
    // `ErrorBody`; its `message` may quote what was sent.
    let body = response.value();
    failure.detail = format!("Genesys answered {}", response.status);
    if let Some(code) = body["code"].as_str().and_then(word) {
        failure.detail.push_str(&format!(" {code}"));
    }
    if let Some(id) = body["contextId"].as_str().and_then(word) {
        failure.detail.push_str(&format!(" (contextId {id})"));
    }
    failure
}

/// The same for a request to an integration, not to a conversation.
pub fn refused_inbound(response: &Response) -> Failure {
    refused(response).before_conversation("settings.integration_id")
}

/// How much of the token's requests per minute is used up, in percent (`inin-ratelimit-*` of every response).
pub fn pressure(response: &Response) -> u64 {
    let count = number(response, "inin-ratelimit-count").unwrap_or(0);
    let allowed = number(response, "inin-ratelimit-allowed").filter(|allowed| *allowed > 0);
    allowed.map_or(0, |allowed| count.saturating_mul(100) / allowed)
}

fn number(response: &Response, name: &str) -> Option<u64> {
    response.header(name)?.trim().parse().ok()
}
