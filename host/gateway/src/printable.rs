//! Text from outside for a line of a log: what could begin another line, or command a terminal, is spelled out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Control characters, and those that break lines or turn the direction of writing.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The same text with `\u001b` for such a character, which is how JSON spells it too.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_dangerous(character) {
            // Writing into a string cannot fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_begins_a_line_or_moves_a_terminal() {
        let safe = printable("a\r\nb\u{1b}[2Jc\u{85}d\u{2028}e\u{202e}f\u{7f}");
        assert_eq!(safe, r"a\u000d\u000ab\u001b[2Jc\u0085d\u2028e\u202ef\u007f");
        assert!(matches!(printable("plain – größer 你好"), Cow::Borrowed(_)));
    }
}
