//! Texts within a vendor's limits: cut without breaking a character, and safe in a path.

/// How far back from the limit a better place for a cut is looked for.
const REACH: usize = 256;

/// The length in UTF-16 units, in which most vendors count.
pub fn utf16_units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The beginning of `text`, at most so many UTF-16 units long. Characters stay whole, and so do those that are seen as
/// one (an emoji with its skin tone, a letter with its accents) where they are not absurdly long.
pub fn clip(text: &str, units: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.len_utf16();
        if used > units {
            return &text[..whole(text, at)];
        }
    }
    text
}

/// The same text in pieces of at most so many UTF-16 units, cut where a line or a word ends if there is such a place.
/// No piece is blank, so that there is none where there is nothing to read.
pub fn pieces(text: &str, units: usize) -> Vec<&str> {
    let units = units.max(2);
    let mut rest = text;
    let mut pieces = Vec::new();
    while utf16_units(rest) > units {
        let fits = clip(rest, units);
        // One character that is longer than a piece: it cannot stay whole.
        let fits = if fits.is_empty() { by_characters(rest, units) } else { fits };
        let from = boundary(fits, fits.len().saturating_sub(REACH));
        let tail = &fits[from..];
        let end = tail.rfind('\n').or_else(|| tail.rfind(char::is_whitespace)).map_or(fits.len(), |at| {
            let gap = tail[at..].chars().next().map_or(0, char::len_utf8);
            from + at + gap
        });
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// One segment of a path, or a query's value: all but unreserved characters as `%XX` (RFC 3986 §2.3).
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Without what no desktop shows and some stores refuse: control characters but tabs and line feeds, which end lines.
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// What an address ends with, mostly a file's name.
pub fn last_segment(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    path.rsplit('/').next().filter(|name| !name.trim().is_empty())
}

fn by_characters(text: &str, units: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, character)| {
        used += character.len_utf16();
        used > units
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// The nearest place at or before `at` that is no middle of a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The nearest place at or before `at` where nothing that is seen as one character is cut.
fn whole(text: &str, at: usize) -> usize {
    let mut cut = at;
    while let Some(before) = text[..cut].chars().next_back() {
        let after = text[cut..].chars().next();
        let joined = before == '\u{200d}'
            || after.is_some_and(extends)
            || before == '\r' && after == Some('\n')
            || after.is_some_and(is_flag) && flags_before(&text[..cut]) % 2 == 1;
        if !joined {
            return cut;
        }
        cut -= before.len_utf8();
        if at - cut > REACH {
            return at;
        }
    }
    // All of it is one character.
    0
}

fn is_flag(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

fn flags_before(text: &str) -> usize {
    text.chars().rev().take_while(|c| is_flag(*c)).count()
}

/// Whether a character belongs to the one before it: marks, joiners, variations, skin tones and tags (the ranges of
/// Unicode's `Grapheme_Extend` that people write in chats).
fn extends(c: char) -> bool {
    matches!(c,
        '\u{200c}' | '\u{200d}' | '\u{0300}'..='\u{036f}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05bd}'
        | '\u{05bf}'..='\u{05c7}' | '\u{0610}'..='\u{061a}' | '\u{064b}'..='\u{065f}' | '\u{0670}'
        | '\u{06d6}'..='\u{06dc}' | '\u{06df}'..='\u{06e8}' | '\u{0900}'..='\u{0903}' | '\u{093a}'..='\u{094f}'
        | '\u{0981}'..='\u{0983}' | '\u{09bc}'..='\u{09cd}' | '\u{0bbe}'..='\u{0bcd}' | '\u{0e31}'
        | '\u{0e34}'..='\u{0e3a}' | '\u{0e47}'..='\u{0e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_as_one_character_is_not_cut() {
        assert_eq!(clip("ab👍🏽", 4), "ab", "thumb and skin tone");
        assert_eq!(clip("ae\u{301}x", 2), "a", "letter and accent");
        assert_eq!(clip("👩\u{200d}👩\u{200d}👧", 5), "", "a family");
        assert_eq!(clip("🇨🇭🇩🇪", 6), "🇨🇭", "flags");
        assert_eq!(clip("a💥", 2), "a", "half a surrogate pair");
        assert_eq!(clip("short", 9), "short");
    }

    #[test]
    fn pieces_are_the_whole_text_and_none_is_too_long_or_blank() {
        let words = "Über 🙂 wörter ".repeat(2_000);
        let marks = "e\u{301}".repeat(10_000);
        let endless = format!("x{}", "\u{301}".repeat(9_000));
        let emoji = "👩\u{200d}👩\u{200d}👧".repeat(3_000);
        for text in [&words, &marks, &endless, &emoji] {
            let pieces = pieces(text, 4_096);
            assert_eq!(pieces.concat(), **text);
            assert!(pieces.iter().all(|piece| utf16_units(piece) <= 4_096 && !piece.trim().is_empty()));
        }
        assert!(pieces(&words, 4_096).iter().all(|piece| piece.ends_with(' ')), "cut between words");
        assert!(pieces(&marks, 4_096)[1].starts_with('e'));
        assert!(pieces(&emoji, 4_096)[1].starts_with('👩'));
        assert_eq!(pieces(" \n ", 10), Vec::<&str>::new());
        assert_eq!(pieces("a💥", 1), ["a", "💥"], "a limit that fits no character is none");
    }

    #[test]
    fn what_nobody_sees_is_left_out_and_an_address_names_its_file() {
        assert_eq!(clean("a\0b\u{7}\r\n\tc"), "ab\n\tc");
        assert_eq!(last_segment("https://x.example/a/b.png?c=d/e#f"), Some("b.png"));
        assert_eq!(last_segment("https://x.example/a/?b"), None);
    }

    #[test]
    fn a_line_is_a_better_place_than_a_word() {
        assert_eq!(pieces("one two\nthree four", 14), ["one two\n", "three four"]);
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(percent("29:jä/../x?y=1#z"), "29%3Aj%C3%A4%2F..%2Fx%3Fy%3D1%23z");
    }
}
