//! A header with an HMAC over the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Request;
use reqwest::header::HeaderName;
use serde::Deserialize;

use super::{CredentialError, Hash, body};
use crate::endpoint::sensitive;
use crate::keyring::Held;
use crate::secret::Secret;

/// How the bytes of a signature are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

#[derive(Debug)]
pub(super) struct BodyHmac {
    pub secret: Held,
    pub hash: Hash,
    pub encoding: Encoding,
    pub header: HeaderName,
    pub prefix: String,
}

impl BodyHmac {
    pub fn header(&self) -> &HeaderName {
        &self.header
    }

    pub fn apply(&self, request: &mut Request) -> Result<(), CredentialError> {
        let signature = self.hash.hmac(&self.secret.current(), body(request)?);
        let text = match self.encoding {
            Encoding::Hex => hex::encode(signature),
            Encoding::Base64 => STANDARD.encode(signature),
        };
        let value = sensitive(&self.prefix, &Secret::new(text))
            .ok_or_else(|| CredentialError::Unfit { header: self.header.clone() })?;
        request.headers_mut().insert(self.header.clone(), value);
        Ok(())
    }
}
