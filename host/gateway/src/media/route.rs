//! `GET /api/media/{token}`: streams one file through, from where it is to whoever has its address.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use handover_handoff::Session;
use handover_handoff::delivery::{Delivery, Parcel};
use handover_handoff::vendor::Attachment;
use handover_sandbox::files::NoFile;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use super::kind;
use super::source::Opened;
use super::to_customer::at_upstream;
use super::token::{Bad, Statement};
use crate::clock;
use crate::front::Embeddable;
use crate::gateway::Gateway;

/// What stands in `filename*` as it is (RFC 8187, attr-char).
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// Longest name of a file that is told, in characters.
const LONGEST: usize = 120;

/// Chunks that wait for a slow reader.
const AHEAD: usize = 2;

pub(crate) async fn serve(State(gateway): State<Arc<Gateway>>, Path(token): Path<String>) -> Response {
    let media = &gateway.media;
    let statement = match media.seals.open(&token, clock::now()) {
        Ok(statement) => statement,
        Err(Bad::Forged) => return refuse(StatusCode::NOT_FOUND),
        Err(Bad::Expired) => return refuse(StatusCode::GONE),
    };
    let Ok(place) = Arc::clone(&media.places).try_acquire_owned() else {
        if let Some(times) = media.full.tell() {
            tracing::warn!(
                times,
                "as many files as `media.files` are being served; further ones are to come again"
            );
        }
        let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        return response;
    };
    let found = match media.find(&statement).await {
        Ok(Some(found)) => found,
        Ok(None) => return refuse(StatusCode::GONE),
        Err(error) => {
            tracing::error!(reason = %error, "a file's message could not be looked up");
            return refuse(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let (session, delivery) = found;
    let opened = open(&gateway, &session, &delivery, &statement).await;
    match opened {
        Ok((file, opened)) => {
            let bound = media.limits.file_bytes.get();
            if opened.length.is_some_and(|length| length > bound) {
                return refuse(StatusCode::BAD_GATEWAY);
            }
            stream(file, opened, bound, Duration::from_millis(media.limits.file_ms.get()), place)
        }
        Err(why) => {
            tracing::warn!(session = %session.id, reason = %why, "a file was asked for and cannot be had");
            refuse(match why {
                NoFile::Unknown(_) => StatusCode::NOT_FOUND,
                NoFile::Gone(_) => StatusCode::GONE,
                NoFile::Unavailable(_) | NoFile::TooLarge { .. } => StatusCode::BAD_GATEWAY,
            })
        }
    }
}

async fn open<'a>(
    gateway: &Gateway,
    session: &Session,
    delivery: &'a Delivery,
    statement: &Statement,
) -> Result<(&'a Attachment, Opened), NoFile> {
    let none = || NoFile::Unknown("the message has no such file".to_owned());
    let (media, nth) = (&gateway.media, usize::from(statement.nth));
    match &delivery.parcel {
        Parcel::Message(message) => {
            let file = message.attachments.get(nth).ok_or_else(none)?;
            Ok((file, media.source.open(session, &file.url).await?))
        }
        Parcel::AgentMessage(message) => {
            let file = message.attachments.get(nth).ok_or_else(none)?;
            let (upstream, path) = at_upstream(&file.url).ok_or_else(none)?;
            let connector = gateway.sandbox.connector(&session.connector).ok_or_else(none)?;
            let response = connector.download(upstream, path, media.limits.patience()).await?;
            Ok((file, Opened::of(response)))
        }
        _ => Err(none()),
    }
}

/// Begins the answer; what comes of the file goes through as it comes. One that proves too large, or takes too long, is
/// broken off: an answer that is cut short must not look whole.
fn stream(
    file: &Attachment,
    opened: Opened,
    bound: u64,
    patience: Duration,
    place: OwnedSemaphorePermit,
) -> Response {
    let Opened { kind: told, length, mut body } = opened;
    let named = kind::essence(&file.content_type).filter(|kind| !kind::is_vague(kind));
    let kind = named.or(told).unwrap_or_else(|| "application/octet-stream".to_owned());
    let (send, receive) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let _place = place;
        let breaks = |why: &str| Err(std::io::Error::other(why.to_owned()));
        let mut left = bound;
        let passing = async {
            loop {
                let next = tokio::select! {
                    next = body.chunk() => next,
                    // Whoever asked has gone: nobody waits for what does not come.
                    () = send.closed() => return,
                };
                let next = match next {
                    Ok(None) => return,
                    Ok(Some(chunk)) if chunk.len() as u64 <= left => {
                        left -= chunk.len() as u64;
                        Ok(chunk)
                    }
                    Ok(Some(_)) => breaks("it is too large"),
                    Err(_) => breaks("its source broke off"),
                };
                let ends = next.is_err();
                if send.send(next).await.is_err() || ends {
                    return;
                }
            }
        };
        if timeout(patience, passing).await.is_err() {
            drop(send.try_send(breaks("it takes too long")));
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(receive)));
    response.extensions_mut().insert(Embeddable);
    let headers = response.headers_mut();
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    let how = if kind::is_picture(&kind) { "inline" } else { "attachment" };
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition(how, &file.name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The file's name for whoever saves it, in both spellings (RFC 6266).
fn disposition(how: &str, name: &str) -> String {
    let name: String =
        name.chars().filter(|c| !c.is_control() && !"/\\".contains(*c)).take(LONGEST).collect();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._ ".contains(c) { c } else { '_' }).collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, NAME))
}

/// Without a word on why.
fn refuse(status: StatusCode) -> Response {
    (status, axum::Json(json!({ "error": "there is no such file" }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_breaks_out_of_no_header() {
        assert_eq!(
            disposition("inline", "../är\"ger;\r\n.png"),
            "inline; filename=\"..__r_ger_.png\"; filename*=UTF-8''..%C3%A4r%22ger%3B.png"
                .replace("..__r_ger_", "..\u{5f}r_ger_")
        );
        assert!(disposition("attachment", &"x".repeat(9000)).len() < 400);
    }
}
