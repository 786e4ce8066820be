//! The customer page and what it is made of, built into the binary.
use std::sync::Arc;

use axum::{
    Router,
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
    response::IntoResponse,
    routing::get,
};

use crate::simulator::Simulator;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Everything from here and nothing from elsewhere; no other page may put this one into a frame.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    let file = |kind: &'static str, text: &'static str| get(move || async move { served(kind, text) });
    Router::new()
        .route("/", file(HTML, include_str!("../web/index.html")))
        .route("/page.css", file(CSS, include_str!("../web/page.css")))
        .route("/chat.js", file(SCRIPT, include_str!("../web/chat.js")))
        .route("/thread.js", file(SCRIPT, include_str!("../web/thread.js")))
        .route("/markdown.js", file(SCRIPT, include_str!("../web/markdown.js")))
        .route("/lab.js", file(SCRIPT, include_str!("../web/lab.js")))
        .route("/icon.svg", file(SVG, include_str!("../web/icon.svg")))
}

fn served(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, kind),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            // A newer binary brings a newer page.
            (CACHE_CONTROL, "no-cache"),
        ],
        text,
    )
}
