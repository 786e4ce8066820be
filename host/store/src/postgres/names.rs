//! Names that others make up, as PostgreSQL can hold and index them.
//!
//! Its texts hold no NUL, and its indexes no entry above 2704 bytes. Channels and vendors know neither limit, and
//! what they call a thing must not decide whether it can be carried. Different names stay different.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// Three of these fit into an index.
const LONGEST: usize = 600;

/// Stands before what a NUL is written as; itself doubled.
const ESCAPE: char = '\u{1}';

/// A name as it is kept. Nobody reads it back.
pub(super) fn plain(name: &str) -> Cow<'_, str> {
    let escaped: Cow<'_, str> = match name.contains(['\0', ESCAPE]) {
        true => name.replace(ESCAPE, "\u{1}\u{1}").replace('\0', "\u{1}0").into(),
        false => name.into(),
    };
    if escaped.len() <= LONGEST {
        return escaped;
    }
    let digest = hex::encode(Sha256::digest(escaped.as_bytes()));
    let mut end = LONGEST - digest.len() - 2;
    while !escaped.is_char_boundary(end) {
        end -= 1;
    }
    // No name that fits ends like this: an escape is followed by a 0 or by another one.
    format!("{}{ESCAPE}#{digest}", &escaped[..end]).into()
}

/// A text for people, which may lose what cannot be written.
pub(super) fn legible(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, plain};

    #[test]
    fn what_differs_stays_different_and_fits() {
        let long = "ä".repeat(5_000);
        let names = [
            "".to_owned(),
            "chat-7".to_owned(),
            "a\0b".to_owned(),
            "a\u{1}0b".to_owned(),
            "a\u{1}\u{1}0b".to_owned(),
            long.clone(),
            format!("{long}x"),
            plain(&long).into_owned(),
            format!("\0{long}"),
        ];
        let kept: std::collections::BTreeSet<_> = names.iter().map(|name| plain(name)).collect();
        assert_eq!(kept.len(), names.len());
        assert!(kept.iter().all(|name| name.len() <= LONGEST && !name.contains('\0')), "{kept:?}");
        assert_eq!(plain("19:meeting_x@thread.v2"), "19:meeting_x@thread.v2", "as it is where it can be");
    }
}
