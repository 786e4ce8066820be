//! A connection as the operator writes it: references in place of secrets.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::{Cloud, Connection, Identity, Platform, Proof};
use crate::endpoint::{Endpoint, Reach, host, permitted};
use crate::keyring::{Keyring, SecretError};
use crate::reference::Reference;

/// The identity of an app registration or of the platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionConfig {
    /// Directory (tenant) id. Not needed for a managed identity.
    #[serde(default)]
    pub tenant: String,
    /// Application (client) id; empty is the system-assigned managed identity.
    #[serde(default)]
    pub client_id: String,
    /// Which of Microsoft's clouds.
    #[serde(default)]
    pub cloud: Cloud,
    /// In place of the cloud's own address for tokens.
    pub authority: Option<Url>,
    /// How the app proves itself.
    pub proof: ProofConfig,
}

/// How an app proves itself, by reference.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ProofConfig {
    /// A password of the app registration.
    ClientSecret {
        /// Where it lies.
        secret: Reference,
    },
    /// A certificate of the app registration.
    Certificate {
        /// PEM with the certificate.
        certificate: Reference,
        /// PEM with its private key; none when it is in the same place.
        key: Option<Reference>,
        /// Whether the certificates are sent along (subject name and issuer authentication).
        #[serde(default)]
        send_chain: bool,
    },
    /// The platform's identity, `client_id` telling which if it is not the system's.
    ManagedIdentity,
    /// A token in a file that the platform keeps fresh.
    WorkloadIdentity {
        /// None is `AZURE_FEDERATED_TOKEN_FILE`.
        token_file: Option<PathBuf>,
    },
    /// A managed identity vouches for the app registration.
    Federated {
        /// Client id of the user-assigned identity that vouches; none is the system's.
        identity: Option<String>,
    },
}

/// Where the platform mounts a workload's token when it says nothing else.
const TOKEN_FILE: &str = "/var/run/secrets/azure/tokens/azure-identity-token";

impl ConnectionConfig {
    /// Resolves the references. Asks Entra for nothing yet.
    ///
    /// # Errors
    /// When a reference cannot be resolved, or the authority is not https.
    pub async fn open(&self, keyring: &Keyring, endpoint: &Endpoint) -> Result<Connection, SecretError> {
        let authority = self.authority.clone().unwrap_or(self.cloud.authority());
        if !permitted(&authority, Reach::Outward) {
            return Err(SecretError::Insecure { at: host(&authority) });
        }
        let proof = match &self.proof {
            ProofConfig::ClientSecret { secret } => Proof::ClientSecret(keyring.hold(secret).await?),
            ProofConfig::Certificate { certificate, key, send_chain } => Proof::Certificate {
                certificate: keyring.hold(certificate).await?,
                key: keyring.hold(key.as_ref().unwrap_or(certificate)).await?,
                send_chain: *send_chain,
            },
            ProofConfig::ManagedIdentity => Proof::ManagedIdentity(Platform::from_environment()),
            ProofConfig::WorkloadIdentity { token_file } => {
                let file = token_file.clone();
                let file = file.or_else(|| std::env::var_os("AZURE_FEDERATED_TOKEN_FILE").map(Into::into));
                Proof::WorkloadIdentity(file.unwrap_or_else(|| TOKEN_FILE.into()))
            }
            ProofConfig::Federated { identity } => Proof::Federated {
                platform: Platform::from_environment(),
                identity: identity.clone(),
                audience: self.cloud.exchange().to_owned(),
            },
        };
        let identity =
            Identity { tenant: self.tenant.clone(), client_id: self.client_id.clone(), authority, proof };
        Ok(Connection::new(identity, endpoint.clone()))
    }
}
