//! A signed assertion exchanged for a token (RFC 7523 §2.1), the server-to-server way of Salesforce and Google.

use std::fmt;

use jsonwebtoken::Header;
use reqwest::Request;
use serde::Serialize;
use url::Url;

use super::{CredentialError, SignatureAlgorithm, bear};
use crate::endpoint::{Endpoint, host};
use crate::keyring::Held;
use crate::refusal::TokenError;
use crate::token::{Fresh, TokenCache};
use crate::{grant, jose, pem};

/// How long an assertion is good, in seconds: Salesforce takes no more than five minutes, and clocks differ.
const LIFE: u64 = 180;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    jti: String,
    iat: u64,
    exp: u64,
}

pub(super) struct JwtBearer {
    pub token_url: Url,
    pub issuer: String,
    pub subject: String,
    pub audience: String,
    pub scope: Option<String>,
    pub key_id: Option<String>,
    pub algorithm: SignatureAlgorithm,
    pub key: Held,
    pub endpoint: Endpoint,
    pub tokens: TokenCache,
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearer")
            .field("token_url", &host(&self.token_url))
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

impl JwtBearer {
    pub async fn apply(&self, request: &mut Request, now: u64) -> Result<(), CredentialError> {
        let token = self.tokens.get("", now, || self.fetch(now)).await?;
        bear(request, &token)
    }

    pub fn refused(&self) {
        self.tokens.forget("");
    }

    async fn fetch(&self, now: u64) -> Result<Fresh, TokenError> {
        let assertion = self.assertion(now)?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.as_str()),
        ];
        grant::read(&self.endpoint.post(&self.token_url, &form, None).await?, now)
    }

    fn assertion(&self, now: u64) -> Result<String, TokenError> {
        jose::install();
        let claims = Claims {
            iss: &self.issuer,
            sub: &self.subject,
            aud: &self.audience,
            scope: self.scope.as_deref(),
            jti: uuid::Uuid::now_v7().to_string(),
            iat: now / 1000,
            exp: now / 1000 + LIFE,
        };
        let algorithm = self.algorithm.jose();
        let mut header = Header::new(algorithm);
        header.kid.clone_from(&self.key_id);
        let wanted = "it must be an unencrypted private key that fits the algorithm, in PEM (PKCS #8)";
        let refused = || TokenError::Key { what: "the key of the assertion", wanted };
        let key = pem::signing_key(algorithm, &self.key.current()).ok_or_else(refused)?;
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| refused())
    }
}
