//! HTML as chat messages use it, read as text.

use crate::markdown::web_address;

/// Longest tag that is looked at, in bytes.
const TAG_LIMIT: usize = 4096;

/// The text of an HTML fragment, as far as chat messages use HTML.
pub(crate) fn text_of(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut text = Text::default();
    let mut link: Option<(String, usize)> = None;
    let mut at = 0;
    while let Some(c) = html[at..].chars().next() {
        let rest = &html[at..];
        match c {
            '<' if rest.starts_with("<!--") => {
                at = rest.find("-->").map_or(html.len(), |end| at + end + 3);
            }
            '<' => {
                let Some(tag) = tag(rest) else {
                    text.push('<');
                    at += 1;
                    continue;
                };
                at += tag.len;
                match (tag.name.as_str(), tag.closing) {
                    ("script" | "style" | "head", false) => {
                        let end = format!("</{}", tag.name);
                        at = lower[at..].find(&end).map_or(html.len(), |found| at + found);
                    }
                    ("br", _) => text.new_line(),
                    ("a", false) => link = tag.attribute("href").map(|href| (href, text.0.len())),
                    ("a", true) => {
                        if let Some((href, begin)) = link.take()
                            && web_address(&href).is_some()
                            && text.0.get(begin..).is_some_and(|shown| shown.trim() != href)
                        {
                            text.0.push_str(&format!(" ({href})"));
                        }
                    }
                    ("img", _) => text.0.push_str(&tag.attribute("alt").unwrap_or_default()),
                    ("li", false) => {
                        text.block();
                        text.0.push_str("- ");
                    }
                    (
                        "p" | "div" | "li" | "tr" | "ul" | "ol" | "table" | "blockquote" | "pre" | "h1"
                        | "h2" | "h3" | "h4" | "h5" | "h6",
                        _,
                    ) => text.block(),
                    _ => {}
                }
            }
            '&' => {
                let (decoded, len) = entity(rest);
                text.0.push(decoded);
                at += len;
            }
            _ => {
                text.push(c);
                at += c.len_utf8();
            }
        }
    }
    text.0.trim().to_owned()
}

/// Text that grows as HTML is read: white space runs together, blocks begin on a line of their own.
#[derive(Default)]
struct Text(String);

impl Text {
    fn push(&mut self, c: char) {
        if !c.is_ascii_whitespace() {
            self.0.push(c);
        } else if !self.0.is_empty() && !self.0.ends_with([' ', '\n']) {
            self.0.push(' ');
        }
    }

    fn new_line(&mut self) {
        self.0.truncate(self.0.trim_end_matches(' ').len());
        self.0.push('\n');
    }

    fn block(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with('\n') {
            self.new_line();
        }
    }
}

struct Tag<'a> {
    /// In lower case.
    name: String,
    closing: bool,
    /// What stands between the name and the end.
    attributes: &'a str,
    /// Bytes.
    len: usize,
}

/// The tag at the beginning of a text that begins with `<`, if it is one.
fn tag(text: &str) -> Option<Tag<'_>> {
    let (closing, body) = match text[1..].strip_prefix('/') {
        Some(body) => (true, body),
        None => (false, &text[1..]),
    };
    if !body.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?')) {
        return None;
    }
    let mut quote = None;
    let end = body.bytes().take(TAG_LIMIT).position(|byte| match (quote, byte) {
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        (None, b'>') => true,
        _ => false,
    })?;
    let inside = &body[..end];
    let name_end = inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(end);
    let (name, attributes) = inside.split_at(name_end);
    let len = text.len() - body.len() + end + 1;
    Some(Tag { name: name.to_ascii_lowercase(), closing, attributes, len })
}

impl Tag<'_> {
    fn attribute(&self, wanted: &str) -> Option<String> {
        let at = self.attributes.to_ascii_lowercase().find(&format!(" {wanted}="))?;
        let value = &self.attributes[at + wanted.len() + 2..];
        let value = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next()?,
            _ => value.split_ascii_whitespace().next()?,
        };
        let mut decoded = String::new();
        let mut rest = value;
        while let Some(c) = rest.chars().next() {
            let (c, len) = if c == '&' { entity(rest) } else { (c, c.len_utf8()) };
            decoded.push(c);
            rest = &rest[len..];
        }
        Some(decoded)
    }
}

/// The character at the beginning of a text that begins with `&`, and how many bytes it takes.
fn entity(text: &str) -> (char, usize) {
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let Some(end) = end else { return ('&', 1) };
    let name = &text[1..end];
    let decoded = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => name.strip_prefix('#').and_then(|number| {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| !c.is_control())
        }),
    };
    decoded.map_or(('&', 1), |c| (c, end + 1))
}
