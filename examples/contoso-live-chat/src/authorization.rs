//! Lets only those call the customer's API who know its key, where there is one.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use agent_desk::Secret;

use crate::{App, refusal::Refusal};

/// Answers 401 to a request without the key.
pub(crate) async fn ask_for_key(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match &app.api_key {
        Some(key) if !carries(request.headers(), key) => {
            ([(header::WWW_AUTHENTICATE, "Bearer")], Refusal::unauthorized()).into_response()
        }
        _ => next.run(request).await,
    }
}

/// Whether the headers hold `Bearer` and the key (RFC 6750, section 2.1). The scheme's case is free (RFC 9110, section
/// 11.1).
fn carries(headers: &HeaderMap, key: &Secret) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    given
        .and_then(|given| given.split_at_checked("Bearer ".len()))
        .is_some_and(|(scheme, given)| scheme.eq_ignore_ascii_case(b"Bearer ") && key.is(given))
}
