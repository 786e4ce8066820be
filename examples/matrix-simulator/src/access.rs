//! Who asks: the application service by its token, as one of its users, and how often it may.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use agent_desk::Secret;
use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{Homeserver, refusal::Refusal};

const MINUTE: Duration = Duration::from_secs(60);

/// The registration, as far as requests are held against it.
pub(crate) struct Registration {
    pub(crate) as_token: Secret,
    pub(crate) server_name: String,
    pub(crate) prefix: String,
    /// Requests a minute; none is `rate_limited: false`.
    pub(crate) per_minute: Option<u64>,
    pub(crate) spent: Mutex<Option<(Instant, u64)>>,
}

/// As whom a request is made (application service API, "Identity assertion").
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) user: String,
    pub(crate) device: Option<String>,
}

impl Registration {
    /// The sender of the registration.
    pub(crate) fn own(&self) -> String {
        format!("@{}bot:{}", self.prefix, self.server_name)
    }

    /// Within the namespace of users.
    pub(crate) fn owns(&self, user: &str) -> bool {
        let local =
            user.strip_prefix('@').and_then(|user| user.strip_suffix(&format!(":{}", self.server_name)));
        local.is_some_and(|local| local.starts_with(&self.prefix) && !local.contains(':'))
    }

    /// One request more, or how many milliseconds it is too early.
    fn spend(&self) -> Result<(), Refusal> {
        let Some(allowed) = self.per_minute else { return Ok(()) };
        let now = Instant::now();
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) =
            spent.filter(|(since, _)| now.duration_since(*since) < MINUTE).unwrap_or((now, 0));
        if count >= allowed {
            let left = MINUTE.saturating_sub(now.duration_since(since));
            return Err(Refusal::too_many(u64::try_from(left.as_millis()).unwrap_or(u64::MAX).max(1)));
        }
        *spent = Some((since, count + 1));
        Ok(())
    }
}

/// Lets in who has the token, as a user of its own.
pub(crate) async fn guard(
    State(server): State<Arc<Homeserver>>,
    Query(query): Query<Vec<(String, String)>>,
    mut request: Request,
    next: Next,
) -> Response {
    match asker(&server, request.uri().path(), request.headers(), &query) {
        Ok(asker) => {
            request.extensions_mut().insert(asker);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn asker(
    server: &Homeserver,
    path: &str,
    headers: &HeaderMap,
    query: &[(String, String)],
) -> Result<Asker, Refusal> {
    // In the query it was deprecated with v1.11, and is not looked for.
    let token = bearer(headers).ok_or_else(Refusal::missing_token)?;
    let registration = &server.registration;
    if !registration.as_token.is(token.as_bytes()) {
        return Err(Refusal::unknown_token());
    }
    registration.spend()?;
    let asked = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let user = asked("user_id").unwrap_or_else(|| registration.own());
    if !registration.owns(&user) {
        return Err(Refusal::forbidden("Application service cannot masquerade as this user."));
    }
    let device = asked("device_id");
    server.book(|book| match book.users.get(&user) {
        // Who is only to be registered cannot be there yet.
        None if path.ends_with("/register") => Ok(()),
        None => Err(Refusal::forbidden("Application service has not registered this user")),
        Some(known) if device.as_ref().is_some_and(|device| !known.devices.contains(device)) => {
            Err(Refusal::bad("M_UNKNOWN_DEVICE", "Unknown device."))
        }
        Some(_) => Ok(()),
    })?;
    Ok(Asker { user, device })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
