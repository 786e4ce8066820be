//! Messages of the customer, in as many posts as they need, each found again by its mark.

use handover_connector::failure::never;
use handover_connector::{
    Context, Failure, FailureReason, Message, Reconcile, Sent, Session, Update, Verdict, media, text,
};
use serde_json::{Value, json};

use super::api::{Api, conversation, user};
use super::ticket::readable;
use crate::{MESSAGE_MARK, MOST_TEXT, PART_MARK, Zendesk};

/// Most posts of one call: files are uploaded in it too, and the host grants sixteen requests.
const MOST_POSTS: usize = 7;

/// The longest name of a file (schemas `fileMessage`, `imageMessage`).
const MOST_NAME: usize = 128;

/// What agents see in place (schema `imageMessage` names no types; these are what pages show).
const IMAGES: [&str; 4] = ["image/jpeg", "image/jpg", "image/png", "image/gif"];

pub fn send(context: &Context, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let api = Api::of(context)?;
    let conversation = conversation(session)?;
    let there = match message.attempt {
        0 | 1 => Vec::new(),
        _ => posts(&api, conversation, &message.id)?,
    };
    let is_there = |number: usize| there.iter().find(|(known, _)| *known == number).map(|(_, id)| id.clone());
    let text = readable(&message.text);
    let texts = text::pieces(&text, MOST_TEXT);
    let count = parts(&texts, message)?;
    // Files first: where one is refused nothing of the message has been shown.
    let mut contents: Vec<Option<Value>> =
        texts.iter().map(|part| Some(json!({ "type": "text", "text": part }))).collect();
    for (number, file) in (texts.len()..).zip(&message.attachments) {
        if is_there(number).is_some() {
            contents.push(None);
            continue;
        }
        let read = media::read(&file.url)?;
        let kind = if file.content_type.is_empty() { read.content_type } else { file.content_type.clone() };
        let name = file.file_name();
        let url = api.upload(conversation, name, &kind, &read.body)?;
        let image = IMAGES.contains(&kind.to_ascii_lowercase().as_str());
        let kind = if image { "image" } else { "file" };
        contents.push(Some(json!({ "type": kind, "mediaUrl": url, "altText": text::clip(name, MOST_NAME) })));
    }
    let author = json!({ "type": "user", "userId": user(session) });
    let mut first = None;
    for (number, content) in contents.into_iter().enumerate().take(count) {
        let id = match (is_there(number), content) {
            (Some(id), _) => id,
            (None, Some(content)) => api.say(
                conversation,
                &json!({
                    "author": author,
                    "content": content,
                    "metadata": { MESSAGE_MARK: message.id, PART_MARK: number },
                }),
            )?,
            (None, None) => continue,
        };
        first.get_or_insert(id);
    }
    let vendor_message_id = first.filter(|id| !id.is_empty());
    Ok(Sent { vendor_message_id, update: Update::UNCHANGED })
}

impl Reconcile for Zendesk {
    fn find(context: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        let api = Api::of(&context)?;
        let text = readable(&message.text);
        let count = parts(&text::pieces(&text, MOST_TEXT), &message)?;
        let there = posts(&api, conversation(&session)?, &message.id)?;
        let id = |number| there.iter().find(|(known, _)| *known == number).map(|(_, id)| id.clone());
        // What is there of half a message is not posted again.
        let whole = (0..count).all(|number| id(number).is_some());
        Ok(if whole { Verdict::Taken(id(0)) } else { Verdict::NotTaken })
    }
}

/// How many posts a message is.
fn parts(texts: &[&str], message: &Message) -> Result<usize, Failure> {
    let count = texts.len() + message.attachments.len();
    let reason = match count {
        0 => FailureReason::Unsupported,
        1..=MOST_POSTS => return Ok(count),
        _ => FailureReason::TooLarge,
    };
    Err(never(reason, format!("the message is {count} posts")))
}

/// The posts of a message that are there: number and id.
fn posts(api: &Api, conversation: &str, message: &str) -> Result<Vec<(usize, String)>, Failure> {
    let number = |post: Value| {
        let mark = &post["metadata"];
        let number = mark[PART_MARK].as_u64().and_then(|number| usize::try_from(number).ok())?;
        (mark[MESSAGE_MARK] == json!(message))
            .then(|| (number, post["id"].as_str().unwrap_or_default().to_owned()))
    };
    Ok(api.recent(conversation)?.into_iter().filter_map(number).collect())
}
