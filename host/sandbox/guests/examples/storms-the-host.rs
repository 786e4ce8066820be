//! Calls one import of the host again and again, and never stops; the message's text says which.

use std::collections::BTreeMap;

use handover_connector::crypto::{self, Algorithm, Hash};
use handover_connector::http::{Method, Request};
use handover_connector::{Context, Failure, Message, Sent, Session};
use sandbox_guests::Guest;
use sandbox_guests::wander::exchange;

const NO_CLAIMS: BTreeMap<&str, &str> = BTreeMap::new();

struct StormsTheHost;

impl Guest for StormsTheHost {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        loop {
            match message.text.as_str() {
                "hmac" => drop(crypto::hmac("none", Hash::Sha1, b"x")),
                "jwt" => drop(crypto::jwt_sign("none", Algorithm::Es256, &[], &NO_CLAIMS)),
                "verify" => drop(crypto::rsa_verify("none", Hash::Sha1, b"x", b"x")),
                "large hmac" => drop(crypto::hmac("none", Hash::Sha1, &vec![0; 5_000_000])),
                "denied request" => drop(exchange("nowhere", &request())),
                which => call(which),
            }
        }
    }
}

fn request() -> Request {
    Request {
        method: Method::Get,
        path: "/".to_owned(),
        host: None,
        headers: Vec::new(),
        body: Vec::new(),
        timeout: None,
    }
}

#[cfg(target_arch = "wasm32")]
fn call(which: &str) {
    use handover_connector::bindings::connector::handover::connector::{clock, log, random};
    match which {
        "log" => log::write(log::Level::Trace, "x"),
        "long lines" => log::write(log::Level::Trace, &"x".repeat(1 << 20)),
        "clock" => drop(clock::now()),
        _ => drop(random::bytes(1)),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn call(_: &str) {}

sandbox_guests::sin!(StormsTheHost);
