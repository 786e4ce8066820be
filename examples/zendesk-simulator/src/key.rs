//! Who may call: a key of the scope `app`, as HTTP Basic or as a token signed with it (HS256, header `kid`, claim
//! `scope`); see "API authentication" in Zendesk's documentation.

use agent_desk::Secret;
use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::Value;

use crate::refusal::Refused;

/// A key of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id, such as `app_5ebee0975ac5304b664a12fa`.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

impl Key {
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let refused = || Refused::new(401, "unauthorized", "Authorization is required");
        let given =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
        let (scheme, value) = given.split_once(' ').ok_or_else(refused)?;
        let good = match scheme.to_ascii_lowercase().as_str() {
            "basic" => self.is_basic(value),
            "bearer" => self.is_token(value.trim()).unwrap_or(false),
            _ => false,
        };
        if good { Ok(()) } else { Err(refused()) }
    }

    fn is_basic(&self, value: &str) -> bool {
        let Ok(pair) = STANDARD.decode(value.trim()) else { return false };
        let Some(colon) = pair.iter().position(|byte| *byte == b':') else { return false };
        let same = self.secret.is(&pair[colon + 1..]);
        pair[..colon] == *self.id.as_bytes() && same
    }

    fn is_token(&self, token: &str) -> Option<bool> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let (header, claims) = (read(header)?, read(claims)?);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.bytes());
        hmac::verify(&key, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let fresh = match &claims["exp"] {
            Value::Null => true,
            exp => exp.as_i64()? > jiff::Timestamp::now().as_second(),
        };
        Some(
            header["alg"] == "HS256"
                && header["kid"] == self.id.as_str()
                && claims["scope"] == "app"
                && fresh,
        )
    }
}
