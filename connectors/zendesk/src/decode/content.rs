//! What a message shows: text, files, and the readable side of what a customer elsewhere could press.

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
    let mut lines: Vec<String> = Vec::new();
    let html = content["htmlText"].as_str().filter(|html| !html.trim().is_empty());
    let has_choices = content["actions"].as_array().is_some_and(|actions| !actions.is_empty());
    // Choices are lines of plain text, which HTML would run together.
    let format = if html.is_some() && !has_choices { TextFormat::Html } else { TextFormat::Plain };
    match format {
        TextFormat::Html => lines.extend(html.map(str::to_owned)),
        _ => add(&mut lines, &content["text"]),
    }
    match kind {
        "carousel" | "list" => {
            for item in content["items"].as_array().into_iter().flatten() {
                add(&mut lines, &item["title"]);
                add(&mut lines, &item["description"]);
                add(&mut lines, &item["mediaUrl"]);
                choices(&mut lines, &item["actions"]);
            }
        }
        "form" => {
            for field in content["fields"].as_array().into_iter().flatten() {
                add(&mut lines, &field["label"]);
                for option in field["options"].as_array().into_iter().flatten() {
                    lines.extend(option["label"].as_str().map(|label| format!("- {label}")));
                }
            }
        }
        "location" => {
            let place = &content["coordinates"];
            add(&mut lines, &content["location"]["name"]);
            add(&mut lines, &content["location"]["address"]);
            if place["lat"].is_number() && place["long"].is_number() {
                lines.push(format!("{}, {}", place["lat"], place["long"]));
            }
        }
        _ => {}
    }
    choices(&mut lines, &content["actions"]);
    Content {
        text: lines.join("\n"),
        format,
        attachments: file(content, kind, settings).into_iter().collect(),
    }
}

fn add(lines: &mut Vec<String>, value: &Value) {
    lines.extend(value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned));
}

/// Buttons and links as lines: what they say, and where they lead.
fn choices(lines: &mut Vec<String>, actions: &Value) {
    for action in actions.as_array().into_iter().flatten() {
        let says = action["text"].as_str().unwrap_or_default();
        match action["uri"].as_str() {
            Some(uri) => lines.push(format!("- {says} {uri}")),
            None if !says.is_empty() => lines.push(format!("- {says}")),
            None => {}
        }
    }
}

fn file(content: &Value, kind: &str, settings: &Settings) -> Option<Attachment> {
    let url = content["mediaUrl"].as_str().filter(|url| !url.is_empty())?;
    let said = content["altText"].as_str().filter(|name| !name.trim().is_empty());
    let last =
        url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
    let usual = if kind == "image" { "image/*" } else { "application/octet-stream" };
    Some(Attachment {
        name: said.or(last).unwrap_or("file").to_owned(),
        content_type: content["mediaType"].as_str().unwrap_or(usual).to_owned(),
        url: address(url, settings),
        size: content["mediaSize"].as_f64().filter(|size| *size >= 0.0).map(|size| size as u64),
    })
}

/// Media of an account with private attachments want our credential: only the gateway can fetch them.
fn address(url: &str, settings: &Settings) -> String {
    let private = &settings.private_media;
    match private.as_deref().and_then(|base| url.strip_prefix(base)?.strip_prefix('/')) {
        Some(path) => format!("upstream:{API}/{path}"),
        None => url.to_owned(),
    }
}
