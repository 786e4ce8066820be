//! Errors as the platform's REST layer tells them: `{"error": {"message", "detail"}, "status": "failure"}`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// A request that is refused at the door.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    message: &'static str,
    detail: &'static str,
}

impl Refusal {
    /// Nobody is signed in.
    pub const UNAUTHORIZED: Self = Self {
        status: StatusCode::UNAUTHORIZED,
        message: "User Not Authenticated",
        detail: "Required to provide Auth information",
    };
    /// "405: Invalid method. The functionality is disabled."
    pub const METHOD: Self = Self {
        status: StatusCode::METHOD_NOT_ALLOWED,
        message: "Method not allowed",
        detail: "Invalid method",
    };
    /// "Only supports application/json."
    pub const MEDIA_TYPE: Self = Self {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        message: "Unsupported Media Type",
        detail: "Only supports application/json",
    };

    /// 400, and why.
    pub fn bad(detail: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: "Bad Request", detail }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(told(self.message, self.detail))).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("BASIC realm=\"Service-now\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The body of an error with this status.
pub fn body(status: u16) -> Value {
    let code = StatusCode::from_u16(status).ok();
    told(code.and_then(|code| code.canonical_reason()).unwrap_or("Error"), "Simulated")
}

fn told(message: &str, detail: &str) -> Value {
    json!({ "error": { "message": message, "detail": detail }, "status": "failure" })
}
