//! What the customer wrote, as a vendor can show it: in a format that it knows, in parts that it takes, and with lines in
//! the place of files where it takes none.

use handover_channel::conversion::{best, convert, file_line, paragraph};
use handover_channel::parts::{Unit, first_part};
use handover_handoff::vendor::{CustomerMessage, TextFormat};
use handover_sandbox::description::{self, AttachmentMode, Description, TextUnit};

/// The message in the best format that the vendor shows.
pub(crate) fn rewritten(message: CustomerMessage, vendor: &Description) -> CustomerMessage {
    let to = best(message.format, &formats(vendor));
    let mut text = convert(&message.text, message.format, to);
    let mut attachments = message.attachments;
    if vendor.attachments.mode == AttachmentMode::None {
        for file in attachments.drain(..) {
            if !text.is_empty() {
                text.push_str(paragraph(to));
            }
            text.push_str(&file_line(&file.name, &file.url, to));
        }
    }
    CustomerMessage { text, format: to, attachments, ..message }
}

/// What of a message is to be carried, where so many bytes of its text are there; and where it goes on, unless this is
/// the last of it, with which the files go.
pub(crate) fn part(
    message: CustomerMessage,
    there: usize,
    vendor: &Description,
) -> (CustomerMessage, Option<usize>) {
    let Some((limit, unit)) = vendor.text_limit else { return (message, None) };
    // The text may have become another one since: the vendor's limits and formats are those of the version that serves.
    let there = message.text.floor_char_boundary(there);
    let rest = &message.text[there..];
    let (first, next) = first_part(rest, limit.max(1) as usize, self::unit(unit));
    let (text, goes_on) = (first.to_owned(), next < rest.len());
    let attachments = if goes_on { Vec::new() } else { message.attachments };
    (CustomerMessage { text, attachments, ..message }, goes_on.then_some(there + next))
}

/// The formats that a vendor shows, in the domain's words.
pub(crate) fn formats(vendor: &Description) -> Vec<TextFormat> {
    let format = |format: &description::TextFormat| match format {
        description::TextFormat::Plain => TextFormat::Plain,
        description::TextFormat::Markdown => TextFormat::Markdown,
        description::TextFormat::Html => TextFormat::Html,
    };
    vendor.text_formats.iter().map(format).collect()
}

fn unit(unit: TextUnit) -> Unit {
    match unit {
        TextUnit::Bytes => Unit::Bytes,
        TextUnit::Utf16Units => Unit::Utf16,
        TextUnit::Characters => Unit::Characters,
    }
}
