//! What a message says, as text and files: all that reps and flows can send has a reading without buttons.

use handover_connector::Attachment;
use handover_connector::json::{self, list};
use serde_json::Value;

/// Something to read.
pub struct Content {
    pub text: String,
    pub attachments: Vec<Attachment>,
}

/// Reads an `abstractMessage`; none where nothing in it can be shown.
pub fn read(message: &Value) -> Option<Content> {
    let (text, attachments) = match message["messageType"].as_str() {
        Some("ChoicesMessage") => (choices(&message["choices"]), Vec::new()),
        Some("FormMessage") => (form(&message["form"]), Vec::new()),
        Some("ChoicesResponseMessage" | "FormResponseMessage") => return None,
        _ => (fixed(&message["staticContent"]), files(&message["staticContent"])),
    };
    (!text.is_empty() || !attachments.is_empty()).then_some(Content { text, attachments })
}

fn fixed(content: &Value) -> String {
    let mut lines = Vec::new();
    match content["formatType"].as_str() {
        Some("RichLink") => link(&mut lines, &content["linkItem"]),
        Some("Links") => list(&content["links"]).iter().for_each(|link| lines.push(of(&link["url"]))),
        Some("WebView") => lines.extend([title(&content["title"]), of(&content["url"])]),
        Some("Media") => list(&content["linkItems"]).iter().for_each(|item| link(&mut lines, item)),
        // As the rep wrote it: its breaks and blanks belong to it.
        _ => {
            return json::owned(&content["text"]).unwrap_or_default();
        }
    }
    joined(lines)
}

fn files(content: &Value) -> Vec<Attachment> {
    let file = |file: &Value, name: &str, url: &str| {
        let url = file[url].as_str().filter(|url| !url.is_empty())?;
        let or = |value: &Value, other: &str| value.as_str().unwrap_or(other).to_owned();
        Some(Attachment {
            name: or(&file[name], "file"),
            content_type: or(&file["mimeType"], "application/octet-stream"),
            url: url.to_owned(),
            size: None,
        })
    };
    match content["formatType"].as_str() {
        Some("Attachments") => list(&content["attachments"])
            .iter()
            .filter_map(|attachment| file(attachment, "name", "url"))
            .collect(),
        Some("Media") => file(&content["mediaAsset"], "description", "assetUrl").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The question and its answers, numbered: the customer answers in words.
fn choices(choices: &Value) -> String {
    let question = [of(&choices["text"]), of(&choices["title"]), title(&choices["message"])];
    let mut lines: Vec<String> = question.into_iter().filter(|text| !text.is_empty()).take(1).collect();
    let asked = lines.len();
    let mut option = |item: &Value| {
        let option = title(&item["titleItem"]);
        if !option.is_empty() {
            lines.push(format!("{}. {option}", lines.len() + 1 - asked));
        }
    };
    list(&choices["optionItems"]).iter().for_each(&mut option);
    for card in list(&choices["items"]).iter() {
        option(card);
        list(&card["interactionItems"]).iter().for_each(&mut option);
    }
    joined(lines)
}

/// A form cannot be filled in here; what it asks can be answered in words.
fn form(form: &Value) -> String {
    let mut lines = vec![title(&form["formTitle"]), title(&form["message"])];
    for section in list(&form["sections"]).iter() {
        let input = &section["input"];
        let labels = [title(&section["title"]), of(&input["label"]), title(&input["title"])];
        lines.extend(labels.into_iter().filter(|label| !label.is_empty()).take(1));
    }
    joined(lines)
}

fn link(lines: &mut Vec<String>, item: &Value) {
    lines.push(title(&item["titleItem"]));
    lines.push(of(&item["url"]));
}

fn title(item: &Value) -> String {
    joined(vec![of(&item["title"]), of(&item["subTitle"])])
}

fn of(text: &Value) -> String {
    text.as_str().unwrap_or_default().trim().to_owned()
}

fn joined(mut lines: Vec<String>) -> String {
    lines.retain(|line| !line.is_empty());
    lines.dedup();
    lines.join("\n")
}
