//! Whatever path or further host a guest asks for, a request stays at its upstream: same scheme, port and path above,
//! no user, no address in the place of a name, nowhere that no connection may go.
#![no_main]

/// The sandbox's own files, without its compiler of components.
#[allow(dead_code, reason = "the sandbox needs more of them")]
#[path = "../../host/sandbox/src/egress"]
mod egress {
    mod addresses;
    mod hosts;
    mod route;

    pub(crate) use hosts::HostPattern;

    pub(crate) fn join(
        base: &crate::config::UpstreamConfig,
        host: Option<&str>,
        path: &str,
    ) -> Option<Result<url::Url, String>> {
        let base = route::Base::new(base).ok()?;
        Some(match host.map(route::further).transpose() {
            Ok(host) => base.join(host.as_deref(), path),
            Err(why) => Err(why),
        })
    }

    pub(crate) fn refused(address: std::net::IpAddr, inside: bool) -> bool {
        addresses::refused(address, inside).is_some()
    }
}

mod config {
    /// What the sandbox's type has of it.
    pub(crate) struct UpstreamConfig {
        pub(crate) base_url: url::Url,
        pub(crate) allow_private: bool,
        pub(crate) allow_plain: bool,
    }

    /// For the files' own tests, which are not built here.
    #[cfg(test)]
    impl UpstreamConfig {
        pub(crate) fn new(base_url: url::Url) -> Self {
            Self { base_url, allow_private: false, allow_plain: false }
        }
    }
}

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

#[derive(Debug, Arbitrary)]
struct Asked<'a> {
    base: u8,
    own: &'a str,
    allow: [bool; 2],
    host: Option<&'a str>,
    pattern: &'a str,
    path: &'a str,
    address: u128,
}

const BASES: [&str; 7] = [
    "https://vendor.example/",
    "https://vendor.example:8443/a/b/",
    "https://vendor.example/a%2fb?x=1#y",
    "http://127.0.0.1:5000/api",
    "http://localhost/",
    "https://[::1]/x",
    "https://api.vendor.example/v1",
];

fuzz_target!(|asked: Asked<'_>| {
    let base = match BASES.get(usize::from(asked.base)) {
        Some(base) => Url::parse(base),
        None => Url::parse(asked.own),
    };
    if let Ok(base_url) = base {
        let [allow_private, allow_plain] = asked.allow;
        let base = config::UpstreamConfig { base_url, allow_private, allow_plain };
        if let Some(Ok(url)) = egress::join(&base, asked.host, asked.path) {
            stays(&base.base_url, asked.host, &url);
        }
    }
    granted(asked.pattern, asked.host.unwrap_or_default());
    // IPv4 that is written as IPv6 (RFC 4291, section 2.5.5.2) is judged as what it is; no leave opens what is never.
    let (v4, v6) = (Ipv4Addr::from_bits(asked.address as u32), Ipv6Addr::from_bits(asked.address));
    for inside in [false, true] {
        let refused = |address: IpAddr| egress::refused(address, inside);
        assert_eq!(refused(v4.into()), refused(v4.to_ipv6_mapped().into()), "{v4}");
        let special = v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast() || v4.is_documentation();
        assert!(refused(v4.into()) || !special, "{v4}");
        let outside = !(v4.is_private() || v4.is_loopback() || v4.is_link_local());
        assert!(refused(v4.into()) || outside || inside, "{v4}");
        assert!(refused(v6.into()) || !(v6.is_multicast() || v6.is_unspecified()), "{v6}");
        assert!(refused(v6.into()) || !v6.is_loopback() || inside, "{v6}");
    }
});

fn stays(base: &Url, host: Option<&str>, url: &Url) {
    assert_eq!((url.scheme(), url.port_or_known_default()), (base.scheme(), base.port_or_known_default()));
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{url}");
    match host {
        None => assert_eq!(url.host(), base.host()),
        Some(host) => {
            assert_eq!(url.host(), Some(Host::Domain(host.to_ascii_lowercase().as_str())), "{host:?}")
        }
    }
    let above = base.path().trim_end_matches('/');
    assert!(
        url.path().strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        "{url}"
    );
    // Read once more by somebody who decodes it first, it is still there.
    let mut path = url.path()[above.len()..].to_owned();
    for _ in 0..4 {
        assert!(!path.split(['/', '\\']).any(|segment| segment == ".."), "{url}");
        path = path
            .replace("%2e", ".")
            .replace("%2E", ".")
            .replace("%2f", "/")
            .replace("%2F", "/")
            .replace("%25", "%");
    }
    assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(url), "read again, and not the same");
}

fn granted(pattern: &str, host: &str) {
    let Ok(pattern) = pattern.parse::<egress::HostPattern>() else { return };
    assert_eq!(pattern.to_string().parse().as_ref(), Ok(&pattern));
    assert!(pattern.covers(&pattern));
    if pattern.matches(host) {
        let shown = pattern.to_string();
        match shown.strip_prefix('*') {
            Some(below) => assert!(host.ends_with(below) && host.len() > below.len(), "{host:?}"),
            None => assert_eq!(host, shown),
        }
    }
}
