//! Waits for an upstream that does not answer: for as long as it may, or for as long as it says itself.

use handover_connector::http::{Method, Request};
use handover_connector::{Context, Failure, Message, Sent, Session, failure};
use sandbox_guests::{API, Guest, sent};

struct Sleeper;

impl Guest for Sleeper {
    /// The text is how many milliseconds it waits; none is for ever.
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        let request = Request {
            method: Method::Get,
            path: "/gate".to_owned(),
            host: None,
            headers: Vec::new(),
            body: Vec::new(),
            timeout: message.text.parse().ok(),
        };
        exchange(&request).map(sent)
    }
}

#[cfg(target_arch = "wasm32")]
fn exchange(request: &Request) -> Result<String, Failure> {
    use handover_connector::bindings::connector::handover::connector::http::send;
    match send(API, request) {
        Ok(answer) => Ok(answer.status.to_string()),
        Err(error) => Err(failure::of_http(error)),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn exchange(_: &Request) -> Result<String, Failure> {
    Err(failure::of_http(handover_connector::http::Error::Denied(API.to_owned())))
}

sandbox_guests::sin!(Sleeper);
