//! Keys as operators have them: PEM files.

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use zeroize::Zeroize;

use crate::secret::Secret;

/// The key to sign with: the secret itself for HMAC, else the first private key of a PEM file, which may hold
/// certificates as well. None when there is none.
pub(crate) fn signing_key(algorithm: Algorithm, secret: &Secret) -> Option<EncodingKey> {
    if algorithm.family() == AlgorithmFamily::Hmac {
        return Some(EncodingKey::from_secret(secret.expose()));
    }
    let mut der = PrivateKeyDer::from_pem_slice(secret.expose()).ok()?;
    let key = match algorithm.family() {
        AlgorithmFamily::Rsa => Some(EncodingKey::from_rsa_der(der.secret_der())),
        AlgorithmFamily::Ec => Some(EncodingKey::from_ec_der(der.secret_der())),
        _ => None,
    };
    // It does not wipe itself when it goes.
    der.zeroize();
    key
}

/// An RSA public key in PKCS #1, from a PEM file with a public key or a certificate.
pub(crate) fn rsa_public_key(pem: &Secret) -> Option<Vec<u8>> {
    let key = DecodingKey::from_rsa_pem(pem.expose()).ok()?;
    key.try_get_as_bytes().ok().map(<[u8]>::to_vec)
}
