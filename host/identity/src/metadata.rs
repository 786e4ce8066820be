//! Where an issuer's keys are: its OpenID metadata, and the set of keys that they name.

use serde::Deserialize;
use serde_json::Value;
use url::{Position, Url};

use crate::fetch::{FetchFailure, Fetcher};
use crate::keys::{KEY_LIMIT, KeySet};
use crate::refusal::shown;

/// Where to begin.
#[derive(Debug, Clone)]
pub(crate) struct KeyPlace {
    /// The first address to ask.
    pub url: Url,
    /// What is there.
    pub kind: PlaceKind,
    /// Hosts (`name` or `name:port`) that keys may lie at, besides the metadata's own.
    pub key_hosts: Vec<String>,
}

/// What lies at the address of a [`KeyPlace`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    /// OpenID metadata of Microsoft: one document serves many issuers, and lists the algorithms in use.
    Microsoft,
    /// OpenID metadata of exactly this issuer.
    OpenId { issuer: String },
    /// The keys themselves.
    Keys,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: Option<String>,
    jwks_uri: String,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl KeyPlace {
    /// Fetches the keys, by way of the metadata where there are any.
    pub(crate) async fn fetch(&self, fetcher: &Fetcher) -> Result<KeySet, FetchFailure> {
        if self.kind == PlaceKind::Keys {
            return keys(fetcher, &self.url, None).await;
        }
        let document = fetcher.get(&self.url).await?;
        let metadata: Metadata =
            serde_json::from_slice(&document).map_err(|_| FetchFailure::NotADocument {
                url: self.url.to_string(),
                wanted: "OpenID metadata with a `jwks_uri`",
            })?;
        let address = self.address_of_keys(&metadata, fetcher)?;
        // The list is of tokens to people; only Microsoft means its services' tokens by it too.
        let listed = match &self.kind {
            PlaceKind::Microsoft => metadata.id_token_signing_alg_values_supported,
            _ => None,
        };
        keys(fetcher, &address, listed).await
    }

    fn address_of_keys(&self, metadata: &Metadata, fetcher: &Fetcher) -> Result<Url, FetchFailure> {
        let url = || self.url.to_string();
        if let PlaceKind::OpenId { issuer: wanted } = &self.kind {
            let found = metadata.issuer.as_deref().unwrap_or_default();
            if found != wanted {
                let (found, wanted) = (shown(found), wanted.clone());
                return Err(FetchFailure::OtherIssuer { url: url(), found, wanted });
            }
        }
        let address = Url::parse(&metadata.jwks_uri).map_err(|_| FetchFailure::NotADocument {
            url: url(),
            wanted: "OpenID metadata with a `jwks_uri`",
        })?;
        if !fetcher.may_ask(&address) {
            return Err(FetchFailure::KeysPlain { url: url(), keys: shown(address.as_str()) });
        }
        let host = host_of(&address);
        if host != host_of(&self.url) && !self.key_hosts.iter().any(|named| named.eq_ignore_ascii_case(host))
        {
            return Err(FetchFailure::KeysElsewhere { url: url(), host: shown(host) });
        }
        Ok(address)
    }
}

/// Name and port, the port only where it is not the scheme's own.
fn host_of(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

async fn keys(fetcher: &Fetcher, url: &Url, listed: Option<Vec<String>>) -> Result<KeySet, FetchFailure> {
    let document = fetcher.get(url).await?;
    let Published { keys } = serde_json::from_slice(&document)
        .map_err(|_| FetchFailure::NotADocument { url: url.to_string(), wanted: "a set of keys (JWKS)" })?;
    let found = keys.len();
    if found > KEY_LIMIT {
        return Err(FetchFailure::TooManyKeys { url: url.to_string(), found });
    }
    let keys = KeySet::new(keys, listed);
    if keys.usable() == 0 {
        return Err(FetchFailure::NoUsableKey { url: url.to_string(), found });
    }
    Ok(keys)
}
