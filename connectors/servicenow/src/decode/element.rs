//! The elements of `body[]` as something to read ("Controls in Virtual Agent API"; Bot Integration API, `body.uiType`).

use handover_connector::json::list;
use handover_connector::{Attachment, TextFormat, html};
use serde_json::Value;

use super::{card, file, text};
use crate::settings::Settings;

/// What `MultiPartOutput` wants to hear for its next part.
const MORE: &str = "click_for_more";

/// An element for a person.
pub struct Readable {
    pub text: String,
    pub format: TextFormat,
    pub attachments: Vec<Attachment>,
}

impl Readable {
    fn new(text: String, format: TextFormat, attachments: Vec<Attachment>) -> Option<Self> {
        let empty = text.trim().is_empty() && attachments.is_empty();
        (!empty).then_some(Self { text, format, attachments })
    }

    fn plain(text: String) -> Option<Self> {
        Self::new(text, TextFormat::Plain, Vec::new())
    }

    /// All of it in one text.
    pub fn into_plain(self) -> String {
        let mut text = if self.format == TextFormat::Html { html::plain(&self.text) } else { self.text };
        for file in self.attachments {
            // What only the gateway may fetch is no address for anybody.
            let line = if file.url.starts_with("https:") { &file.url } else { &file.name };
            text = format!("{text}\n{line}");
        }
        text.trim().to_owned()
    }
}

/// What there is to read; nothing where there is nothing.
pub fn read(settings: &Settings, element: &Value) -> Option<Readable> {
    match text(element, "uiType").unwrap_or_default() {
        "OutputText" => output_text(settings, element),
        "OutputHtml" => {
            let image = text(element, "imageUrl").and_then(|url| file::at(settings, url, None, true));
            match text(element, "value") {
                Some(html) => Readable::new(html.to_owned(), TextFormat::Html, Vec::new()),
                None => Readable::new(links(element), TextFormat::Plain, image.into_iter().collect()),
            }
        }
        "OutputImage" => file(settings, text(element, "value")?, text(element, "altText"), true),
        "OutputLink" => {
            let value = &element["value"];
            let url = text(value, "action").or(value.as_str())?;
            if file::is_stored(url) {
                return file(settings, url, text(element, "label"), false);
            }
            Readable::plain(lines([text(element, "header").map(str::to_owned), Some(link(element, url))]))
        }
        "GroupedPartsOutputControl" => {
            let mut all = vec![text(element, "header").map(str::to_owned)];
            for part in list(&element["values"]) {
                let named = text(part, "action").map(|url| link(part, url));
                all.push(named.map(|named| described(named, part)));
            }
            Readable::plain(lines(all))
        }
        "OutputCard" => card::read(settings, text(element, "data")?),
        "Picker" | "ItemPicker" | "TopicPickerControl" | "Boolean" => choices(settings, element),
        "MultiPartOutput" => {
            let mut first = read(settings, &element["content"])?;
            let more = text(element, "navigationBtnLabel").unwrap_or(MORE);
            first.text = lines([Some(first.text), Some(format!("• {more} → {MORE}"))]);
            Some(first)
        }
        // Pieces of what comes as a whole with the last of them.
        "StreamStart" | "StreamChunk" | "StreamEnd" => None,
        // InputText, Date, DateTime, Time, FileUpload, and what is new.
        _ => Readable::plain(lines([
            text(element, "label").or(text(element, "promptMsg")).map(str::to_owned),
            text(element, "value").map(str::to_owned),
        ])),
    }
}

/// `itemType` tells where it is the address of a file.
fn output_text(settings: &Settings, element: &Value) -> Option<Readable> {
    let said = text(element, "value").or(text(element, "label"))?;
    let kind = text(element, "itemType").unwrap_or_default().to_ascii_lowercase();
    if matches!(kind.as_str(), "file" | "image") && !said.contains(char::is_whitespace) {
        return file(settings, said, text(element, "label"), kind == "image");
    }
    // "**bold**", lists and links stand in the documentation's own example.
    Readable::new(said.to_owned(), TextFormat::Markdown, Vec::new())
}

/// A file; as a link where the customer's channel could not fetch it.
fn file(settings: &Settings, url: &str, name: Option<&str>, is_image: bool) -> Option<Readable> {
    match file::at(settings, url, name, is_image) {
        Some(file) => Readable::new(String::new(), TextFormat::Plain, vec![file]),
        None => Readable::plain(lines([name.map(str::to_owned), Some(url.to_owned())])),
    }
}

/// A question and its answers. What the customer writes goes back as it is, so the answers bear no numbers.
fn choices(settings: &Settings, element: &Value) -> Option<Readable> {
    let shown = text(&element["scriptedData"], "cardData").and_then(|data| card::read(settings, data));
    let (before, attachments) = shown.map_or((None, Vec::new()), |card| (Some(card.text), card.attachments));
    let mut all = vec![before, text(element, "promptMsg").or(text(element, "label")).map(str::to_owned)];
    for option in list(&element["options"]) {
        let label = text(option, "label").or(text(option, "value"));
        all.push(label.map(|label| described(format!("• {label}"), option)));
    }
    Readable::new(lines(all), TextFormat::Plain, attachments)
}

fn links(element: &Value) -> String {
    lines(list(&element["links"]).iter().map(|one| text(one, "link").map(|url| link(one, url))))
}

pub fn link(named: &Value, url: &str) -> String {
    text(named, "label")
        .filter(|label| *label != url)
        .map_or(url.to_owned(), |label| format!("{label}: {url}"))
}

fn described(line: String, part: &Value) -> String {
    text(part, "description").map_or(line.clone(), |description| format!("{line} – {description}"))
}

/// One below the other, what there is.
pub fn lines(all: impl IntoIterator<Item = Option<String>>) -> String {
    all.into_iter().flatten().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
