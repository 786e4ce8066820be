//! What browsers are told about every answer. Strict-Transport-Security is the proxy's to say: it has the certificate.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SERVER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Which of the two listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bots and vendors; no page of it is ever shown.
    Edges,
    /// Operators, with pages.
    Admin,
}

/// Marks an answer that pages of others may show, as web chats show pictures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Embeddable;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

impl Kind {
    fn policy(self) -> &'static str {
        match self {
            Kind::Edges => {
                "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
            }
            Kind::Admin => "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        }
    }

    pub(super) fn protect(self, headers: &mut HeaderMap, embeddable: bool) {
        let say = HeaderValue::from_static;
        headers.insert(CONTENT_SECURITY_POLICY, say(self.policy()));
        headers.insert(X_CONTENT_TYPE_OPTIONS, say("nosniff"));
        headers.insert(REFERRER_POLICY, say("no-referrer"));
        headers.insert(X_FRAME_OPTIONS, say("DENY"));
        headers.insert(RESOURCE_POLICY, say(if embeddable { "cross-origin" } else { "same-origin" }));
        // A connector's answer may say otherwise; an operator's never.
        match self {
            Kind::Edges => drop(headers.entry(CACHE_CONTROL).or_insert(say("no-store"))),
            Kind::Admin => drop(headers.insert(CACHE_CONTROL, say("no-store"))),
        }
        headers.remove(SERVER);
    }
}
