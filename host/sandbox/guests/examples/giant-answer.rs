//! Hands back too much: a state, an answer, many events, a long refusal; the problem, the message's text, or the body
//! says which.

use handover_connector::{
    AgentMessage, Answer, Attribute, CallbackRequest, Context, Event, Failure, Mapped, MappedEvent, Message,
    NewSession, Participant, Progress, Refusal, Sent, Session, StartOutcome, Started, TextFormat,
};
use sandbox_guests::{Guest, failure, sent};

struct GiantAnswer;

impl Guest for GiantAnswer {
    fn start(_: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        let mut started = Started {
            lookup_keys: vec![session.id],
            state: String::new(),
            tokens: None,
            events: Vec::new(),
            problem_told: false,
        };
        match session.problem.as_deref().unwrap_or_default() {
            "state" => started.state = "x".repeat(100 << 10),
            "tokens" => started.tokens = Some("x".repeat(2 << 20)),
            "long key" => started.lookup_keys = vec!["x".repeat(513)],
            "many keys" => started.lookup_keys = (0..33).map(|n| n.to_string()).collect(),
            "many events" => started.events = (0..1_001).map(|_| ignored()).collect(),
            "progress" => {
                let progress = Progress { state: "x".repeat(100 << 10), tokens: None };
                return Ok(StartOutcome::Continue(progress));
            }
            _ => {}
        }
        Ok(StartOutcome::Started(started))
    }

    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        match message.text.as_str() {
            "state" => Ok(sent("x".repeat(100 << 10))),
            "long id" => Ok(Sent { vendor_message_id: Some("x".repeat(513)), ..sent(String::new()) }),
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
            b"many small events" => {
                mapped.events =
                    (0..1_001).map(|_| MappedEvent { event: ignored(), ..event(String::new()) }).collect();
            }
            b"long key" => {
                mapped.events = vec![MappedEvent { lookup_key: "x".repeat(513), ..event(String::new()) }];
            }
            b"long message id" => {
                let deleted = Event::MessageDeleted("x".repeat(513));
                mapped.events = vec![MappedEvent { event: deleted, ..event(String::new()) }];
            }
            b"many headers" => {
                let header = Attribute { name: "x-a".to_owned(), value: String::new() };
                mapped.answer = Some(Answer { status: 200, headers: vec![header; 65], body: Vec::new() });
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

fn ignored() -> Event {
    Event::Ignored(String::new())
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
