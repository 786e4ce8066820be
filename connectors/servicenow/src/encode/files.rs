//! The customer's files: by their address, or uploaded first (CCCIF Media Resource API).

use handover_connector::failure::never;
use handover_connector::http::{self, Part};
use handover_connector::{Attachment, Failure, FailureReason, Message, media};
use serde_json::{Value, json};

use super::exchange;
use crate::API;
use crate::settings::Settings;

const UPLOAD: &str = "/api/now/cccif/media/upload";

/// The files of a message as `message.attachment` has them.
pub fn attached(settings: &Settings, user: &str, message: &Message) -> Result<Vec<Value>, Failure> {
    let files = message.attachments.iter().enumerate();
    files
        .map(|(index, file)| {
            let (url, content_type) = if settings.uploads {
                upload(settings, user, file)?
            } else {
                (file.url.clone(), file.content_type.clone())
            };
            Ok(json!({
                "clientAttachmentId": format!("{}-{index}", message.id),
                "contentType": content_type,
                "fileName": file.file_name(),
                "url": url,
            }))
        })
        .collect()
}

/// Where the instance has the file now, and what it is.
fn upload(settings: &Settings, user: &str, attachment: &Attachment) -> Result<(String, String), Failure> {
    let file = media::read(&attachment.url)?;
    let mut parts =
        vec![Part { name: "user_id", file_name: None, content_type: None, body: user.as_bytes() }];
    if let Some(application) = &settings.provider_application {
        let body = application.as_bytes();
        parts.push(Part { name: "provider_application_id", file_name: None, content_type: None, body });
    }
    parts.push(Part {
        name: "file",
        file_name: Some(attachment.file_name()),
        content_type: Some(&file.content_type),
        body: &file.body,
    });
    let request = http::post(API, UPLOAD).header("accept", "application/json").multipart(&parts);
    // A file that is there twice is in no conversation yet.
    let answer = request.repeatable().send()?;
    exchange::judge(&answer).map_err(Failure::repeatable)?;
    let told: Value = answer.json()?;
    let url = told["result"]["mediaUrl"].as_str().or(told["mediaUrl"].as_str());
    let url =
        url.ok_or_else(|| never(FailureReason::Rejected, "the upload was answered without `mediaUrl`"))?;
    Ok((url.to_owned(), file.content_type))
}
