//! The vendor's files: what only the host may fetch, by way of a connector's upstream and with its credential.
//!
//! The same policy as for what the connector itself asks for, and no code of the connector runs. A redirect is followed
//! where it leads to the upstream or to one of its further hosts; the credential goes no further than it would anyway.

use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};

use crate::config::Method;
use crate::egress::Way;
use crate::files::NoFile;
use crate::generation::Generation;

/// So many redirects are followed.
const HOPS: usize = 3;

impl Generation {
    /// Begins to fetch what an upstream has at a path, as the connector would spell it. The body is still to be read.
    ///
    /// # Errors
    /// It may not be reached, is not there, or is not to be had within `patience`.
    pub async fn download(&self, upstream: &str, path: &str, patience: Duration) -> Result<Response, NoFile> {
        let fetched = tokio::time::timeout(patience, self.fetch(upstream, path)).await;
        fetched.unwrap_or_else(|_| Err(NoFile::Unavailable("the vendor does not answer in time".to_owned())))
    }

    async fn fetch(&self, upstream: &str, path: &str) -> Result<Response, NoFile> {
        let egress = &self.caller.egress;
        let mut way = egress.route(upstream, Method::Get, None, path).map_err(NoFile::Unknown)?;
        for _ in 0..=HOPS {
            let response = self.ask(upstream, &way).await?;
            let status = response.status();
            if !status.is_redirection() {
                return answered(response);
            }
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| way.url.join(to).ok());
            let to = to.ok_or_else(|| NoFile::Unavailable(format!("{status} without an address")))?;
            way = egress.redirect(upstream, to).map_err(NoFile::Unknown)?;
        }
        Err(NoFile::Unavailable("it leads from one address to the next without end".to_owned()))
    }

    async fn ask(&self, upstream: &str, way: &Way) -> Result<Response, NoFile> {
        let credential = self.caller.credentials.of_upstream(upstream).filter(|_| way.credential);
        let mut renewed = false;
        loop {
            let mut request = way.client.get(way.url.clone()).build().map_err(unreachable)?;
            if let Some(held) = credential {
                let now = crate::convert::now().0;
                let applied = held.credential.apply(&mut request, now).await;
                applied.map_err(|e| NoFile::Unavailable(format!("no credential: {e}")))?;
            }
            let response = way.client.execute(request).await.map_err(unreachable)?;
            match credential {
                // A token may be withdrawn before its time.
                Some(held)
                    if response.status() == StatusCode::UNAUTHORIZED
                        && held.kind.is_renewable()
                        && !renewed =>
                {
                    renewed = true;
                    held.credential.refused().await;
                }
                _ => return Ok(response),
            }
        }
    }
}

fn answered(response: Response) -> Result<Response, NoFile> {
    let status = response.status();
    match status.as_u16() {
        200 => Ok(response),
        401 | 403 | 404 | 410 => Err(NoFile::Gone(format!("the vendor answers {status}"))),
        _ => Err(NoFile::Unavailable(format!("the vendor answers {status}"))),
    }
}

fn unreachable(error: reqwest::Error) -> NoFile {
    // An address may hold a key.
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    NoFile::Unavailable(cause.to_string())
}
