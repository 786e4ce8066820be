//! As much of HTML as messages need: what is read without the tags, and what must not become one.

/// Elements that end a line.
const BLOCKS: [&str; 12] = ["br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "pre", "blockquote", "hr"];

/// The text without tags, with the common entities read.
pub fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            // No tag: a smaller-than sign.
            out.push_str(&rest[at..]);
            rest = "";
            break;
        };
        let tag = rest[at + 1..at + end].trim_start_matches('/').to_ascii_lowercase();
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if BLOCKS.contains(&name) && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    unescaped(&out).trim_end().to_owned()
}

/// Without the quotation that clients put before a reply (client-server API, "Fallbacks for rich replies").
pub fn without_quotation(html: &str) -> &str {
    html.strip_prefix("<mx-reply>")
        .and_then(|rest| rest.split_once("</mx-reply>"))
        .map_or(html, |(_, rest)| rest)
}

/// A plain text as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}
