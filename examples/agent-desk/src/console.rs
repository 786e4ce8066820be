//! The agents' console: its files, built into the binary, and the headers that keep it safe.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{desk::Desk, refusal::Refusal, vendor::Vendor};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: [(&str, &str, &str); 17] = [
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
    ("/files.js", SCRIPT, include_str!("../web/files.js")),
    ("/routing.js", SCRIPT, include_str!("../web/routing.js")),
    ("/strip.js", SCRIPT, include_str!("../web/strip.js")),
    ("/settings.js", SCRIPT, include_str!("../web/settings.js")),
];

/// The colour that the files have.
const COLOUR: &str = "#0f6d6a";

/// What goes with another one.
const SHADES: &str = "
:root {
  --accent-strong: color-mix(in srgb, #0f6d6a 82%, black);
  --tint: color-mix(in srgb, #0f6d6a 12%, white);
  --mine: color-mix(in srgb, #0f6d6a 18%, white);
}
@media (prefers-color-scheme: dark) {
  :root {
    --accent: color-mix(in srgb, #0f6d6a 60%, white);
    --accent-strong: color-mix(in srgb, #0f6d6a 45%, white);
    --on-accent: color-mix(in srgb, #0f6d6a 25%, black);
    --tint: color-mix(in srgb, #0f6d6a 25%, black);
    --mine: color-mix(in srgb, #0f6d6a 40%, black);
  }
}
";

const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'";

/// The files, with the vendor's name and colour in them.
pub(crate) fn routes<V: Vendor>(vendor: &V, desk: &Desk) -> Router {
    let (first, rest) = vendor.name().split_once(' ').unwrap_or((vendor.name(), ""));
    let words = [
        ("{{name}}", escape(vendor.name())),
        ("{{first}}", escape(first)),
        ("{{rest}}", escape(rest)),
        ("{{nobody}}", escape(&desk.inner.nobody)),
    ];
    FILES.iter().fold(Router::new(), |router, &(path, kind, text)| {
        let mut text = words.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        // Only what is a colour: it goes into a style sheet.
        if let Some(colour) = Some(vendor.colour()).filter(|colour| *colour != COLOUR && is_colour(colour)) {
            text = text.replace(COLOUR, colour);
            if path == "/colours.css" {
                text.push_str(&SHADES.replace(COLOUR, colour));
            }
        }
        let file = move || async move {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
        };
        router.route(path, get(file))
    })
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Text for HTML, attributes included.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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
        return Refusal::Forbidden("Requests from other sites are not taken".to_owned()).into_response();
    }
    next.run(request).await
}
