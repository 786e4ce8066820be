//! Who may come in. Without a token: this machine only. With one: whoever brings it, or has signed in with it.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::visits::Visit;
use super::{Admin, refused};
use crate::audit::{Deed, Who};
use crate::front::Caller;

/// The cookie of those who have signed in.
pub(super) const COOKIE_NAME: &str = "handover_operator";

/// What the sign-in page needs before anybody has signed in.
const OPEN: [&str; 3] = ["/admin/login", "/admin/admin.css", "/admin/icon.svg"];

/// Who came in.
#[derive(Clone)]
pub(super) struct Operator {
    pub(super) who: Who,
    /// Where the page is used.
    pub(super) visit: Option<Visit>,
}

/// Lets in who may come in, and only what pages of our own ask for.
pub(super) async fn door(State(admin): State<Admin>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    if admin.token.is_none() && !names_this_machine(headers) {
        return (StatusCode::MISDIRECTED_REQUEST, "use this machine's own address\n").into_response();
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !is_of_our_pages(headers) {
        return refused(StatusCode::FORBIDDEN, "another site asked for this");
    }
    // The front puts it into every request.
    let caller = request.extensions().get::<Caller>().copied();
    let path = request.uri().path();
    match identify(&admin, headers, caller) {
        Seen::Operator(operator) => {
            request.extensions_mut().insert(operator);
            next.run(request).await
        }
        Seen::Guesser(wait) => too_many(wait),
        Seen::Wrong => {
            let somebody = Who { name: "somebody", from: caller };
            // Nobody is let in, whether that can be written or not; a line that is missing was told.
            drop(admin.audit.write(&Deed::new(somebody, "token", ""), "refused", "").await);
            wanted()
        }
        Seen::Nobody if OPEN.contains(&path) => next.run(request).await,
        Seen::Nobody if path.starts_with("/admin/api/") => wanted(),
        Seen::Nobody => Redirect::to("/admin/login").into_response(),
    }
}

fn wanted() -> Response {
    let mut response = refused(StatusCode::UNAUTHORIZED, "the operators' token is wanted");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Too many wrong tokens came from there.
pub(super) fn too_many(wait: u64) -> Response {
    let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens; try again later");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
    response
}

/// Whom a guess is counted to.
pub(super) fn network(caller: Option<Caller>) -> IpAddr {
    caller.map_or(IpAddr::from([0, 0, 0, 0]), Caller::network)
}

/// Who stands at the door.
enum Seen {
    Operator(Operator),
    /// No token and no visit.
    Nobody,
    /// A token that is not ours.
    Wrong,
    /// Too many of those; the seconds until this caller is listened to again.
    Guesser(u64),
}

fn identify(admin: &Admin, headers: &HeaderMap, caller: Option<Caller>) -> Seen {
    let Some(token) = &admin.token else {
        let who = Who { name: "this machine", from: caller };
        return Seen::Operator(Operator { who, visit: None });
    };
    let who = Who { name: "the token's holder", from: caller };
    let now = Instant::now();
    let Some(brought) = bearer(headers) else {
        let visit = cookie(headers).and_then(|id| admin.visits.find(id, now));
        return visit.map_or(Seen::Nobody, |visit| Seen::Operator(Operator { who, visit: Some(visit) }));
    };
    let network = network(caller);
    if let Some(wait) = admin.guesses.wait(network, now) {
        return Seen::Guesser(wait);
    }
    if token.is(brought) {
        return Seen::Operator(Operator { who, visit: None });
    }
    admin.guesses.count(network, now);
    Seen::Wrong
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|one| one.trim().split_once('='));
    cookies.find(|(name, _)| *name == COOKIE_NAME).map(|(_, id)| id)
}

/// A page elsewhere must not read this through a browser on this machine, not even by a name that it makes resolve to
/// it: the host has to be this machine's own.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name =
        host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    name == "localhost"
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Browsers say which site asks for a change: by `Sec-Fetch-Site`, older ones by `Origin`. What says neither is no
/// browser, and carries no cookie of one.
fn is_of_our_pages(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = text(ORIGIN) else { return true };
    let authority = origin.split_once("://").and_then(|(_, rest)| rest.parse::<Authority>().ok());
    authority
        .is_some_and(|authority| text(HOST).is_some_and(|host| authority.as_str().eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_change_is_asked_for_by_our_own_pages_or_by_no_page() {
        for (ours, asks) in [
            (true, &[("host", "a.example")][..]),
            (true, &[("host", "a.example"), ("origin", "https://a.example")]),
            (true, &[("host", "127.0.0.1:5003"), ("origin", "http://127.0.0.1:5003")]),
            (
                true,
                &[("host", "inner:1"), ("origin", "https://a.example"), ("sec-fetch-site", "same-origin")],
            ),
            (false, &[("host", "a.example"), ("origin", "https://b.example")]),
            (false, &[("host", "127.0.0.1:5003"), ("origin", "http://127.0.0.1:5004")]),
            (false, &[("host", "a.example"), ("origin", "null")]),
            (
                false,
                &[("host", "a.example"), ("origin", "https://a.example"), ("sec-fetch-site", "cross-site")],
            ),
            (false, &[("host", "a.example"), ("sec-fetch-site", "same-site")]),
        ] {
            assert_eq!(is_of_our_pages(&headers(asks)), ours, "{asks:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(cookie(&headers(&[("cookie", "a=b; handover_operator=c; d=e")])), Some("c"));
        assert_eq!(cookie(&headers(&[("cookie", "xhandover_operator=c")])), None);
        assert_eq!(bearer(&headers(&[("authorization", "bearer  t")])), Some("t"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic t")])), None);
    }
}
