//! What the desk can besides: files, hours, a list and a stream of events, notes to look up, signs, and a trial; each
//! with the mistakes that its authors could have made.
//!
//! `POST /files` takes a form with a file, and a note names it. `GET /tickets/ID/events?after=EVENT` lists what has
//! happened, `GET /tickets/ID/stream` tells it as it happens, on from `last-event-id`. `GET /tickets/ID/notes` lists the
//! ids of notes, `GET /hours` says whether the desk is open, `GET /me` and `GET /queues` whether the key works.

use handover_connector::http::{self, Part, Response};
use handover_connector::{
    AgentMessage, AttachmentMode, AvailabilityStatus, Batch, Context, Description, Event, Failure,
    FailureReason, Frame, Item, Limits, Message, Participant, Receipt, ReceiptOutcome, RetryAdvice, Sent,
    Session, Subscription, TextFormat, Transport, Update, Verdict, failure, media,
};
use serde_json::{Value, json};

use crate::{DESK, Encoding, Memory, Mistake, SETTINGS};

/// With uploads, and a second schema of its state.
pub fn describe() -> Description {
    let plain = crate::describe(SETTINGS, Encoding::Base64);
    let limits = Limits { attachments: AttachmentMode::Upload, ..plain.limits };
    Description { limits, state_schema: 2, ..plain }
}

fn ticket(session: &Session) -> String {
    session.lookup_keys.first().cloned().unwrap_or_default()
}

fn good(response: Response) -> Result<Value, Failure> {
    if response.is_success() { response.json() } else { Err(failure::of_status(&response)) }
}

fn asked(path: String) -> Result<Value, Failure> {
    good(http::get(DESK, path).send()?).map_err(Failure::repeatable)
}

/// Brings a message with its files.
///
/// # Errors
/// What the desk makes of it.
pub fn send(context: &Context, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let mistake = Mistake::of(context);
    let Some(file) = message.attachments.first() else { return crate::send(context, session, message) };
    let note = |text: &str, file: Option<&Value>| {
        let visitor = session.tokens.clone().unwrap_or_default();
        let body = json!({ "text": text, "id": message.id, "file": file });
        let request = http::post(DESK, format!("/tickets/{}/notes", ticket(session)));
        good(request.header("x-visitor", visitor).json(&body).send()?).map(drop)
    };
    if mistake.is("words-before-the-file") {
        note(&message.text, None)?;
    }
    let gone = |failure: Failure| match mistake.is("gone-file-called-safe") {
        true => Failure { retry: RetryAdvice::Safe(None), ..failure },
        false => failure,
    };
    let mut body = media::read(&file.url).map_err(gone)?.body;
    if mistake.is("file-taken-for-a-text") {
        body = String::from_utf8_lossy(&body).into_owned().into_bytes();
    }
    let request = http::post(DESK, "/files");
    let request = match mistake.is("separator-never-changes") {
        true => {
            let head = "--desk\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n".as_bytes();
            request.body("multipart/form-data; boundary=desk", [head, &body, b"\r\n--desk--\r\n"].concat())
        }
        false => request.multipart(&[Part {
            name: "file",
            file_name: Some(&file.name),
            content_type: Some(&file.content_type),
            body: &body,
        }]),
    };
    let stored = good(request.repeatable().send()?).map_err(Failure::repeatable)?;
    if !mistake.is("words-before-the-file") {
        note(&message.text, Some(&stored["file"]))?;
    }
    Ok(Sent { vendor_message_id: None, update: Update { state: None, tokens: None } })
}

/// Whether the desk is open.
///
/// # Errors
/// Where it does not say.
pub fn check(context: &Context) -> Result<AvailabilityStatus, Failure> {
    let said = match asked("/hours".to_owned()) {
        Err(_) if Mistake::of(context).is("closed-when-nobody-answers") => json!({ "open": false }),
        said => said?,
    };
    let open = said["open"].as_bool().ok_or_else(|| failure::never(FailureReason::Rejected, "no hours"))?;
    Ok(AvailabilityStatus { open, agents_online: None, queue_length: None, wait_seconds: None })
}

/// Whether the desk has a note.
///
/// # Errors
/// Where it does not say.
pub fn find(context: &Context, session: &Session, message: &Message) -> Result<Verdict, Failure> {
    let listed = match asked(format!("/tickets/{}/notes", ticket(session))) {
        Err(_) if Mistake::of(context).is("not-taken-when-nobody-answers") => json!({ "notes": [] }),
        listed => listed?,
    };
    let notes = listed["notes"].as_array();
    let notes = notes.ok_or_else(|| failure::never(FailureReason::Rejected, "no notes"))?;
    Ok(if notes.contains(&json!(message.id)) { Verdict::Taken(None) } else { Verdict::NotTaken })
}

/// Typing, where the desk shows it.
///
/// # Errors
/// What the desk makes of it.
pub fn typing(session: &Session, on: bool) -> Result<(), Failure> {
    let request = http::post(DESK, format!("/tickets/{}/typing", ticket(session)));
    good(request.json(&json!({ "on": on })).repeatable().send()?).map(drop)
}

/// What became of a note of the agent's; the desk is told of what is lost.
///
/// # Errors
/// What the desk makes of it.
pub fn report(context: &Context, session: &Session, receipt: &Receipt) -> Result<(), Failure> {
    let ReceiptOutcome::NotDelivered(why) = &receipt.outcome else { return Ok(()) };
    if Mistake::of(context).is("loss-not-told") {
        return Ok(());
    }
    let request = http::post(DESK, format!("/tickets/{}/lost", ticket(session)));
    good(request.json(&json!({ "note": receipt.message_id, "why": why })).repeatable().send()?).map(drop)
}

/// State of the first schema was the ticket's id, and nothing else.
///
/// # Errors
/// Where it is none.
pub fn migrate(context: &Context, state: &str) -> Result<String, Failure> {
    let mistake = Mistake::of(context);
    if mistake.is("old-state-breaks-it") {
        assert!(state.starts_with("t-"), "no ticket");
    }
    if !state.starts_with("t-") {
        return Err(failure::never(FailureReason::Rejected, "the older state names no ticket"));
    }
    let ticket = (!mistake.is("old-state-forgotten")).then(|| state.to_owned());
    Ok(Memory { ticket, ..Memory::default() }.written())
}

/// What has happened since the cursor, the last event's id.
///
/// # Errors
/// Where the desk does not say.
pub fn poll(context: &Context, session: &Session, cursor: Option<String>) -> Result<Batch, Failure> {
    let mistake = Mistake::of(context);
    let before = cursor.unwrap_or_default();
    let listed = match asked(format!("/tickets/{}/events?after={before}", ticket(session))) {
        Err(_) if mistake.is("cursor-goes-on-without-an-answer") => {
            return Ok(batch(Vec::new(), "e-2".to_owned()));
        }
        listed => listed?,
    };
    let events = listed["events"].as_array();
    let events = events.ok_or_else(|| failure::never(FailureReason::Rejected, "no events"))?;
    let prefix = if mistake.is("two-names-for-one-event") { "list/" } else { "" };
    let mut events = events.clone();
    for event in events.iter_mut().filter(|_| mistake.is("text-of-the-list-trimmed")) {
        event["text"] = json!(word(&event["text"]).chars().take(280).collect::<String>());
    }
    let items = events.iter().map(|event| item(event, format!("{prefix}{}", word(&event["id"]))));
    let cursor = events.last().map_or(before, |last| word(&last["id"]));
    Ok(batch(items.collect(), cursor))
}

/// The stream, on from the cursor.
pub fn open(context: &Context, session: &Session, cursor: Option<String>) -> Subscription {
    let mistake = Mistake::of(context);
    let mut request = http::get(DESK, format!("/tickets/{}/stream", ticket(session)));
    if let Some(cursor) = cursor.filter(|_| !mistake.is("stream-begins-anew")) {
        request = request.header("last-event-id", cursor);
    }
    Subscription {
        upstream: DESK.to_owned(),
        transport: Transport::ServerSentEvents,
        request: request.into_request(),
    }
}

/// One frame of it.
///
/// # Errors
/// Where it cannot be read.
pub fn read(context: &Context, session: &Session, frame: &Frame) -> Result<Batch, Failure> {
    let mistake = Mistake::of(context);
    let cursor = frame.id.clone().unwrap_or_default();
    let data = serde_json::from_slice::<Value>(&frame.data);
    if mistake.is("frame-breaks-it") {
        assert!(data.is_ok(), "no JSON");
    }
    let mut event = data.map_err(|_| failure::never(FailureReason::Rejected, "a frame that is no JSON"))?;
    if mistake.is("text-of-the-stream-trimmed") {
        event["text"] = json!(word(&event["text"]).lines().next());
    }
    let mut memory = Memory::read(&session.state);
    let mut name = word(&event["id"]);
    if mistake.is("named-by-counting") {
        memory.notes.push('1');
        name = format!("e-{}", memory.notes.len());
    }
    let mut batch = batch(vec![item(&event, name)], cursor);
    if mistake.is("named-by-counting") {
        batch.update.state = Some(memory.written());
    }
    Ok(batch)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn batch(items: Vec<Item>, cursor: String) -> Batch {
    Batch { items, cursor, next_delay: None, update: Update { state: None, tokens: None } }
}

fn item(told: &Value, dedupe_id: String) -> Item {
    let author = Participant { id: None, name: Some(word(&told["from"])), role: None, avatar_url: None };
    let event = match told["kind"].as_str() {
        Some("joined") => Event::Joined(author),
        Some("note") if told["text"] == "" => Event::Ignored("an empty note".to_owned()),
        Some("note") => Event::Message(AgentMessage {
            id: Some(word(&told["id"])),
            author,
            text: word(&told["text"]),
            format: TextFormat::Plain,
            attachments: Vec::new(),
            reply_to: None,
        }),
        _ => Event::Ignored("of a kind that is not known".to_owned()),
    };
    Item { dedupe_id, time: None, event }
}

/// What the operator's check tries, each with what came of it.
pub fn tried(context: &Context) -> Vec<(&'static str, Option<Failure>)> {
    let mistake = Mistake::of(context);
    if mistake.is("trial-leaves-a-trace") {
        drop(http::post(DESK, "/tickets").json(&json!({ "subject": "a trial" })).send());
    }
    let try_one = |subject, path: &str| {
        let failed = asked(path.to_owned()).err().filter(|_| !mistake.is("trial-always-good"));
        let refused = |failure: Failure| match mistake.is("trial-names-no-key") {
            true => Failure { reason: FailureReason::Rejected, ..failure },
            false => failure,
        };
        (subject, failed.map(refused))
    };
    let mut all = vec![try_one("the API key is known", "/me")];
    if all[0].1.is_none() {
        all.push(try_one("there is a queue", "/queues"));
    }
    all
}
