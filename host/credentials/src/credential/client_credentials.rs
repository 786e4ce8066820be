//! OAuth 2 client credentials (RFC 6749 §4.4).

use std::collections::BTreeMap;
use std::fmt;

use reqwest::Request;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{CredentialError, basic, bear};
use crate::endpoint::{Endpoint, EndpointError, host};
use crate::grant;
use crate::keyring::Held;
use crate::refusal::TokenError;
use crate::token::{Fresh, TokenCache};

pub(super) struct ClientCredentials {
    pub token_url: Url,
    pub client_id: String,
    pub client_secret: Held,
    pub scope: Option<String>,
    pub fields: BTreeMap<String, String>,
    pub basic: bool,
    pub endpoint: Endpoint,
    pub tokens: TokenCache,
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Extra fields are named, not shown: some vendors want another secret there.
        f.debug_struct("ClientCredentials")
            .field("token_url", &host(&self.token_url))
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl ClientCredentials {
    pub async fn apply(&self, request: &mut Request, now: u64) -> Result<(), CredentialError> {
        let token = self.tokens.get("", now, || self.fetch(now)).await?;
        bear(request, &token)
    }

    pub fn refused(&self) {
        self.tokens.forget("");
    }

    async fn fetch(&self, now: u64) -> Result<Fresh, TokenError> {
        let secret = self.client_secret.current();
        let text =
            secret.text().ok_or(TokenError::Key { what: "the client secret", wanted: "it must be text" })?;
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        form.extend(self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let authorization = if self.basic {
            let unsendable = || EndpointError::Unsendable { at: host(&self.token_url) };
            Some(basic::value(&encoded(&self.client_id), &encoded(text)).ok_or_else(unsendable)?)
        } else {
            form.extend([("client_id", self.client_id.as_str()), ("client_secret", text)]);
            None
        };
        grant::read(&self.endpoint.post(&self.token_url, &form, authorization).await?, now)
    }
}

/// RFC 6749 §2.3.1 has both parts form-encoded before they are joined.
fn encoded(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into_bytes())
}
