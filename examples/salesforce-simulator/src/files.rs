//! Files that customers send: a form with the entry and the file.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use agent_desk::{Attachment, Incoming};
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, Multipart, Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{MethodRouter, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Organization,
    conversations::{self, Frame},
    fields::check_id,
    refusal::Refusal,
    tokens::Visitor,
};

/// Largest file.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Files that are kept.
const MOST_FILES: usize = 100;

/// What customers have sent, the oldest first.
#[derive(Default)]
pub(crate) struct Files(Mutex<VecDeque<(String, File)>>);

#[derive(Clone)]
struct File {
    name: String,
    content_type: String,
    bytes: Bytes,
}

impl Files {
    fn keep(&self, id: &str, file: File) {
        let mut files = self.lock();
        if files.len() >= MOST_FILES {
            files.pop_front();
        }
        files.push_back((id.to_owned(), file));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, File)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part `messageEntry`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sent {
    message: Message,
    #[serde(flatten)]
    frame: Frame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    id: String,
    file_id: String,
    #[serde(default)]
    text: String,
    in_reply_to_message_id: Option<String>,
}

pub(crate) fn upload_route() -> MethodRouter<Arc<Organization>> {
    // A little more, so that what is too large is told to be.
    post(upload).layer(DefaultBodyLimit::max(MOST_BYTES + 1024 * 1024))
}

async fn upload(
    State(app): State<Arc<Organization>>,
    Path(conversation): Path<String>,
    visitor: Visitor,
    form: Multipart,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let (sent, file) = parts(form).await?;
    let Message { id, file_id, text, in_reply_to_message_id } = sent.message;
    check_id("message.id", &id)?;
    check_id("message.fileId", &file_id)?;
    if file.bytes.len() > MOST_BYTES {
        return Err(Refusal::too_large());
    }
    let url = format!("{}/files/{file_id}", app.url);
    let (name, kind) = (file.name.clone(), file.content_type.clone());
    let content = json!({
        "formatType": "Attachments",
        "text": text,
        "attachments": [{ "id": file_id, "name": name, "mimeType": kind, "url": url }],
    });
    let attachments = vec![Attachment { name, content_type: kind, url }];
    let incoming = Incoming { text, attachments, ..Incoming::default() };
    let reply_to = in_reply_to_message_id.as_deref();
    let taken =
        conversations::take(&app, &conversation, &visitor, &sent.frame, &id, incoming, content, reply_to)?;
    app.files.keep(&file_id, file);
    Ok(taken)
}

async fn parts(mut form: Multipart) -> Result<(Sent, File), Refusal> {
    let broken = |_| Refusal::bad("The form cannot be read.");
    let (mut sent, mut file) = (None, None);
    while let Some(part) = form.next_field().await.map_err(broken)? {
        let kind = part.content_type().map(str::to_owned);
        match part.name() {
            Some("messageEntry") if kind.as_deref() == Some("application/json") => {
                let bytes = part.bytes().await.map_err(broken)?;
                let read = serde_json::from_slice(&bytes);
                sent = Some(
                    read.map_err(|error| Refusal::bad(format!("The messageEntry isn't valid: {error}")))?,
                );
            }
            Some("fileData") => {
                let name = part.file_name().map(str::to_owned);
                let name = name.ok_or_else(|| Refusal::bad("The fileData has no file name."))?;
                let content_type = kind.ok_or_else(|| Refusal::bad("The fileData has no content type."))?;
                file = Some(File { name, content_type, bytes: part.bytes().await.map_err(broken)? });
            }
            _ => return Err(Refusal::bad("A part of the form isn't valid.")),
        }
    }
    match (sent, file) {
        (Some(sent), Some(file)) => Ok((sent, file)),
        _ => Err(Refusal::bad("Specify the messageEntry and the fileData.")),
    }
}

pub(crate) async fn download(
    State(app): State<Arc<Organization>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let found = app.files.lock().iter().find(|(known, _)| *known == id).map(|(_, file)| file.clone());
    let file = found.ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, file.content_type)], file.bytes))
}
