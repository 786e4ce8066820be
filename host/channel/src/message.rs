//! What the customer wrote: text, its format, and files.

use handover_handoff::Timestamp;
use handover_handoff::vendor::{Attachment, CustomerMessage, TextFormat};
use url::Url;

use crate::activity::{Activity, ActivityAttachment};
use crate::refusal::{ATTACHMENT_LIMIT, Refusal, TEXT_LIMIT, name, none_if_blank, within};
use crate::{card, mention};

/// Reads a message; its text is taken out of the activity.
pub(crate) fn read(activity: &mut Activity, now: Timestamp) -> Result<CustomerMessage, Refusal> {
    let text = activity.text.take().unwrap_or_default();
    within(&text, "text", TEXT_LIMIT)?;
    if activity.attachments.len() > ATTACHMENT_LIMIT {
        return Err(Refusal::TooMany { field: "attachments", limit: ATTACHMENT_LIMIT });
    }
    let bot = activity.recipient.as_ref().and_then(|recipient| recipient.id.as_deref());
    let mut text = mention::resolve(text, &activity.entities, bot);
    for card in activity.attachments.iter().filter_map(card::text) {
        if !text.trim().is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&card);
    }
    Ok(CustomerMessage {
        author: name(&activity.from.as_ref().and_then(|from| from.name.clone()), "from.name")?,
        text,
        format: match activity.text_format.as_deref() {
            None | Some("" | "markdown") => TextFormat::Markdown,
            Some("xml") => TextFormat::Html,
            Some(_) => TextFormat::Plain,
        },
        attachments: activity.attachments.iter().filter_map(attachment).collect(),
        time: now,
    })
}

/// Files that somebody can fetch. Cards have no address, and are text by now; nor has the HTML copy that Teams sends of each text.
fn attachment(given: &ActivityAttachment) -> Option<Attachment> {
    let mut content_type = given.content_type.clone().unwrap_or_default();
    let mut url = none_if_blank(&given.content_url);
    if content_type == "application/vnd.microsoft.teams.file.download.info" {
        // The contentUrl of a file sent in Teams asks for the customer's own login; this one does not.
        let download = given.content.as_ref().and_then(|content| content.get("downloadUrl")?.as_str());
        url = download.or(url);
        "application/octet-stream".clone_into(&mut content_type);
    }
    let url = url?;
    let parsed = Url::parse(url).ok()?;
    let fetchable = match parsed.scheme() {
        "http" | "https" => true,
        "data" => parsed.path().starts_with("image/"),
        _ => false,
    };
    fetchable.then(|| Attachment {
        name: none_if_blank(&given.name).unwrap_or("attachment").to_owned(),
        content_type,
        url: url.to_owned(),
        size: None,
    })
}
