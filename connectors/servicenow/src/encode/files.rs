//! The customer's files: by their address, or uploaded first (CCCIF Media Resource API).

use handover_connector::http::{self, Part};
use handover_connector::{Attachment, Failure, FailureReason, Message, RetryAdvice, media};
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
            let (url, content_type) = if settings.uploads() {
                upload(settings, user, file)?
            } else {
                (file.url.clone(), file.content_type.clone())
            };
            Ok(json!({
                "clientAttachmentId": format!("{}-{index}", message.id),
                "contentType": content_type,
                "fileName": name(file),
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
    if let Some(application) = settings.provider_application() {
        let body = application.as_bytes();
        parts.push(Part { name: "provider_application_id", file_name: None, content_type: None, body });
    }
    parts.push(Part {
        name: "file",
        file_name: Some(name(attachment)),
        content_type: Some(&file.content_type),
        body: &file.body,
    });
    let answer = http::post(API, UPLOAD).header("accept", "application/json").multipart(&parts).send();
    let answer = answer.and_then(|answer| exchange::judge(&answer).map(|()| answer)).map_err(|failure| {
        match failure.retry {
            // A file that is there twice is in no conversation yet.
            RetryAdvice::UnknownOutcome => Failure { retry: RetryAdvice::Safe(None), ..failure },
            _ => failure,
        }
    })?;
    let told: Value = answer.json()?;
    let url = told["result"]["mediaUrl"].as_str().or(told["mediaUrl"].as_str());
    match url {
        Some(url) => Ok((url.to_owned(), file.content_type)),
        None => Err(Failure {
            reason: FailureReason::Rejected,
            retry: RetryAdvice::Never,
            detail: "the upload was answered without `mediaUrl`".to_owned(),
        }),
    }
}

/// "fileName: Required".
fn name(attachment: &Attachment) -> &str {
    if attachment.name.trim().is_empty() { "file" } else { &attachment.name }
}
