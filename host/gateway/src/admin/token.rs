//! The operators' token: where it is read from, and whether what somebody brings is it.

use std::io;

use ring::hmac;
use thiserror::Error;

/// Shorter ones could be guessed.
const SHORTEST: usize = 16;

/// Why a token cannot be had. Never says what it is, nor what was found in its place.
#[derive(Debug, Error)]
pub(crate) enum TokenError {
    #[error(
        "a token is not written into the configuration: say where it is, `env:NAME` for an environment variable or \
         `file:PATH` for a file that holds nothing else"
    )]
    Literal,
    #[error("there is no environment variable {0}")]
    NoVariable(String),
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, io::Error),
    #[error(
        "the token has to be {SHORTEST} or more visible characters of ASCII; `openssl rand -hex 32` makes a good one"
    )]
    Weak,
    #[error("this machine gives no random numbers")]
    NoRandomness,
}

/// What the token is compared by; the token itself is not kept.
pub(crate) struct Token {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Token {
    /// Reads the token that a reference leads to: `env:NAME` or `file:PATH`.
    pub(crate) fn read(reference: &str) -> Result<Self, TokenError> {
        let token = if let Some(name) = reference.strip_prefix("env:") {
            std::env::var(name).map_err(|_| TokenError::NoVariable(name.to_owned()))?
        } else if let Some(path) = reference.strip_prefix("file:") {
            std::fs::read_to_string(path).map_err(|e| TokenError::Unreadable(path.to_owned(), e))?
        } else {
            return Err(TokenError::Literal);
        };
        Self::of(token.trim())
    }

    fn of(token: &str) -> Result<Self, TokenError> {
        if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Weak);
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| TokenError::NoRandomness)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let tag = hmac::sign(&key, token.as_bytes());
        Ok(Self { key, tag })
    }

    /// Whether this is the token, in a time that does not depend on how much of it is right.
    pub(crate) fn is(&self, brought: &str) -> bool {
        hmac::verify(&self.key, brought.as_bytes(), self.tag.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_literal_is_refused_and_not_told() {
        let Err(error) = Token::read("my-secret-token-itself") else { panic!("taken") };
        let text = error.to_string();
        assert!(
            text.contains("env:NAME") && text.contains("file:PATH") && !text.contains("my-secret"),
            "{text}"
        );
    }

    #[test]
    fn it_is_read_from_a_file_and_compared() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let reference = format!("file:{}", file.path().display());
        assert!(matches!(Token::read(&reference), Err(TokenError::Weak)));
        std::fs::write(file.path(), "0123456789abcdef\n").unwrap();
        let token = Token::read(&reference).unwrap();
        assert!(token.is("0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0"] {
            assert!(!token.is(other), "{other}");
        }
        assert!(matches!(Token::read("file:/nowhere/at/all"), Err(TokenError::Unreadable(..))));
        assert!(matches!(Token::read("env:HANDOVER_NO_SUCH_TOKEN"), Err(TokenError::NoVariable(_))));
    }
}
