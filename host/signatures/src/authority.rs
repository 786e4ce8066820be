//! The spellings of an address that a vendor may have signed: with its port and without.

use std::borrow::Cow;

/// The address as given, and as it would be with the port left out or, where there is none, with the usual one.
///
/// Twilio signs sometimes the one and sometimes the other (its libraries' `RequestValidator` tries both). Which
/// port a request came to is nothing that an attacker gains by.
pub(crate) fn spellings(url: &str) -> Vec<Cow<'_, str>> {
    let mut all = vec![Cow::Borrowed(url)];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // Colons within `[…]` belong to an IPv6 address, those before `@` to a user.
    let host = authority.rfind([']', '@']).unwrap_or(0);
    match authority[host..].find(':') {
        Some(colon) => {
            let bare = &authority[..host + colon];
            all.push(Cow::Owned(format!("{scheme}://{bare}{tail}")));
        }
        None => {
            let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
            all.push(Cow::Owned(format!("{scheme}://{authority}:{port}{tail}")));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::spellings;

    #[test]
    fn an_address_is_tried_with_and_without_its_port() {
        for (given, other) in [
            ("https://a.example/x?y=1:2", "https://a.example:443/x?y=1:2"),
            ("http://a.example", "http://a.example:80"),
            ("https://a.example:8443/x", "https://a.example/x"),
            ("https://u:p@a.example/x", "https://u:p@a.example:443/x"),
            ("https://u:p@a.example:1/x", "https://u:p@a.example/x"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://[::1]:9/x", "https://[::1]/x"),
        ] {
            assert_eq!(spellings(given), [given, other]);
        }
        assert_eq!(spellings("nonsense"), ["nonsense"]);
    }
}
