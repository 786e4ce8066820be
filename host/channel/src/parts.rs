//! Long texts for a vendor, part by part: cut where a reader would cut them, never within what is seen as one character.

use unicode_segmentation::UnicodeSegmentation;

/// How long a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// UTF-8 bytes.
    Bytes,
    /// UTF-16 code units.
    Utf16,
    /// Unicode scalar values.
    Characters,
}

impl Unit {
    fn length(self, text: &str) -> usize {
        match self {
            Unit::Bytes => text.len(),
            Unit::Utf16 => text.encode_utf16().count(),
            Unit::Characters => text.chars().count(),
        }
    }
}

/// The first part of a text, of at most `limit` units, and where the rest begins, in bytes; at the text's end where
/// there is none. Only white space at the cut is lost. What is longer than that by itself, as one character, goes whole.
pub fn first_part(text: &str, limit: usize, unit: Unit) -> (&str, usize) {
    let mut length = 0;
    let mut fits = text.len();
    for (at, grapheme) in text.grapheme_indices(true) {
        length += unit.length(grapheme);
        if length > limit && at > 0 {
            fits = at;
            break;
        }
    }
    if fits == text.len() {
        return (text, fits);
    }
    let cut = cut(text, fits);
    let rest = text[cut..].trim_start();
    (text[..cut].trim_end(), text.len() - rest.len())
}

/// After a paragraph, a line or a word in the latter half, and not within a block of code if that can be helped; else
/// between two characters. An address has no blanks, so that it stays whole where it fits.
fn cut(text: &str, fits: usize) -> usize {
    let front = &text[..fits];
    let least = fits / 2;
    if let Some(fence) = open_fence(front) {
        // The whole block goes into the next part, where enough is left for this one.
        if fence > fits / 4 {
            return fence;
        }
    }
    // What comes next may be the very blank to cut at.
    let word = || match text[fits..].chars().next() {
        Some(next) if next.is_whitespace() => Some(fits),
        _ => front.rfind(char::is_whitespace).filter(|at| *at > least),
    };
    // An address is worth a short part.
    let address = || {
        let (blank, c) = front.char_indices().rev().find(|(_, c)| c.is_whitespace())?;
        let begin = blank + c.len_utf8();
        let end = text[begin..].find(char::is_whitespace).map_or(text.len(), |end| begin + end);
        text[begin..end].contains("://").then_some(begin)
    };
    let line = || front.rfind('\n').filter(|at| *at > least);
    front.rfind("\n\n").filter(|at| *at > least).or_else(line).or_else(word).or_else(address).unwrap_or(fits)
}

/// Where the block of code begins that is still open at the end (CommonMark, "Fenced code blocks").
fn open_fence(text: &str) -> Option<usize> {
    let mut open = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_start();
        if body.starts_with("```") || body.starts_with("~~~") {
            open = match open {
                None => Some(at),
                Some(_) => None,
            };
        }
        at += line.len();
    }
    open.filter(|at| *at > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str, limit: usize, unit: Unit) -> Vec<&str> {
        let (mut parts, mut rest) = (Vec::new(), text);
        loop {
            let (part, next) = first_part(rest, limit, unit);
            parts.push(part);
            if next == rest.len() {
                return parts;
            }
            rest = &rest[next..];
        }
    }

    #[test]
    fn cuts_are_at_paragraphs_then_lines_then_words() {
        assert_eq!(parts("hello", 5, Unit::Characters), ["hello"]);
        assert_eq!(parts("", 5, Unit::Characters), [""]);
        assert_eq!(parts("one two three", 8, Unit::Characters), ["one two", "three"]);
        assert_eq!(parts("one two\n\nthree four", 14, Unit::Characters), ["one two", "three four"]);
        assert_eq!(parts("aaa bbb\nccc ddd", 12, Unit::Characters), ["aaa bbb", "ccc ddd"]);
        let text = "see https://a.example/b then";
        assert_eq!(parts(text, 20, Unit::Bytes), ["see", "https://a.example/b", "then"]);
    }

    #[test]
    fn what_is_seen_as_one_character_stays_whole() {
        let family = "👩\u{200D}👩\u{200D}👧";
        for part in parts(&family.repeat(20), 30, Unit::Utf16) {
            assert!(part.starts_with('👩') && part.ends_with('👧'), "{part}");
        }
        assert_eq!(parts("🇩🇪🇫🇷", 3, Unit::Characters), ["🇩🇪", "🇫🇷"]);
        assert_eq!(parts(family, 1, Unit::Characters), [family], "there is no smaller part");
    }

    #[test]
    fn units_are_counted_as_they_are_called() {
        for (unit, expected) in [(Unit::Bytes, 5), (Unit::Utf16, 10), (Unit::Characters, 20)] {
            assert_eq!(
                parts(&"😀".repeat(100), 20, unit).first().map(|part| part.chars().count()),
                Some(expected)
            );
        }
    }

    #[test]
    fn a_block_of_code_stays_whole_where_it_can() {
        let text = "some words before it\n```\nlet a = 1;\n```\nafter";
        assert_eq!(
            parts(text, 36, Unit::Characters),
            ["some words before it", "```\nlet a = 1;\n```\nafter"]
        );
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost(text in "(?s).{0,300}", limit in 1_usize..80, which in 0..3) {
            let unit = [Unit::Bytes, Unit::Utf16, Unit::Characters][which as usize];
            let parts = parts(&text, limit, unit);
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(solid(&parts.concat()), solid(&text));
            prop_assert!(parts.iter().all(|part| unit.length(part) <= limit || part.graphemes(true).count() == 1));
        }
    }
}
