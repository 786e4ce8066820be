//! Carries files both ways: uploads the customer's, one request each, and sends the customer some that only the host may
//! fetch. It does nothing wrong; its vendor takes little: short texts, pictures, and those small.

use handover_connector::{
    AgentMessage, Attachment, AttachmentMode, CallbackRequest, Context, Description, Event, Failure, Limits,
    Mapped, MappedEvent, Message, Participant, Refusal, Sent, Session, TextFormat, TextUnit, failure, http,
    media,
};
use sandbox_guests::{API, Guest, description, sent};

struct CarriesFiles;

impl Guest for CarriesFiles {
    fn describe() -> Description {
        Description {
            limits: Limits {
                text_length: Some(60),
                text_unit: TextUnit::Utf16Units,
                text_formats: vec![TextFormat::Plain],
                attachments: AttachmentMode::Upload,
                attachment_size: Some(4096),
                attachment_types: vec!["image/*".to_owned()],
            },
            ..description()
        }
    }

    /// The text first, then each file. What is remembered is how many requests there were.
    fn send(_: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        let mut asked = session.state.parse().unwrap_or(0);
        if !message.text.is_empty() {
            ask(http::post(API, format!("/said/{}", message.id)).body("text/plain", message.text))?;
            asked += 1;
        }
        for file in &message.attachments {
            let read = media::read(&file.url)?;
            ask(http::post(API, "/uploads")
                .header("x-name", &file.name)
                .body(&read.content_type, read.body))?;
            asked += 1;
        }
        Ok(sent(asked.to_string()))
    }

    /// The lookup key, and on each line that follows the address of a file.
    fn map(_: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        let body = String::from_utf8_lossy(&request.body);
        let mut lines = body.lines().map(str::to_owned);
        let lookup_key = lines.next().unwrap_or_default();
        let file = |url: String| Attachment {
            name: url.rsplit('/').next().unwrap_or_default().to_owned(),
            content_type: if url.ends_with(".png") { "image/png" } else { "application/pdf" }.to_owned(),
            url,
            size: None,
        };
        let message = AgentMessage {
            id: Some("m-1".to_owned()),
            author: Participant { id: None, name: Some("Eve".to_owned()), role: None, avatar_url: None },
            text: "here".to_owned(),
            format: TextFormat::Plain,
            attachments: lines.map(file).collect(),
            reply_to: None,
        };
        let event = Event::Message(message);
        let events = vec![MappedEvent { lookup_key, dedupe_id: None, time: None, event }];
        Ok(Mapped { events, answer: None, answer_when_closed: None })
    }
}

fn ask(request: http::Outgoing<'_>) -> Result<(), Failure> {
    let response = request.send()?;
    if response.is_success() { Ok(()) } else { Err(failure::of_status(&response)) }
}

sandbox_guests::sin!(CarriesFiles);
