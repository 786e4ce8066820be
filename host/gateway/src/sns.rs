//! The certificates that Amazon SNS signs its messages with: fetched once, kept for a day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use handover_credentials::Secret;
use handover_signatures::{AwsSns, sns_certificate_url};
use reqwest::redirect::Policy;

use crate::verification::NotTaken;

/// How long one is kept, in milliseconds.
const KEPT: u64 = 24 * 60 * 60_000;
/// How many are kept; Amazon has one for each region, and a new one now and then.
const MOST: usize = 64;
/// The longest certificate, in bytes.
const LONGEST: usize = 16 << 10;

/// The certificates that are known, by address.
#[derive(Default)]
pub(crate) struct Certificates(Mutex<HashMap<String, (u64, Arc<Secret>)>>);

impl Certificates {
    /// The certificate that a message names; its address is Amazon's, or nothing is fetched. `now` in milliseconds
    /// since 1970.
    pub(crate) async fn of(&self, scheme: &AwsSns, body: &[u8], now: u64) -> Result<Arc<Secret>, NotTaken> {
        let url = sns_certificate_url(scheme, body, now)?;
        if let Some((_, known)) = self.known().get(url.as_str()).filter(|(until, _)| *until > now) {
            return Ok(Arc::clone(known));
        }
        let fetched = Arc::new(Secret::new(fetch(url.as_str()).await.map_err(NotTaken::Certificate)?));
        let mut known = self.known();
        known.retain(|_, (until, _)| *until > now);
        if known.len() < MOST {
            known.insert(url.into(), (now + KEPT, Arc::clone(&fetched)));
        }
        Ok(fetched)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, (u64, Arc<Secret>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .https_only(true)
        .no_proxy()
        .timeout(std::time::Duration::from_secs(5))
        .build()
        .map_err(|e| e.to_string())?;
    let mut answer = client.get(url).send().await.map_err(|e| e.without_url().to_string())?;
    if !answer.status().is_success() {
        return Err(format!("the answer is {}", answer.status().as_u16()));
    }
    let mut certificate = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|e| e.without_url().to_string())? {
        certificate.extend_from_slice(&chunk);
        if certificate.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
    }
    Ok(certificate)
}
