//! `crypto`: what needs a secret and gives none away, by the names of the connector's own credentials.

use std::sync::Arc;

use handover_credentials::Credential;
use handover_credentials::credential::{self, SignatureAlgorithm};

use super::{CallState, wit};
use crate::fuel::{CALL, SIGN, VERIFY};
use wit::crypto::{Error, Hash, Signature};
use wit::types::Attribute;

/// What is hashed, in bytes.
const DATA: usize = 4 << 20;

/// Claims and header fields of a token, in bytes: it travels in a header.
const CLAIMS: usize = 16 << 10;

/// The longest RSA key that is used has 8192 bits.
const SIGNATURE: usize = 1 << 10;

impl wit::crypto::Host for CallState {
    fn hmac(
        &mut self,
        credential: String,
        hash: Hash,
        data: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        measure("crypto.hmac", data.len(), DATA)?;
        self.fuel.spend(CALL, data.len())?;
        Ok(self
            .credential(&credential)
            .and_then(|held| held.hmac(digest(hash), &data).map_err(|e| unsuitable(&e))))
    }

    fn rsa_verify(
        &mut self,
        credential: String,
        hash: Hash,
        data: Vec<u8>,
        signature: Vec<u8>,
    ) -> wasmtime::Result<Result<bool, Error>> {
        measure("crypto.rsa-verify", data.len(), DATA)?;
        self.fuel.spend(VERIFY, data.len())?;
        if signature.len() > SIGNATURE {
            return Ok(Ok(false));
        }
        Ok(self
            .credential(&credential)
            .and_then(|held| held.rsa_verify(digest(hash), &data, &signature).map_err(|e| unsuitable(&e))))
    }

    fn jwt_sign(
        &mut self,
        credential: String,
        signature: Signature,
        headers: Vec<Attribute>,
        claims: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        let fields: usize = headers.iter().map(|field| field.name.len() + field.value.len()).sum();
        measure("crypto.jwt-sign", fields.saturating_add(claims.len()), CLAIMS)?;
        self.fuel.spend(SIGN, fields.saturating_add(claims.len()))?;
        let fields: Vec<(String, String)> =
            headers.into_iter().map(|field| (field.name, field.value)).collect();
        Ok(self.credential(&credential).and_then(|held| {
            held.jwt_sign(self::algorithm(signature), &fields, &claims).map_err(|e| unsuitable(&e))
        }))
    }
}

impl CallState {
    fn credential(&self, name: &str) -> Result<Arc<Credential>, Error> {
        self.out.credentials.named(name).map(|held| Arc::clone(&held.credential)).ok_or_else(|| {
            Error::UnknownCredential("no credential of this name is declared and configured".to_owned())
        })
    }
}

fn digest(hash: Hash) -> credential::Hash {
    match hash {
        Hash::Sha1 => credential::Hash::Sha1,
        Hash::Sha256 => credential::Hash::Sha256,
        Hash::Sha512 => credential::Hash::Sha512,
    }
}

fn algorithm(signature: Signature) -> SignatureAlgorithm {
    match signature {
        Signature::Rs256 => SignatureAlgorithm::Rs256,
        Signature::Rs384 => SignatureAlgorithm::Rs384,
        Signature::Rs512 => SignatureAlgorithm::Rs512,
        Signature::Es256 => SignatureAlgorithm::Es256,
        Signature::Hs256 => SignatureAlgorithm::Hs256,
    }
}

fn unsuitable(error: &impl std::fmt::Display) -> Error {
    Error::Unsuitable(error.to_string())
}

/// A guest that hands over more is broken: there is no error of the contract for it.
fn measure(function: &str, bytes: usize, bound: usize) -> wasmtime::Result<()> {
    if bytes > bound {
        wasmtime::bail!("{function} takes {bound} bytes at most, not {bytes}");
    }
    Ok(())
}
