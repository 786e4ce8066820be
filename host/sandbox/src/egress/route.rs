//! An upstream's base address and what may be joined to it: nothing leads above it or beside it.

use std::net::IpAddr;

use url::{Host, Url};

use super::addresses::refused;
use super::hosts;
use crate::config::UpstreamConfig;

/// Where an upstream leads.
#[derive(Debug)]
pub(super) struct Base(Url);

impl Base {
    /// The operator's base address; why it will not do, where it does not.
    pub(super) fn new(upstream: &UpstreamConfig) -> Result<Self, String> {
        let url = &upstream.base_url;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("is no address of the kind `https://host/path`".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user or a password: configure a credential instead".to_owned());
        }
        if let Some(purpose) = address(url).and_then(|address| refused(address, true)) {
            return Err(format!("is an address for {purpose}, where no vendor is"));
        }
        if url.scheme() == "http" && !(upstream.allow_plain || upstream.allow_private || spelled_inside(url))
        {
            return Err(
                "is plain http, which anybody on the way can read: use https, or set allow_plain = true"
                    .to_owned(),
            );
        }
        // A query or a fragment would swallow the paths that are joined to it.
        let mut base = url.clone();
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self(base))
    }

    /// The address of a path, at the base's host or at a further one. Scheme, port and path of the base stay.
    pub(super) fn join(&self, further: Option<&str>, path: &str) -> Result<Url, String> {
        if !path.starts_with('/')
            || path.contains(['\\', '#'])
            || path.contains(|c: char| c.is_control() || c == ' ')
        {
            return Err(
                "a path begins with `/` and holds no backslash, fragment, space or control character".into(),
            );
        }
        if climbs(path) {
            return Err("a path holds no `..`, and is not encoded over and over".into());
        }
        let mut base = self.0.clone();
        if let Some(host) = further {
            base.set_host(Some(host)).map_err(|e| format!("a further host does not make a URL: {e}"))?;
            if base.host() != Some(Host::Domain(host)) {
                return Err("a further host is a name, not an address".to_owned());
            }
        }
        let url = Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/')))
            .map_err(|e| format!("the path does not make a URL: {e}"))?;
        // What comes out of parsing must still be below the base.
        let below = base.path().trim_end_matches('/');
        let same = url.scheme() == base.scheme()
            && url.host() == base.host()
            && url.port_or_known_default() == base.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none()
            && (url.path() == below || url.path().starts_with(&format!("{below}/")));
        if !same {
            return Err("the path leads out of its upstream".to_owned());
        }
        Ok(url)
    }

    /// The operator spelled out an address or `localhost`, and so granted it as spelled. What another name leads to is
    /// not the operator's word.
    pub(super) fn spelled_inside(&self) -> bool {
        spelled_inside(&self.0)
    }

    /// Whether an address is at the base or below it.
    pub(super) fn holds(&self, url: &Url) -> bool {
        let below = self.0.path().trim_end_matches('/');
        self.is_like(url)
            && url.host() == self.0.host()
            && !climbs(url.path())
            && (url.path() == below || url.path().starts_with(&format!("{below}/")))
    }

    /// Whether an address has the base's scheme and port, and no user.
    pub(super) fn is_like(&self, url: &Url) -> bool {
        url.scheme() == self.0.scheme()
            && url.port_or_known_default() == self.0.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none()
    }

    /// What of a path is below the base's own, as it was spelled: joined to the base it gives the same address.
    pub(super) fn rest(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(self.0.path().trim_end_matches('/'))?;
        match rest.chars().next() {
            Some('/') => Some(rest.to_owned()),
            None | Some('?') => Some(format!("/{rest}")),
            Some(_) => None,
        }
    }

    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.is_like(url) && url.host() == self.0.host()
    }

    pub(super) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
}

fn spelled_inside(url: &Url) -> bool {
    match address(url) {
        Some(address) => refused(address, false).is_some(),
        None => url.host_str() == Some("localhost"),
    }
}

/// An address in the place of a name; the client connects to one without asking the resolver.
pub(super) fn address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => None,
    }
}

/// A further host as a guest spells it, in lower case.
pub(super) fn further(host: &str) -> Result<String, String> {
    hosts::host(host).map_err(str::to_owned)
}

/// More often no path is encoded; each time costs a walk over the whole of it.
const ENCODED: usize = 8;

/// Whether a path has a segment `..`, plain or encoded, however often: a server may decode what a URL parser leaves.
/// One that is encoded over and over is taken to have one.
fn climbs(path: &str) -> bool {
    let mut path = path.split('?').next().unwrap_or_default().to_owned();
    for _ in 0..=ENCODED {
        if path.split(['/', '\\']).any(|segment| segment == "..") {
            return true;
        }
        let decoded = ["%2e", "%2E", "%2f", "%2F", "%5c", "%5C", "%25"]
            .into_iter()
            .zip([".", ".", "/", "/", "\\", "\\", "%"])
            .fold(path.clone(), |path, (code, plain)| path.replace(code, plain));
        if decoded == path {
            return false;
        }
        path = decoded;
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn base(url: &str) -> Result<Base, String> {
        Base::new(&UpstreamConfig::new(url.parse().unwrap()))
    }

    #[test]
    fn a_path_stays_below_its_upstream() {
        let base = base("https://vendor.example/sc/?a=b#c").unwrap();
        let url = |path: &str| base.join(None, path).map(|url| url.to_string());
        assert_eq!(url("/v2/apps?x=1").unwrap(), "https://vendor.example/sc/v2/apps?x=1");
        assert_eq!(
            url("/a..b/c%2fd/.../?up=../..").unwrap(),
            "https://vendor.example/sc/a..b/c%2fd/.../?up=../.."
        );
        assert_eq!(url("//evil.example/").unwrap(), "https://vendor.example/sc//evil.example/");
        for path in [
            "",
            "v2",
            "/../admin",
            "/%2e%2e/admin",
            "/a/%2E./../../admin",
            "/a/../b",
            "/a%2f..%2f..%2fadmin",
            "/a/%252e%252e/admin",
            "/a%5c..%5cadmin",
            "/\\evil.example/",
            "/a#b",
            "/a b",
            "/a\tb",
            "/a\r\nhost: evil",
            "@evil.example/",
            ".evil.example/",
            ":81/",
        ] {
            assert!(url(path).is_err(), "{path} must not be reached");
        }
        assert_eq!(
            base.join(Some("eu1.vendor.example"), "/x").unwrap().as_str(),
            "https://eu1.vendor.example/sc/x"
        );
    }

    #[test]
    fn a_path_that_is_encoded_over_and_over_is_refused() {
        let base = base("https://vendor.example/").unwrap();
        let encoded = |times: usize| base.join(None, &format!("/%{}41", "25".repeat(times)));
        assert!(encoded(ENCODED).is_ok());
        assert!(encoded(ENCODED + 1).is_err());
        assert!(encoded(4000).is_err());
    }

    #[test]
    fn a_base_is_encrypted_unless_it_is_inside_or_the_operator_says_so() {
        for good in [
            "https://vendor.example/",
            "http://127.0.0.1:5000",
            "http://localhost",
            "http://10.0.0.7",
            "http://[::1]:80",
            "https://1.1.1.1",
        ] {
            assert!(base(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://vendor.example/", "plain http"),
            ("http://localhost.", "plain http"),
            ("http://1.1.1.1", "plain http"),
            ("http://169.254.169.254/latest", "metadata"),
            ("https://[fd00:ec2::254]", "metadata"),
            ("https://168.63.129.16", "metadata"),
            ("http://0/", "this network"),
            ("https://[64:ff9b::7f00:1]", "NAT64"),
            ("https://jane:secret@vendor.example", "holds a user"),
            ("ftp://vendor.example", "no address of the kind"),
            ("mailto:jane@vendor.example", "no address of the kind"),
        ] {
            let refused = base(bad).unwrap_err();
            assert!(refused.contains(why), "{bad}: {refused}");
        }
        let plain = UpstreamConfig {
            allow_plain: true,
            ..UpstreamConfig::new("http://vendor.example".parse().unwrap())
        };
        assert!(Base::new(&plain).is_ok());
    }

    #[test]
    fn a_further_host_is_a_name_however_it_is_spelled() {
        assert_eq!(further("EU1.vendor.example").unwrap(), "eu1.vendor.example");
        for host in [
            "",
            "a@eu1.vendor.example",
            "eu1.vendor.example:444",
            "eu1.vendor.example.",
            "eu1..vendor.example",
            "eu1.vendor.example/",
            "//eu1.vendor.example",
            "\\eu1.vendor.example",
            "eu1.vendor.example\r\n",
            "eu1.vendor.example%2f",
            "*.vendor.example",
            "127.0.0.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "[::1]",
            "::1",
            "eu1\u{3002}vendor.example",
            "v\u{435}ndor.example",
            "eu1.vendor.exam\u{ad}ple",
        ] {
            assert!(further(host).is_err(), "{host}");
        }
    }
}
