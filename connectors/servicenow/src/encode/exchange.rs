//! One request to the API's one endpoint, signed where that is wanted, and what its answer means.

use handover_connector::failure::{self, misconfigured, never};
use handover_connector::http::{self, Response};
use handover_connector::{Failure, FailureReason, RetryAdvice, crypto, json};
use serde_json::Value;

use crate::settings::Settings;
use crate::{API, SIGNATURE};

const PATH: &str = "/api/sn_va_as_service/bot/integration";

/// Posts one body. That it is taken does not mean that it counts: most mistakes show only in the instance's log.
pub fn post(settings: &Settings, body: &Value) -> Result<(), Failure> {
    // The instance signs `JSON.stringify` of what it has parsed: compact, as this is.
    let bytes = json::write(body).into_bytes();
    let mut request = http::post(API, PATH).header("accept", "application/json");
    if settings.signs_messages {
        let signature = crypto::hmac(SIGNATURE, crypto::Hash::Sha1, &bytes)?;
        request = request.header("x-b2b-signature", hex(&signature));
    }
    judge(&request.body("application/json", bytes).send()?)
}

/// What an answer of the instance means.
pub fn judge(response: &Response) -> Result<(), Failure> {
    if !response.is_success() {
        return Err(refused(response));
    }
    // A hibernating instance shows a page to everybody.
    if response.body.trim_ascii_start().starts_with(b"<") {
        return Err(Failure {
            reason: FailureReason::Unavailable,
            retry: RetryAdvice::Safe(None),
            detail: format!(
                "status {} with a page, not from the API: the instance may sleep",
                response.status
            ),
        });
    }
    let answer = response.value();
    let told = |answer: &Value| answer["status"] == "failure" || answer["error"].is_object();
    if told(&answer) || told(&answer["result"]) {
        let why = format!("status {} and `failure`: see the instance's log", response.status);
        return Err(never(FailureReason::Rejected, why));
    }
    Ok(())
}

/// The API has one address for everything, and none of its answers speaks of a conversation.
fn refused(response: &Response) -> Failure {
    let failure = failure::of_status(response).with_credential(API);
    match response.status {
        // "405: Invalid method. The functionality is disabled."
        404 | 405 => misconfigured("upstreams.api.base_url", failure.detail),
        _ => failure,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
