//! A message of the customer: its text, then its files, each an event of its own under a transaction of its own.

use handover_connector::http::Method;
use handover_connector::text::{clean, percent, pieces, utf16_units};
use handover_connector::{Attachment, Failure, Message, Sent, Session, TextFormat, Update, html, media};
use serde_json::{Value, json};

use super::{LONGEST, Place};
use crate::server;
use crate::settings::Settings;
use crate::state;

pub fn send(settings: &Settings, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let (room, ghost) = state::of(session)?;
    let place = Place { settings, room, ghost: &ghost };
    let mut contents = texts(session, message);
    // Files first, so that either all of the message can be said or nothing is: a file that nobody refers to is
    // seen by nobody, and the homeserver clears it away.
    for file in &message.attachments {
        contents.push(upload(&place, file)?);
    }
    if let (Some(event), Some(first)) = (&message.reply_to, contents.first_mut()) {
        first["m.relates_to"] = json!({ "m.in_reply_to": { "event_id": event } });
    }
    let mut first = None;
    for (nth, content) in contents.iter().enumerate() {
        let transaction = if nth == 0 { message.id.clone() } else { format!("{}-{nth}", message.id) };
        let event = place.say(&transaction, content)?;
        first.get_or_insert(event);
    }
    Ok(Sent { vendor_message_id: first.filter(|id| !id.is_empty()), update: Update::UNCHANGED })
}

/// None where there is nothing to read.
fn texts(session: &Session, message: &Message) -> Vec<Value> {
    let text = clean(&message.text);
    // In a group somebody else may write.
    let by = message.other_author(session).map(|author| format!("{}: ", clean(author))).unwrap_or_default();
    let plain = match message.format {
        TextFormat::Html => html::plain(&text),
        TextFormat::Plain | TextFormat::Markdown => text.clone(),
    };
    if plain.trim().is_empty() {
        return Vec::new();
    }
    let whole = format!("{by}{plain}");
    let pieces = pieces(&whole, LONGEST);
    let mut contents: Vec<Value> =
        pieces.iter().map(|piece| json!({ "msgtype": "m.text", "body": piece })).collect();
    if let (TextFormat::Html, [only]) = (message.format, contents.as_mut_slice())
        && utf16_units(&text) <= LONGEST
    {
        only["format"] = json!("org.matrix.custom.html");
        only["formatted_body"] = json!(format!("{}{text}", html::escaped(&by)));
    }
    contents
}

fn upload(place: &Place<'_>, file: &Attachment) -> Result<Value, Failure> {
    let read = media::read(&file.url)?;
    let kind = if read.content_type.is_empty() { &file.content_type } else { &read.content_type };
    let name = match clean(&file.name) {
        name if name.trim().is_empty() => "file".to_owned(),
        name => name,
    };
    let size = read.body.len();
    let path = format!("media/v3/upload?filename={}", percent(&name));
    let kept = server::done(server::request(Method::Post, &path, place.ghost).body(kind, read.body))?;
    let shown = match kind.split('/').next() {
        Some("image") => "m.image",
        Some("audio") => "m.audio",
        Some("video") => "m.video",
        _ => "m.file",
    };
    Ok(json!({
        "msgtype": shown,
        "body": name,
        "filename": name,
        "url": kept.value()["content_uri"],
        "info": { "mimetype": kind, "size": size },
    }))
}
