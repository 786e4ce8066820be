//! Behaves, and is asked what has happened: by polls, and by a stream where the problem at the start was `stream`.
//!
//! A poll's response, and a frame's data, is the cursor in its first line, with the next delay in milliseconds behind
//! it where there is one, and in each line after it an event: `name kind text`, as the echo writes them.

use handover_connector::{
    Batch, Context, Event, Failure, FailureReason, Feed, Frame, Item, Message, NewSession, RetryAdvice, Sent,
    Session, StartOutcome, Started, Subscription, Transport, Update, http,
};
use sandbox_guests::{API, Guest, UNCHANGED, echo, failure, sent};

struct Feeds;

impl Guest for Feeds {
    fn start(_: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        Ok(StartOutcome::Started(Started {
            lookup_keys: vec![session.id],
            state: session.problem.unwrap_or_default(),
            tokens: Some("first".to_owned()),
            events: Vec::new(),
            problem_told: false,
        }))
    }

    fn send(_: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        http::post(API, "/sent").body("text/plain", message.text).send()?;
        Ok(sent(session.state))
    }
}

impl Feed for Feeds {
    fn poll(_: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        let tokens = session.tokens.unwrap_or_default();
        let path = format!("/poll/{}?after={}&token={tokens}", session.id, cursor.unwrap_or_default());
        let response = http::get(API, path).send()?;
        let body = String::from_utf8_lossy(&response.body).into_owned();
        match response.status {
            200 => batch(&body, UNCHANGED),
            // A new token; what there is comes with the next poll.
            401 => batch(&body, Update { state: None, tokens: Some("second".to_owned()) }),
            404 => Err(Failure { reason: FailureReason::ConversationGone, ..failure(body) }),
            429 => Err(Failure {
                reason: FailureReason::RateLimited,
                retry: RetryAdvice::Safe(Some(1_500)),
                detail: body,
            }),
            _ => Err(Failure {
                reason: FailureReason::Unavailable,
                retry: RetryAdvice::Safe(None),
                detail: body,
            }),
        }
    }

    fn open(_: Context, session: Session, cursor: Option<String>) -> Result<Option<Subscription>, Failure> {
        if !session.state.starts_with("stream") {
            return Ok(None);
        }
        let tokens = session.tokens.unwrap_or_default();
        let path = format!("/stream/{}?after={}&token={tokens}", session.id, cursor.unwrap_or_default());
        let request = http::get(API, path).into_request();
        let transport = Transport::ServerSentEvents;
        Ok(Some(Subscription { upstream: API.to_owned(), transport, request }))
    }

    fn read(_: Context, _: Session, frame: Frame) -> Result<Batch, Failure> {
        batch(&String::from_utf8_lossy(&frame.data), UNCHANGED)
    }
}

fn batch(text: &str, update: Update) -> Result<Batch, Failure> {
    let mut lines = text.lines();
    let mut head = lines.next().unwrap_or_default().split(' ');
    let cursor = head.next().unwrap_or_default().to_owned();
    let next_delay = head.next().and_then(|delay| delay.parse().ok());
    let items: Result<Vec<Item>, Failure> = lines.map(item).collect();
    Ok(Batch { items: items?, cursor, next_delay, update })
}

fn item(line: &str) -> Result<Item, Failure> {
    let mut words = line.splitn(3, ' ');
    let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut event = echo::event(kind, words.next().unwrap_or_default())
        .ok_or_else(|| failure(format!("no event {kind:?}")))?;
    if let Event::Message(message) = &mut event {
        message.id = Some(name.to_owned());
        message.attachments.clear();
        message.reply_to = None;
    }
    Ok(Item { dedupe_id: name.to_owned(), time: None, event })
}

sandbox_guests::sin!(Feeds, Feed);
