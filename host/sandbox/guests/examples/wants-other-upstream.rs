//! Declares `api` and goes wherever the message's text says; `map` goes to `api`, which it may not while it maps.

use handover_connector::http::{Method, Request};
use handover_connector::{
    Attribute, CallbackRequest, Context, Failure, Mapped, Message, Refusal, Sent, Session,
};
use sandbox_guests::{API, Guest};

struct WantsOtherUpstream;

impl Guest for WantsOtherUpstream {
    /// `upstream|path|host|header: value`, the latter two mostly empty.
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        let mut parts = message.text.splitn(4, '|').map(str::to_owned);
        let upstream = parts.next().unwrap_or_default();
        let path = parts.next().unwrap_or_default();
        let host = parts.next().filter(|host| !host.is_empty());
        let header = parts.next().unwrap_or_default();
        let headers = header
            .split_once(": ")
            .map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() });
        let request = request(path, host, headers.into_iter().collect());
        let answer = exchange(&upstream, &request);
        Ok(sandbox_guests::sent(answer))
    }

    fn map(_: Context, _: CallbackRequest) -> Result<Mapped, Refusal> {
        let request = request("/".to_owned(), None, Vec::new());
        Err(Refusal::Unmapped(exchange(API, &request)))
    }
}

fn request(path: String, host: Option<String>, headers: Vec<Attribute>) -> Request {
    Request { method: Method::Get, path, host, headers, body: Vec::new(), timeout: None }
}

#[cfg(target_arch = "wasm32")]
fn exchange(upstream: &str, request: &Request) -> String {
    use handover_connector::bindings::connector::handover::connector::http::send;
    match send(upstream, request) {
        Ok(answer) => format!(
            "{} {:?} {}",
            answer.status,
            answer.header("location"),
            String::from_utf8_lossy(&answer.body)
        ),
        Err(error) => format!("{error:?}"),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn exchange(_: &str, _: &Request) -> String {
    String::new()
}

sandbox_guests::sin!(WantsOtherUpstream);
