//! What every part of a run shares.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tokio::sync::Notify;

use crate::book::{Book, Count};
use crate::chance::Chance;
use crate::cli::Options;
use crate::faults::Faults;

/// How long a source waits for an answer.
const ANSWER: Duration = Duration::from_secs(20);
/// How long anything may take that a session waits for; what takes longer never comes.
pub const LONGEST: Duration = Duration::from_secs(180);

/// A run's surroundings.
#[derive(Debug)]
pub struct World {
    /// What was asked for.
    pub options: Options,
    /// Chance.
    pub chance: Chance,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// What was said and taken.
    pub book: Book,
    /// Where the gateways listen.
    pub gateways: Vec<SocketAddr>,
    /// Requests to both sinks.
    pub requests: Count,
    /// A sink is just being called.
    pub called: Notify,
    http: Client,
}

/// How a request of a source ended.
#[derive(Debug)]
pub enum Answer {
    /// Acknowledged.
    Taken,
    /// To be sent again: nobody answered, or with trouble of their own.
    Again,
    /// Refused, with this status.
    Refused(u16),
}

impl World {
    /// Before anything happens.
    ///
    /// # Errors
    /// Where there is no HTTP client to be had.
    pub fn new(options: Options, seed: u64, gateways: Vec<SocketAddr>) -> anyhow::Result<Self> {
        drop(rustls::crypto::ring::default_provider().install_default());
        // Everything is on this machine and speaks plain HTTP: neither proxies nor certificates are wanted.
        let http = Client::builder().no_proxy().tls_certs_only([]).timeout(ANSWER).build()?;
        Ok(Self {
            chance: Chance::new(seed),
            faults: Faults::new(options.faults.clone()),
            book: Book::default(),
            gateways,
            requests: Count::default(),
            called: Notify::new(),
            http,
            options,
        })
    }

    /// Posts once, to any of the gateways.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let which = self.chance.below(u64::try_from(self.gateways.len()).unwrap_or(1));
        let gateway = self.gateways[usize::try_from(which).unwrap_or_default()];
        let sent = self.http.post(format!("http://{gateway}{path}")).json(body).send().await;
        let Ok(answer) = sent else { return Answer::Again };
        let status = answer.status().as_u16();
        // Read to the end, so that the connection can be used again.
        drop(answer.bytes().await);
        match status {
            200..=299 => Answer::Taken,
            429 | 500..=599 => Answer::Again,
            _ => Answer::Refused(status),
        }
    }

    /// A moment before the same is sent again.
    pub async fn breathe(&self) {
        tokio::time::sleep(Duration::from_millis(self.chance.between(10, 60))).await;
    }

    /// The pace that was asked for.
    pub async fn pace(&self) {
        if self.options.pace_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.options.pace_ms)).await;
        }
    }

    /// A while that some repeats come late by.
    pub async fn linger(&self) {
        tokio::time::sleep(Duration::from_millis(self.chance.below(2_000))).await;
    }
}
