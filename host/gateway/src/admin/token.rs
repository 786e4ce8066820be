//! The operators' token, and whether what somebody brings is it.

use handover_credentials::{Held, Secret};
use ring::hmac;
use thiserror::Error;

/// Shorter ones could be guessed.
const SHORTEST: usize = 16;

/// Why a token cannot be used. Never says what it is.
#[derive(Debug, Error)]
pub(crate) enum TokenError {
    #[error(
        "the token has to be {SHORTEST} or more visible characters of ASCII; `openssl rand -hex 32` makes a good one"
    )]
    Weak,
    #[error("this machine gives no random numbers")]
    NoRandomness,
}

/// The token, as it is now: one that is exchanged where it lies counts from then on.
pub(crate) struct Token {
    /// Both sides are compared by their hashes, which tells nothing of how much is right.
    key: hmac::Key,
    held: Held,
}

impl Token {
    /// A token that is good enough.
    pub(crate) fn of(held: Held) -> Result<Self, TokenError> {
        if !is_strong(&held.current()) {
            return Err(TokenError::Weak);
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| TokenError::NoRandomness)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), held })
    }

    /// Whether this is the token.
    pub(crate) fn is(&self, brought: &str) -> bool {
        let token = self.held.current();
        let tag = hmac::sign(&self.key, token.expose().trim_ascii());
        is_strong(&token) && hmac::verify(&self.key, brought.as_bytes(), tag.as_ref()).is_ok()
    }
}

fn is_strong(token: &Secret) -> bool {
    let token = token.expose().trim_ascii();
    token.len() >= SHORTEST && token.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn it_is_compared_whole() {
        let held = |text: &str| Held::fixed(Secret::new(text));
        assert!(matches!(Token::of(held("short")), Err(TokenError::Weak)));
        assert!(matches!(Token::of(held("0123456789 abcdef")), Err(TokenError::Weak)));
        let token = Token::of(held("0123456789abcdef\n")).unwrap();
        assert!(token.is("0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0"] {
            assert!(!token.is(other), "{other}");
        }
    }
}
