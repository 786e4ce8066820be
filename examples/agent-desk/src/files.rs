//! Files that go with messages, kept for whoever is told of them: the agent's for the gateway, the customer's for agents.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use url::Url;

use crate::{
    desk::Desk,
    message::{Attachment, fresh_id},
    refusal::Refusal,
};

/// Largest file, in bytes.
const MOST_BYTES: usize = 50 * 1024 * 1024;
/// Most bytes that all of them have, and most files; the oldest makes room.
const MOST_KEPT: usize = 2 * MOST_BYTES;
const MOST_FILES: usize = 1_000;

#[derive(Default)]
pub(crate) struct Files(Mutex<VecDeque<File>>);

#[derive(Clone)]
struct File {
    id: String,
    content_type: String,
    content: Bytes,
}

impl Desk {
    /// Keeps a file; what to tell of it. Its address cannot be guessed, and fetching it is the operation `file`.
    ///
    /// # Errors
    /// It has more than 50 MiB, or the desk is not served yet: then it has no address.
    pub fn keep_file(&self, name: &str, content_type: &str, content: Bytes) -> Result<Attachment, Refusal> {
        if content.len() > MOST_BYTES {
            return Err(Refusal::Bad(format!("A file here has {MOST_BYTES} bytes at most")));
        }
        let base = self.inner.base.get().and_then(|base| base.parse::<Url>().ok());
        let mut url = base.ok_or_else(|| Refusal::Conflict("The desk is not served yet".to_owned()))?;
        let id = fresh_id();
        if let Ok(mut path) = url.path_segments_mut() {
            // A name of dots would be a step in the path.
            path.clear().extend([
                "desk",
                "files",
                &id,
                if name.trim_matches('.').is_empty() { "file" } else { name },
            ]);
        }
        let mut files = self.inner.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.push_back(File { id, content_type: content_type.to_owned(), content });
        while files.len() > MOST_FILES
            || files.iter().map(|file| file.content.len()).sum::<usize>() > MOST_KEPT
        {
            files.pop_front();
        }
        Ok(Attachment { name: name.to_owned(), content_type: content_type.to_owned(), url: url.into() })
    }

    /// The bytes of a file by the address that [`Desk::keep_file`] told, for vendors whose agents upload them; none
    /// where it is not kept here, or no longer.
    pub fn kept_file(&self, url: &str) -> Option<Bytes> {
        let rest = url.strip_prefix(self.inner.base.get()?)?.strip_prefix("/desk/files/")?;
        let (id, _) = rest.split_once('/')?;
        let files = self.inner.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().find(|file| file.id == id).map(|file| file.content.clone())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

pub(crate) fn routes(desk: &Desk) -> Router<Desk> {
    Router::new()
        .route("/desk/files", post(keep).layer(DefaultBodyLimit::max(MOST_BYTES)))
        .route("/desk/files/{id}/{name}", desk.operation("file", get(fetch)))
}

async fn keep(
    State(desk): State<Desk>,
    Query(Named { name }): Query<Named>,
    headers: HeaderMap,
    content: Bytes,
) -> Result<Json<Attachment>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    desk.keep_file(&name, kind.unwrap_or("application/octet-stream"), content).map(Json)
}

async fn fetch(State(desk): State<Desk>, Path((id, _)): Path<(String, String)>) -> Response {
    let found = {
        let files = desk.inner.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().find(|file| file.id == id).cloned()
    };
    let Some(file) = found else { return StatusCode::NOT_FOUND.into_response() };
    let kind = HeaderValue::try_from(file.content_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    // Never shown as a page of this server.
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"))];
    (headers, file.content).into_response()
}
