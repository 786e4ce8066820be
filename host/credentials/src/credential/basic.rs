//! User and password (RFC 7617).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use zeroize::Zeroizing;

use super::CredentialError;
use crate::endpoint::sensitive;
use crate::keyring::Held;
use crate::secret::Secret;

#[derive(Debug)]
pub(super) struct Basic {
    user: String,
    password: Held,
}

impl Basic {
    pub fn new(user: String, password: Held) -> Result<Self, CredentialError> {
        if user.contains(':') {
            return Err(CredentialError::Misconfigured { field: "user", wanted: "it must hold no colon" });
        }
        Ok(Self { user, password })
    }

    pub fn password(&self) -> &Held {
        &self.password
    }

    pub fn apply(&self, request: &mut Request) -> Result<(), CredentialError> {
        let value = value(self.user.as_bytes(), self.password.current().expose())
            .ok_or(CredentialError::Unfit { header: AUTHORIZATION })?;
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

/// The header's value, which `Debug` does not show.
pub(super) fn value(user: &[u8], password: &[u8]) -> Option<HeaderValue> {
    let plain = Zeroizing::new([user, b":", password].concat());
    sensitive("Basic ", &Secret::new(STANDARD.encode(&plain)))
}
