//! Cards as text: what a reader of a card sees, line by line. No vendor shows the cards of a channel.

use serde_json::Value;

use crate::activity::ActivityAttachment;

/// Cards may hold cards; nobody reads so deep.
const DEPTH: usize = 16;

/// Bytes of text that are taken of one card.
const LONGEST: usize = 8 << 10;

/// The fields that hold words for a reader, in the order in which they are shown (Adaptive Cards schema 1.6; Bot
/// Framework cards schema).
const WORDS: [&str; 6] = ["title", "subtitle", "text", "value", "altText", "fallbackText"];

/// The fields that hold further parts.
const PARTS: [&str; 9] =
    ["body", "items", "columns", "facts", "inlines", "rows", "cells", "buttons", "actions"];

/// The text of a card; none where the attachment is no card, or has no words.
pub(crate) fn text(attachment: &ActivityAttachment) -> Option<String> {
    let kind = attachment.content_type.as_deref()?;
    if !kind.starts_with("application/vnd.microsoft.card.") {
        return None;
    }
    let mut lines = String::new();
    // Some channels hand the content over as JSON in a string.
    match attachment.content.as_ref()? {
        Value::String(json) => read(&serde_json::from_str(json).ok()?, 0, &mut lines),
        content => read(content, 0, &mut lines),
    }
    (!lines.is_empty()).then_some(lines)
}

fn read(part: &Value, depth: usize, lines: &mut String) {
    if depth > DEPTH || lines.len() > LONGEST {
        return;
    }
    match part {
        Value::String(text) => line(text, lines),
        Value::Array(parts) => parts.iter().for_each(|part| read(part, depth + 1, lines)),
        Value::Object(fields) => {
            // What cannot be seen until something is pressed, and what an input holds, is not said.
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
            if fields.get("isVisible") == Some(&Value::Bool(false)) || kind.starts_with("Input.") {
                return;
            }
            let words: Vec<&str> = WORDS
                .iter()
                .filter(|name| **name != "value" || depth > 0 && !fields.contains_key("type"))
                .filter_map(|name| fields.get(*name)?.as_str())
                .filter(|words| !words.trim().is_empty())
                .collect();
            let fact = fields.contains_key("value") && !fields.contains_key("type");
            line(&words.join(if fact { ": " } else { "\n" }), lines);
            for name in PARTS {
                if let Some(parts) = fields.get(name) {
                    read(parts, depth + 1, lines);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn line(text: &str, lines: &mut String) {
    let text = text.trim();
    if text.is_empty() || lines.len() + 1 >= LONGEST {
        return;
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    let room = LONGEST.saturating_sub(lines.len());
    lines.push_str(&text[..text.floor_char_boundary(room)]);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use serde_json::json;

    fn card(kind: &str, content: Value) -> Option<String> {
        text(&ActivityAttachment {
            content_type: Some(format!("application/vnd.microsoft.card.{kind}")),
            content: Some(content),
            ..Default::default()
        })
    }

    #[test]
    fn a_card_is_what_a_reader_sees_of_it() {
        let adaptive = json!({
            "type": "AdaptiveCard", "version": "1.5", "fallbackText": "",
            "body": [
                { "type": "TextBlock", "text": "**Order 4711**" },
                { "type": "ColumnSet", "columns": [
                    { "type": "Column", "items": [{ "type": "TextBlock", "text": "left" }] },
                    { "type": "Column", "items": [{ "type": "Image", "url": "https://x.example", "altText": "a cat" }] },
                ] },
                { "type": "FactSet", "facts": [{ "title": "State", "value": "sent" }] },
                { "type": "RichTextBlock", "inlines": ["one", { "type": "TextRun", "text": "two" }] },
                { "type": "TextBlock", "text": "hidden", "isVisible": false },
                { "type": "Input.Text", "id": "a", "value": "typed" },
            ],
            "actions": [{ "type": "Action.OpenUrl", "title": "Track", "url": "https://x.example" }],
        });
        let expected = "**Order 4711**\nleft\na cat\nState: sent\none\ntwo\nTrack";
        assert_eq!(card("adaptive", adaptive.clone()).unwrap(), expected);
        assert_eq!(card("adaptive", json!(adaptive.to_string())).unwrap(), expected);
        let hero = json!({
            "title": "Hero", "subtitle": "sub", "text": "words",
            "buttons": [{ "type": "imBack", "title": "Yes", "value": "yes" }],
        });
        assert_eq!(card("hero", hero).unwrap(), "Hero\nsub\nwords\nYes");
    }

    #[test]
    fn what_is_no_card_or_says_nothing_has_no_text() {
        assert_eq!(card("adaptive", json!({ "body": 7 })), None);
        assert_eq!(text(&ActivityAttachment::default()), None);
        let mut deep = json!({ "text": "found too deep" });
        for _ in 0..100 {
            deep = json!({ "items": [deep] });
        }
        assert_eq!(card("adaptive", deep), None);
        let long =
            card("adaptive", json!({ "body": vec![json!({ "text": "é".repeat(5000) }); 100] })).unwrap();
        assert!(long.len() <= LONGEST);
    }
}
