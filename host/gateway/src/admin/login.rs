//! Signing in and out on the page. No script is needed for either.

use std::time::Instant;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http_body_util::BodyExt as _;

use super::door::{COOKIE_NAME, Operator, network};
use super::{Admin, audited, visits};
use crate::audit::{Deed, Who};
use crate::front::Caller;

const PAGE: &str = include_str!("../../web/login.html");

/// Where the page says what went wrong.
const PLACE: &str = "<!-- told -->";

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The page; who needs none is led on.
pub(super) async fn page(operator: Option<Extension<Operator>>) -> Response {
    match operator {
        Some(_) => Redirect::to("/admin").into_response(),
        None => show(StatusCode::OK, ""),
    }
}

/// `token=…`, as a form sends it.
pub(super) async fn sign_in(State(admin): State<Admin>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Some(token) = &admin.token else { return Redirect::to("/admin").into_response() };
    let (caller, now) = (head.extensions.get::<Caller>().copied(), Instant::now());
    let network = network(caller);
    if admin.guesses.wait(network, now).is_some() {
        return show(StatusCode::TOO_MANY_REQUESTS, "Too many wrong tokens. Wait a minute, then try again.");
    }
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let form = head.headers.get(CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded")
    });
    let brought = url::form_urlencoded::parse(&body).find(|(name, _)| form && name == "token");
    let right = brought.is_some_and(|(_, brought)| token.is(brought.trim()));
    let who = if right { "the token's holder" } else { "somebody" };
    let deed = Deed::new(Who { name: who, from: caller }, "sign-in", "");
    if !right {
        admin.guesses.count(network, now);
    }
    if admin.audit.write(&deed, if right { "done" } else { "refused" }, "").await.is_err() {
        return show(
            StatusCode::SERVICE_UNAVAILABLE,
            "The audit cannot be written. Nobody is let in until it can.",
        );
    }
    if !right {
        return show(StatusCode::UNAUTHORIZED, "That is not the token.");
    }
    let Some(id) = admin.visits.begin(now) else {
        return show(StatusCode::SERVICE_UNAVAILABLE, "This machine gives no random numbers. Try again.");
    };
    let age = visits::LASTS.as_secs();
    with_cookie(&head.headers, format!("{COOKIE_NAME}={id}; Max-Age={age}"), "/admin")
}

/// Ends this visit; whoever holds its cookie is nobody from now on.
pub(super) async fn sign_out(
    State(admin): State<Admin>,
    Extension(operator): Extension<Operator>,
    headers: HeaderMap,
) -> Response {
    let Some(visit) = operator.visit else { return Redirect::to("/admin").into_response() };
    // It is ended whether that can be written or not.
    admin.visits.end(visit);
    if admin.audit.write(&Deed::new(operator.who, "sign-out", ""), "done", "").await.is_err() {
        return audited::unwritten();
    }
    with_cookie(&headers, format!("{COOKIE_NAME}=; Max-Age=0"), "/admin/login")
}

fn with_cookie(headers: &HeaderMap, cookie: String, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    let secure = if came_by_https(headers) { "; Secure" } else { "" };
    let cookie = format!("{cookie}; Path=/admin; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// As the browser or the proxy says it; who lies about it makes only a cookie that is kept safer.
fn came_by_https(headers: &HeaderMap) -> bool {
    let starts = |name, with: &[u8]| {
        headers.get(name).is_some_and(|value: &HeaderValue| value.as_bytes().starts_with(with))
    };
    starts(ORIGIN, b"https://") || starts(FORWARDED_PROTO, b"https")
}

fn show(status: StatusCode, told: &'static str) -> Response {
    let told = match told {
        "" => String::new(),
        told => format!("<p class=\"told\" id=\"told\" role=\"alert\">{told}</p>"),
    };
    (status, Html(PAGE.replace(PLACE, &told))).into_response()
}
