//! The agents' console: its files, built into the binary, and the headers that keep it safe.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{App, refusal::Refusal};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: [(&str, &str, &str); 14] = [
    ("/", HTML, include_str!("../web/index.html")),
    ("/favicon.svg", SVG, include_str!("../web/favicon.svg")),
    ("/colours.css", CSS, include_str!("../web/colours.css")),
    ("/layout.css", CSS, include_str!("../web/layout.css")),
    ("/thread.css", CSS, include_str!("../web/thread.css")),
    ("/console.js", SCRIPT, include_str!("../web/console.js")),
    ("/server.js", SCRIPT, include_str!("../web/server.js")),
    ("/element.js", SCRIPT, include_str!("../web/element.js")),
    ("/me.js", SCRIPT, include_str!("../web/me.js")),
    ("/list.js", SCRIPT, include_str!("../web/list.js")),
    ("/customer.js", SCRIPT, include_str!("../web/customer.js")),
    ("/thread.js", SCRIPT, include_str!("../web/thread.js")),
    ("/composer.js", SCRIPT, include_str!("../web/composer.js")),
    ("/settings.js", SCRIPT, include_str!("../web/settings.js")),
];

const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'";

pub(crate) fn routes() -> Router<Arc<App>> {
    FILES.iter().fold(Router::new(), |router, &(path, kind, text)| {
        let file = move || async move {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
        };
        router.route(path, get(file))
    })
}

/// Puts the security headers on every answer.
pub(crate) async fn security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Refuses what a page of another site has the agent's browser post: nobody logs in here, so the browser is the
/// only one who can tell. Servers do not send the header.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let cross_site = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if cross_site && request.method() != Method::GET {
        return Refusal::forbidden("Requests from other sites are not taken").into_response();
    }
    next.run(request).await
}
