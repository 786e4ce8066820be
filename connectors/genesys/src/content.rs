//! Structured content as text that can be read in any channel: choices as a list, cards as lines, files as files.

use handover_connector::Attachment;
use serde_json::Value;

/// What the customer is shown.
#[derive(Debug, Default, PartialEq)]
pub struct Shown {
    /// Lines of plain text; may be empty.
    pub text: String,
    /// Files.
    pub attachments: Vec<Attachment>,
}

/// Reads a message's own text and its `content` (`ConversationMessageContent`).
pub fn read(text: &str, content: &[Value]) -> Shown {
    let mut shown = Shown::default();
    let mut lines = Vec::new();
    push(&mut lines, text);
    for element in content {
        let kind = element["contentType"].as_str().unwrap_or("Attachment");
        match kind {
            "Attachment" => attachment(&element["attachment"], &mut lines, &mut shown.attachments),
            "Text" => push(&mut lines, word(&element["text"], "body")),
            "QuickReply" => choice(&mut lines, &element["quickReply"]),
            "QuickReplyV2" => {
                push(&mut lines, word(&element["quickReplyV2"], "title"));
                list(&element["quickReplyV2"]["actions"]).iter().for_each(|one| choice(&mut lines, one));
            }
            "Card" => card(&mut lines, &element["card"]),
            "Carousel" => list(&element["carousel"]["cards"]).iter().for_each(|one| card(&mut lines, one)),
            "ListPicker" => list_picker(&mut lines, &element["listPicker"]),
            "DatePicker" => date_picker(&mut lines, &element["datePicker"]),
            "Location" => location(&mut lines, &element["location"]),
            "Notification" => {
                let parts = ["header", "body", "footer"];
                parts.iter().for_each(|part| push(&mut lines, word(&element["template"][part], "text")));
            }
            "RichLink" => fields(&mut lines, &element["richLink"], &["text", "url"]),
            "Story" => push(&mut lines, word(&element["story"], "url")),
            "Reactions" | "Mention" => {}
            // That something is there must not be lost, even where it cannot be shown.
            other => push(&mut lines, &format!("[{other}]")),
        }
    }
    shown.text = lines.join("\n");
    shown
}

fn attachment(file: &Value, lines: &mut Vec<String>, files: &mut Vec<Attachment>) {
    push(lines, word(file, "text"));
    let url = word(file, "url");
    if !url.starts_with("https://") || word(file, "mediaType") == "Link" {
        fields(lines, file, &["filename", "url"]);
        return;
    }
    let kind = word(file, "mime");
    let last = url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next());
    files.push(Attachment {
        name: non_blank(word(file, "filename")).or(last.and_then(non_blank)).unwrap_or("file").to_owned(),
        content_type: non_blank(kind).unwrap_or("application/octet-stream").to_owned(),
        url: url.to_owned(),
        size: file["contentSizeBytes"].as_u64(),
    });
}

fn card(lines: &mut Vec<String>, card: &Value) {
    fields(lines, card, &["title", "description", "image", "video"]);
    let default = [&card["defaultAction"]].into_iter().filter(|action| action.is_object());
    default.chain(list(&card["actions"])).for_each(|action| choice(lines, action));
}

fn list_picker(lines: &mut Vec<String>, picker: &Value) {
    fields(lines, &picker["receivedMessage"], &["header", "title", "subtitle"]);
    for section in list(&picker["sections"]) {
        push(lines, word(section, "title"));
        for item in list(&section["items"]) {
            let parts = [word(item, "title"), word(item, "subtitle")];
            bullet(lines, &joined(&parts, " – "));
        }
    }
}

fn date_picker(lines: &mut Vec<String>, picker: &Value) {
    fields(lines, picker, &["title", "subtitle"]);
    location(lines, &picker["location"]);
    list(&picker["availableTimes"]).iter().for_each(|time| bullet(lines, word(time, "dateTime")));
}

fn location(lines: &mut Vec<String>, place: &Value) {
    fields(lines, place, &["text", "address", "url"]);
    let (north, east) = (&place["latitude"], &place["longitude"]);
    if north.is_number() && east.is_number() && word(place, "url").is_empty() {
        push(lines, &format!("{north}, {east}"));
    }
}

/// Something that can be chosen: its text is what the customer would write.
fn choice(lines: &mut Vec<String>, action: &Value) {
    bullet(lines, &joined(&[word(action, "text"), word(action, "url")], ": "));
}

fn bullet(lines: &mut Vec<String>, text: &str) {
    if let Some(text) = non_blank(text) {
        lines.push(format!("• {text}"));
    }
}

fn fields(lines: &mut Vec<String>, of: &Value, names: &[&str]) {
    names.iter().for_each(|name| push(lines, word(of, name)));
}

fn push(lines: &mut Vec<String>, text: &str) {
    if let Some(text) = non_blank(text) {
        lines.push(text.to_owned());
    }
}

fn joined(parts: &[&str], by: &str) -> String {
    parts.iter().copied().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(by)
}

fn non_blank(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

fn word<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

fn list(of: &Value) -> &[Value] {
    of.as_array().map_or(&[], Vec::as_slice)
}
