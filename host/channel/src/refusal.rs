//! What is refused of a request, in words, and the checks that refuse it.

/// Longest body, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// Longest text of a message, and longest input of an action, in bytes.
pub const TEXT_LIMIT: usize = 100 * 1024;
/// Longest id and longest name, in bytes.
pub const ID_LIMIT: usize = 1024;
/// Most files with one message.
pub const ATTACHMENT_LIMIT: usize = 50;

/// Why a request is refused: a 400 with these words.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// JSON, but no activity.
    #[error("the body must be a JSON object: an activity")]
    NotAnObject,
    /// More than any activity needs.
    #[error("the body is longer than {BODY_LIMIT} bytes")]
    BodyTooLong,
    /// A field that must be there.
    #[error("`{0}` is missing or empty")]
    Missing(&'static str),
    /// A field beyond all bounds.
    #[error("`{field}` is longer than {limit} bytes")]
    TooLong {
        /// Which.
        field: &'static str,
        /// The longest that is taken, in bytes.
        limit: usize,
    },
    /// A list beyond all bounds.
    #[error("`{field}` has more than {limit} items")]
    TooMany {
        /// Which.
        field: &'static str,
        /// The most that are taken.
        limit: usize,
    },
    /// An id that cannot stand in an address.
    #[error("`{0}` is not an id: control characters, `.` and `..` are none")]
    NotAnId(&'static str),
    /// No address.
    #[error("`serviceUrl` is not an http or https address")]
    ServiceUrlMalformed,
    /// An address that carries credentials, or hides its host behind them.
    #[error("`serviceUrl` must not carry a user name or password")]
    ServiceUrlWithUser,
    /// An address that no path can be appended to.
    #[error("`serviceUrl` must not carry a query or fragment")]
    ServiceUrlWithQuery,
    /// An address that anybody on the way can read.
    #[error("`serviceUrl` must use https")]
    ServiceUrlPlain,
    /// An address elsewhere.
    #[error("`serviceUrl` is at {host}, which is not one of the allowed service hosts")]
    ServiceUrlNotAllowed {
        /// Where.
        host: String,
    },
}

/// The value, where it says anything.
pub(crate) fn none_if_blank(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.trim().is_empty())
}

/// A text that must be there.
pub(crate) fn required<'a>(value: &'a Option<String>, field: &'static str) -> Result<&'a str, Refusal> {
    none_if_blank(value).ok_or(Refusal::Missing(field))
}

/// Refuses what is longer than `limit` bytes.
pub(crate) fn within(value: &str, field: &'static str, limit: usize) -> Result<(), Refusal> {
    if value.len() > limit { Err(Refusal::TooLong { field, limit }) } else { Ok(()) }
}

/// An id that must be there. Ids become part of addresses: dots alone would be a way up.
pub(crate) fn id(value: &Option<String>, field: &'static str) -> Result<String, Refusal> {
    let value = required(value, field)?;
    within(value, field, ID_LIMIT)?;
    if value.chars().any(char::is_control) || matches!(value, "." | "..") {
        return Err(Refusal::NotAnId(field));
    }
    Ok(value.to_owned())
}

/// An id that may be absent.
pub(crate) fn optional_id(value: &Option<String>, field: &'static str) -> Result<Option<String>, Refusal> {
    if none_if_blank(value).is_none() { Ok(None) } else { id(value, field).map(Some) }
}

/// A name to show, where there is one.
pub(crate) fn name(value: &Option<String>, field: &'static str) -> Result<Option<String>, Refusal> {
    let Some(value) = none_if_blank(value) else {
        return Ok(None);
    };
    within(value, field, ID_LIMIT)?;
    Ok(Some(value.to_owned()))
}
