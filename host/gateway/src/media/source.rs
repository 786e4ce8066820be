//! Where the customer's files come from: the channel, with its token where it wants one, or the message itself.
//!
//! The address was named by whoever wrote to the bot, so it is believed nothing: https and public addresses only, each
//! redirect looked at as the first address was. Hosts that the operator listed for the bot's side are the exception:
//! they may be inside, and those that replies go to get the reply's token.

use std::sync::Arc;
use std::time::Duration;

use data_url::DataUrl;
use handover_channel::Outbound;
use handover_handoff::Session;
use handover_sandbox::egress::{Elsewhere, SystemResolver};
use handover_sandbox::files::NoFile;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode};
use url::Url;

use super::kind;

/// So many redirects are followed.
const HOPS: usize = 3;

/// A file that has begun to come.
pub(super) struct Opened {
    /// As its source calls it.
    pub(super) kind: Option<String>,
    /// Bytes, where its source tells.
    pub(super) length: Option<u64>,
    pub(super) body: Body,
}

/// What is still to be read of a file.
pub(super) enum Body {
    Here(Vec<u8>),
    Coming(Box<Response>),
}

/// The customers' side, as far as files go.
pub(super) struct Source {
    outbound: Arc<Outbound>,
    public: Elsewhere,
    listed: Elsewhere,
    patience: Duration,
}

impl Source {
    pub(super) fn new(outbound: Arc<Outbound>, patience: Duration) -> reqwest::Result<Self> {
        let public = Elsewhere::public(Arc::new(SystemResolver))?;
        // Which of the listed hosts may be asked in the clear the list says itself.
        let listed = Elsewhere::inside(Arc::new(SystemResolver), true)?;
        Ok(Self { outbound, public, listed, patience })
    }

    /// Begins to fetch a file of a session's customer.
    pub(super) async fn open(&self, session: &Session, url: &str) -> Result<Opened, NoFile> {
        if url.starts_with("data:") {
            return decoded(url);
        }
        let fetched = tokio::time::timeout(self.patience, self.fetch(session, url)).await;
        let late = || Err(NoFile::Unavailable("its source does not answer in time".to_owned()));
        fetched.unwrap_or_else(|_| late()).map(Opened::of)
    }

    async fn fetch(&self, session: &Session, url: &str) -> Result<Response, NoFile> {
        let mut url = Url::parse(url).map_err(|_| NoFile::Gone("its address is none".to_owned()))?;
        for _ in 0..=HOPS {
            let mut response = self.ask(session, &url).await?;
            if response.status() == StatusCode::UNAUTHORIZED
                && self.outbound.file_token_refused(session, &url)
            {
                // A token may be withdrawn before its time: a fresh one tells.
                response = self.ask(session, &url).await?;
            }
            let status = response.status();
            if !status.is_redirection() {
                return match status.as_u16() {
                    200 => Ok(response),
                    400 | 401 | 403 | 404 | 410 => Err(NoFile::Gone(format!("its source answers {status}"))),
                    _ => Err(NoFile::Unavailable(format!("its source answers {status}"))),
                };
            }
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| url.join(to).ok());
            url = to.ok_or_else(|| NoFile::Gone(format!("its source answers {status} and not where")))?;
        }
        Err(NoFile::Gone("it leads from one address to the next without end".to_owned()))
    }

    async fn ask(&self, session: &Session, url: &Url) -> Result<Response, NoFile> {
        let asks = if self.outbound.trusts(url) { &self.listed } else { &self.public };
        let mut request = asks.get(url.clone()).map_err(NoFile::Gone)?;
        let token = self.outbound.file_token(session, url).await;
        if let Some(token) = token.map_err(|failure| NoFile::Unavailable(failure.detail))? {
            let value = token.text().and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
            let mut value = value.ok_or_else(|| NoFile::Unavailable("its token is none".to_owned()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.send().await.map_err(|e| broken(&e.without_url()))
    }
}

impl Opened {
    pub(super) fn of(response: Response) -> Self {
        let told = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        Self {
            kind: told.and_then(kind::essence),
            length: response.content_length(),
            body: Body::Coming(Box::new(response)),
        }
    }

    /// All of it, where it has at most so many bytes.
    pub(super) async fn whole(mut self, bound: u64) -> Result<Vec<u8>, NoFile> {
        let too_large = || NoFile::TooLarge { bound: usize::try_from(bound).unwrap_or(usize::MAX) };
        if self.length.is_some_and(|length| length > bound) {
            return Err(too_large());
        }
        let mut whole = Vec::new();
        while let Some(chunk) = self.body.chunk().await? {
            if whole.len() as u64 + chunk.len() as u64 > bound {
                return Err(too_large());
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }

    /// How many bytes it has; all of it is read where its source does not tell, as far as that bound.
    pub(super) async fn count(mut self, bound: u64) -> Result<u64, NoFile> {
        if let Some(length) = self.length {
            return Ok(length);
        }
        let mut count = 0_u64;
        while let Some(chunk) = self.body.chunk().await? {
            count += chunk.len() as u64;
            if count > bound {
                break;
            }
        }
        Ok(count)
    }
}

impl Body {
    /// The next bytes; none at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<axum::body::Bytes>, NoFile> {
        match self {
            Body::Here(bytes) if bytes.is_empty() => Ok(None),
            Body::Here(bytes) => Ok(Some(std::mem::take(bytes).into())),
            Body::Coming(response) => response.chunk().await.map_err(|e| broken(&e.without_url())),
        }
    }
}

/// A picture that stands in the message itself (RFC 2397).
fn decoded(url: &str) -> Result<Opened, NoFile> {
    let gone = |why: &str| NoFile::Gone(why.to_owned());
    let url = DataUrl::process(url).map_err(|_| gone("its address holds no data"))?;
    let kind = url.mime_type();
    let kind = format!("{}/{}", kind.type_, kind.subtype);
    let (body, _) = url.decode_to_vec().map_err(|_| gone("the data in its address cannot be read"))?;
    Ok(Opened { kind: kind::essence(&kind), length: Some(body.len() as u64), body: Body::Here(body) })
}

/// The innermost cause says it best. Where a connection may not go is no trouble that passes.
fn broken(error: &reqwest::Error) -> NoFile {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    NoFile::Unavailable(cause.to_string())
}
