//! A secret in an Azure key vault (Get Secret, API version 7.4), read as the identity that the platform gives.

use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use url::Url;

use super::{Inner, VaultError};
use crate::endpoint::{EndpointError, Reach};
use crate::entra::{Cloud, Connection};
use crate::secret::Secret;

/// Which vaults, and as whom they are asked.
#[derive(Debug, Clone, Default)]
pub struct VaultConfig {
    /// Decides the vaults' domain and the identity's authority.
    pub cloud: Cloud,
    /// As whom; none is the platform's identity, looked for when the first vault is asked.
    pub identity: Option<Connection>,
    /// In place of `https://{vault}.{suffix}/`, for a stand-in on this machine.
    pub address: Option<Url>,
}

#[derive(Deserialize)]
struct Bundle {
    value: String,
}

impl Inner {
    pub(super) async fn ask_vault(&self, vault: &str, name: &str, now: u64) -> Result<Secret, VaultError> {
        let config = &self.config.vault;
        let suffix = config.cloud.vault_suffix();
        // Vault and name hold letters, digits and hyphens only: the reference saw to that.
        let base = config.address.clone();
        let base = match base {
            Some(address) => address,
            None => format!("https://{vault}.{suffix}/").parse().map_err(|_| nowhere(vault))?,
        };
        let url = base.join(&format!("secrets/{name}?api-version=7.4")).map_err(|_| nowhere(vault))?;
        let identity = self
            .identity
            .get_or_init(|| async {
                let ambient = || Connection::ambient(config.cloud, self.endpoint.clone());
                config.identity.clone().unwrap_or_else(ambient)
            })
            .await;
        let scope = format!("https://{suffix}/.default");
        let token = identity.token(&scope, now).await.map_err(VaultError::Token)?;
        let header = Some((AUTHORIZATION, &token, "Bearer "));
        let answer = self.endpoint.get(&url, Reach::Outward, header).await?;
        if answer.status == 401 {
            identity.refused(&scope);
        }
        if !answer.succeeded() {
            let fix = match answer.status {
                401 => "the identity's token was not taken; is the vault in another tenant or cloud?",
                403 => "give the identity the role Key Vault Secrets User, and let this network in",
                404 => "there is no such secret; check its name",
                429 | 500.. => "the vault is busy; it is asked again",
                _ => "check the vault's name and the secret's state",
            };
            return Err(VaultError::Refused { status: answer.status, fix });
        }
        let bundle: Bundle = answer.json()?;
        Ok(Secret::new(bundle.value))
    }
}

fn nowhere(vault: &str) -> VaultError {
    VaultError::Endpoint(EndpointError::Insecure { at: vault.to_owned() })
}
