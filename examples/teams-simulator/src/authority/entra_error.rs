//! Entra's error answers: an OAuth error with an `AADSTS` code in its description and in `error_codes`.
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use uuid::Uuid;

#[derive(Debug)]
pub(super) struct EntraError {
    status: StatusCode,
    /// OAuth's name of it (RFC 6749, section 5.2).
    error: &'static str,
    code: u32,
    says: String,
}

impl EntraError {
    fn new(status: StatusCode, error: &'static str, code: u32, says: String) -> Self {
        Self { status, error, code, says }
    }

    pub fn unknown_tenant(tenant: &str) -> Self {
        let says = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
             correct cloud."
        );
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 90002, says)
    }

    pub fn missing(parameter: &str) -> Self {
        let says = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, says)
    }

    pub fn unsupported_grant(grant: &str) -> Self {
        let says = format!("The app requested an unsupported grant type '{grant}'.");
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", 70003, says)
    }

    pub fn unknown_app(app: &str, tenant: &str) -> Self {
        let says = format!("Application with identifier '{app}' was not found in the directory '{tenant}'.");
        Self::new(StatusCode::BAD_REQUEST, "unauthorized_client", 700_016, says)
    }

    pub fn no_credential() -> Self {
        let says = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant \
                    type.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_216, says.into())
    }

    pub fn invalid_secret(app: &str) -> Self {
        let says = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID, for a secret added to app '{app}'."
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, says)
    }

    pub fn invalid_scope(scope: &str) -> Self {
        let says = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {scope} is not valid."
        );
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", 70011, says)
    }

    pub fn unknown_resource(resource: &str, tenant: &str) -> Self {
        let says = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the \
             application has not been installed by the administrator of the tenant."
        );
        Self::new(StatusCode::BAD_REQUEST, "invalid_resource", 500_011, says)
    }
}

impl IntoResponse for EntraError {
    fn into_response(self) -> Response {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let (trace, correlation) = (Uuid::now_v7(), Uuid::now_v7());
        let (code, says) = (self.code, self.says);
        let body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{code}: {says} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
            ),
            "error_codes": [code],
            "timestamp": now,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        (self.status, Json(body)).into_response()
    }
}
