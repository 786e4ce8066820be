//! The media repository: uploads, and downloads for those who are known (authenticated media, v1.11).

use std::{collections::HashMap, sync::Arc};

use agent_desk::fresh_id;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{Homeserver, book::Media, refusal::Refusal};

/// `POST /_matrix/media/v3/upload`
pub(crate) async fn upload(
    State(server): State<Arc<Homeserver>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    content: Bytes,
) -> Result<Json<Value>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let name = query.get("filename").map_or("file", String::as_str);
    let media = Media {
        name: name.to_owned(),
        content_type: kind.unwrap_or("application/octet-stream").to_owned(),
        content,
    };
    Ok(Json(json!({ "content_uri": server.keep(media)? })))
}

/// `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}`, with or without a file name behind it.
pub(crate) async fn download(
    State(server): State<Arc<Homeserver>>,
    Path(path): Path<Vec<String>>,
) -> Result<Response, Refusal> {
    let uri = format!("mxc://{}", path.iter().take(2).map(String::as_str).collect::<Vec<_>>().join("/"));
    let media = server.media(&uri).ok_or_else(|| Refusal::not_found("Not found"))?;
    let kind = HeaderValue::try_from(media.content_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
    ];
    Ok((headers, media.content).into_response())
}

impl Homeserver {
    /// Keeps a file; its `mxc://` address.
    pub(crate) fn keep(&self, media: Media) -> Result<String, Refusal> {
        if media.content.len() > self.most_media {
            return Err(Refusal::too_large("Upload request body is too large"));
        }
        let uri = format!("mxc://{}/{}", self.registration.server_name, fresh_id());
        self.book(|book| book.media.insert(uri.clone(), media));
        Ok(uri)
    }

    pub(crate) fn media(&self, uri: &str) -> Option<Media> {
        self.book(|book| book.media.get(uri).cloned())
    }
}
