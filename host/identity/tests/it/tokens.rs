//! Tokens, signed by a library that the crate under test does not use.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use getrandom::SysRng;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::rand_core::UnwrapErr;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

/// One of the authority's keys.
pub struct Key {
    pub id: &'static str,
    private: RsaPrivateKey,
}

/// The keys of this run: made once, since making one takes a while.
pub fn keys() -> &'static [Key; 2] {
    static KEYS: OnceLock<[Key; 2]> = OnceLock::new();
    KEYS.get_or_init(|| {
        ["one", "two"].map(|id| {
            let private = RsaPrivateKey::new(&mut UnwrapErr(SysRng), 2048).expect("a key");
            Key { id, private }
        })
    })
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let mut rng = UnwrapErr(SysRng);
        let key = self.private.clone();
        match algorithm {
            "RS256" => SigningKey::<Sha256>::new(key).sign_with_rng(&mut rng, message).to_vec(),
            "RS384" => SigningKey::<Sha384>::new(key).sign_with_rng(&mut rng, message).to_vec(),
            "RS512" => SigningKey::<Sha512>::new(key).sign_with_rng(&mut rng, message).to_vec(),
            other => panic!("no signature is made with {other}"),
        }
    }

    pub fn modulus(&self) -> Vec<u8> {
        self.private.n_bytes().to_vec()
    }

    /// As the directory publishes it.
    pub fn jwk(&self) -> Value {
        let (n, e) = (encode(self.modulus()), encode(self.private.e_bytes()));
        json!({"kty": "RSA", "use": "sig", "kid": self.id, "n": n, "e": e})
    }

    /// A token of these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": "RS256", "typ": "JWT", "kid": self.id}), claims)
    }

    /// The same with a header of the test's own. What is signed is signed as the header says, or with RS256.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        self.compact(&header.to_string(), &claims.to_string())
    }

    /// The same of texts that may be no JSON.
    pub fn compact(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let algorithm = ["RS384", "RS512"].into_iter().find(|name| header.contains(name)).unwrap_or("RS256");
        let signature = self.sign(algorithm, message.as_bytes());
        format!("{message}.{}", encode(signature))
    }
}
