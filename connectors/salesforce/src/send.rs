//! A message of the customer's: its text and its files, each an entry of the conversation with an id of ours.

use handover_connector::failure::never;
use handover_connector::http::{Method, Part, Response};
use handover_connector::{
    Attachment, Context, Failure, FailureReason, Message, Reconcile, RetryAdvice, Sent, Session, Verdict,
    json, media, text,
};
use serde_json::{Value, json};

use crate::request::of_conversation;
use crate::settings::Settings;
use crate::visitor::{self, Visitor};
use crate::{MOST_FILE, MOST_TEXT, Salesforce, feed, ids, refusal};

/// How far before a message's own time its entries are looked for: clocks differ.
const EARLIER: u64 = 600_000;

pub fn send(context: &Context, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let settings = Settings::of(context)?;
    let (visitor, update) = visitor::of_session(context, &settings, session)?;
    let conversation = ids::conversation(session);
    let texts = pieces(&message.text);
    let parts = texts.len() + message.attachments.len();
    if parts == 0 {
        return Err(never(FailureReason::Rejected, "there is neither text nor file in it"));
    }
    // Before anything is said: half a message is worse than none.
    let files = files(message)?;
    // Only where several requests make one message can a part of it be there and another not.
    let there = match message.attempt {
        ..=1 => Vec::new(),
        _ if parts == 1 => Vec::new(),
        _ => taken(&visitor, &conversation, message.time)?,
    };
    // What may be refused goes first: a message that is called lost must not have been read.
    for part in (texts.len()..parts).chain(0..texts.len()) {
        let id = ids::uuid(&message.id, part);
        if there.contains(&id) {
            continue;
        }
        let reply_to = message.reply_to.as_deref().filter(|_| part == 0);
        if let Some(text) = texts.get(part) {
            took(&post(&visitor, &conversation, &body(&settings, &id, text, reply_to))?)?;
        } else {
            let place = part - texts.len();
            let named = (message.attachments[place].name.as_str(), &files[place]);
            upload(&settings, &visitor, &conversation, &id, named, reply_to)?;
        }
    }
    Ok(Sent { vendor_message_id: Some(ids::uuid(&message.id, 0)), update })
}

impl Reconcile for Salesforce {
    /// Taken is a message of which all is there.
    fn find(_: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        let visitor = Visitor::read(&session)?;
        let there = taken(&visitor, &ids::conversation(&session), message.time)?;
        let parts = pieces(&message.text).len() + message.attachments.len();
        let all = (0..parts).all(|part| there.contains(&ids::uuid(&message.id, part)));
        Ok(if all { Verdict::Taken(Some(ids::uuid(&message.id, 0))) } else { Verdict::NotTaken })
    }
}

/// A text as the vendor takes it: nothing where there is nothing to read.
pub fn pieces(text: &str) -> Vec<String> {
    // A NUL ends the text for some of those who read it.
    let text = text.replace('\0', "");
    text::pieces(text.trim(), MOST_TEXT).into_iter().map(str::to_owned).collect()
}

/// A text as an entry.
pub fn body(settings: &Settings, id: &str, text: &str, reply_to: Option<&str>) -> Value {
    let mut body = json!({
        "message": {
            "id": id,
            "messageType": "StaticContentMessage",
            "staticContent": { "formatType": "Text", "text": text },
        },
        "esDeveloperName": settings.deployment,
        "isNewMessagingSession": false,
    });
    if let Some(reply_to) = reply_to {
        body["message"]["inReplyToMessageId"] = json!(reply_to);
    }
    body
}

/// Adds a text to the conversation.
pub fn post(visitor: &Visitor, conversation: &str, body: &Value) -> Result<Response, Failure> {
    of_conversation(visitor, Method::Post, conversation, "/message").json(body).send()
}

fn upload(
    settings: &Settings,
    visitor: &Visitor,
    conversation: &str,
    id: &str,
    (name, file): (&str, &media::File),
    reply_to: Option<&str>,
) -> Result<(), Failure> {
    let mut entry = json!({
        "message": { "id": id, "fileId": ids::uuid(&format!("{id}/file"), 1), "text": "" },
        "esDeveloperName": settings.deployment,
        "isNewMessagingSession": false,
    });
    if let Some(reply_to) = reply_to {
        entry["message"]["inReplyToMessageId"] = json!(reply_to);
    }
    let entry = json::write(&entry);
    let parts = [
        Part {
            name: "messageEntry",
            file_name: None,
            content_type: Some("application/json"),
            body: entry.as_bytes(),
        },
        Part {
            name: "fileData",
            file_name: Some(name),
            content_type: Some(&file.content_type),
            body: &file.body,
        },
    ];
    took(&of_conversation(visitor, Method::Post, conversation, "/file").multipart(&parts).send()?)
}

/// A conflict (409) may mean that the entry is there already; the list of entries knows.
fn took(response: &Response) -> Result<(), Failure> {
    if response.is_success() {
        return Ok(());
    }
    let failure = refusal::of_conversation(response);
    Err(if response.status == 409 {
        Failure { retry: RetryAdvice::UnknownOutcome, ..failure }
    } else {
        failure
    })
}

fn files(message: &Message) -> Result<Vec<media::File>, Failure> {
    let fits = |size: u64| {
        let why = "a file is larger than the 5 MB that the vendor takes";
        if size > MOST_FILE { Err(never(FailureReason::TooLarge, why)) } else { Ok(()) }
    };
    message.attachments.iter().try_for_each(|attachment| fits(attachment.size.unwrap_or_default()))?;
    let read = |attachment: &Attachment| {
        let file = media::read(&attachment.url)?;
        fits(file.body.len() as u64)?;
        Ok(file)
    };
    message.attachments.iter().map(read).collect()
}

/// The ids of the entries around and after a time, as far as one answer tells.
fn taken(visitor: &Visitor, conversation: &str, time: u64) -> Result<Vec<String>, Failure> {
    let query = feed::query(time.saturating_sub(EARLIER), "FromEnd");
    let response = of_conversation(visitor, Method::Get, conversation, &query).send()?;
    if !response.is_success() {
        return Err(refusal::of_conversation(&response).repeatable());
    }
    let entries = feed::entries(&response)?;
    Ok(entries.iter().filter_map(|entry| entry["identifier"].as_str().map(str::to_owned)).collect())
}
