//! Structured content as text that can be read in any channel: choices as a list, cards as lines, files as files.

use handover_connector::Attachment;
use handover_connector::json::{list, text, write};
use handover_connector::lines::{Lines, joined};
use handover_connector::text::last_segment;
use serde_json::Value;

/// What stands before a choice.
const BULLET: &str = "•";

/// What the customer is shown: lines of plain text, which may be none, and files.
#[derive(Default)]
pub struct Shown {
    pub lines: Lines,
    pub attachments: Vec<Attachment>,
}

/// Reads a message's own text and its `content` (`ConversationMessageContent`).
pub fn read(message: &Value) -> Shown {
    let mut shown = Shown::default();
    shown.lines.value(&message["text"]);
    for element in list(&message["content"]) {
        shown.add(element);
    }
    shown
}

impl Shown {
    fn add(&mut self, element: &Value) {
        let lines = &mut self.lines;
        match element["contentType"].as_str().unwrap_or("Attachment") {
            "Attachment" => self.attachment(&element["attachment"]),
            "Text" => lines.value(&element["text"]["body"]),
            "QuickReply" => choice(lines, &element["quickReply"]),
            "QuickReplyV2" => {
                let question = &element["quickReplyV2"];
                lines.value(&question["title"]);
                list(&question["actions"]).iter().for_each(|one| choice(lines, one));
            }
            "Card" => card(lines, &element["card"]),
            "Carousel" => list(&element["carousel"]["cards"]).iter().for_each(|one| card(lines, one)),
            "ListPicker" => list_picker(lines, &element["listPicker"]),
            "DatePicker" => date_picker(lines, &element["datePicker"]),
            "Location" => location(lines, &element["location"]),
            "Notification" => {
                let template = &element["template"];
                ["header", "body", "footer"].iter().for_each(|part| lines.value(&template[part]["text"]));
            }
            "RichLink" => lines.members(&element["richLink"], &["text", "url"]),
            "Story" => lines.value(&element["story"]["url"]),
            "Reactions" | "Mention" => {}
            // That something is there must not be lost, even where it cannot be shown.
            other => lines.push(format!("[{other}]")),
        }
    }

    fn attachment(&mut self, file: &Value) {
        self.lines.value(&file["text"]);
        let url = file["url"].as_str().unwrap_or_default();
        if !url.starts_with("https://") || file["mediaType"] == "Link" {
            return self.lines.members(file, &["filename", "url"]);
        }
        self.attachments.push(Attachment {
            name: text(&file["filename"]).or(last_segment(url)).unwrap_or("file").to_owned(),
            content_type: text(&file["mime"]).unwrap_or("application/octet-stream").to_owned(),
            url: url.to_owned(),
            size: file["contentSizeBytes"].as_u64(),
        });
    }
}

fn card(lines: &mut Lines, card: &Value) {
    lines.members(card, &["title", "description", "image", "video"]);
    choice(lines, &card["defaultAction"]);
    list(&card["actions"]).iter().for_each(|action| choice(lines, action));
}

fn list_picker(lines: &mut Lines, picker: &Value) {
    lines.members(&picker["receivedMessage"], &["header", "title", "subtitle"]);
    for section in list(&picker["sections"]) {
        lines.value(&section["title"]);
        for item in list(&section["items"]) {
            lines.choice(BULLET, &both(item, "title", " – ", "subtitle"));
        }
    }
}

fn date_picker(lines: &mut Lines, picker: &Value) {
    lines.members(picker, &["title", "subtitle"]);
    location(lines, &picker["location"]);
    for time in list(&picker["availableTimes"]) {
        lines.choice(BULLET, time["dateTime"].as_str().unwrap_or_default());
    }
}

fn location(lines: &mut Lines, place: &Value) {
    lines.members(place, &["text", "address", "url"]);
    let (north, east) = (&place["latitude"], &place["longitude"]);
    if north.is_number() && east.is_number() && text(&place["url"]).is_none() {
        lines.push(format!("{}, {}", write(north), write(east)));
    }
}

/// Something that can be chosen: its text is what the customer would write.
fn choice(lines: &mut Lines, action: &Value) {
    lines.choice(BULLET, &both(action, "text", ": ", "url"));
}

fn both(of: &Value, first: &str, by: &str, second: &str) -> String {
    joined(&[of[first].as_str().unwrap_or_default(), of[second].as_str().unwrap_or_default()], by)
}
