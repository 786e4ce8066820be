//! The answer of a token endpoint (RFC 6749 §5): a token with its life, or a refusal.

use serde::Deserialize;

use crate::endpoint::Answer;
use crate::refusal::{Refusal, TokenError};
use crate::secret::Secret;
use crate::token::Fresh;

/// The life of a token whose answer names none, in ms (Salesforce's JWT bearer flow). A 401 ends it earlier.
const UNSAID: u64 = 30 * 60 * 1000;

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<Number>,
    /// Seconds since 1970; what App Service sends in place of `expires_in`.
    expires_on: Option<Number>,
}

/// Managed identity services write their numbers as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<u64> {
        match self {
            Self::Plain(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

#[derive(Deserialize, Default)]
struct Refused {
    error: Option<String>,
    #[serde(default)]
    error_codes: Vec<u32>,
}

/// Reads the answer that came at `now`, in ms since 1970.
pub(crate) fn read(answer: &Answer, now: u64) -> Result<Fresh, TokenError> {
    if !answer.succeeded() {
        // A proxy's page in place of JSON is still a refusal, with its status.
        let refused: Refused = answer.json().unwrap_or_default();
        let entra = refused.error_codes.first().copied();
        let refusal = Refusal::new(answer.status, refused.error.as_deref(), entra);
        return Err(TokenError::Refused { at: answer.at.clone(), refusal });
    }
    let granted: Granted = answer.json()?;
    let within =
        granted.expires_in.as_ref().and_then(Number::value).map(|seconds| seconds.saturating_mul(1000));
    let until = granted.expires_on.as_ref().and_then(Number::value);
    let lives = within
        .or_else(|| until.map(|seconds| seconds.saturating_mul(1000).saturating_sub(now)))
        .unwrap_or(UNSAID);
    Ok(Fresh { token: Secret::new(granted.access_token), lives })
}
