//! HTML as text, for words of the instance that are shown in a line of their own.

/// Without tags; blanks in a row are one, and a block begins a line.
pub fn from_html(html: &str) -> String {
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
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let inline = ["a", "b", "i", "u", "em", "strong", "span", "font", "code"];
        if !inline.contains(&name.to_ascii_lowercase().as_str()) {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let all: Vec<String> = text.lines().map(words).filter(|line| !line.is_empty()).collect();
    let mut text = all.join("\n");
    // The ampersand last: `&amp;lt;` is the text `&lt;`.
    for (name, sign) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
    {
        text = text.replace(name, sign);
    }
    text
}
