//! The assertion that an app signs with its certificate (RFC 7523 §2.2, as Entra wants it).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use ring::digest;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Serialize;
use url::Url;

use crate::refusal::TokenError;
use crate::secret::Secret;
use crate::{jose, pem};

/// How long an assertion is good, in seconds.
const LIFE: u64 = 600;

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: u64,
    iat: u64,
    exp: u64,
}

/// A signed assertion of `client_id` for the token endpoint. `now` in ms since 1970.
pub(super) fn make(
    client_id: &str,
    token_url: &Url,
    certificate: &Secret,
    key: &Secret,
    send_chain: bool,
    now: u64,
) -> Result<Secret, TokenError> {
    jose::install();
    let chain: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(certificate.expose()).collect::<Result<_, _>>().unwrap_or_default();
    let own = chain.first().ok_or(TokenError::Key {
        what: "the certificate",
        wanted: "it must be PEM with a CERTIFICATE block",
    })?;
    let mut header = Header::new(Algorithm::RS256);
    // The thumbprint says which of the app's certificates it is.
    header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, own)));
    header.x5c = send_chain.then(|| chain.iter().map(|each| STANDARD.encode(each)).collect());
    let seconds = now / 1000;
    let claims = Claims {
        aud: token_url.as_str(),
        iss: client_id,
        sub: client_id,
        jti: uuid::Uuid::now_v7().to_string(),
        nbf: seconds,
        iat: seconds,
        exp: seconds + LIFE,
    };
    let wanted = "it must be an unencrypted RSA private key in PEM, 2048 bits or more";
    let refused = || TokenError::Key { what: "the certificate's key", wanted };
    let key = pem::signing_key(Algorithm::RS256, key).ok_or_else(refused)?;
    let token = jsonwebtoken::encode(&header, &claims, &key).map_err(|_| refused())?;
    Ok(Secret::new(token))
}
