//! What the record of the wire leaves out: secrets, and the signature that makes a token worth something.
use axum::body::Bytes;
use serde_json::{Map, Value};

const LEFT_OUT: &str = "…";

/// A header's value; of a JSON Web Token it keeps what can be read, so that it can be looked at and not used.
pub(crate) fn header(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, token)) => format!("{scheme} {}", unsigned(token)),
        None => unsigned(value),
    }
}

fn unsigned(token: &str) -> String {
    match token.rsplit_once('.') {
        Some((signed, _)) if token.starts_with("eyJ") => format!("{signed}.{LEFT_OUT}"),
        _ => token.to_owned(),
    }
}

/// A form as a JSON object.
pub(crate) fn form(body: &Bytes) -> Value {
    let fields = url::form_urlencoded::parse(body).into_owned();
    Value::Object(fields.map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>())
}

/// What the authority is asked or answers.
pub(crate) fn body(mut body: Value) -> Value {
    if let Some(secret) = body.get_mut("client_secret") {
        *secret = Value::from(LEFT_OUT);
    }
    if let Some(token) = body.get_mut("access_token") {
        *token = Value::from(unsigned(token.as_str().unwrap_or_default()));
    }
    body
}
