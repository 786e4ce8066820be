//! As much of HTML as messages need: what is read without the tags, and what must not become one.

/// Elements that end a line.
const BLOCKS: [&str; 17] = [
    "br",
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "hr",
];

/// The text without tags: blanks in a row are one, a block begins a line, the common entities are read.
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, after)) = behind.split_once('>') else {
            // A sign that opens nothing.
            text.push('<');
            rest = behind;
            continue;
        };
        let name = tag.trim_start_matches('/').to_ascii_lowercase();
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if BLOCKS.contains(&name) {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = text.lines().map(words).filter(|line| !line.is_empty()).collect();
    // The ampersand last: `&amp;lt;` is the text `&lt;`.
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.iter().fold(lines.join("\n"), |text, (name, sign)| text.replace(name, sign))
}

/// A plain text as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_lines_and_entities_are_read_once() {
        assert_eq!(plain("<p>A  <b>bold</b> word</p><ul><li>one<li>two</ul>"), "A bold word\none\ntwo");
        assert_eq!(plain("1 < 2 &amp;lt; &lt;3"), "1 < 2 &lt; <3");
        assert_eq!(plain("<a href='x'>link</a><br/>next"), "link\nnext");
        assert_eq!(plain(&escaped("a < b & c > d")), "a < b & c > d");
    }
}
