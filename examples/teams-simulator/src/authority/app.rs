//! The apps that are registered in the simulated tenant, and their secrets.
use std::fmt;

use anyhow::Context as _;

use super::jwt::base64url;

/// A client secret; it does not show itself in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for whoever configures the other side.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn random() -> anyhow::Result<Self> {
        let mut bytes = [0; 30];
        getrandom::fill(&mut bytes).context("the system gives no random bytes for a client secret")?;
        Ok(Self(base64url(&bytes)))
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An app registration.
pub(crate) struct App {
    pub id: String,
    pub secret: Secret,
}

impl App {
    /// With a secret of its own for this run where none is given.
    pub fn registered(id: &str, secret: Option<Secret>) -> anyhow::Result<Self> {
        let secret = secret.map_or_else(Secret::random, Ok)?;
        Ok(Self { id: id.to_owned(), secret })
    }
}
