//! A vendor for tests: answers a connector's requests and keeps them, on the machine that the tests run on.

use std::cell::RefCell;

use crate::crypto;
use crate::http::{Error, Request, Response};
use crate::media;
use crate::{Attribute, Connector, Context, Customer, NewSession, Session};

type Script = Box<dyn FnMut(&str, &Request) -> Result<Response, Error>>;
type Files = Box<dyn FnMut(&str) -> Result<media::File, media::Error>>;
type Keys = Box<dyn FnMut(&Asked<'_>) -> Result<Made, crypto::Error>>;

thread_local! {
    static VENDOR: RefCell<Option<Script>> = const { RefCell::new(None) };
    static FILES: RefCell<Option<Files>> = const { RefCell::new(None) };
    static KEYS: RefCell<Option<Keys>> = const { RefCell::new(None) };
    static ASKED: RefCell<Vec<Request>> = const { RefCell::new(Vec::new()) };
}

/// Runs `test` while `script` plays the vendor; gives back what `test` gave and the requests that were made.
pub fn with_vendor<T>(
    script: impl FnMut(&str, &Request) -> Result<Response, Error> + 'static,
    test: impl FnOnce() -> T,
) -> (T, Vec<Request>) {
    VENDOR.with(|vendor| *vendor.borrow_mut() = Some(Box::new(script)));
    ASKED.with(|asked| asked.borrow_mut().clear());
    let value = test();
    VENDOR.with(|vendor| *vendor.borrow_mut() = None);
    (value, ASKED.with(|asked| std::mem::take(&mut *asked.borrow_mut())))
}

/// A response with a JSON body.
pub fn json(status: u16, body: &serde_json::Value) -> Result<Response, Error> {
    let content_type = Attribute { name: "content-type".to_owned(), value: "application/json".to_owned() };
    Ok(Response { status, headers: vec![content_type], body: body.to_string().into_bytes() })
}

pub(crate) fn answer(upstream: &str, request: &Request) -> Result<Response, Error> {
    ASKED.with(|asked| asked.borrow_mut().push(request.clone()));
    VENDOR.with(|vendor| match vendor.borrow_mut().as_mut() {
        Some(script) => script(upstream, request),
        None => Err(Error::Denied("no vendor plays: wrap the call in `testing::with_vendor`".to_owned())),
    })
}

/// Runs `test` while `script` has the customer's files, by their addresses.
pub fn with_files<T>(
    script: impl FnMut(&str) -> Result<media::File, media::Error> + 'static,
    test: impl FnOnce() -> T,
) -> T {
    FILES.with(|files| *files.borrow_mut() = Some(Box::new(script)));
    let value = test();
    FILES.with(|files| *files.borrow_mut() = None);
    value
}

pub(crate) fn file(url: &str) -> Result<media::File, media::Error> {
    FILES.with(|files| match files.borrow_mut().as_mut() {
        Some(script) => script(url),
        None => Err(media::Error::Unknown(
            "no files are there: wrap the call in `testing::with_files`".to_owned(),
        )),
    })
}

/// What a connector asks the host's cryptography for; see [`crypto`].
#[allow(missing_docs, reason = "named as in the contract")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked<'a> {
    Hmac { credential: &'a str, hash: crypto::Hash, data: &'a [u8] },
    RsaVerify { credential: &'a str, hash: crypto::Hash, data: &'a [u8], signature: &'a [u8] },
    JwtSign { credential: &'a str, algorithm: crypto::Algorithm, headers: &'a [Attribute], claims: &'a str },
}

/// What the host makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// A keyed hash.
    Bytes(Vec<u8>),
    /// Whether a signature is good.
    Verdict(bool),
    /// A signed token.
    Token(String),
}

/// Runs `test` while `script` stands for the host's cryptography.
pub fn with_crypto<T>(
    script: impl FnMut(&Asked<'_>) -> Result<Made, crypto::Error> + 'static,
    test: impl FnOnce() -> T,
) -> T {
    KEYS.with(|keys| *keys.borrow_mut() = Some(Box::new(script)));
    let value = test();
    KEYS.with(|keys| *keys.borrow_mut() = None);
    value
}

pub(crate) fn make(asked: &Asked<'_>) -> Result<Made, crypto::Error> {
    KEYS.with(|keys| match keys.borrow_mut().as_mut() {
        Some(script) => script(asked),
        None => Err(crypto::Error::UnknownCredential(
            "no keys are there: wrap the call in `testing::with_crypto`".to_owned(),
        )),
    })
}

/// A context with these settings, at a fixed time.
pub fn context(settings: &serde_json::Value) -> Context {
    Context {
        connector: "test".to_owned(),
        settings: settings.to_string(),
        callback_url: "https://handover.example/api/callbacks/test".to_owned(),
        now: 1_763_846_645_120,
    }
}

/// The same with the defaults of the connector's own schema, as the host fills them in.
pub fn context_of<C: Connector>(settings: &serde_json::Value) -> Context {
    let mut filled = settings.clone();
    fill(&mut filled, &crate::json::read(&C::describe().config_schema));
    context(&filled)
}

fn fill(said: &mut serde_json::Value, schema: &serde_json::Value) {
    let Some(said) = said.as_object_mut() else { return };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let (None, Some(usual)) = (said.get(name), property.get("default")) {
            said.insert(name.clone(), usual.clone());
        }
        if let Some(inner) = said.get_mut(name) {
            fill(inner, property);
        }
    }
}

/// A customer who wants a person.
pub fn new_session() -> NewSession {
    NewSession {
        id: "0193a5c8-0000-7000-8000-000000000001".to_owned(),
        tenant: "default".to_owned(),
        customer: customer(),
        channel: "msteams".to_owned(),
        problem: Some("My laptop does not start".to_owned()),
        transcript: Vec::new(),
        attributes: Vec::new(),
        routing: Vec::new(),
        attempt: 1,
        progress: None,
        tokens: None,
    }
}

/// A session that the vendor knows as `lookup_key`, with this state.
pub fn session(lookup_key: &str, state: &str) -> Session {
    Session {
        id: "0193a5c8-0000-7000-8000-000000000001".to_owned(),
        tenant: "default".to_owned(),
        lookup_keys: vec![lookup_key.to_owned()],
        customer: customer(),
        state: state.to_owned(),
        tokens: None,
    }
}

fn customer() -> Customer {
    Customer {
        id: "29:jane".to_owned(),
        name: Some("Jane Doe".to_owned()),
        email: None,
        locale: Some("en-US".to_owned()),
        attributes: Vec::new(),
    }
}
