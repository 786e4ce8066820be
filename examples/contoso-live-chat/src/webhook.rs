//! The gateway's webhook: where it is, and what signs what is posted there.

use std::sync::{PoisonError, RwLock};

use agent_desk::{Attempt, Secret};
use anyhow::Context;
use axum::http::{HeaderMap, HeaderValue};
use reqwest::Url;

use crate::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};

/// Both can be changed while the server runs.
pub(crate) struct Webhook {
    url: RwLock<String>,
    secret: RwLock<Option<Secret>>,
}

impl Webhook {
    pub(crate) fn new(url: &str, secret: Option<Secret>) -> anyhow::Result<Self> {
        Ok(Self { url: RwLock::new(checked(url)?), secret: RwLock::new(secret) })
    }

    pub(crate) fn point_at(&self, url: &str) -> anyhow::Result<()> {
        *self.url.write().unwrap_or_else(PoisonError::into_inner) = checked(url)?;
        Ok(())
    }

    pub(crate) fn sign_with(&self, secret: Option<Secret>) {
        *self.secret.write().unwrap_or_else(PoisonError::into_inner) = secret;
    }

    pub(crate) fn url(&self) -> String {
        self.url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Signs as of the attempt: the gateway takes an old signature for somebody's repeat.
    pub(crate) fn headers(&self, attempt: &Attempt<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(secret) = &*self.secret.read().unwrap_or_else(PoisonError::into_inner) {
            let timestamp = attempt.time.as_second().to_string();
            let signature = sign(secret, &timestamp, attempt.body);
            for (name, value) in [(TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature)] {
                // Digits and hex always are a header's value.
                headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
            }
        }
        headers
    }
}

/// The URL, or nothing for nowhere.
fn checked(url: &str) -> anyhow::Result<String> {
    let url = url.trim();
    if !url.is_empty() {
        let url = Url::parse(url).with_context(|| format!("the webhook URL {url:?} is not a URL"))?;
        anyhow::ensure!(
            matches!(url.scheme(), "http" | "https"),
            "the webhook URL must be http or https, not {url}"
        );
    }
    Ok(url.to_owned())
}
