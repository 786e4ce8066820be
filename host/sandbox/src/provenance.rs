//! Who vouches for a component, and whether one that nobody vouches for may load.
//!
//! A signature lies beside the component, as `minisign -S -m NAME.wasm` writes it: `NAME.wasm.minisig`. It is of the
//! whole file, every byte. So a component stays what was built, tested and certified, under the same digest, and who
//! signs and who checks needs no tool of ours. Which of the two arrives first makes no difference: a change of either
//! is a reason to look again.
//!
//! The signature says who made these bytes, not what they may serve as: what one author signed as `a.wasm` can be
//! renamed to `b.wasm`. `signed_by` narrows that down.

use std::collections::BTreeMap;
use std::sync::Arc;

use minisign_verify::{Error, PublicKey, Signature};

use crate::load::{Rejection, digest};

/// What the operator demands of a component's origin. By default nothing.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// Nothing loads that is not signed with one of the keys.
    pub required: bool,
    /// Whose signatures count.
    pub signers: Vec<Signer>,
    /// Connectors whose components must be signed, and by whom: the names of some of the signers.
    pub signed_by: BTreeMap<String, Vec<String>>,
}

/// Somebody whose signatures count.
#[derive(Debug, Clone)]
pub struct Signer {
    name: String,
    key: PublicKey,
}

/// Not the public key of a signer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no public key of minisign; wanted is the line that begins with `RW` in the `.pub` file that `minisign -G` \
     makes, or that file"
)]
pub struct NoKey;

impl Signer {
    /// With the public key as minisign writes it: the line itself, or the file with its comment.
    ///
    /// # Errors
    /// Where it is none.
    pub fn new(name: &str, key: &str) -> Result<Self, NoKey> {
        let mut lines = key.lines().map(str::trim);
        let line =
            lines.find(|line| !line.is_empty() && !line.starts_with("untrusted comment:")).ok_or(NoKey)?;
        let key = PublicKey::from_base64(line).map_err(|_| NoKey)?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// As it is shown.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A component as it came, and the signature that came with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Build {
    pub(crate) bytes: Arc<Vec<u8>>,
    /// SHA-256 of the component, in hex.
    pub(crate) digest: String,
    /// The text of the file beside it.
    pub(crate) signature: Option<Arc<str>>,
}

impl Build {
    pub(crate) fn new(bytes: Vec<u8>, signature: Option<Arc<str>>) -> Self {
        Self { digest: digest(&bytes), bytes: Arc::new(bytes), signature }
    }
}

impl Provenance {
    /// Who signed it; or why it may not load. `file` is the component's name in the folder.
    pub(crate) fn signer(
        &self,
        connector: &str,
        file: &str,
        build: &Build,
    ) -> Result<Option<String>, Rejection> {
        let wanted = self.signed_by.get(connector);
        match self.origin(wanted, file, build) {
            Ok(signer) => Ok(Some(signer)),
            Err(reason) if self.required || wanted.is_some() => Err(reason.into()),
            Err(reason) => {
                if build.signature.is_some() {
                    tracing::warn!(connector, reason, "nobody's signature is demanded, and so it loads");
                }
                Ok(None)
            }
        }
    }

    fn origin(&self, wanted: Option<&Vec<String>>, file: &str, build: &Build) -> Result<String, String> {
        let names = match wanted {
            Some(wanted) => wanted.join(", "),
            None => self.signers.iter().map(Signer::name).collect::<Vec<_>>().join(", "),
        };
        let again = format!("sign it with `minisign -S -m {file}` and put {file}.minisig beside it");
        let Some(signature) = &build.signature else {
            return Err(format!("is not signed, and only what is signed by {names} loads here: {again}"));
        };
        let signature = Signature::decode(signature)
            .map_err(|_| format!("has a signature, {file}.minisig, that is none of minisign's: {again}"))?;
        for signer in &self.signers {
            let name = &signer.name;
            match signer.key.verify(&build.bytes, &signature, false) {
                Ok(()) if wanted.is_none_or(|wanted| wanted.contains(name)) => return Ok(name.clone()),
                Ok(()) => {
                    return Err(format!(
                        "is signed by {name}; this connector loads what is signed by {names}"
                    ));
                }
                Err(Error::UnexpectedKeyId) => {}
                // Signed without a hash first, as minisign did until 0.9.
                Err(Error::UnexpectedAlgorithm) => {
                    return Err(format!(
                        "has a signature of the old kind: with minisign 0.10 or later {again}"
                    ));
                }
                Err(_) => {
                    return Err(format!(
                        "is not what {name} signed: it or its signature was changed since, or {file}.minisig is of \
                         another build; copy both anew, from where it was signed"
                    ));
                }
            }
        }
        Err(format!(
            "is signed with a key that nobody listed here has; let one of {names} sign it, or, if you trust who did, \
             add the public key to `[provenance]` as one of its `keys`"
        ))
    }
}
