//! Which hosts a serviceUrl may name: exact names and whole suffixes, never substrings.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// One allowed host: `host`, `host:port`, `*.suffix` or `*.suffix:port`. Without a port any port will do.
///
/// Compared name by name from the right, so that `smba.trafficmanager.net.evil.example` and
/// `evilbotframework.com` match nothing they look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// Any number of names may stand in front.
    wildcard: bool,
    host: String,
    port: Option<u16>,
}

/// An entry of a list of hosts that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host: write `name`, `name:port` or `*.name`")]
pub struct BadHost(String);

impl HostPattern {
    /// Whether an address is at such a host.
    pub fn matches(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let named = if self.wildcard {
            host.strip_suffix(&self.host)
                .and_then(|front| front.strip_suffix('.'))
                .is_some_and(|front| !front.is_empty())
        } else {
            host == self.host
        };
        named && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

impl FromStr for HostPattern {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadHost(text.to_owned());
        let (wildcard, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest.contains(['*', '/', '\\', '@', '?', '#', ' ']) {
            return Err(bad());
        }
        // The same parser reads serviceUrls: names come out alike (lower case, punycode, shortened addresses).
        // Each of the two schemes swallows its own default port, so both are asked.
        let plain = Url::parse(&format!("http://{rest}/")).map_err(|_| bad())?;
        let secure = Url::parse(&format!("https://{rest}/")).map_err(|_| bad())?;
        let host = plain.host_str().ok_or_else(bad)?.to_owned();
        let is_name = matches!(plain.host(), Some(url::Host::Domain(_)));
        if wildcard && !is_name {
            return Err(bad());
        }
        Ok(Self { wildcard, host, port: plain.port().or(secure.port()) })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wildcard {
            f.write_str("*.")?;
        }
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, url: &str) -> bool {
        let pattern: HostPattern = pattern.parse().expect("a pattern");
        pattern.matches(&Url::parse(url).expect("an address"))
    }

    #[test]
    fn a_name_matches_itself_only() {
        assert!(matches("smba.trafficmanager.net", "https://SMBA.trafficmanager.net/teams/"));
        for look_alike in [
            "https://smba.trafficmanager.net.evil.example/",
            "https://smba.trafficmanager.net./",
            "https://evil.example/smba.trafficmanager.net",
            "https://evil.example/?u=https://smba.trafficmanager.net",
            "https://xsmba.trafficmanager.net/",
            "https://a.smba.trafficmanager.net/",
            "https://smb.evil/",
        ] {
            assert!(!matches("smba.trafficmanager.net", look_alike), "{look_alike}");
        }
    }

    #[test]
    fn a_suffix_matches_on_dots() {
        assert!(matches("*.botframework.com", "https://directline.botframework.com/"));
        assert!(matches("*.botframework.com", "https://a.b.botframework.com/"));
        for look_alike in [
            "https://botframework.com/",
            "https://evilbotframework.com/",
            "https://directline.botframework.com.evil.example/",
        ] {
            assert!(!matches("*.botframework.com", look_alike), "{look_alike}");
        }
    }

    #[test]
    fn a_port_is_compared_where_given() {
        assert!(matches("127.0.0.1:5002", "http://127.0.0.1:5002/runtime"));
        assert!(!matches("127.0.0.1:5002", "http://127.0.0.1:5003/"));
        assert!(matches("127.0.0.1", "http://127.0.0.1:5003/"));
        assert!(matches("[::1]:80", "http://[::1]/"));
        assert!(matches("a.example:443", "https://a.example/"));
        assert!(!matches("a.example:443", "https://a.example:8443/"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["", "*", "*.", "*.*.a", "a/b", "u@a", "a*", "*.127.0.0.1", "https://a", "a:b"] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
        let shown: HostPattern = "*.A.example:81".parse().expect("a pattern");
        assert_eq!(shown.to_string(), "*.a.example:81");
    }
}
