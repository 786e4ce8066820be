//! `POST /api/now/cccif/media/upload`: private files for Virtual Agent (CCCIF Media Resource API).

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use crate::{Instance, refusal::Refusal, users::sys_id};

pub fn routes(instance: &Arc<Instance>) -> Router<Arc<Instance>> {
    let route = || {
        let route = post(upload).fallback(|| async { Refusal::METHOD });
        instance.desk.operation("upload", route.layer(DefaultBodyLimit::max(50 << 20)))
    };
    Router::new()
        .route("/api/now/cccif/media/upload", route())
        .route("/api/now/v1/cccif/media/upload", route())
}

async fn upload(
    State(instance): State<Arc<Instance>>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refusal> {
    instance.admit(&headers)?;
    let mut form = form.map_err(|_| Refusal::bad("The body is no form"))?;
    let (mut user, mut file) = (None, None);
    loop {
        let field = form.next_field().await.map_err(|_| Refusal::bad("The form breaks off"))?;
        let Some(field) = field else { break };
        let name = field.name().unwrap_or_default().to_owned();
        let (file_name, kind) =
            (field.file_name().map(str::to_owned), field.content_type().map(str::to_owned));
        let content: Bytes = field.bytes().await.map_err(|_| Refusal::bad("The form breaks off"))?;
        match (name.as_str(), file_name) {
            ("user_id", None) if !content.is_empty() => user = Some(content),
            ("file", Some(name)) if !name.is_empty() => file = Some((name, kind, content)),
            ("provider_application_id", None) => {}
            _ => return Err(Refusal::bad("user_id, provider_application_id and file are the fields")),
        }
    }
    let (Some(_), Some((name, kind, content))) = (user, file) else {
        return Err(Refusal::bad("user_id and file are required"));
    };
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    let kept =
        instance.desk.keep_file(&name, &kind, content).map_err(|_| Refusal::bad("The file is too large"))?;
    let told = json!({ "result": { "mediaUrl": kept.url, "name": name, "state": "available", "attachmentId": sys_id() } });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}
