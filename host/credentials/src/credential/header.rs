//! A secret in a header: bearer tokens, API keys.

use reqwest::Request;
use reqwest::header::HeaderName;

use super::CredentialError;
use crate::endpoint::sensitive;
use crate::keyring::Held;

#[derive(Debug)]
pub(super) struct Header {
    name: HeaderName,
    /// Before the secret, such as `Bearer `.
    prefix: String,
    value: Held,
}

impl Header {
    pub fn new(name: HeaderName, prefix: impl Into<String>, value: Held) -> Self {
        Self { name, prefix: prefix.into(), value }
    }

    pub fn name(&self) -> &HeaderName {
        &self.name
    }

    pub fn value(&self) -> &Held {
        &self.value
    }

    pub fn apply(&self, request: &mut Request) -> Result<(), CredentialError> {
        let value = sensitive(&self.prefix, &self.value.current())
            .ok_or_else(|| CredentialError::Unfit { header: self.name.clone() })?;
        request.headers_mut().insert(self.name.clone(), value);
        Ok(())
    }
}
