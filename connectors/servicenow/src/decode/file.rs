//! The live agent's files: where they are, and what they are by their names.

use handover_connector::Attachment;
use handover_connector::text::last_segment;

use crate::API;
use crate::settings::Settings;

/// The file at an address; nothing where nobody on the customer's side could fetch it.
pub fn at(settings: &Settings, address: &str, name: Option<&str>, is_image: bool) -> Option<Attachment> {
    let url = reachable(settings, address)?;
    let named = [name, last_segment(address)].into_iter().flatten().find(|name| known(name).is_some());
    let fallback = if is_image { "image" } else { "file" };
    let name = named.or(name.filter(|name| !name.trim().is_empty())).unwrap_or(fallback);
    let guess = if is_image { "image/png" } else { "application/octet-stream" };
    let content_type = known(name).unwrap_or(guess);
    Some(Attachment { name: name.to_owned(), content_type: content_type.to_owned(), url, size: None })
}

/// Whether an address looks like a file that is kept on an instance, where other links lead to pages.
pub fn is_stored(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.contains("/cs/media/") || path.ends_with("/sys_attachment.do")
}

/// What is on the instance is for those who sign in there.
fn reachable(settings: &Settings, address: &str) -> Option<String> {
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let inside = |path: &str| Some(format!("upstream:{API}/{}", path.trim_start_matches('/')));
    if address.starts_with('/') && !address.starts_with("//") {
        return inside(address);
    }
    let (scheme, rest) = address.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if settings.instance.as_ref().is_some_and(|instance| instance.eq_ignore_ascii_case(host)) {
        return inside(path);
    }
    scheme.eq_ignore_ascii_case("https").then(|| address.to_owned())
}

/// The media type of a name with a known ending.
fn known(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "txt" | "log" => "text/plain",
        "mp4" => "video/mp4",
        "mpg" | "mpeg" => "video/mpeg",
        _ => return None,
    })
}
