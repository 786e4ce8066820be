//! Hosts that a vendor hands out at run time, held against the patterns that the operator granted.

use std::fmt;
use std::str::FromStr;

/// A host, `eu1.vendor.example`, or all hosts below one, `*.vendor.example`. Neither address nor port nor scheme: those
/// are the upstream's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// In lower case; for a wildcard what follows the `*`, its dot included.
    name: String,
    below: bool,
}

impl HostPattern {
    /// Whether this host, in lower case, is meant. A wildcard stands for one label or more, never for none.
    pub fn matches(&self, host: &str) -> bool {
        if self.below {
            host.strip_suffix(self.name.as_str()).is_some_and(|labels| !labels.is_empty())
        } else {
            host == self.name
        }
    }

    /// Whether each host that `other` means is meant by this pattern too.
    pub fn covers(&self, other: &Self) -> bool {
        match (self.below, other.below) {
            (true, true) => other.name.ends_with(&self.name),
            (_, false) => self.matches(&other.name),
            (false, true) => false,
        }
    }
}

/// Why a text is no host pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host pattern: write a host, e.g. `eu1.vendor.example`, or `*.vendor.example`")]
pub struct NoPattern(String);

impl FromStr for HostPattern {
    type Err = NoPattern;

    fn from_str(text: &str) -> Result<Self, NoPattern> {
        let no = || NoPattern(text.chars().filter(|c| !c.is_control()).take(80).collect());
        let (below, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let host = host(rest).map_err(|_| no())?;
        // `*.com` would be everybody's; a name without a dot is somebody in the own network.
        if !host.contains('.') {
            return Err(no());
        }
        let name = if below { format!(".{host}") } else { host };
        Ok(Self { name, below })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.below { "*" } else { "" };
        write!(f, "{star}{}", self.name)
    }
}

/// A host's name in lower case, where it is one (RFC 1123, section 2.1) and nothing else: no address in any of its
/// spellings, no port, no user, no final dot, and nothing that is not ASCII.
pub(super) fn host(text: &str) -> Result<String, &'static str> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > 253 || !text.split('.').all(label) {
        return Err("a further host is a plain name: letters, digits, dashes and dots between them");
    }
    // What ends in a number is an address to a URL parser (WHATWG URL, "ends in a number checker").
    let last = text.rsplit('.').next().unwrap_or_default();
    if !last.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("a further host is a name, not an address");
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn pattern(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_wildcard_takes_what_is_below_it_and_nothing_beside() {
        let five9 = pattern("*.Five9.example");
        assert_eq!(five9.to_string(), "*.five9.example");
        for host in ["app.five9.example", "a.b.five9.example", "xn--bcher-kva.five9.example"] {
            assert!(five9.matches(host), "{host}");
        }
        for host in ["five9.example", ".five9.example", "evilfive9.example", "five9.example.evil.example"] {
            assert!(!five9.matches(host), "{host}");
        }
        assert!(pattern("eu1.vendor.example").matches("eu1.vendor.example"));
        assert!(!pattern("eu1.vendor.example").matches("a.eu1.vendor.example"));
    }

    #[test]
    fn a_pattern_covers_what_is_narrower() {
        let wide = pattern("*.vendor.example");
        for narrow in ["*.vendor.example", "*.eu.vendor.example", "api.vendor.example"] {
            assert!(wide.covers(&pattern(narrow)), "{narrow}");
        }
        for other in ["vendor.example", "*.other.example", "*.evilvendor.example"] {
            assert!(!wide.covers(&pattern(other)), "{other}");
        }
        assert!(!pattern("*.eu.vendor.example").covers(&wide));
        assert!(!pattern("a.vendor.example").covers(&wide));
    }

    #[test]
    fn what_is_too_wide_or_no_name_is_no_pattern() {
        for text in [
            "",
            "*",
            "*.",
            "*com",
            "*.com",
            "com",
            "*.*.example",
            "a.*.example",
            "**.vendor.example",
            "*.127.0.0.1",
            "10.0.0.1",
            "[::1]",
            "https://a.example",
            "a.example:443",
            "a.example/",
            "a.example.",
            "bücher.example",
            "a b.example",
            "-a.example",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }
}
