//! The identity of an app at Microsoft Entra, and the tokens it gets there.
//!
//! Made here, on the client of [`crate::Endpoint`], and not with `azure_identity`: that crate brings fifteen others
//! with an HTTP pipeline of their own, signs with certificates through OpenSSL only, and knows neither single flight
//! nor an old token that outlives a failed refresh.

mod assertion;
mod cloud;
mod config;
mod managed;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

pub use cloud::Cloud;
pub use config::{ConnectionConfig, ProofConfig};
pub use managed::Platform;

use crate::endpoint::Endpoint;
use crate::grant;
use crate::keyring::Held;
use crate::refusal::TokenError;
use crate::secret::Secret;
use crate::token::{Fresh, TokenCache};

/// How an app proves to Entra who it is.
#[derive(Debug, Clone)]
pub enum Proof {
    /// A password of the app registration.
    ClientSecret(Held),
    /// A certificate of the app registration; it signs an assertion.
    Certificate {
        /// PEM with the certificate, the app's own first.
        certificate: Held,
        /// PEM with the private RSA key; may be the same file.
        key: Held,
        /// Whether the certificates go along (`x5c`), for apps that trust a subject name.
        send_chain: bool,
    },
    /// The identity that the platform gives to this machine or app; no secret at all.
    ManagedIdentity(Platform),
    /// A token that the platform keeps in a file (workload identity of Kubernetes); read again each time.
    WorkloadIdentity(PathBuf),
    /// A managed identity vouches for the app registration.
    Federated {
        /// The platform's identity service.
        platform: Platform,
        /// The client id of the user-assigned identity that vouches; none is the system's.
        identity: Option<String>,
        /// The audience that the app's federated credential names; [`Cloud::exchange`].
        audience: String,
    },
}

/// Who asks, and where.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Directory id, or a domain of it. Unused by managed identities.
    pub tenant: String,
    /// The app's id; with a managed identity empty for the system's, else the user-assigned identity's client id.
    pub client_id: String,
    /// The address in front of the tenant, such as `https://login.microsoftonline.com/`.
    pub authority: Url,
    /// How it proves itself.
    pub proof: Proof,
}

/// An identity with the tokens it got. Cheap to clone; clones share their tokens.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    identity: Identity,
    endpoint: Endpoint,
    tokens: TokenCache,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("identity", &self.inner.identity).finish_non_exhaustive()
    }
}

impl Connection {
    /// Asks for nothing yet.
    pub fn new(identity: Identity, endpoint: Endpoint) -> Self {
        Self { inner: Arc::new(Inner { identity, endpoint, tokens: TokenCache::default() }) }
    }

    /// The identity that the platform offers: workload identity where its variables are set
    /// (`AZURE_FEDERATED_TOKEN_FILE`, `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`), else the managed identity.
    pub fn ambient(cloud: Cloud, endpoint: Endpoint) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let client_id = variable("AZURE_CLIENT_ID").unwrap_or_default();
        let tenant = variable("AZURE_TENANT_ID");
        let authority =
            variable("AZURE_AUTHORITY_HOST").and_then(|host| host.parse().ok()).unwrap_or(cloud.authority());
        let (tenant, proof) = match (variable("AZURE_FEDERATED_TOKEN_FILE"), tenant) {
            (Some(file), Some(tenant)) if !client_id.is_empty() => {
                (tenant, Proof::WorkloadIdentity(file.into()))
            }
            _ => (String::new(), Proof::ManagedIdentity(Platform::from_environment())),
        };
        Self::new(Identity { tenant, client_id, authority, proof }, endpoint)
    }

    /// The app's id.
    pub fn client_id(&self) -> &str {
        &self.inner.identity.client_id
    }

    /// A token for `scope` (`https://api.botframework.com/.default`), kept until five minutes before its end.
    /// `now` in ms since 1970.
    ///
    /// # Errors
    /// When Entra gives none and no earlier one is still good.
    pub async fn token(&self, scope: &str, now: u64) -> Result<Secret, TokenError> {
        self.inner.tokens.get(scope, now, || self.fetch(scope, now)).await
    }

    /// After a 401: the next call fetches a token for `scope` anew.
    pub fn refused(&self, scope: &str) {
        self.inner.tokens.forget(scope);
    }

    async fn fetch(&self, scope: &str, now: u64) -> Result<Fresh, TokenError> {
        let Inner { identity, endpoint, .. } = &*self.inner;
        match &identity.proof {
            Proof::ManagedIdentity(platform) => {
                let client_id = Some(identity.client_id.as_str()).filter(|id| !id.is_empty());
                platform.token(endpoint, scope, client_id, now).await
            }
            Proof::ClientSecret(held) => {
                let secret = held.current();
                let secret = secret
                    .text()
                    .ok_or(TokenError::Key { what: "the client secret", wanted: "it must be text" })?;
                self.ask(scope, now, &[("client_secret", secret)]).await
            }
            Proof::Certificate { certificate, key, send_chain } => {
                let url = self.token_url()?;
                let signed = assertion::make(
                    &identity.client_id,
                    &url,
                    &certificate.current(),
                    &key.current(),
                    *send_chain,
                    now,
                )?;
                self.assert(scope, now, &signed).await
            }
            Proof::WorkloadIdentity(path) => self.assert(scope, now, &federated_token(path).await?).await,
            Proof::Federated { platform, identity: vouching, audience } => {
                let vouched = platform.token(endpoint, audience, vouching.as_deref(), now).await?;
                self.assert(scope, now, &vouched.token).await
            }
        }
    }

    /// Client credentials with an assertion in place of a password (RFC 7523 §2.2).
    async fn assert(&self, scope: &str, now: u64, assertion: &Secret) -> Result<Fresh, TokenError> {
        let assertion = assertion
            .text()
            .ok_or(TokenError::Key { what: "the federated token", wanted: "it must be text" })?;
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        self.ask(scope, now, &[("client_assertion_type", kind), ("client_assertion", assertion)]).await
    }

    async fn ask(&self, scope: &str, now: u64, proof: &[(&str, &str)]) -> Result<Fresh, TokenError> {
        let Inner { identity, endpoint, .. } = &*self.inner;
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", identity.client_id.as_str()),
            ("scope", scope),
        ];
        form.extend_from_slice(proof);
        let answer = endpoint.post(&self.token_url()?, &form, None).await?;
        grant::read(&answer, now)
    }

    fn token_url(&self) -> Result<Url, TokenError> {
        let Identity { tenant, authority, .. } = &self.inner.identity;
        let plain = |each: char| each.is_ascii_alphanumeric() || matches!(each, '-' | '.');
        if tenant.is_empty() || tenant.starts_with('.') || !tenant.chars().all(plain) {
            return Err(TokenError::Tenant);
        }
        let mut url = authority.clone();
        url.path_segments_mut().map_err(|()| TokenError::Tenant)?.pop_if_empty().extend([
            tenant.as_str(),
            "oauth2",
            "v2.0",
            "token",
        ]);
        Ok(url)
    }
}

async fn federated_token(path: &Path) -> Result<Secret, TokenError> {
    let read = {
        let path = path.to_path_buf();
        tokio::task::spawn_blocking(move || crate::keyring::file::read(&path)).await
    };
    let unread = |why| TokenError::TokenFile { path: path.display().to_string(), why };
    match read {
        Ok(Ok(token)) => Ok(token),
        Ok(Err(error)) => Err(unread(error.kind())),
        Err(_) => Err(unread(std::io::ErrorKind::Interrupted)),
    }
}
