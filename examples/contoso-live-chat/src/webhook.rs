//! Posting to the gateway's webhook, and what can come of it.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context;
use reqwest::{Client, StatusCode, Url, header, redirect};
use serde_json::Value;

use crate::{
    secret::Secret,
    signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign},
};

/// Most that is read of the webhook's answer.
const ANSWER_LIMIT: usize = 16 * 1024;

/// What came of one post.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Answered 2xx.
    Taken,
    /// Answered anything else.
    Refused { status: u16, body: String, retry_after: Option<Duration> },
    /// No answer.
    Unreachable(String),
    /// No webhook is configured.
    Unset,
    /// The conversation ended before its turn came.
    TooLate,
}

impl Outcome {
    /// Whether the same post may go better later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Taken | Self::Unset | Self::TooLate => false,
        }
    }

    /// Why it failed, for the agent.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Taken => String::new(),
            Self::Refused { status, body, .. } if body.trim().is_empty() => {
                format!("The webhook answered {status}")
            }
            Self::Refused { status, body, .. } => {
                format!("The webhook answered {status}: {}", body.trim())
            }
            Self::Unreachable(why) => why.clone(),
            Self::Unset => "No webhook URL is configured".to_owned(),
            Self::TooLate => "The customer ended the conversation first".to_owned(),
        }
    }
}

/// The gateway's webhook.
pub(crate) struct Webhook {
    target: RwLock<Option<Target>>,
    secret: RwLock<Option<Secret>>,
}

#[derive(Clone)]
struct Target {
    client: Client,
    url: Url,
}

impl Webhook {
    pub(crate) fn new(url: &str, secret: Option<Secret>) -> anyhow::Result<Self> {
        Ok(Self { target: RwLock::new(Target::parse(url)?), secret: RwLock::new(secret) })
    }

    pub(crate) fn point_at(&self, url: &str) -> anyhow::Result<()> {
        let target = Target::parse(url)?;
        *self.target.write().unwrap_or_else(PoisonError::into_inner) = target;
        Ok(())
    }

    pub(crate) fn sign_with(&self, secret: Option<Secret>) {
        *self.secret.write().unwrap_or_else(PoisonError::into_inner) = secret;
    }

    /// Posts once, signed as of now: the gateway takes an old signature for somebody's repeat.
    pub(crate) async fn post(&self, body: &Value, patience: Duration) -> Outcome {
        let target = self.target.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Target { client, url }) = target else {
            return Outcome::Unset;
        };
        let secret = self.secret.read().unwrap_or_else(PoisonError::into_inner).clone();
        let body = body.to_string();
        let mut request = client.post(url).timeout(patience).header(header::CONTENT_TYPE, "application/json");
        if let Some(secret) = secret {
            let timestamp = jiff::Timestamp::now().as_second().to_string();
            let signature = sign(&secret, &timestamp, body.as_bytes());
            request = request.header(TIMESTAMP_HEADER, timestamp).header(SIGNATURE_HEADER, signature);
        }
        match request.body(body).send().await {
            Ok(answer) if answer.status().is_success() => Outcome::Taken,
            Ok(answer) => refused(answer).await,
            Err(error) if error.is_timeout() => {
                Outcome::Unreachable(format!("The webhook did not answer within {} s", patience.as_secs()))
            }
            Err(_) => Outcome::Unreachable("The webhook could not be reached".to_owned()),
        }
    }
}

impl Target {
    fn parse(url: &str) -> anyhow::Result<Option<Self>> {
        if url.trim().is_empty() {
            return Ok(None);
        }
        let url = Url::parse(url.trim()).with_context(|| format!("the webhook URL {url:?} is not a URL"))?;
        anyhow::ensure!(
            matches!(url.scheme(), "http" | "https"),
            "the webhook URL must be http or https, not {url}"
        );
        // Whoever installed one first decides; any will do here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The gateway is a neighbour: a proxy meant for the internet would not find it. A redirect is a mistake to show.
        let mut builder = Client::builder().no_proxy().redirect(redirect::Policy::none());
        if url.scheme() == "http" {
            // Machines without installed certificate authorities must still do plain HTTP.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().context("cannot set up the webhook's HTTP client")?;
        Ok(Some(Self { client, url }))
    }
}

async fn refused(mut answer: reqwest::Response) -> Outcome {
    let status = answer.status();
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part);
        if body.len() >= ANSWER_LIMIT {
            body.truncate(ANSWER_LIMIT);
            break;
        }
    }
    // What is neither success nor failure cannot be passed on as an error.
    let status =
        if status.is_client_error() || status.is_server_error() { status } else { StatusCode::BAD_GATEWAY };
    Outcome::Refused {
        status: status.as_u16(),
        body: String::from_utf8_lossy(&body).into_owned(),
        retry_after: retry_after.map(Duration::from_secs),
    }
}
