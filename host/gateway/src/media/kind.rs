//! Media types: what they come down to, which of them a pattern takes, and which a browser may show.

/// Pictures that hold no code: a browser may show them where they are.
const PICTURES: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"];

/// Type and subtype in lower case, without parameters; none where it is no media type.
pub(super) fn essence(kind: &str) -> Option<String> {
    let kind = kind.split(';').next()?.trim().to_ascii_lowercase();
    let (main, sub) = kind.split_once('/')?;
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&b))
    };
    (token(main) && token(sub)).then_some(kind)
}

/// Whether it says nothing of what a file is.
pub(super) fn is_vague(kind: &str) -> bool {
    match essence(kind) {
        None => true,
        Some(kind) => kind.contains('*') || kind == "application/octet-stream",
    }
}

/// Whether one of these patterns, e.g. `image/*`, takes files of a kind; no pattern takes any.
pub(super) fn takes(patterns: &[String], kind: &str) -> bool {
    let kind = essence(kind).unwrap_or_else(|| "application/octet-stream".to_owned());
    patterns.is_empty()
        || patterns.iter().filter_map(|pattern| essence(pattern)).any(|pattern| {
            match pattern.strip_suffix('*') {
                Some("*/") => true,
                Some(main) => kind.starts_with(main),
                None => kind == pattern,
            }
        })
}

/// Whether a browser may show it instead of saving it.
pub(super) fn is_picture(kind: &str) -> bool {
    PICTURES.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_its_kind() {
        let patterns = ["image/*".to_owned(), "application/pdf".to_owned()];
        for kind in ["image/png", "IMAGE/PNG; q=1", "application/pdf"] {
            assert!(takes(&patterns, kind), "{kind}");
        }
        for kind in ["text/html", "application/pdfx", "imagex/png", "image", "", "application/octet-stream"] {
            assert!(!takes(&patterns, kind), "{kind}");
        }
        assert!(takes(&[], "anything/at-all") && takes(&["*/*".to_owned()], "text/html"));
    }

    #[test]
    fn what_says_nothing_is_vague() {
        assert!(is_vague("") && is_vague("image/*") && is_vague("application/octet-stream; x=y"));
        assert!(!is_vague("image/png"));
        assert_eq!(essence("text/html\r\nx: y"), None);
        assert!(!is_picture("image/svg+xml") && is_picture("image/png"));
    }
}
