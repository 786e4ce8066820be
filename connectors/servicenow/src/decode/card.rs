//! Cards: JSON within JSON, its members as the card's template has them.

use handover_connector::{TextFormat, json};

use super::element::{Readable, lines};
use super::{file, text};
use crate::settings::Settings;

/// Members that are no words for anybody.
const INTERNAL: [&str; 9] =
    ["sys_id", "table_name", "target", "dataNowSmartLink", "id", "image", "imageAlt", "url", "link"];

/// The card of this `data` as text; its picture goes with it.
pub fn read(settings: &Settings, data: &str) -> Option<Readable> {
    let card = json::read(data);
    let members = card.as_object()?;
    let own = |name: &str| text(&card, name).map(str::to_owned);
    let mut all = vec![own("title"), own("subtitle"), own("description")];
    for field in json::list(&card["fields"]) {
        let label = text(field, "fieldLabel").or(text(field, "label"));
        let value = text(field, "fieldValue").or(text(field, "value"));
        all.push(label.zip(value).map(|(label, value)| format!("{label}: {value}")));
    }
    // Templates of the operator's own have members of their own.
    if all.iter().all(Option::is_none) {
        let spoken = members.iter().filter(|(name, _)| !INTERNAL.contains(&name.as_str()));
        all.extend(spoken.map(|(name, value)| value.as_str().map(|value| format!("{name}: {value}"))));
    }
    all.push(own("url").or(own("link")));
    let picture = text(&card, "image").and_then(|url| file::at(settings, url, text(&card, "imageAlt"), true));
    let attachments: Vec<_> = picture.into_iter().collect();
    let words = lines(all);
    if words.is_empty() && attachments.is_empty() {
        return None;
    }
    Some(Readable { text: words, format: TextFormat::Plain, attachments })
}
