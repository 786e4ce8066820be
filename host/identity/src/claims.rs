//! What a token claims, and the rules that need no key: issuer, audience, times.

use serde_json::{Map, Value};

use crate::refusal::{Refusal, shown};

/// How far the issuer's clock and ours may differ, in ms (`ClockSkew` of the SDKs: 5 minutes).
pub const SKEW_MS: u64 = 300_000;

/// A token's claims, not believed before its signature was checked.
#[derive(Debug, Clone)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// A claim that is a text where it is there.
    pub(crate) fn text(&self, claim: &'static str) -> Result<Option<&str>, Refusal> {
        match self.0.get(claim) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::ClaimMalformed { claim }),
        }
    }

    /// A claim that is a text with something in it.
    pub(crate) fn filled(&self, claim: &'static str) -> Result<Option<&str>, Refusal> {
        Ok(self.text(claim)?.filter(|text| !text.trim().is_empty()))
    }

    /// Who issued the token, by its own words.
    pub(crate) fn issuer(&self) -> Result<&str, Refusal> {
        self.filled("iss")?.ok_or(Refusal::IssuerMissing)
    }

    /// Refuses a token that is made out to nobody of `ours`: `aud` is a text or a list of them (RFC 7519 §4.1.3).
    pub(crate) fn made_out_to(&self, ours: &[String]) -> Result<(), Refusal> {
        let claim = "aud";
        let named: Vec<&str> = match self.0.get(claim) {
            None | Some(Value::Null) => return Err(Refusal::AudienceMissing),
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(list)) => list
                .iter()
                .map(|item| item.as_str().ok_or(Refusal::ClaimMalformed { claim }))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(Refusal::ClaimMalformed { claim }),
        };
        if named.iter().all(|name| name.is_empty()) {
            return Err(Refusal::AudienceMissing);
        }
        // Our own names are ids and addresses, in which case tells nothing apart.
        if named.iter().any(|name| ours.iter().any(|own| own.eq_ignore_ascii_case(name))) {
            return Ok(());
        }
        Err(Refusal::AudienceOther { found: shown(&named.join(", ")), wanted: ours.join(", ") })
    }

    /// Refuses a token before and after its time. `exp` must be there, `nbf` may be absent (RFC 7519 §4.1.4, §4.1.5).
    pub(crate) fn valid_at(&self, now_ms: u64) -> Result<(), Refusal> {
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        let skew = SKEW_MS as i64;
        let exp = self.time("exp")?.ok_or(Refusal::ExpiryMissing)?;
        // On or after its end a token must not be accepted.
        if now >= exp.saturating_add(skew) {
            return Err(Refusal::Expired { exp: exp / 1000, now: now / 1000 });
        }
        match self.time("nbf")? {
            Some(nbf) if now.saturating_add(skew) < nbf => {
                Err(Refusal::NotYetValid { nbf: nbf / 1000, now: now / 1000 })
            }
            _ => Ok(()),
        }
    }

    /// A time in ms since 1970. On the wire it is a number of seconds, perhaps with a fraction (RFC 7519 §2).
    fn time(&self, claim: &'static str) -> Result<Option<i64>, Refusal> {
        match self.0.get(claim) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(seconds), _) => Ok(Some(seconds.saturating_mul(1000))),
                // Saturates at both ends.
                (None, Some(seconds)) => Ok(Some((seconds * 1000.0) as i64)),
                (None, None) => Err(Refusal::ClaimMalformed { claim }),
            },
            Some(_) => Err(Refusal::ClaimMalformed { claim }),
        }
    }
}
