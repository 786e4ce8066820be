//! What the documentation refuses and the schema does not say: limits, alternatives, and who may do what.

use serde_json::Value;

use crate::refusal::Refused;

/// "The metadata is limited to 4KB in size."
const MOST_METADATA: usize = 4096;

/// "maxLength: 4096", counted as JavaScript does.
const MOST_TEXT: usize = 4096;

/// A flat object of strings, numbers and booleans, or nothing.
pub(crate) fn metadata(body: &Value) -> Result<(), Refused> {
    let given = &body["metadata"];
    match given {
        Value::Null => return Ok(()),
        Value::Object(fields)
            if fields.values().all(|v| v.is_string() || v.is_number() || v.is_boolean()) => {}
        _ => return Err(Refused::bad("metadata must be a flat object of strings, numbers and booleans")),
    }
    if given.to_string().len() > MOST_METADATA {
        return Err(Refused::bad("metadata must not be larger than 4KB"));
    }
    Ok(())
}

/// A user as it is made.
pub(crate) fn user(body: &Value) -> Result<(), Refused> {
    metadata(body)?;
    text(body, "externalId", 1024)?;
    let profile = &body["profile"];
    if !(profile.is_null() || profile.is_object()) {
        return Err(Refused::bad("profile must be an object"));
    }
    for (name, most) in
        [("givenName", 128), ("surname", 128), ("email", 128), ("avatarUrl", 2048), ("locale", 64)]
    {
        text(profile, name, most)?;
    }
    match profile["email"].as_str() {
        Some(email) if !email.contains('@') => Err(Refused::bad("profile.email must be an email")),
        _ => Ok(()),
    }
}

/// A text of this name that is neither empty nor too long, or nothing.
fn text(body: &Value, name: &str, most: usize) -> Result<(), Refused> {
    match &body[name] {
        Value::Null => Ok(()),
        Value::String(text) if !text.is_empty() && text.encode_utf16().count() <= most => Ok(()),
        _ => Err(Refused::bad(format!("{name} must have 1 to {most} characters"))),
    }
}

/// Who says or does something.
pub(crate) fn author(body: &Value) -> Result<&Value, Refused> {
    let author = &body["author"];
    match author["type"].as_str() {
        Some("user") => Ok(author),
        Some("business") if author["userId"].is_null() && author["userExternalId"].is_null() => Ok(author),
        Some("business") => Err(Refused::bad("author.userId is only supported when type is user")),
        _ => Err(Refused::bad("author.type must be one of business, user")),
    }
}

/// What a message says.
pub(crate) fn content(body: &Value) -> Result<&Value, Refused> {
    let content = &body["content"];
    for name in ["text", "htmlText", "markdownText"] {
        if content[name].as_str().is_some_and(|text| text.encode_utf16().count() > MOST_TEXT) {
            return Err(Refused::bad(format!(
                "content.{name} must not be longer than {MOST_TEXT} characters"
            )));
        }
    }
    let says = |name: &str| content[name].as_str().is_some_and(|text| !text.trim().is_empty());
    if !content["htmlText"].is_null() && !content["markdownText"].is_null() {
        return Err(Refused::bad("content.htmlText cannot be used with markdownText"));
    }
    match content["type"].as_str() {
        Some("text") if says("text") || says("htmlText") || says("markdownText") => {}
        Some("text") if content["actions"].as_array().is_some_and(|actions| !actions.is_empty()) => {}
        Some("text") => {
            return Err(Refused::bad(
                "content.text is required unless actions, htmlText or markdownText is provided",
            ));
        }
        Some("image" | "file") => {
            let url = content["mediaUrl"].as_str().unwrap_or_default();
            if !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
                return Err(Refused::bad("content.mediaUrl must be a URL"));
            }
            for name in ["mediaSize", "mediaType"] {
                if !content[name].is_null() {
                    return Err(Refused::bad(format!("content.{name} is read-only")));
                }
            }
            text(content, "altText", 128)?;
        }
        Some(other) => return Err(Refused::bad(format!("content of type {other} is not simulated"))),
        None => return Err(Refused::bad("content.type is required")),
    }
    Ok(content)
}

/// What somebody does: customers can have read, and no more.
pub(crate) fn activity(body: &Value) -> Result<&str, Refused> {
    let author = author(body)?;
    match (author["type"].as_str(), body["type"].as_str()) {
        (_, Some("conversation:read")) => Ok("conversation:read"),
        (Some("business"), Some(kind @ ("typing:start" | "typing:stop"))) => Ok(kind),
        (_, Some("typing:start" | "typing:stop")) => {
            Err(Refused::bad("If the author type is user, only conversation:read is supported"))
        }
        _ => Err(Refused::bad("type must be one of conversation:read, typing:start, typing:stop")),
    }
}
