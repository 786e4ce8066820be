//! Markdown as text without markup. Markdown reads well as it is: only what does not is taken out, all else stays as it
//! was typed, lists, quotations and lines above all.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

/// What is under way while the text is read.
struct Open {
    range: Range<usize>,
    /// From the first to the last of what is inside.
    inner: Option<Range<usize>>,
    kind: Kind,
}

enum Kind {
    /// So many characters on either side.
    Marked(usize),
    /// What stands before the inside.
    Led,
    Link(String),
    /// The text of a block of code, without its fences.
    Code(String),
    Other,
}

/// The text that a reader of Markdown sees; links as `text (address)`.
pub(crate) fn from_markdown(markdown: &str) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut last = 0;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        if !matches!(event, Event::End(_))
            && let Some(parent) = open.last_mut()
        {
            let inner = parent.inner.get_or_insert_with(|| range.clone());
            inner.end = inner.end.max(range.end);
        }
        match event {
            Event::Start(tag) => open.push(Open { kind: kind(&tag), range, inner: None }),
            Event::End(TagEnd::Paragraph) => drop(open.pop()),
            Event::End(_) => edits.extend(open.pop().map(|done| close(markdown, done)).unwrap_or_default()),
            Event::Text(text) => {
                if let Some(Open { kind: Kind::Code(code), .. }) = open.last_mut() {
                    code.push_str(&text);
                    continue;
                }
                // An escape: the backslash stands before the text, and in none.
                if range.start > last && markdown[..range.start].ends_with('\\') {
                    edits.push((range.start - 1..range.start, String::new()));
                }
                if markdown[range.clone()] != *text {
                    edits.push((range.clone(), text.into_string()));
                }
                last = range.end;
            }
            Event::Code(code) => edits.push((range, code.into_string())),
            Event::HardBreak => edits.push((range, "\n".to_owned())),
            _ => {}
        }
    }
    apply(markdown, edits)
}

fn kind(tag: &Tag<'_>) -> Kind {
    match tag {
        Tag::Emphasis => Kind::Marked(1),
        Tag::Strong | Tag::Strikethrough => Kind::Marked(2),
        Tag::Heading { .. } => Kind::Led,
        Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. } => Kind::Marked(1),
        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => Kind::Link(dest_url.to_string()),
        Tag::CodeBlock(CodeBlockKind::Fenced(_)) => Kind::Code(String::new()),
        _ => Kind::Other,
    }
}

/// What is to be changed of something that has been read to its end.
fn close(text: &str, done: Open) -> Vec<(Range<usize>, String)> {
    let Open { range, inner, kind } = done;
    let cut = |range: Range<usize>| (range, String::new());
    let inner = inner.unwrap_or(range.end..range.end);
    match kind {
        // In the midst of a word it was hardly meant: 2*3*4.
        Kind::Marked(_) if in_a_word(text, &range) => Vec::new(),
        Kind::Marked(most) => {
            let first = text[range.clone()].chars().next();
            let marks = text[range.clone()].chars().take_while(|c| Some(*c) == first).count().min(most);
            if range.len() < 2 * marks {
                return Vec::new();
            }
            vec![cut(range.start..range.start + marks), cut(range.end - marks..range.end)]
        }
        Kind::Led => vec![cut(range.start..inner.start.max(range.start))],
        Kind::Link(url) => {
            let shown = &text[inner.clone()];
            let address = if shown.is_empty() {
                url
            } else if shown == url || url.is_empty() {
                String::new()
            } else {
                format!(" ({url})")
            };
            let open = range.start..inner.start.min(range.end);
            vec![cut(open), (inner.end.min(range.end)..range.end, address)]
        }
        Kind::Code(code) => {
            // The line's end after the closing fence is not the block's.
            vec![(range, code.trim_end_matches('\n').to_owned())]
        }
        Kind::Other => Vec::new(),
    }
}

/// Or in an address.
fn in_a_word(text: &str, range: &Range<usize>) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = &text[..range.start];
    word(before.chars().next_back())
        || word(text[range.end..].chars().next())
        || before.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"))
}

fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        // What lies inside of something that was replaced as a whole went with it.
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::from_markdown;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_read_well_is_taken_out() {
        for (markdown, expected) in [
            ("**bold**, *it*, _it_, ~~no~~ and `code`", "bold, it, it, no and code"),
            ("***both***", "both"),
            ("# Head\ntext", "Head\ntext"),
            ("see [the **page**](https://a.example/x \"t\")!", "see the page (https://a.example/x)!"),
            ("[https://a.example/](https://a.example/)", "https://a.example/"),
            (
                "<https://a.example/> and https://b.example/_x_",
                "https://a.example/ and https://b.example/_x_",
            ),
            ("![a cat](https://a.example/1.png)", "a cat (https://a.example/1.png)"),
            ("[a][1]\n\n[1]: https://a.example/", "a (https://a.example/)\n\n[1]: https://a.example/"),
            ("\\*no\\* 1\\. &amp; &lt;b&gt;", "*no* 1. & <b>"),
            ("```rust\nlet a = b * c;\n```\nafter", "let a = b * c;\nafter"),
            ("one  \ntwo\\\nthree", "one\ntwo\nthree"),
        ] {
            assert_eq!(from_markdown(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn what_reads_well_stays_as_it_was_typed() {
        for text in [
            "hello",
            "2*3*4 and 2 * 3 and snake_case_name",
            "- one\n- two\n  1. a\n  2. b\n\n> quoted\n\nend",
            "C:\\dir\\file",
            "a < b & c > d",
            "--- \n***",
            "  spaced   out  ",
            "1. one\n\n2. two\n\nhttps://a.example/a*b*c",
        ] {
            assert_eq!(from_markdown(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([*_`~<>\\[\\]()!#&; \\\\\n-]|a|é|\\[x\\]\\(y\\)|```|\\*\\*){0,60}") {
            let _ = from_markdown(&text);
        }
    }
}
