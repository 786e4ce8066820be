//! A text from one format to another, towards a vendor: as readable as the other format allows.

use handover_handoff::vendor::TextFormat;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::{html, markdown, plain};

/// The format that a text goes in, where the desktop shows these, the best first. None at all is plain.
pub fn best(from: TextFormat, shown: &[TextFormat]) -> TextFormat {
    if shown.contains(&from) {
        return from;
    }
    shown.first().copied().unwrap_or(TextFormat::Plain)
}

/// The text in another format; what is in it already stays as it is.
pub fn convert(text: &str, from: TextFormat, to: TextFormat) -> String {
    match (from, to) {
        (TextFormat::Plain, TextFormat::Markdown) => markdown::from_plain(text),
        (TextFormat::Plain, TextFormat::Html) => html_of_plain(text),
        (TextFormat::Markdown, TextFormat::Plain) => plain::from_markdown(text),
        (TextFormat::Markdown, TextFormat::Html) => html_of_markdown(text),
        (TextFormat::Html, TextFormat::Plain) => html::text_of(text),
        (TextFormat::Html, TextFormat::Markdown) => markdown::from_html(text),
        _ => text.to_owned(),
    }
}

/// One line for a file that the vendor cannot be given: its name and its address.
pub fn file_line(name: &str, url: &str, to: TextFormat) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    match to {
        TextFormat::Plain => format!("{name}: {url}"),
        TextFormat::Markdown => markdown::link(&name, url),
        TextFormat::Html => format!("<a href=\"{}\">{}</a>", escaped(url), escaped(&name)),
    }
}

/// What stands between two paragraphs.
pub fn paragraph(of: TextFormat) -> &'static str {
    match of {
        TextFormat::Plain => "\n",
        TextFormat::Markdown => "\n\n",
        TextFormat::Html => "<br>",
    }
}

fn html_of_plain(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("<br>")
}

/// Markup of the customer's own is shown as it was typed, and no address leads but to the web.
fn html_of_markdown(text: &str) -> String {
    let mut left = Vec::new();
    let safe = Parser::new(text).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::Link { dest_url, link_type, title, id }) => {
            let web = markdown::web_address(&dest_url).is_some();
            left.push(web);
            web.then_some(Event::Start(Tag::Link { dest_url, link_type, title, id }))
        }
        Event::End(TagEnd::Link) => left.pop().unwrap_or(true).then_some(Event::End(TagEnd::Link)),
        // A desktop that loads pictures from anywhere tells whoever put them there who reads.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    });
    let mut html = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut html, safe);
    html.trim_end().to_owned()
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use TextFormat::{Html, Markdown, Plain};

    #[test]
    fn the_best_format_that_is_shown_is_taken() {
        assert_eq!(best(Markdown, &[Html, Markdown]), Markdown);
        assert_eq!(best(Html, &[Markdown, Plain]), Markdown);
        assert_eq!(best(Markdown, &[]), Plain);
    }

    #[test]
    fn each_format_becomes_each_other() {
        for (text, from, to, expected) in [
            ("a <b> & *c*\nd", Plain, Html, "a &lt;b&gt; &amp; *c*<br>d"),
            ("a *c*", Plain, Markdown, "a \\*c\\*"),
            ("**a** [b](https://b.example/)", Markdown, Plain, "a b (https://b.example/)"),
            (
                "**a** <script>x</script>",
                Markdown,
                Html,
                "<p><strong>a</strong> &lt;script&gt;x&lt;/script&gt;</p>",
            ),
            ("[a](javascript:x) ![p](https://t.example/1)", Markdown, Html, "<p>a p</p>"),
            ("<p>a</p><p><a href='https://b.example/'>b</a></p>", Html, Plain, "a\nb (https://b.example/)"),
            ("<b>*a*</b>", Html, Markdown, "\\*a\\*"),
            ("*a*", Markdown, Markdown, "*a*"),
        ] {
            assert_eq!(convert(text, from, to), expected, "{text}");
        }
    }

    #[test]
    fn a_files_line_is_one_line() {
        assert_eq!(file_line("a\nb.png", "https://x.example/1", Plain), "a b.png: https://x.example/1");
        assert_eq!(file_line("a]b", "https://x.example/1", Markdown), "[a\\]b](https://x.example/1)");
        assert_eq!(
            file_line("<b>", "https://x.example/1", Html),
            "<a href=\"https://x.example/1\">&lt;b&gt;</a>"
        );
    }
}
