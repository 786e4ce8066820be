//! Texts of the vendor as the channel's Markdown: plain text shown as it was typed, HTML without its markup, Markdown
//! without HTML.

use url::Url;

use crate::html;

/// A name for the inside of a line: one line, nothing in it is markup.
pub(crate) fn name(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut name = String::new();
    inline(&words.join(" "), false, &mut name);
    name
}

/// Plain text that comes out as it was typed. In Markdown a line ends with its paragraph only, so each becomes one.
pub(crate) fn from_plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        let body = line.trim_start();
        // Four blanks would make it code.
        for blank in line[..line.len() - body.len()].chars() {
            out.push_str(if blank == '\t' { "\u{A0}\u{A0}\u{A0}\u{A0}" } else { "\u{A0}" });
        }
        inline(body, true, &mut out);
    }
    out
}

/// HTML as text, and that as Markdown.
pub(crate) fn from_html(html: &str) -> String {
    from_plain(&html::text_of(html))
}

/// Markdown as it was written, but for HTML in it, which comes out as it was typed: what a channel makes of a tag is
/// not ours to know. In code, where a tag is none, the backslash shows.
pub(crate) fn without_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    // As in a line of plain text.
    let mut chars = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).peekable();
    let mut escaped = false;
    while let Some(c) = chars.next() {
        if c == '<' && !escaped && opens_tag(chars.peek().copied()) {
            out.push('\\');
        }
        out.push(c);
        escaped = c == '\\' && !escaped;
    }
    out
}

/// Whether `<` before this character begins a tag, or a link.
fn opens_tag(next: Option<char>) -> bool {
    next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '/' | '!' | '?'))
}

/// A link, where the address is one that a browser may be sent to.
pub(crate) fn link(text: &str, url: &str) -> String {
    match web_address(url) {
        Some(url) => format!("[{}]({})", name(text).replace(']', "\\]"), url),
        None => name(text),
    }
}

/// An http(s) address that can stand in a Markdown link.
pub(crate) fn web_address(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut text = url.as_str().to_owned();
    // A query may hold them as they are; Markdown would read them.
    for (plain, code) in [('(', "%28"), (')', "%29"), ('\\', "%5C"), ('`', "%60")] {
        text = text.replace(plain, code);
    }
    Some(text)
}

/// Escapes what CommonMark would read as markup, and only that: some channels show every backslash.
fn inline(line: &str, at_line_start: bool, out: &mut String) {
    // Dropped first: a control character between `<` and a name would hide the tag that is left without it.
    let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
    let block = if at_line_start { block_marker(&line) } else { None };
    let mut previous: Option<char> = None;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let escape = block == Some(at)
            || match c {
                '`' | '~' | '[' => true,
                '*' => !(blank(previous) && blank(next)),
                '_' => !(word(previous) && word(next)),
                '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
                '<' => opens_tag(next),
                '&' => word(next) || next == Some('#'),
                _ => false,
            };
        if escape {
            out.push('\\');
        }
        out.push(c);
        previous = Some(c);
    }
}

/// Where the character is that makes this line a heading, a list, a quotation or a rule.
fn block_marker(line: &str) -> Option<usize> {
    let ends = |at: usize| line[at..].chars().next().is_none_or(char::is_whitespace);
    let first = line.chars().next()?;
    match first {
        '>' => Some(0),
        '#' => {
            let level = line.bytes().take_while(|&b| b == b'#').count();
            (level <= 6 && ends(level)).then_some(0)
        }
        '-' | '+' | '*' | '=' => {
            let rule = line.chars().all(|c| c == first || c.is_whitespace());
            (rule || ends(1)).then_some(0)
        }
        '0'..='9' => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let marker = matches!(line.as_bytes().get(digits), Some(b'.' | b')'));
            (digits <= 9 && marker && ends(digits + 1)).then_some(digits)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "hello",
            "It's 5 > 3, isn't it? (yes) - no!",
            "C:\\dir and snake_case and a & b",
            "2 * 3 = 6",
            "https://a.example/x?y=1&z",
            "1.5 litres, #1",
        ] {
            let expected = text.replace("&z", "\\&z");
            assert_eq!(from_plain(text), expected);
        }
    }

    #[test]
    fn markup_in_plain_text_is_escaped() {
        for (text, expected) in [
            ("*bold* _it_ `code` ~no~", "\\*bold\\* \\_it\\_ \\`code\\` \\~no\\~"),
            ("[x](http://a)", "\\[x](http://a)"),
            ("<b>&lt;", "\\<b>\\&lt;"),
            ("# head", "\\# head"),
            ("> quote", "\\> quote"),
            ("- item", "\\- item"),
            ("---", "\\---"),
            ("12. item", "12\\. item"),
            ("\\* no", "\\\\\\* no"),
            ("one\ntwo\r\n\n\nthree", "one\n\ntwo\n\nthree"),
            ("    code", "\u{A0}\u{A0}\u{A0}\u{A0}code"),
        ] {
            assert_eq!(from_plain(text), expected, "{text}");
        }
    }

    #[test]
    fn a_control_character_hides_no_markup() {
        for (text, expected) in [
            ("<\u{1}script>", "\\<script>"),
            ("&\u{7f}lt;", "\\&lt;"),
            ("*\u{1} bold\u{1} *", "\\* bold *"),
            ("\u{1}# head", "\\# head"),
            ("1\u{1}. item", "1\\. item"),
            ("a\\\u{1}*", "a\\\\\\*"),
        ] {
            assert_eq!(from_plain(text), expected, "{text:?}");
        }
        assert_eq!(name("<\u{1}b>"), "\\<b>");
        assert_eq!(link("a\\\u{1}](x", "https://x.example/"), "[a\\\\\\](x](https://x.example/)");
    }

    #[test]
    fn markdown_keeps_all_but_html() {
        for (text, expected) in [
            (
                "*now* [x](https://a.example) 1 < 2 <3 -> &lt;",
                "*now* [x](https://a.example) 1 < 2 \\<3 -> &lt;",
            ),
            ("<b>now</b><!-- --><?x?>", "\\<b>now\\</b>\\<!-- -->\\<?x?>"),
            ("<https://a.example>", "\\<https://a.example>"),
            // Already escaped; and a backslash that is escaped itself takes nothing from what follows.
            ("\\<b>", "\\<b>"),
            ("\\\\<b>", "\\\\\\<b>"),
            // In code a backslash is one, and does not reach beyond it.
            ("`a\\`<b>", "`a\\`\\<b>"),
            ("one\r\n\n    <\u{1}b>\n\ttwo", "one\r\n\n    \\<b>\n\ttwo"),
        ] {
            assert_eq!(without_html(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name(" **Eve**\n[x](y) "), "\\*\\*Eve\\*\\* \\[x](y)");
        assert_eq!(name("Contoso Support"), "Contoso Support");
    }

    #[test]
    fn html_becomes_text() {
        for (html, expected) in [
            ("<p>Hello <b>Jane</b>,</p><p>how are&nbsp;you?</p>", "Hello Jane,\n\nhow are you?"),
            ("a<br/>b<BR>c", "a\n\nb\n\nc"),
            ("<ul><li>one</li><li>two</li></ul>", "\\- one\n\n\\- two"),
            (
                "see <a href=\"https://a.example/?x=1&amp;y\">here</a>",
                "see here (https://a.example/?x=1\\&y)",
            ),
            ("<a href='https://a.example/'>https://a.example/</a>", "https://a.example/"),
            ("<a href='javascript:alert(1)'>x</a>", "x"),
            ("<script>alert(1)</script>ok<!-- no --><style>p{}", "ok"),
            ("1 < 2 &amp; 3 &gt; 2 &#x41;&#66; &bogus; &", "1 < 2 & 3 > 2 AB \\&bogus; &"),
            ("<img src=x alt=\"a cat\">", "a cat"),
            ("<p title='>'>quoted</p>", "quoted"),
            ("  spaced \n\n out ", "spaced out"),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn links_lead_to_the_web_only() {
        assert_eq!(link("a]b", "https://x.example/(1)"), "[a\\]b](https://x.example/%281%29)");
        assert_eq!(link("a", "javascript:alert(1)"), "a");
        assert_eq!(link("a", "https://x.example/?`\\"), "[a](https://x.example/?%60%5C)");
    }

    proptest! {
        #[test]
        fn any_html_is_read(html in "([<>&;!/\"'a-z -]|<a href=|<script>|&#x|é|\n){0,80}") {
            let _ = from_html(&html);
        }

        #[test]
        fn any_text_is_read(text in "(?s).{0,200}") {
            let _ = (from_plain(&text), from_html(&text), name(&text));
        }
    }
}
