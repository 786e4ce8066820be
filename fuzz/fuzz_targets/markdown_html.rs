//! Nothing in a live agent's plain text or HTML, in a name or a file's name is markup to the customer's channel: no raw
//! tag, no link but to the web; in Markdown no raw tag; and no part is longer than the channel takes.
#![no_main]

#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../../host/channel/tests/it/stage.rs"]
mod stage;

use std::collections::HashMap;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use handover_channel::{ChannelLimits, Limits, Replies, Wording};
use handover_handoff::Session;
use handover_handoff::address::Route;
use handover_handoff::delivery::Parcel;
use handover_handoff::vendor::{AgentMessage, Attachment, Participant, TextFormat};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Said<'a> {
    format: Format,
    short: bool,
    author: Option<&'a str>,
    file: Option<(&'a str, &'a str, &'a str)>,
    text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Arbitrary)]
enum Format {
    Plain,
    Html,
    Markdown,
}

/// The least that a text is cut at.
const SHORT: usize = 64;
/// A name takes part of it: escaped, at most twice its 100 characters of up to four bytes, and the stars.
const NAME: usize = 1000;

static SESSION: LazyLock<Session> = LazyLock::new(|| stage::session(Route::Held, Route::Held));

fuzz_target!(|said: Said<'_>| {
    let limits = Limits {
        channels: HashMap::new(),
        other: ChannelLimits {
            text_bytes: if said.short { SHORT } else { 24_000 },
            ..ChannelLimits::unhurried()
        },
    };
    let most = limits.other.text_bytes;
    let file = |(name, content_type, url): (&str, &str, &str)| Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        url: url.to_owned(),
        size: None,
    };
    let message = AgentMessage {
        id: None,
        author: Participant { name: said.author.map(str::to_owned), ..Participant::default() },
        text: said.text.to_owned(),
        format: match said.format {
            Format::Plain => TextFormat::Plain,
            Format::Html => TextFormat::Html,
            Format::Markdown => TextFormat::Markdown,
        },
        attachments: said.file.map(file).into_iter().collect(),
        reply_to: None,
    };
    let links = !message.attachments.is_empty();
    let delivery = stage::delivery(&SESSION, Parcel::AgentMessage(message));
    let activities = Replies::new(Wording::default(), limits).activities(&SESSION, &delivery);
    assert!(!activities.is_empty());
    for activity in activities {
        let text = activity.text.as_deref().unwrap_or_default();
        assert!(text.len() <= most + NAME, "{} bytes", text.len());
        no_markup(text, said.format == Format::Markdown, links);
        for file in activity.attachments {
            let url = file.content_url.unwrap_or_default();
            let web = url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            assert!(web || url.starts_with("data:image/"), "{url}");
        }
    }
});

/// Reads it as CommonMark does: a backslash before punctuation makes a letter of it (2.4), `<` before a letter, `/`, `!`
/// or `?` opens a tag (6.6), `[` a link (6.3), a backtick code (6.1).
fn no_markup(text: &str, markdown: bool, links: bool) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match c {
            '\\' if next.is_some_and(|next| next.is_ascii_punctuation()) => {
                chars.next();
            }
            '<' => {
                let tag = next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
                assert!(!tag, "a raw tag in {text:?}");
            }
            // The only one that is not escaped is of the link to a file.
            '[' | '`' if markdown => {}
            '[' => assert!(links, "a raw link in {text:?}"),
            '`' => panic!("raw code in {text:?}"),
            _ => {}
        }
    }
}
