//! Hands back too much: a state, an answer, many events, a long refusal; the message's text, or the body, says which.

use handover_connector::{
    AgentMessage, Answer, CallbackRequest, Context, Event, Failure, Mapped, MappedEvent, Message,
    Participant, Refusal, Sent, Session, TextFormat,
};
use sandbox_guests::{Guest, failure, sent};

struct GiantAnswer;

impl Guest for GiantAnswer {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        match message.text.as_str() {
            "state" => Ok(sent("x".repeat(100 << 10))),
            "larger state" => Ok(sent("x".repeat(40 << 20))),
            _ => Err(failure("\u{1b}[31m\n".repeat(1 << 20))),
        }
    }

    fn map(_: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        let mut mapped = Mapped { events: Vec::new(), answer: None, answer_when_closed: None };
        match request.body.as_slice() {
            b"answer" => {
                mapped.answer = Some(Answer { status: 200, headers: Vec::new(), body: vec![b'x'; 40 << 20] });
            }
            b"many events" => mapped.events = (0..50_000).map(|_| event(String::new())).collect(),
            b"long names" => mapped.events = vec![event("x".repeat(2 << 20))],
            b"long dedupe id" => {
                mapped.events =
                    vec![MappedEvent { dedupe_id: Some("x".repeat(2 << 20)), ..event(String::new()) }];
            }
            _ => return Err(Refusal::Malformed("\u{1b}[31m\n".repeat(1 << 20))),
        }
        Ok(mapped)
    }
}

/// What is large in it is neither its text nor its key.
fn event(name: String) -> MappedEvent {
    MappedEvent {
        lookup_key: String::new(),
        dedupe_id: None,
        time: None,
        event: Event::Message(AgentMessage {
            id: None,
            author: Participant { id: None, name: Some(name), role: None, avatar_url: None },
            text: String::new(),
            format: TextFormat::Plain,
            attachments: Vec::new(),
            reply_to: None,
        }),
    }
}

sandbox_guests::sin!(GiantAnswer);
