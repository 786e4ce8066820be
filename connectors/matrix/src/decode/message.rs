//! Messages of agents: texts, files, edits, replies (client-server API, module "Instant messaging").

use handover_connector::html::escaped;
use handover_connector::json::text;
use handover_connector::{AgentMessage, Attachment, Event, TextFormat};
use serde_json::Value;

use super::timeline::{author, ended};
use crate::names::local;
use crate::server::HOMESERVER;
use crate::settings::Settings;

pub fn read(settings: &Settings, event: &Value, id: &str, sender: &str) -> Vec<Event> {
    let content = &event["content"];
    let relation = &content["m.relates_to"];
    if relation["rel_type"] == "m.replace" {
        // Said again as a whole.
        let (Some(of), new) = (relation["event_id"].as_str(), &content["m.new_content"]) else {
            return vec![Event::ignored("an edit of nothing")];
        };
        return match said(settings, new, of, sender, None) {
            Some(message) => vec![Event::MessageEdited(message)],
            None => vec![Event::ignored("an edit without text")],
        };
    }
    let command = content["body"].as_str().map(str::trim).filter(|body| !body.is_empty());
    if content["msgtype"] == "m.text" && command == Some(settings.end_command.trim()) {
        return vec![ended("the agent ended the chat")];
    }
    // What stands beside a thread is no answer (specification, "Fallback for unthreaded clients").
    let is_reply = relation["is_falling_back"] != true;
    let reply = relation["m.in_reply_to"]["event_id"].as_str().filter(|_| is_reply);
    match said(settings, content, id, sender, reply) {
        Some(message) => vec![Event::Message(message)],
        // A redacted message, for example.
        None => vec![Event::ignored("a message without text")],
    }
}

fn said(
    settings: &Settings,
    content: &Value,
    id: &str,
    sender: &str,
    reply: Option<&str>,
) -> Option<AgentMessage> {
    let attachments: Vec<Attachment> = file(content).into_iter().collect();
    // Beside a file the body is a caption only where the file has a name besides.
    let file_name = content["filename"].as_str();
    let is_caption = |body: &&str| file_name.is_some_and(|name| name != *body);
    let body = text(&content["body"]).filter(|body| attachments.is_empty() || is_caption(body));
    let html = text(&content["formatted_body"]).filter(|_| content["format"] == "org.matrix.custom.html");
    let (mut words, format) = match (body, html) {
        (Some(_), Some(html)) => (without_quotation(html).to_owned(), TextFormat::Html),
        (Some(body), None) if reply.is_some() => (unquoted(body).to_owned(), TextFormat::Plain),
        (Some(body), None) => (body.to_owned(), TextFormat::Plain),
        (None, _) => (String::new(), TextFormat::Plain),
    };
    if words.trim().is_empty() && attachments.is_empty() {
        return None;
    }
    if content["msgtype"] == "m.emote" {
        let name = settings.name(sender).unwrap_or_else(|| local(sender).to_owned());
        let name = if format == TextFormat::Html { escaped(&name) } else { name };
        words = format!("* {name} {words}");
    }
    Some(AgentMessage {
        id: Some(id.to_owned()),
        author: author(settings, sender),
        text: words,
        format,
        attachments,
        reply_to: reply.map(str::to_owned),
    })
}

/// Without the quotation that clients put before a reply (client-server API, "Fallbacks for rich replies").
fn without_quotation(html: &str) -> &str {
    html.strip_prefix("<mx-reply>")
        .and_then(|rest| rest.split_once("</mx-reply>"))
        .map_or(html, |(_, rest)| rest)
}

/// Without the quotation that older clients put before a reply.
fn unquoted(body: &str) -> &str {
    if !body.starts_with("> ") {
        return body;
    }
    body.split_once("\n\n").map_or(body, |(_, rest)| rest)
}

/// What only the homeserver has: the host fetches it with our credential.
fn file(content: &Value) -> Option<Attachment> {
    let (server, media) = content["url"].as_str()?.strip_prefix("mxc://")?.split_once('/')?;
    let is_name = |text: &str, more: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
            && text != ".."
    };
    if !is_name(server, ".-:[]") || !is_name(media, "-_") {
        return None;
    }
    let named = [&content["filename"], &content["body"]].into_iter().find(|name| name.is_string());
    let kind = content["info"]["mimetype"].as_str().unwrap_or("application/octet-stream");
    Some(Attachment {
        name: named.and_then(text).unwrap_or("file").to_owned(),
        content_type: kind.to_owned(),
        url: format!("upstream:{HOMESERVER}/_matrix/client/v1/media/download/{server}/{media}"),
        size: content["info"]["size"].as_u64(),
    })
}
