//! One webhook: where it goes, what it says, and one attempt to post it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use reqwest::{Client, redirect};
use serde_json::Value;

use crate::{desk::Desk, vendor::Failure, wire::Way};

/// Most that is read of an answer.
const ANSWER_LIMIT: usize = 16 * 1024;

/// One attempt, for whoever makes its headers.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// 1 for the first.
    pub number: u32,
    /// The body, byte by byte as it is posted.
    pub body: &'a [u8],
    /// When it is made.
    pub time: jiff::Timestamp,
}

type MakeHeaders = Arc<dyn Fn(&Attempt<'_>) -> HeaderMap + Send + Sync>;

/// A webhook that is to be posted.
#[derive(Clone)]
pub struct Letter {
    pub(crate) conversation: String,
    pub(crate) operation: String,
    url: Arc<dyn Fn() -> String + Send + Sync>,
    method: Method,
    content_type: HeaderValue,
    body: Vec<u8>,
    headers: Option<MakeHeaders>,
    holds: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl fmt::Debug for Letter {
    /// Neither URL nor body: both may hold what nobody should read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl Letter {
    /// JSON for this URL (an empty one is nowhere: [`Failure::Unset`]), on behalf of a conversation.
    pub fn json(conversation: impl Into<String>, url: impl Into<String>, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self::bytes(conversation, url, HeaderValue::from_static("application/json"), body)
    }

    /// A body of any kind.
    pub fn bytes(
        conversation: impl Into<String>,
        url: impl Into<String>,
        content_type: HeaderValue,
        body: Vec<u8>,
    ) -> Self {
        let url = url.into();
        Self {
            conversation: conversation.into(),
            operation: "webhook".to_owned(),
            url: Arc::new(move || url.clone()),
            method: Method::POST,
            content_type,
            body,
            headers: None,
            holds: None,
        }
    }

    /// Another name for faults and the wire log; `webhook` otherwise. Let it begin with `webhook.`, so that a fault for
    /// `webhook*` meets all of them.
    pub fn named(self, operation: impl Into<String>) -> Self {
        Self { operation: operation.into(), ..self }
    }

    /// Another method than POST.
    pub fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Asks for the URL anew with each attempt, for simulators that can be pointed elsewhere.
    pub fn to(self, url: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { url: Arc::new(url), ..self }
    }

    /// Headers made for each attempt: signatures, times, attempt counts.
    pub fn with_headers(self, make: impl Fn(&Attempt<'_>) -> HeaderMap + Send + Sync + 'static) -> Self {
        Self { headers: Some(Arc::new(make)), ..self }
    }

    /// Further attempts only while this is true: news may grow old.
    pub fn while_true(self, holds: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { holds: Some(Arc::new(holds)), ..self }
    }

    pub(crate) fn still_holds(&self) -> bool {
        self.holds.as_ref().is_none_or(|holds| holds())
    }
}

/// The HTTP clients of a courier, made when they are first needed.
#[derive(Default)]
pub(crate) struct Post {
    plain: OnceLock<Option<Client>>,
    secure: OnceLock<Option<Client>>,
}

impl Post {
    pub(crate) async fn once(
        &self,
        desk: &Desk,
        letter: &Letter,
        number: u32,
        timeout: Duration,
    ) -> Result<(), Failure> {
        let url = (letter.url)();
        if url.trim().is_empty() {
            return Err(Failure::Unset);
        }
        let unreachable = |why: &str| Failure::Unreachable(why.to_owned());
        let uri: Uri = url.trim().parse().map_err(|_| unreachable("The webhook URL is not a URL"))?;
        let client = match uri.scheme_str() {
            Some("http") => self.plain.get_or_init(|| client(true)),
            Some("https") => self.secure.get_or_init(|| client(false)),
            _ => return Err(unreachable("The webhook URL must be http or https")),
        };
        let client =
            client.as_ref().ok_or_else(|| unreachable("The webhook's HTTP client cannot be set up"))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, letter.content_type.clone());
        if let Some(make) = &letter.headers {
            let attempt = Attempt { number, body: &letter.body, time: jiff::Timestamp::now() };
            headers.extend(make(&attempt));
        }
        let call = (letter.method.as_str(), &uri);
        let noted = desk.wire().note(Way::ToGateway, &letter.operation, call, &headers, &letter.body);
        let request = client.request(letter.method.clone(), url.trim()).timeout(timeout).headers(headers);
        match request.body(letter.body.clone()).send().await {
            Ok(answer) => {
                let (status, headers) = (answer.status(), answer.headers().clone());
                let body = read(answer).await;
                desk.wire().answered(noted, status.as_u16(), &headers, &body);
                if status.is_success() {
                    return Ok(());
                }
                // What is neither success nor failure cannot be passed on as an error.
                let failed = status.is_client_error() || status.is_server_error();
                let seconds =
                    headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
                Err(Failure::Refused {
                    status: if failed { status.as_u16() } else { 502 },
                    body: String::from_utf8_lossy(&body).into_owned(),
                    retry_after: seconds.map(Duration::from_secs),
                })
            }
            Err(error) if error.is_timeout() => {
                let timeout = timeout.as_secs_f32();
                Err(Failure::Unreachable(format!("The webhook did not answer within {timeout} s")))
            }
            Err(_) => Err(unreachable("The webhook could not be reached")),
        }
    }
}

async fn read(mut answer: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part);
        if body.len() >= ANSWER_LIMIT {
            body.truncate(ANSWER_LIMIT);
            break;
        }
    }
    body
}

fn client(plain: bool) -> Option<Client> {
    // Whoever installed one first decides; any will do here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The gateway is a neighbour: a proxy meant for the internet would not find it. A redirect is a mistake to show.
    let builder = Client::builder().no_proxy().redirect(redirect::Policy::none());
    // Machines without installed certificate authorities must still do plain HTTP.
    if plain { builder.tls_certs_only([]) } else { builder }.build().ok()
}
