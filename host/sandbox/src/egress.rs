//! The way out of the sandbox: upstreams, and nothing else.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::config::{ConnectorConfig, UpstreamConfig};
use crate::error::OpenError;

/// One connector's way out: its own connections, its own upstreams.
#[derive(Debug)]
pub(crate) struct Egress {
    upstreams: BTreeMap<String, Upstream>,
}

#[derive(Debug)]
struct Upstream {
    base: Url,
    client: reqwest::Client,
}

impl Egress {
    pub(crate) fn new(config: &ConnectorConfig) -> Result<Self, OpenError> {
        let mut upstreams = BTreeMap::new();
        for (name, upstream) in &config.upstreams {
            let client = client(upstream).map_err(|e| OpenError::Client(format!("{name}: {e}")))?;
            upstreams.insert(name.clone(), Upstream { base: without_query(&upstream.base_url), client });
        }
        Ok(Self { upstreams })
    }

    /// Whether this upstream is granted.
    pub(crate) fn grants(&self, upstream: &str) -> bool {
        self.upstreams.contains_key(upstream)
    }

    /// Where a path of an upstream is, and who goes there; why not, where it may not be reached.
    pub(crate) fn route(&self, upstream: &str, path: &str) -> Result<(Url, reqwest::Client), String> {
        let Some(granted) = self.upstreams.get(upstream) else {
            return Err(format!("no upstream `{upstream}` is granted"));
        };
        if !path.starts_with('/')
            || path.contains(['\\', '#'])
            || path.contains(|c: char| c.is_control() || c == ' ')
        {
            return Err(
                "a path begins with `/` and holds no backslash, fragment, space or control character".into(),
            );
        }
        if climbs(path) {
            return Err("a path holds no `..`".into());
        }
        let base = granted.base.as_str().trim_end_matches('/');
        let url =
            Url::parse(&format!("{base}{path}")).map_err(|e| format!("the path does not make a URL: {e}"))?;
        // What comes out of parsing must still be below the base.
        let below = granted.base.path().trim_end_matches('/');
        let same = url.scheme() == granted.base.scheme()
            && url.host() == granted.base.host()
            && url.port_or_known_default() == granted.base.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none()
            && (url.path() == below || url.path().starts_with(&format!("{below}/")));
        if !same {
            return Err(format!("the path leads out of upstream `{upstream}`"));
        }
        Ok((url, granted.client.clone()))
    }
}

/// A query or a fragment would swallow the paths that are joined to it.
fn without_query(base: &Url) -> Url {
    let mut base = base.clone();
    base.set_query(None);
    base.set_fragment(None);
    base
}

/// Whether a path has a segment `..`, plain or encoded, however often: a server may decode what a URL parser leaves.
fn climbs(path: &str) -> bool {
    let mut path = path.split('?').next().unwrap_or_default().to_owned();
    loop {
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
}

fn client(upstream: &UpstreamConfig) -> reqwest::Result<reqwest::Client> {
    // What the operator spelled out is granted as spelled; a name that somebody else resolves is not.
    let spelled_out = match upstream.base_url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(60))
        .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Guard { private: upstream.allow_private || spelled_out }))
        .build()
}

/// Resolves names, and lets a connection go only to an address that was looked at.
struct Guard {
    private: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| private || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} has no public address", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is out there: neither private nor loopback, link-local, metadata, multicast or reserved, in
/// IPv4 or in any of the ways that IPv6 wraps IPv4.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b)) // shared address space, RFC 6598
                || (a == 192 && b == 0 && c == 0) // protocol assignments, RFC 6890
                || (a == 192 && b == 88 && c == 99) // 6to4 relays, RFC 7526
                || (a == 198 && (18..20).contains(&b)); // benchmarking, RFC 2544
            !special
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = v6.to_ipv4() {
                return is_public(IpAddr::V4(v4)) && !v6.is_loopback();
            }
            // Global unicast is 2000::/3. Within it: documentation, Teredo and 6to4 wrap or stand for others;
            // NAT64's 64:ff9b::/96 and the metadata address fd00:ec2::254 lie outside.
            let segments = v6.segments();
            let global = segments[0] & 0xe000 == 0x2000;
            let wrapped = segments[0] == 0x2002
                || (segments[0] == 0x2001 && (segments[1] < 0x0200 || segments[1] == 0x0db8));
            global && !wrapped
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn egress(base: &str) -> Egress {
        let upstream = UpstreamConfig { base_url: Url::parse(base).unwrap(), allow_private: false };
        let config = ConnectorConfig {
            upstreams: [("api".to_owned(), upstream)].into(),
            ..ConnectorConfig::default()
        };
        drop(rustls::crypto::ring::default_provider().install_default());
        Egress::new(&config).unwrap()
    }

    #[test]
    fn a_path_stays_below_its_upstream() {
        let egress = egress("https://vendor.example/sc/");
        let url = |path: &str| egress.route("api", path).map(|(url, _)| url.to_string());
        assert_eq!(url("/v2/apps?x=1").unwrap(), "https://vendor.example/sc/v2/apps?x=1");
        assert_eq!(
            url("/a..b/c%2fd/.../?up=../..").unwrap(),
            "https://vendor.example/sc/a..b/c%2fd/.../?up=../.."
        );
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
            "/a\r\nhost: evil",
            "@evil.example/",
            ".evil.example/",
            ":81/",
        ] {
            assert!(url(path).is_err(), "{path} must not be reached");
        }
        assert!(egress.route("other", "/").is_err());
    }

    #[test]
    fn only_addresses_out_there_are_public() {
        for address in ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
