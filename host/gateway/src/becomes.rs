//! What becomes of what: each kind of thing that goes one way or the other, by channel, for one connector. Computed from
//! what the connector says of itself and what is known of the channel, so that it is as true as these.

use handover_channel::conversion::best;
use handover_channel::limits::Limits;
use handover_handoff::vendor::TextFormat;
use handover_sandbox::description::{AttachmentMode, Description, TextUnit};
use serde::Serialize;
use serde_json::{Value, json};

use crate::down_conversion::formats;
use crate::gateway::Gateway;

/// The channels that differ; every other one is as `other`.
const CHANNELS: [&str; 3] = ["msteams", "pva-studio", "other"];

/// One line: a kind of thing, which way it goes, and what becomes of it in each of the channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Becomes {
    kind: &'static str,
    /// `to-vendor` or `to-customer`.
    direction: &'static str,
    /// In the order of the channels.
    channels: Vec<String>,
}

/// Those of all connectors that serve, by name, with the channels they are for.
pub(crate) fn of_all(gateway: &Gateway) -> Value {
    let limits = gateway.outbound.replies().limits();
    let serving = gateway.sandbox.serving();
    let connectors = serving.iter().map(|(name, one)| (name.clone(), json!(of(one.description(), limits))));
    json!({ "channels": CHANNELS, "connectors": connectors.collect::<serde_json::Map<_, _>>() })
}

/// That of one connector.
fn of(vendor: &Description, limits: &Limits) -> Vec<Becomes> {
    let mut lines = Vec::new();
    let mut same = |kind, direction, becomes: String| {
        lines.push(Becomes { kind, direction, channels: vec![becomes; CHANNELS.len()] });
    };
    let shown = formats(vendor);
    for (kind, format) in
        [("plain text", TextFormat::Plain), ("Markdown", TextFormat::Markdown), ("HTML", TextFormat::Html)]
    {
        same(kind, "to-vendor", rewritten(format, best(format, &shown)));
    }
    same("card", "to-vendor", format!("its text, as {}", word(best(TextFormat::Markdown, &shown))));
    same(
        "long text",
        "to-vendor",
        match vendor.text_limit {
            None => "as is".to_owned(),
            Some((length, unit)) => format!("in parts of {length} {}", unit_word(unit)),
        },
    );
    same("file", "to-vendor", file(vendor));
    let signals = vendor.capabilities.signals;
    same("typing", "to-vendor", if signals { "as is" } else { "dropped" }.to_owned());
    same("receipts", "to-vendor", if signals { "delivered, not delivered" } else { "dropped" }.to_owned());
    same("plain text", "to-customer", "as Markdown, shown as it was typed".to_owned());
    same("Markdown", "to-customer", "as is".to_owned());
    same("HTML", "to-customer", "its text".to_owned());
    let mut each = |kind, becomes: fn(&str, &Limits) -> String| {
        let channels = CHANNELS.iter().map(|channel| becomes(channel, limits)).collect();
        lines.push(Becomes { kind, direction: "to-customer", channels });
    };
    each("long text", |channel, limits| format!("in parts of {} bytes", limits.of(channel).text_bytes));
    each("picture", |_, _| "as is".to_owned());
    each("other file", |channel, _| if channel == "msteams" { "a link" } else { "as is" }.to_owned());
    each("file of an upstream", |_, _| "at an address here, for a while".to_owned());
    each("typing", |channel, _| if channel == "pva-studio" { "dropped" } else { "as is" }.to_owned());
    each("edited message", |_, _| "a new message".to_owned());
    each("deleted message", |_, _| "dropped".to_owned());
    each("place in the queue", |_, _| "told, where the vendor tells it".to_owned());
    lines
}

fn rewritten(from: TextFormat, to: TextFormat) -> String {
    if from == to { "as is".to_owned() } else { format!("as {}", word(to)) }
}

fn word(format: TextFormat) -> &'static str {
    match format {
        TextFormat::Plain => "plain text",
        TextFormat::Markdown => "Markdown",
        TextFormat::Html => "HTML",
    }
}

fn unit_word(unit: TextUnit) -> &'static str {
    match unit {
        TextUnit::Bytes => "bytes",
        TextUnit::Utf16Units => "UTF-16 units",
        TextUnit::Characters => "characters",
    }
}

fn file(vendor: &Description) -> String {
    match vendor.attachments.mode {
        AttachmentMode::None => "a line with its name and an address here".to_owned(),
        AttachmentMode::ByUrl => "at an address here, for a while".to_owned(),
        AttachmentMode::Upload => "uploaded".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use handover_sandbox::description::{self, Attachments, Capabilities};

    use super::*;

    fn vendor() -> Description {
        Description {
            name: "a".to_owned(),
            version: "1.0.0".to_owned(),
            vendor: "A".to_owned(),
            upstreams: Vec::new(),
            credentials: Vec::new(),
            callbacks: Vec::new(),
            text_limit: None,
            text_formats: Vec::new(),
            attachments: Attachments { mode: AttachmentMode::None, size: None, types: Vec::new() },
            state_schema: 1,
            capabilities: Capabilities::default(),
            imports: Vec::new(),
        }
    }

    fn line(vendor: &Description, kind: &str, direction: &str) -> Vec<String> {
        let lines = of(vendor, &Limits::default());
        let found = lines.into_iter().find(|line| line.kind == kind && line.direction == direction);
        found.map(|line| line.channels).unwrap_or_default()
    }

    #[test]
    fn it_follows_what_the_connector_says() {
        let least = vendor();
        assert_eq!(line(&least, "Markdown", "to-vendor")[0], "as plain text");
        assert_eq!(line(&least, "typing", "to-vendor")[0], "dropped");
        assert_eq!(line(&least, "long text", "to-vendor")[0], "as is");
        let most = Description {
            text_limit: Some((4000, TextUnit::Utf16Units)),
            text_formats: vec![description::TextFormat::Markdown],
            attachments: Attachments { mode: AttachmentMode::Upload, size: None, types: Vec::new() },
            capabilities: Capabilities { signals: true, ..Capabilities::default() },
            ..vendor()
        };
        assert_eq!(line(&most, "Markdown", "to-vendor")[0], "as is");
        assert_eq!(line(&most, "HTML", "to-vendor")[0], "as Markdown");
        assert_eq!(line(&most, "typing", "to-vendor")[0], "as is");
        assert_eq!(line(&most, "long text", "to-vendor")[0], "in parts of 4000 UTF-16 units");
        assert_eq!(line(&most, "file", "to-vendor")[0], "uploaded");
    }

    #[test]
    fn channels_differ_where_they_do() {
        assert_eq!(line(&vendor(), "other file", "to-customer"), ["a link", "as is", "as is"]);
        assert_eq!(line(&vendor(), "typing", "to-customer"), ["as is", "dropped", "as is"]);
        let long = line(&vendor(), "long text", "to-customer");
        assert_eq!(long, ["in parts of 24000 bytes", "in parts of 64000 bytes", "in parts of 64000 bytes"]);
    }
}
