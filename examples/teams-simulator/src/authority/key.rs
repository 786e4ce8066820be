//! One RSA key: it signs tokens with RS256, verifies what it signed, and is published as a JWK.
use rsa::{
    RsaPrivateKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    rand_core::UnwrapErr,
    signature::{Keypair, SignatureEncoding, Signer, Verifier},
    traits::PublicKeyParts,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::jwt::base64url;

/// What Entra's keys have.
const BITS: usize = 2048;

pub(super) struct Key {
    pub kid: String,
    n: String,
    e: String,
    signing: SigningKey<Sha256>,
    verifying: VerifyingKey<Sha256>,
}

impl Key {
    /// Takes some hundredths of a second, sometimes two tenths: not for a thread that serves.
    pub fn generate() -> Self {
        let private = RsaPrivateKey::new(&mut UnwrapErr(getrandom::SysRng), BITS)
            .expect("primes of 1024 bits make a key of 2048");
        let (n, e) = (base64url(&private.n_bytes()), base64url(&private.e_bytes()));
        // RFC 7638: the required members in their order, without space.
        let thumbprint = Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
        let signing = SigningKey::new(private);
        Self { kid: base64url(&thumbprint), n, e, verifying: signing.verifying_key(), signing }
    }

    pub fn sign(&self, signed: &str) -> Vec<u8> {
        self.signing.sign(signed.as_bytes()).to_vec()
    }

    pub fn verifies(&self, signed: &str, signature: &[u8]) -> bool {
        Signature::try_from(signature)
            .is_ok_and(|signature| self.verifying.verify(signed.as_bytes(), &signature).is_ok())
    }

    /// Without `alg`, as both services publish theirs.
    pub fn jwk(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "kid": self.kid, "n": self.n, "e": self.e })
    }
}
