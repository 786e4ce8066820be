//! Goes where a text says, for the fixtures that a test sends out.

use handover_connector::Attribute;
use handover_connector::http::{Method, Request};

/// `upstream|path|host|header: value`, the latter two mostly empty; the upstream may have a method before it, e.g.
/// `DELETE api|/x`. Tells what came of it: status, `location` and body, or the host's error.
pub fn wander(way: &str) -> String {
    let (upstream, request) = plan(way);
    match exchange(&upstream, &request) {
        Ok(answer) => format!(
            "{} {:?} {}",
            answer.status,
            answer.header("location"),
            String::from_utf8_lossy(&answer.body)
        ),
        Err(error) => error,
    }
}

/// The same, and tells the names of the headers that came back.
pub fn names_of_headers(way: &str) -> String {
    let (upstream, request) = plan(way);
    match exchange(&upstream, &request) {
        Ok(answer) => {
            let names: Vec<&str> = answer.headers.iter().map(|header| header.name.as_str()).collect();
            names.join(" ")
        }
        Err(error) => error,
    }
}

fn plan(way: &str) -> (String, Request) {
    let mut parts = way.splitn(4, '|').map(str::to_owned);
    let target = parts.next().unwrap_or_default();
    let (method, upstream) = match target.split_once(' ') {
        Some(("DELETE", upstream)) => (Method::Delete, upstream.to_owned()),
        Some(("POST", upstream)) => (Method::Post, upstream.to_owned()),
        _ => (Method::Get, target),
    };
    let path = parts.next().unwrap_or_default();
    let host = parts.next().filter(|host| !host.is_empty());
    let header = parts.next().unwrap_or_default();
    let headers = header
        .split_once(": ")
        .map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() });
    let body = if method == Method::Post { b"said".to_vec() } else { Vec::new() };
    let request = Request { method, path, host, headers: headers.into_iter().collect(), body, timeout: None };
    (upstream, request)
}

/// One request; the host's error as the contract's bindings write it.
///
/// # Errors
/// Whatever the host says.
#[cfg(target_arch = "wasm32")]
pub fn exchange(upstream: &str, request: &Request) -> Result<handover_connector::http::Response, String> {
    use handover_connector::bindings::connector::handover::connector::http::send;
    send(upstream, request).map_err(|error| format!("{error:?}"))
}

/// Nowhere to go on the machine that tests run on.
///
/// # Errors
/// Always.
#[cfg(not(target_arch = "wasm32"))]
pub fn exchange(_: &str, _: &Request) -> Result<handover_connector::http::Response, String> {
    Err(String::new())
}
