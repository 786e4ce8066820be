//! JSON Web Signatures on `ring`: the cryptography that `jsonwebtoken` asks its host for (RFC 7518 §3).
//!
//! HS, RS and PS with 256, 384 and 512 bits, ES256 and ES384. Ed25519 and encryption are absent: no token that this
//! gateway reads or makes uses them.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, new_error};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{
    self as sig, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RsaEncoding, RsaKeyPair, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use ring::{digest, hmac};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_components,
        // `ring` reads public keys only to verify with them, and nothing here turns one into a JWK.
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: ec_components,
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest,
    },
};

/// Makes `jsonwebtoken` use `ring`, in the whole process. May be called any number of times.
///
/// # Panics
/// When something else installed a provider first, or used `jsonwebtoken` before the first call: both are mistakes
/// in the start of a program, and going on would panic at the first token instead.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        assert!(
            PROVIDER.install_default().is_ok(),
            "jsonwebtoken was used, or given another provider, before handover_credentials::jose::install()"
        );
    });
}

fn unsupported() -> Error {
    new_error(ErrorKind::UnsupportedAlgorithm)
}

fn of_family(found: AlgorithmFamily, wanted: AlgorithmFamily) -> Result<(), Error> {
    if found == wanted { Ok(()) } else { Err(new_error(ErrorKind::InvalidKeyFormat)) }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    let material = match scheme(*algorithm)? {
        Scheme::Hmac(hash) => {
            of_family(key.family(), AlgorithmFamily::Hmac)?;
            SigningKey::Hmac(hmac::Key::new(hash, key.as_bytes()))
        }
        Scheme::Rsa { signing, .. } => {
            of_family(key.family(), AlgorithmFamily::Rsa)?;
            SigningKey::Rsa(Box::new(rsa_pair(key.as_bytes())?), signing)
        }
        Scheme::Ec { signing, .. } => {
            of_family(key.family(), AlgorithmFamily::Ec)?;
            SigningKey::Ec(ec_pair(signing, key.as_bytes())?)
        }
    };
    Ok(Box::new(Signing { algorithm: *algorithm, key: material }))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let material = match (scheme(*algorithm)?, key.kind()) {
        (Scheme::Hmac(hash), DecodingKeyKind::SecretOrDer(secret)) => {
            of_family(key.family(), AlgorithmFamily::Hmac)?;
            VerifyingKey::Hmac(hmac::Key::new(hash, secret))
        }
        (Scheme::Rsa { verifying, .. }, DecodingKeyKind::SecretOrDer(der)) => {
            of_family(key.family(), AlgorithmFamily::Rsa)?;
            VerifyingKey::Whole(UnparsedPublicKey::new(verifying, der.clone()))
        }
        (Scheme::Rsa { verifying, .. }, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            of_family(key.family(), AlgorithmFamily::Rsa)?;
            VerifyingKey::Parts(verifying, RsaPublicKeyComponents { n: n.clone(), e: e.clone() })
        }
        (Scheme::Ec { verifying, .. }, DecodingKeyKind::SecretOrDer(point)) => {
            of_family(key.family(), AlgorithmFamily::Ec)?;
            VerifyingKey::Whole(UnparsedPublicKey::new(verifying, point.clone()))
        }
        _ => return Err(new_error(ErrorKind::InvalidKeyFormat)),
    };
    Ok(Box::new(Verifying { algorithm: *algorithm, key: material }))
}

/// How an algorithm of RFC 7518 is called in `ring`.
enum Scheme {
    Hmac(hmac::Algorithm),
    Rsa { signing: &'static dyn RsaEncoding, verifying: &'static RsaParameters },
    Ec { signing: &'static EcdsaSigningAlgorithm, verifying: &'static dyn VerificationAlgorithm },
}

fn scheme(algorithm: Algorithm) -> Result<Scheme, Error> {
    let rsa = |signing: &'static dyn RsaEncoding, verifying: &'static RsaParameters| Scheme::Rsa {
        signing,
        verifying,
    };
    Ok(match algorithm {
        Algorithm::HS256 => Scheme::Hmac(hmac::HMAC_SHA256),
        Algorithm::HS384 => Scheme::Hmac(hmac::HMAC_SHA384),
        Algorithm::HS512 => Scheme::Hmac(hmac::HMAC_SHA512),
        Algorithm::RS256 => rsa(&sig::RSA_PKCS1_SHA256, &sig::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => rsa(&sig::RSA_PKCS1_SHA384, &sig::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => rsa(&sig::RSA_PKCS1_SHA512, &sig::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => rsa(&sig::RSA_PSS_SHA256, &sig::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => rsa(&sig::RSA_PSS_SHA384, &sig::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => rsa(&sig::RSA_PSS_SHA512, &sig::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Scheme::Ec {
            signing: &sig::ECDSA_P256_SHA256_FIXED_SIGNING,
            verifying: &sig::ECDSA_P256_SHA256_FIXED,
        },
        Algorithm::ES384 => Scheme::Ec {
            signing: &sig::ECDSA_P384_SHA384_FIXED_SIGNING,
            verifying: &sig::ECDSA_P384_SHA384_FIXED,
        },
        _ => return Err(unsupported()),
    })
}

enum SigningKey {
    Hmac(hmac::Key),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
}

struct Signing {
    algorithm: Algorithm,
    key: SigningKey,
}

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let random = SystemRandom::new();
        match &self.key {
            SigningKey::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            SigningKey::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*padding, &random, message, &mut signature).map_err(|_| SignatureError::new())?;
                Ok(signature)
            }
            SigningKey::Ec(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| SignatureError::new())?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

enum VerifyingKey {
    Hmac(hmac::Key),
    /// PKCS #1 of an RSA key, or the uncompressed point of an elliptic curve's.
    Whole(UnparsedPublicKey<Vec<u8>>),
    Parts(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
}

struct Verifying {
    algorithm: Algorithm,
    key: VerifyingKey,
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        match &self.key {
            VerifyingKey::Hmac(key) => hmac::verify(key, message, signature),
            VerifyingKey::Whole(key) => key.verify(message, signature),
            VerifyingKey::Parts(parameters, key) => key.verify(parameters, message, signature),
        }
        .map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// PKCS #1, as `jsonwebtoken` takes it out of a PEM file, or PKCS #8, as it stands in one. At least 2048 bits.
pub(crate) fn rsa_pair(der: &[u8]) -> Result<RsaKeyPair, Error> {
    RsaKeyPair::from_der(der)
        .or_else(|_| RsaKeyPair::from_pkcs8(der))
        .map_err(|why| new_error(ErrorKind::InvalidRsaKey(why.to_string())))
}

fn ec_pair(algorithm: &'static EcdsaSigningAlgorithm, der: &[u8]) -> Result<EcdsaKeyPair, Error> {
    EcdsaKeyPair::from_pkcs8(algorithm, der, &SystemRandom::new())
        .map_err(|_| new_error(ErrorKind::InvalidEcdsaKey))
}

fn rsa_components(private: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let public: RsaPublicKeyComponents<Vec<u8>> = rsa_pair(private)?.public().into();
    Ok((public.n, public.e))
}

fn ec_components(private: &[u8], algorithm: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>), Error> {
    let (curve, signing) = match algorithm {
        Algorithm::ES256 => (EllipticCurve::P256, &sig::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => (EllipticCurve::P384, &sig::ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => return Err(new_error(ErrorKind::InvalidEcdsaKey)),
    };
    let pair = ec_pair(signing, private)?;
    // SEC 1 §2.3.3: 4, then x and y of the same length.
    match pair.public_key().as_ref() {
        [4, point @ ..] => {
            let (x, y) = point.split_at(point.len() / 2);
            Ok((curve, x.to_vec(), y.to_vec()))
        }
        _ => Err(new_error(ErrorKind::InvalidEcdsaKey)),
    }
}

fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>, Error> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(unsupported()),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}
