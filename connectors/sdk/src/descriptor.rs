//! Short ways to say what a connector is and asks for.

use crate::{
    CallbackRoute, Credential, CredentialKind, Digest, Encoding, HeaderSecret, HmacSignature, SignedContent,
    Upstream, Verification,
};

impl Credential {
    /// One without which nothing works; any of the kinds will do.
    pub fn required(name: &str, kinds: &[CredentialKind], help: &str) -> Self {
        Self { required: true, ..Self::optional(name, kinds, help) }
    }

    /// One that some vendors' accounts do without.
    pub fn optional(name: &str, kinds: &[CredentialKind], help: &str) -> Self {
        Self { name: name.to_owned(), kinds: kinds.to_vec(), required: false, help: help.to_owned() }
    }
}

impl Upstream {
    /// One whose address the operator must tell, with this credential on each request.
    pub fn new(name: &str, credential: Option<&str>, help: &str) -> Self {
        Self {
            name: name.to_owned(),
            default_base_url: None,
            further_hosts: Vec::new(),
            credential: credential.map(str::to_owned),
            help: help.to_owned(),
        }
    }

    /// Where it usually is, e.g. `https://{subdomain}.zendesk.com`: shown to the operator, whose `base_url` alone counts.
    pub fn usually_at(self, base_url: &str) -> Self {
        Self { default_base_url: Some(base_url.to_owned()), ..self }
    }
}

impl CallbackRoute {
    /// Posts to the mount itself, verified by any one of these.
    pub fn post(verification: Vec<Verification>) -> Self {
        Self { path: String::new(), methods: vec!["POST".to_owned()], verification }
    }
}

impl Verification {
    /// The credential's value stands in a header, behind `prefix`.
    pub fn header(credential: &str, header: &str, prefix: &str) -> Self {
        Self::SharedSecret(HeaderSecret {
            credential: credential.to_owned(),
            header: header.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl HmacSignature {
    /// SHA-256 of the body alone, in a header of its own.
    pub fn new(credential: &str, header: &str, encoding: Encoding) -> Self {
        Self {
            credential: credential.to_owned(),
            digest: Digest::Sha256,
            encoding,
            header: header.to_owned(),
            prefix: String::new(),
            content: SignedContent::Body,
            timestamp_header: None,
            opening: String::new(),
            separator: String::new(),
            tolerance: 0,
        }
    }
}
