//! A privileged action: nothing is done that could not be written down first, and what came of it is written as well.

use axum::http::StatusCode;
use axum::response::Response;

use super::{Admin, refused};
use crate::audit::Deed;

/// What an action came to: the answer, and what the audit says beside its outcome.
pub(super) struct Done {
    pub(super) response: Response,
    pub(super) detail: String,
}

impl From<Response> for Done {
    fn from(response: Response) -> Self {
        Self { response, detail: String::new() }
    }
}

/// Does it, with a line before and a line after. It goes on when the one who asked is gone: what it came to is known
/// only at its end.
pub(super) async fn audited(
    admin: &Admin,
    deed: Deed,
    work: impl Future<Output = Done> + Send + 'static,
) -> Response {
    let audit = std::sync::Arc::clone(&admin.audit);
    if audit.write(&deed, "begun", "").await.is_err() {
        return unwritten();
    }
    let done = tokio::spawn(async move {
        let Done { response, detail } = work.await;
        let outcome = match response.status() {
            status if status.is_success() => "done",
            status if status.is_client_error() => "refused",
            _ => "failed",
        };
        // It is done already; the line that is missing was told.
        drop(audit.write(&deed, outcome, &detail).await);
        response
    });
    done.await.unwrap_or_else(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, "the action broke down"))
}

/// What is answered where the audit cannot be written.
pub(super) fn unwritten() -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, "the audit cannot be written: nothing was done; see the log")
}
