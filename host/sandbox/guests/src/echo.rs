//! The fixture that behaves: it says back what it was given, so that a test sees what crosses the border and how.

use handover_connector::{
    AgentMessage, Answer, Attachment, CallbackRequest, Connector, Context, Delivery, DeliveryStatus,
    Description, EndReason, Ended, Event, Failure, FailureReason, Mapped, MappedEvent, Message, NewSession,
    Participant, Progress, QueueStatus, Receipt, Refusal, RetryAdvice, RoutingResult, Sent, Session, Signals,
    StartOutcome, Started, TextFormat, Transfer, Typing, Update, http,
};

use crate::{API, description};

/// One version of it: what an example names its own.
pub trait Version {
    /// What it calls itself, e.g. `1.0.0`.
    const NUMBER: &'static str;
}

/// The connector, in the version `V`.
pub struct Echo<V>(std::marker::PhantomData<V>);

impl<V> Echo<V> {
    /// It has nothing in it.
    pub const NEW: Self = Self(std::marker::PhantomData);
}

/// Makes a component of the version that calls itself so.
#[macro_export]
macro_rules! echo {
    ($number:literal) => {
        struct Number;

        impl $crate::echo::Version for Number {
            const NUMBER: &'static str = $number;
        }

        type Echo = $crate::echo::Echo<Number>;

        // Built for the machine that tests run on nothing else uses them.
        const _: (Number, Echo) = (Number, Echo::NEW);

        handover_connector::export!(Echo: Connector, Signals);
    };
}

impl<V: Version> Connector for Echo<V> {
    fn describe() -> Description {
        Description {
            name: "echo".to_owned(),
            version: V::NUMBER.to_owned(),
            vendor: "Echo, Ünlimited".to_owned(),
            ..description()
        }
    }

    /// The problem chooses the outcome; the state is all that was given, as Rust writes it.
    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        let given = format!("{} {context:?} {session:?}", V::NUMBER);
        let problem = session.problem.clone().unwrap_or_default();
        match (problem.as_str(), &session.progress) {
            ("in two steps", None) => {
                return Ok(StartOutcome::Continue(Progress {
                    state: "one step done".to_owned(),
                    tokens: Some("visitor-token".to_owned()),
                }));
            }
            (problem, _) if problem.starts_with("refuse:") => return Err(refuse(problem)),
            _ => {}
        }
        let started = Started {
            lookup_keys: vec![format!("echo-{}", session.id), "second-key".to_owned()],
            state: given,
            tokens: session.tokens,
            events: vec![
                Event::Queued(QueueStatus {
                    position: Some(3),
                    wait_seconds: Some(60),
                    text: Some("gleich 🙂".to_owned()),
                }),
                Event::Joined(agent("Ädä")),
            ],
            problem_told: problem != "in two steps",
        };
        Ok(match problem.as_str() {
            "prove it later" => StartOutcome::Accepted(started),
            _ => StartOutcome::Started(started),
        })
    }

    /// The text chooses what happens; the state grows by the text.
    fn send(_: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        match message.text.as_str() {
            "say all" => {
                return Ok(crate::sent(format!("{session:?} {message:?}")));
            }
            "wait at the gate" => drop(http::get(API, "/gate").send()?),
            text if text.starts_with("refuse:") => return Err(refuse(text)),
            _ => {}
        }
        Ok(Sent {
            vendor_message_id: Some(message.id),
            update: Update {
                state: Some(format!("{}|{}:{}", session.state, V::NUMBER, message.text)),
                tokens: session.tokens,
            },
        })
    }

    fn end(_: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        Ok(Update { state: Some(format!("{}|{} ended {reason:?}", session.state, V::NUMBER)), tokens: None })
    }

    /// Each line of the body is `kind key text` and becomes one event.
    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        let body = String::from_utf8(request.body).map_err(|_| Refusal::Malformed("no UTF-8".to_owned()))?;
        let mut events = Vec::new();
        for line in body.lines() {
            let mut words = line.splitn(3, ' ');
            let (Some(kind), Some(key)) = (words.next(), words.next()) else {
                return Err(Refusal::Malformed(format!("no key in {line:?}")));
            };
            let text = words.next().unwrap_or_default();
            events.push(MappedEvent {
                lookup_key: key.to_owned(),
                dedupe_id: Some(line.to_owned()),
                time: Some(request.received),
                event: event(kind, text).ok_or_else(|| Refusal::Unmapped(format!("no event {kind:?}")))?,
            });
        }
        let heard = format!(
            "{} {} {} {} {} {}",
            V::NUMBER,
            request.method,
            request.url,
            request.path,
            context.callback_url,
            context.settings
        );
        Ok(Mapped {
            events,
            answer: Some(Answer { status: 202, headers: request.headers, body: heard.into_bytes() }),
            answer_when_closed: Some(Answer { status: 410, headers: Vec::new(), body: Vec::new() }),
        })
    }
}

impl<V: Version> Signals for Echo<V> {
    fn typing(_: Context, session: Session, on: bool) -> Result<(), Failure> {
        Err(refuse(&format!("refuse:rejected {on} {}", session.state)))
    }

    fn report(_: Context, _: Session, receipt: Receipt) -> Result<(), Failure> {
        Err(refuse(&format!("refuse:rejected {receipt:?}")))
    }
}

fn agent(name: &str) -> Participant {
    Participant {
        id: Some("7".to_owned()),
        name: Some(name.to_owned()),
        role: Some("agent".to_owned()),
        avatar_url: Some("https://echo.example/7.png".to_owned()),
    }
}

fn agent_message(text: &str) -> AgentMessage {
    AgentMessage {
        id: Some("m-1".to_owned()),
        author: agent("Ädä"),
        text: text.to_owned(),
        format: TextFormat::Html,
        attachments: vec![Attachment {
            name: "ärger.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            url: "https://echo.example/1".to_owned(),
            size: Some(1 << 40),
        }],
        reply_to: Some("m-0".to_owned()),
    }
}

/// The event of a kind; none where there is no such kind.
pub fn event(kind: &str, text: &str) -> Option<Event> {
    let some = || Some(text.to_owned());
    Some(match kind {
        "message" => Event::Message(agent_message(text)),
        "edited" => Event::MessageEdited(agent_message(text)),
        "deleted" => Event::MessageDeleted(text.to_owned()),
        "typing" => Event::Typing(Typing { author: None, on: text == "on" }),
        "joined" => Event::Joined(agent(text)),
        "left" => Event::Left(agent(text)),
        "transferred" => Event::Transferred(Transfer {
            from_participant: None,
            to_participant: Some(agent(text)),
            queue: Some("second line".to_owned()),
        }),
        "queued" => {
            Event::Queued(QueueStatus { position: text.parse().ok(), wait_seconds: None, text: None })
        }
        "routed" => Event::Routed(match text {
            "accepted" => RoutingResult::Accepted,
            "no-agents" => RoutingResult::NoAgents,
            "out-of-hours" => RoutingResult::OutOfHours,
            other => RoutingResult::Failed(other.to_owned()),
        }),
        "delivery" => Event::Delivery(Delivery {
            message_id: "m-2".to_owned(),
            status: match text {
                "delivered" => DeliveryStatus::Delivered,
                "read" => DeliveryStatus::Read,
                other => DeliveryStatus::Failed(other.to_owned()),
            },
        }),
        "ended" => Event::Ended(Ended { by: EndReason::LiveAgent, detail: some() }),
        "control-returned" => Event::ControlReturned(some()),
        "reference" => Event::Reference(text.split(' ').map(str::to_owned).collect()),
        "identity-changed" => Event::IdentityChanged(text.to_owned()),
        "ignored" => Event::Ignored(text.to_owned()),
        _ => return None,
    })
}

/// `refuse:reason and why`.
fn refuse(text: &str) -> Failure {
    let (_, wish) = text.split_once(':').unwrap_or_default();
    let (kind, detail) = wish.split_once(' ').unwrap_or((wish, ""));
    let (reason, retry) = match kind {
        "rate-limited" => (FailureReason::RateLimited, RetryAdvice::Safe(Some(1_500))),
        "unavailable" => (FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        "no-agents" => (FailureReason::NoAgents, RetryAdvice::Never),
        "conversation-gone" => (FailureReason::ConversationGone, RetryAdvice::Never),
        "too-large" => (FailureReason::TooLarge, RetryAdvice::Never),
        "unsupported" => (FailureReason::Unsupported, RetryAdvice::Never),
        "moved" => (FailureReason::Moved(detail.to_owned()), RetryAdvice::Safe(None)),
        "misconfigured" => (FailureReason::Misconfigured(detail.to_owned()), RetryAdvice::Never),
        _ => (FailureReason::Rejected, RetryAdvice::Never),
    };
    Failure { reason, retry, detail: detail.to_owned() }
}
