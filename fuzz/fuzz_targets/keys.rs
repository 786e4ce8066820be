//! Whatever an issuer publishes as OpenID metadata and keys: nothing is asked for but at its own hosts and where nobody
//! can change it on the way; a key serves only for what it is published for; and none verifies what it has not signed.
#![no_main]

#[allow(dead_code, reason = "the room needs more of them")]
#[path = "../../host/identity/src"]
mod identity {
    pub(crate) mod algorithm;
    pub(crate) mod claims;
    pub(crate) mod header;
    pub(crate) mod keys;
    pub(crate) mod members;
    pub(crate) mod metadata;
    #[path = "fetch.rs"]
    pub(crate) mod network;
    pub(crate) mod refusal;
    pub(crate) mod token;
}
use identity::{algorithm, claims, header, keys, members, metadata, refusal};

/// In the place of the network: two documents, and which addresses were asked.
mod fetch {
    use std::cell::RefCell;

    use url::Url;

    pub(crate) use crate::identity::network::{DOCUMENT_LIMIT, FetchFailure, is_protected};

    pub(crate) struct Fetcher {
        pub documents: RefCell<Vec<Vec<u8>>>,
        pub asked: RefCell<Vec<Url>>,
        pub local: bool,
    }

    impl Fetcher {
        pub(crate) fn may_ask(&self, url: &Url) -> bool {
            is_protected(url, self.local)
        }

        pub(crate) async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchFailure> {
            self.asked.borrow_mut().push(url.clone());
            let document = self.documents.borrow_mut().pop().unwrap_or_default();
            if document.len() > DOCUMENT_LIMIT {
                return Err(FetchFailure::TooLong { url: url.to_string() });
            }
            Ok(document)
        }
    }
}

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use algorithm::Algorithm;
use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fetch::{FetchFailure, Fetcher};
use identity::token::Token;
use keys::KeySet;
use libfuzzer_sys::fuzz_target;
use metadata::{KeyPlace, PlaceKind};
use serde_json::{Value, json};
use url::{Host, Url};

const ISSUER: &str = "https://issuer.example/";

#[derive(Debug, Arbitrary)]
struct Published<'a> {
    kind: u8,
    local: bool,
    /// The metadata; or only where it says that the keys are.
    metadata: Result<&'a [u8], &'a str>,
    keys: Result<&'a [u8], Vec<Key<'a>>>,
    asked: &'a str,
    signature: &'a [u8],
}

/// A key that is right but for what differs.
#[derive(Debug, Arbitrary)]
struct Key<'a> {
    kind: u8,
    id: Option<&'a str>,
    purpose: Option<&'a str>,
    algorithm: Option<&'a str>,
    number: Option<&'a [u8]>,
    exponent: Option<&'a [u8]>,
}

fuzz_target!(|published: Published<'_>| {
    handover_credentials::jose::install();
    let kind = match published.kind % 3 {
        0 => PlaceKind::Keys,
        1 => PlaceKind::OpenId { issuer: ISSUER.to_owned() },
        _ => PlaceKind::Microsoft,
    };
    let document = match published.keys {
        Ok(bytes) => bytes.to_vec(),
        Err(ref keys) => {
            json!({"keys": keys.iter().map(Key::written).collect::<Vec<_>>()}).to_string().into_bytes()
        }
    };
    let metadata = match published.metadata {
        Ok(bytes) => bytes.to_vec(),
        Err(place) => json!({"issuer": ISSUER, "jwks_uri": place}).to_string().into_bytes(),
    };
    let documents = if kind == PlaceKind::Keys {
        vec![document.clone()]
    } else {
        vec![document.clone(), metadata.clone()]
    };
    let fetcher =
        Fetcher { documents: RefCell::new(documents), asked: RefCell::default(), local: published.local };
    let place = KeyPlace {
        url: Url::parse("https://login.example/metadata").expect("an address"),
        kind,
        key_hosts: vec!["keys.example:8443".to_owned()],
    };
    let fetched = now(place.fetch(&fetcher));
    asked(&place, &fetcher);
    match fetched {
        Ok(set) => served(&set, &document, published.asked, published.signature),
        Err(failure) => told(&failure),
    }
    if let PlaceKind::OpenId { .. } = &place.kind
        && fetcher.asked.borrow().len() > 1
    {
        let metadata: Value = serde_json::from_slice(&metadata).expect("it was read");
        assert_eq!(metadata.get("issuer").and_then(Value::as_str), Some(ISSUER));
    }
});

/// Nothing here ever waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}

fn asked(place: &KeyPlace, fetcher: &Fetcher) {
    let asked = fetcher.asked.borrow();
    assert!((1..=2).contains(&asked.len()) && asked[0] == place.url);
    for url in &asked[1..] {
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        assert!(url.scheme() == "https" || (fetcher.local && here && url.scheme() == "http"), "{url}");
        let named = (url.host_str(), url.port());
        assert!(
            [(Some("login.example"), None), (Some("keys.example"), Some(8443))].contains(&named),
            "{url}"
        );
    }
}

fn told(failure: &FetchFailure) {
    let told = failure.to_string();
    assert!(told.len() < 4096 && !told.contains(char::is_control), "{told:?}");
}

fn served(set: &KeySet, document: &[u8], id: &str, signature: &[u8]) {
    let document: Value = serde_json::from_slice(document).expect("it was read");
    let listed = document["keys"].as_array().expect("it was read");
    assert!((1..=listed.len()).contains(&set.usable()) && listed.len() <= 100);
    let ids = listed.iter().filter_map(|key| key["kid"].as_str()).chain([id]);
    for id in ids {
        let mut published = listed.iter().filter(|key| key["kid"] == id && !id.is_empty()).peekable();
        let known = published.peek().is_some();
        let published: Vec<&Value> = published.collect();
        for algorithm in Algorithm::ALL {
            let found = set.find(id, algorithm);
            assert_eq!(found.is_some(), known, "{id:?}");
            match found {
                Some(Ok(key)) => {
                    assert!(published.iter().any(|key| fits(key, algorithm)), "{id:?} for {algorithm}");
                    forged(&key, id, algorithm, signature);
                }
                Some(Err(refusal)) => {
                    let told = refusal.to_string();
                    assert!(told.len() < 4096 && !told.contains(char::is_control), "{told:?}");
                }
                None => {}
            }
        }
    }
}

/// Whether a key is published for this (RFC 7517, section 4; RFC 7518, section 6).
fn fits(key: &Value, algorithm: Algorithm) -> bool {
    let text = |name: &str| key[name].as_str();
    let long =
        |name: &str| text(name).map_or(0, |text| URL_SAFE_NO_PAD.decode(text).unwrap_or_default().len());
    let kind = match algorithm.name() {
        "ES256" => {
            text("kty") == Some("EC") && text("crv") == Some("P-256") && (long("x"), long("y")) == (32, 32)
        }
        "ES384" => {
            text("kty") == Some("EC") && text("crv") == Some("P-384") && (long("x"), long("y")) == (48, 48)
        }
        _ => text("kty") == Some("RSA") && long("n") >= 256 && long("e") > 0,
    };
    let verifies = key["key_ops"].as_array().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    kind && verifies
        && text("use").is_none_or(|purpose| purpose == "sig")
        && text("alg").is_none_or(|bound| bound == algorithm.name())
}

fn forged(key: &keys::Key, id: &str, algorithm: Algorithm, signature: &[u8]) {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm.name(), "kid": id}).to_string());
    let text = format!("{header}.e30.{}", URL_SAFE_NO_PAD.encode(signature));
    if let Ok(token) = Token::read(&text, &Algorithm::ALL) {
        assert!(token.check_signature(key).is_err(), "nobody signed this");
    }
}

impl Key<'_> {
    fn written(&self) -> Value {
        let number = |given: Option<&[u8]>, usual: Vec<u8>| URL_SAFE_NO_PAD.encode(given.unwrap_or(&usual));
        let id = self.id.unwrap_or("k1");
        let mut key = match self.kind % 3 {
            0 => json!({"kty": "RSA", "kid": id, "n": number(self.number, vec![0xc5; 256]),
                "e": number(self.exponent, vec![1, 0, 1])}),
            1 => json!({"kty": "EC", "kid": id, "crv": "P-256", "x": number(self.number, vec![7; 32]),
                "y": number(self.exponent, vec![9; 32])}),
            _ => json!({"kty": "EC", "kid": id, "crv": "P-384", "x": number(self.number, vec![7; 48]),
                "y": number(self.exponent, vec![9; 48])}),
        };
        for (name, value) in [("use", self.purpose), ("alg", self.algorithm)] {
            if let Some(value) = value {
                key[name] = value.into();
            }
        }
        key
    }
}
