//! JSON as .NET's configuration takes it: with comments, commas before a closing bracket, and a byte order mark.

use serde_json::Value;

/// Reads it. What is not JSON is blanked, so that a mistake is told with its own line and column.
///
/// # Errors
/// With the place of the mistake, and none of the text.
pub(super) fn read(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&plain(text.strip_prefix('\u{feff}').unwrap_or(text)))
}

fn plain(text: &str) -> String {
    let mut plain = without_comments(text);
    // From behind, the last thing but blanks decides whether a comma is one too many.
    let mut closes = false;
    let mut commas = Vec::new();
    let mut in_text = false;
    let bytes = plain.as_bytes();
    for (at, byte) in bytes.iter().enumerate().rev() {
        if *byte == b'"' && !is_escaped(bytes, at) {
            in_text = !in_text;
            closes = false;
        } else if !in_text {
            match byte {
                b'}' | b']' => closes = true,
                b',' if closes => commas.push(at),
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => closes = false,
            }
        }
    }
    for at in commas {
        plain.replace_range(at..=at, " ");
    }
    plain
}

/// Whether an odd number of backslashes stands before it.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut in_text = false;
    while let Some(each) = rest.next() {
        if in_text {
            plain.push(each);
            match each {
                '\\' => plain.extend(rest.next()),
                '"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match (each, rest.peek()) {
            ('/', Some('/')) => {
                while rest.peek().is_some_and(|next| *next != '\n') {
                    rest.next();
                }
            }
            ('/', Some('*')) => {
                rest.next();
                let mut last = ' ';
                for each in rest.by_ref() {
                    if each == '\n' {
                        plain.push('\n');
                    }
                    if last == '*' && each == '/' {
                        break;
                    }
                    last = each;
                }
                plain.push(' ');
            }
            _ => {
                in_text = each == '"';
                plain.push(each);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::read;

    #[test]
    fn what_dotnet_takes_is_taken() {
        let text = "\u{feff}// a line\n{ /* a\n block **/ \"a\": \"http://x/*no*/,]\", \"b\": [1, 2, // two\n ], \"c\\\\\": {},\n}";
        let value = read(text).unwrap();
        assert_eq!(value["a"], "http://x/*no*/,]");
        assert_eq!(value["b"], serde_json::json!([1, 2]));
        assert_eq!(value["c\\"], serde_json::json!({}));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place_and_without_its_text() {
        let told = read("{\n  \"ClientSecret\": hunter2\n}").unwrap_err().to_string();
        assert!(told.contains("line 2") && !told.contains("hunter2"), "{told}");
        assert!(read("[1,,2]").is_err());
    }
}
