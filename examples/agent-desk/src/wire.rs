//! The wire log: the last requests of the gateway, and the last webhooks, with what was answered. Credentials are
//! struck out.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::http::{HeaderMap, Uri, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::message::now;

/// What stands in a credential's place.
const STRUCK_OUT: &str = "[struck out]";
/// Largest body that is kept, in bytes.
const MOST_BODY: usize = 256 * 1024;

/// Names that hold credentials everywhere, in lower case.
const CREDENTIALS: [&str; 16] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-key",
    "token",
    "access_token",
    "accesstoken",
    "refresh_token",
    "id_token",
    "client_secret",
    "client_assertion",
    "assertion",
    "password",
    "secret",
];

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// Counts requests from 1.
    pub number: u64,
    /// When it came, or went.
    pub time: String,
    /// The operation's name; for webhooks the letter's.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The path; for webhooks the whole URL without its query.
    pub path: String,
    /// The query's parameters, in order.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body: JSON as it is, a form as an object, anything else as `{"bytes": …}`. Null where there is none.
    pub body: Value,
    /// The status that was answered; null while there is none, and for ever where the connection was cut.
    pub status: Option<u16>,
    /// The answer, where it is JSON.
    pub answer: Value,
    /// The fault that met it.
    pub fault: Option<String>,
}

/// Which way a request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    FromGateway,
    ToGateway,
}

/// The log.
pub struct Wire {
    log: Mutex<Log>,
    most: usize,
    credentials: Vec<String>,
}

#[derive(Default)]
struct Log {
    count: u64,
    exchanges: VecDeque<(Way, Exchange)>,
}

impl Wire {
    pub(crate) fn new(most: usize, credentials: Vec<String>) -> Self {
        let credentials = credentials.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { log: Mutex::default(), most, credentials }
    }

    /// The requests of the gateway, the oldest first.
    pub fn requests(&self) -> Vec<Exchange> {
        self.of(Way::FromGateway)
    }

    /// The webhooks, each attempt of them, the oldest first.
    pub fn webhooks(&self) -> Vec<Exchange> {
        self.of(Way::ToGateway)
    }

    /// Forgets all of it; numbers go on.
    pub fn clear(&self) {
        self.lock().exchanges.clear();
    }

    /// Notes a request; its number.
    pub(crate) fn note(
        &self,
        way: Way,
        operation: &str,
        (method, uri): (&str, &Uri),
        headers: &HeaderMap,
        body: &[u8],
    ) -> u64 {
        let path = match way {
            Way::FromGateway => uri.path().to_owned(),
            // Without the name and password that may stand before the host.
            Way::ToGateway => {
                let host = uri
                    .authority()
                    .map_or("", |authority| authority.as_str().rsplit('@').next().unwrap_or(""));
                format!("{}://{host}{}", uri.scheme_str().unwrap_or_default(), uri.path())
            }
        };
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| self.pair(&name, &value))
            .collect();
        let kept = headers
            .iter()
            .map(|(name, value)| self.pair(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let body = self.body(headers, body);
        let mut log = self.lock();
        log.count += 1;
        let number = log.count;
        while log.exchanges.len() >= self.most.max(1) {
            log.exchanges.pop_front();
        }
        let exchange = Exchange {
            number,
            time: now(),
            operation: operation.to_owned(),
            method: method.to_owned(),
            path,
            query,
            headers: kept,
            body,
            status: None,
            answer: Value::Null,
            fault: None,
        };
        log.exchanges.push_back((way, exchange));
        number
    }

    pub(crate) fn met(&self, number: u64, fault: impl Into<String>) {
        let fault = fault.into();
        self.with(number, |exchange| exchange.fault = Some(fault));
    }

    pub(crate) fn answered(&self, number: u64, status: u16, headers: &HeaderMap, body: &[u8]) {
        let answer = if is_json(headers) { self.body(headers, body) } else { Value::Null };
        self.with(number, |exchange| {
            exchange.status = Some(status);
            exchange.answer = answer;
        });
    }

    /// The body as it is kept.
    fn body(&self, headers: &HeaderMap, body: &[u8]) -> Value {
        if body.is_empty() {
            return Value::Null;
        }
        let opaque = || json!({ "bytes": body.len() });
        if body.len() > MOST_BODY {
            return opaque();
        }
        if is_json(headers) {
            return serde_json::from_slice(body).map_or_else(|_| opaque(), |value| self.strike(value));
        }
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            let fields = url::form_urlencoded::parse(body);
            let fields = fields.map(|(name, value)| self.pair(&name, &value));
            return Value::Object(
                fields.map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>(),
            );
        }
        opaque()
    }

    fn strike(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| {
                    // Only what can hold a secret: a section named like one may tell a lot.
                    let secret = self.is_credential(&name) && (value.is_string() || value.is_number());
                    let value = if secret { json!(STRUCK_OUT) } else { self.strike(value) };
                    (name, value)
                })
                .collect(),
            Value::Array(items) => items.into_iter().map(|item| self.strike(item)).collect(),
            other => other,
        }
    }

    fn pair(&self, name: &str, value: &str) -> (String, String) {
        let value = match value.split_once(' ') {
            _ if !self.is_credential(name) => value.to_owned(),
            // The scheme is no secret, and worth a check.
            Some((scheme, _)) if name.ends_with("authorization") => format!("{scheme} {STRUCK_OUT}"),
            _ => STRUCK_OUT.to_owned(),
        };
        (name.to_owned(), value)
    }

    fn is_credential(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        CREDENTIALS.contains(&name.as_str()) || self.credentials.contains(&name)
    }

    fn of(&self, wanted: Way) -> Vec<Exchange> {
        let log = self.lock();
        log.exchanges.iter().filter(|(way, _)| *way == wanted).map(|(_, exchange)| exchange.clone()).collect()
    }

    fn with(&self, number: u64, change: impl FnOnce(&mut Exchange)) {
        let mut log = self.lock();
        if let Some((_, exchange)) = log.exchanges.iter_mut().rfind(|(_, exchange)| exchange.number == number)
        {
            change(exchange);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the content type is JSON, or built on it.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}
