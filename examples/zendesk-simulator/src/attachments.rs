//! Files: uploaded by the API or by agents, kept in memory, and private: whoever fetches one needs the app's key.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{app::App, book::fresh, refusal::Refused};

/// "Uploads are limited to 50 MB."
const MOST_BYTES: usize = 50 * 1024 * 1024;

/// One file.
struct File {
    content_type: String,
    body: Bytes,
}

/// The files.
pub(crate) struct Media {
    base: String,
    files: Mutex<HashMap<String, Arc<File>>>,
}

impl Media {
    pub(crate) fn new(addr: SocketAddr) -> Self {
        Self { base: format!("http://{addr}/sc/attachments/v2/"), files: Mutex::default() }
    }

    /// Keeps a file and gives its address.
    pub(crate) fn keep(&self, name: &str, content_type: &str, body: Bytes) -> String {
        let path = format!("{}/{}", fresh(), encoded(name));
        let file = Arc::new(File { content_type: content_type.to_owned(), body });
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), file);
        format!("{}{path}", self.base)
    }

    fn find(&self, path: &str) -> Option<Arc<File>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// A content with what Zendesk adds to it: type and size of the file behind `mediaUrl`.
    pub(crate) fn completed(&self, content: &Value) -> Value {
        let mut content = content.clone();
        let known = content["mediaUrl"].as_str().and_then(|url| self.find(url.strip_prefix(&self.base)?));
        if let Some(file) = known {
            content["mediaType"] = json!(file.content_type);
            content["mediaSize"] = json!(file.body.len());
        }
        content
    }
}

pub(crate) async fn upload(
    State(app): State<Arc<App>>,
    Path(app_id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refused> {
    app.admit(&headers, &app_id)?;
    if query.get("access").map(String::as_str) != Some("public") {
        return Err(Refused::bad("access is required, and public the only one that is available"));
    }
    if query.get("for").is_some_and(|container| container != "message") {
        return Err(Refused::bad("for must be message"));
    }
    if let Some(id) = query.get("conversationId") {
        app.book().talk(id)?;
    }
    if body.len() > MOST_BYTES {
        return Err(Refused::new(413, "payload_too_large", "Uploads are limited to 50 MB"));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some(boundary) = boundary(kind) else {
        return Err(Refused::new(415, "unsupported_media_type", "content-type must be multipart/form-data"));
    };
    let source = parts(&body, &boundary).into_iter().find(|part| part.name == "source");
    let form = if source.is_some() { json!({ "source": "binary" }) } else { json!({}) };
    app.hold_against_schema("UploadAttachment", &form)?;
    let source = source.ok_or_else(|| Refused::bad("source is required"))?;
    let (Some(name), Some(kind)) = (source.file_name, source.content_type) else {
        return Err(Refused::bad("source must be a file, with its name and type"));
    };
    if source.body.is_empty() {
        return Err(Refused::bad("source is empty"));
    }
    let url = app.media.keep(&name, &kind, Bytes::copy_from_slice(source.body));
    Ok((StatusCode::CREATED, Json(json!({ "attachment": { "mediaUrl": url, "mediaType": kind } }))))
}

pub(crate) async fn fetch(
    State(app): State<Arc<App>>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    app.key.admit(&headers)?;
    let file = app.media.find(&format!("{id}/{}", encoded(&name)));
    let file = file.ok_or_else(|| Refused::new(404, "not_found", "Attachment not found"))?;
    Ok(([(header::CONTENT_TYPE, file.content_type.clone())], file.body.clone()).into_response())
}

fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// One part of a form (RFC 7578).
struct Part<'a> {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    body: &'a [u8],
}

fn boundary(content_type: &str) -> Option<String> {
    let (kind, rest) = content_type.split_once(';')?;
    let is_form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
    let boundary = rest.split(';').find_map(|field| field.trim().strip_prefix("boundary="))?;
    is_form.then(|| format!("\r\n--{}", boundary.trim_matches('"')))
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let find = |from: usize, what: &[u8]| {
        body[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    // The first boundary stands at the very beginning, without a line break before it.
    let mut at = if body.starts_with(&boundary.as_bytes()[2..]) {
        Some(boundary.len() - 2)
    } else {
        find(0, boundary.as_bytes()).map(|at| at + boundary.len())
    };
    let mut parts = Vec::new();
    while let Some(from) = at {
        let Some(end) = find(from, boundary.as_bytes()) else { break };
        if let Some(head) = find(from, b"\r\n\r\n").filter(|head| *head < end) {
            parts.extend(part(&String::from_utf8_lossy(&body[from..head]), &body[head + 4..end]));
        }
        at = Some(end + boundary.len());
    }
    parts
}

fn part<'a>(head: &str, body: &'a [u8]) -> Option<Part<'a>> {
    let (mut disposition, mut content_type) = (None, None);
    for line in head.split("\r\n") {
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-disposition") => {
                disposition = Some(value)
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-type") => {
                content_type = Some(value.trim().to_owned())
            }
            _ => {}
        }
    }
    let field = |name: &str| {
        let fields = disposition?.split(';').map(str::trim);
        let value = fields.filter_map(|field| field.split_once('=')).find(|(key, _)| *key == name)?.1;
        Some(value.trim_matches('"').replace("%22", "\""))
    };
    Some(Part { name: field("name")?, file_name: field("filename"), content_type, body })
}
