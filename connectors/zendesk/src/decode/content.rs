//! What a message shows: text, files, and the readable side of what a customer elsewhere could press.

use handover_connector::json::{list, text, write};
use handover_connector::lines::Lines;
use handover_connector::text::last_segment;
use handover_connector::{Attachment, TextFormat};
use serde_json::Value;

use crate::API;
use crate::settings::Settings;

/// A message's content.
pub struct Content {
    pub text: String,
    pub format: TextFormat,
    pub attachments: Vec<Attachment>,
}

pub fn read(content: &Value, settings: &Settings) -> Content {
    let kind = content["type"].as_str().unwrap_or("text");
    let mut lines = Lines::default();
    // Choices are lines of plain text, which HTML would run together.
    let html = text(&content["htmlText"]).filter(|_| list(&content["actions"]).is_empty());
    let format = if html.is_some() { TextFormat::Html } else { TextFormat::Plain };
    match html {
        Some(html) => lines.push(html),
        None => lines.value(&content["text"]),
    }
    match kind {
        "carousel" | "list" => {
            for item in list(&content["items"]) {
                lines.members(item, &["title", "description", "mediaUrl"]);
                choices(&mut lines, &item["actions"]);
            }
        }
        "form" => {
            for field in list(&content["fields"]) {
                lines.value(&field["label"]);
                for option in list(&field["options"]) {
                    lines.choice("-", text(&option["label"]).unwrap_or_default());
                }
            }
        }
        "location" => {
            let place = &content["coordinates"];
            lines.members(&content["location"], &["name", "address"]);
            if place["lat"].is_number() && place["long"].is_number() {
                lines.push(format!("{}, {}", write(&place["lat"]), write(&place["long"])));
            }
        }
        _ => {}
    }
    choices(&mut lines, &content["actions"]);
    Content { text: lines.text(), format, attachments: file(content, kind, settings).into_iter().collect() }
}

/// Buttons and links as lines: what they say, and where they lead.
fn choices(lines: &mut Lines, actions: &Value) {
    for action in list(actions) {
        let says = action["text"].as_str().unwrap_or_default();
        match action["uri"].as_str() {
            Some(uri) => lines.choice("-", &format!("{says} {uri}")),
            None => lines.choice("-", says),
        }
    }
}

fn file(content: &Value, kind: &str, settings: &Settings) -> Option<Attachment> {
    let url = text(&content["mediaUrl"])?;
    let usual = if kind == "image" { "image/*" } else { "application/octet-stream" };
    Some(Attachment {
        name: text(&content["altText"]).or(last_segment(url)).unwrap_or("file").to_owned(),
        content_type: content["mediaType"].as_str().unwrap_or(usual).to_owned(),
        url: address(url, settings),
        size: content["mediaSize"].as_f64().filter(|size| *size >= 0.0).map(|size| size as u64),
    })
}

/// Media of an account with private attachments want our credential: only the gateway can fetch them.
fn address(url: &str, settings: &Settings) -> String {
    match settings.private_media.as_deref().and_then(|base| url.strip_prefix(base)?.strip_prefix('/')) {
        Some(path) => format!("upstream:{API}/{path}"),
        None => url.to_owned(),
    }
}
