//! Long texts in parts that a channel takes, cut where a reader would cut them.

/// Below this no text can be cut sensibly; smaller limits count as this one, in bytes.
const LEAST: usize = 64;

/// The text in parts of at most `limit` bytes, each counted as [`weight`] does. Only white space at the cuts is
/// lost.
pub(crate) fn split(text: &str, limit: usize) -> Vec<&str> {
    let limit = limit.max(LEAST);
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(fits) = fitting(rest, limit) {
        let cut = cut(rest, fits);
        let part = rest[..cut].trim_end();
        if !part.is_empty() {
            parts.push(part);
        }
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

/// Bytes of a text: UTF-8 travels, but some channels count UTF-16.
pub(crate) fn weight(text: &str) -> usize {
    text.chars().map(char_weight).sum()
}

fn char_weight(c: char) -> usize {
    c.len_utf8().max(2 * c.len_utf16())
}

/// How much of the text fits, in bytes; none where all of it does.
fn fitting(text: &str, limit: usize) -> Option<usize> {
    let mut weight = 0;
    for (at, c) in text.char_indices() {
        weight += char_weight(c);
        if weight > limit {
            return Some(at);
        }
    }
    None
}

/// Where to cut: after a paragraph, a line or a word in the latter half, else between two characters.
fn cut(text: &str, fits: usize) -> usize {
    let front = &text[..fits];
    let late_enough = |at: &usize| *at > fits / 2;
    let line = || front.rfind('\n').filter(late_enough);
    let word = || front.rfind(char::is_whitespace).filter(late_enough);
    if let Some(at) = front.rfind("\n\n").filter(late_enough).or_else(line).or_else(word) {
        return at;
    }
    let escaped = |at: usize| text[..at].chars().rev().take_while(|&c| c == '\\').count() % 2 == 1;
    let mut at = fits;
    // Emoji sequences and letters with accents are several code points; an escape is two.
    for _ in 0..16 {
        let next = text[at..].chars().next();
        let previous = text[..at].chars().next_back();
        let inside = next.is_some_and(continues) || previous == Some('\u{200D}') || escaped(at);
        match previous {
            Some(previous) if inside && at > previous.len_utf8() => at -= previous.len_utf8(),
            _ => return at,
        }
    }
    // Too long to be kept whole; but what an escape takes from markup stays taken.
    if escaped(fits) { fits - 1 } else { fits }
}

/// Whether this code point belongs to the one before it.
fn continues(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{20D0}'..='\u{20FF}' | '\u{200D}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_fits_is_one_part() {
        assert_eq!(split("hello", 100), ["hello"]);
        assert_eq!(split("", 100), [""]);
    }

    #[test]
    fn cuts_are_at_paragraphs_then_lines_then_words() {
        let a = "a".repeat(20);
        let text = format!("{a}\n\n{a} {a}");
        assert_eq!(split(&text, 64), [a.clone(), a.clone(), a.clone()]);
        let b = "b".repeat(10);
        assert_eq!(split(&format!("{a} {b} {b}"), 64), [format!("{a} {b}"), b]);
    }

    #[test]
    fn characters_stay_whole() {
        let family = "👩\u{200D}👩\u{200D}👧";
        for part in split(&family.repeat(20), 64) {
            assert!(part.starts_with('👩') && part.ends_with('👧'), "{part}");
        }
        for part in split(&"e\u{0301}".repeat(100), 64) {
            assert!(part.starts_with('e') && part.ends_with('\u{0301}'), "{part}");
        }
        for part in split(&"\\*".repeat(100), 66) {
            assert!(part.starts_with('\\') && part.ends_with('*'), "{part}");
        }
    }

    #[test]
    fn an_escape_stays_whole_whatever_stands_before_it() {
        for before in 20..60 {
            let text = format!("{}{}\\<b>", "a".repeat(before), "\u{200D}".repeat(17));
            for part in split(&format!("{text}{}", "c".repeat(100)), 64) {
                assert!(!part.starts_with('<'), "{part}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost(text in "(?s).{0,600}", limit in 0_usize..300) {
            let parts = split(&text, limit);
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(solid(&parts.concat()), solid(&text));
            prop_assert!(parts.iter().all(|part| weight(part) <= limit.max(LEAST)));
        }
    }
}
