//! The credential of an upstream: what the host adds to requests that go there, so that no guest ever sees it.

mod basic;
mod body_hmac;
mod client_credentials;
mod config;
mod crypto;
mod header;
mod jwt_bearer;
mod key;
mod sigv4;

use reqwest::Request;
use reqwest::header::HeaderName;

pub use body_hmac::Encoding;
pub use config::CredentialConfig;
pub use crypto::{CryptoError, Hash, SignatureAlgorithm};

use crate::keyring::SecretError;
use crate::refusal::TokenError;

/// A credential, with the tokens that were got for it. Made by [`CredentialConfig::open`].
#[derive(Debug)]
pub struct Credential {
    kind: Kind,
    /// Further headers that go along.
    beside: Vec<header::Header>,
}

#[derive(Debug)]
enum Kind {
    Header(header::Header),
    Basic(basic::Basic),
    ClientCredentials(client_credentials::ClientCredentials),
    JwtBearer(jwt_bearer::JwtBearer),
    BodyHmac(body_hmac::BodyHmac),
    SigV4(sigv4::SigV4),
    Key(key::Key),
}

/// Why a credential cannot be made or applied. Nothing was sent to the vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// What it refers to cannot be resolved.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The token endpoint gave none.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The configuration contradicts itself.
    #[error("the credential's {field} cannot be used: {wanted}")]
    Misconfigured {
        /// The key in the configuration.
        field: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// The secret cannot stand in a header.
    #[error("the secret does not fit into the header {header}: it holds a line break or control character")]
    Unfit {
        /// The header.
        header: HeaderName,
    },
    /// The signature covers the body, and this one is not in memory.
    #[error("the request's body is a stream, and this credential signs the body")]
    Streamed,
    /// The request cannot be signed.
    #[error("the request cannot be signed: its method, address or a header is malformed")]
    Unsignable,
}

impl Credential {
    /// Adds the credential to a request, fetching a token first where one is needed and missing. Headers of the
    /// same name are replaced. To be called last, since some kinds sign what they see. `now` in ms since 1970.
    ///
    /// # Errors
    /// When no token can be had, or the request cannot carry the credential.
    pub async fn apply(&self, request: &mut Request, now: u64) -> Result<(), CredentialError> {
        for name in self.owns() {
            request.headers_mut().remove(name);
        }
        // Before the kind itself, which may sign what it sees.
        for header in &self.beside {
            header.apply(request)?;
        }
        match &self.kind {
            Kind::Header(header) => header.apply(request),
            Kind::Basic(basic) => basic.apply(request),
            Kind::ClientCredentials(client) => client.apply(request, now).await,
            Kind::JwtBearer(bearer) => bearer.apply(request, now).await,
            Kind::BodyHmac(hmac) => hmac.apply(request),
            Kind::SigV4(sigv4) => sigv4.apply(request, now),
            Kind::Key(_) => Ok(()),
        }
    }

    /// The headers that are the credential's: a guest may not set them, and they are struck from what is recorded.
    pub fn owns(&self) -> Vec<HeaderName> {
        let mut owned = match &self.kind {
            Kind::Header(header) => vec![header.name().clone()],
            Kind::BodyHmac(hmac) => vec![hmac.header().clone()],
            Kind::SigV4(_) => sigv4::OWNED.map(HeaderName::from_static).to_vec(),
            Kind::Basic(_) | Kind::ClientCredentials(_) | Kind::JwtBearer(_) => {
                vec![reqwest::header::AUTHORIZATION]
            }
            Kind::Key(_) => Vec::new(),
        };
        owned.extend(self.beside.iter().map(|header| header.name().clone()));
        owned
    }

    /// After a 401: the next call fetches a token anew. Without effect on kinds that have none.
    pub async fn refused(&self) {
        match &self.kind {
            Kind::ClientCredentials(client) => client.refused(),
            Kind::JwtBearer(bearer) => bearer.refused(),
            Kind::Header(_) | Kind::Basic(_) | Kind::BodyHmac(_) | Kind::SigV4(_) | Kind::Key(_) => {}
        }
    }
}

/// Puts a token that was got on a request.
fn bear(request: &mut Request, token: &crate::Secret) -> Result<(), CredentialError> {
    let header = reqwest::header::AUTHORIZATION;
    let value = crate::endpoint::sensitive("Bearer ", token)
        .ok_or_else(|| CredentialError::Unfit { header: header.clone() })?;
    request.headers_mut().insert(header, value);
    Ok(())
}

/// The body as it will be sent; a request without one signs as empty.
fn body(request: &Request) -> Result<&[u8], CredentialError> {
    request.body().map_or(Ok(&[]), |body| body.as_bytes().ok_or(CredentialError::Streamed))
}
