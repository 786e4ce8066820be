//! Which upstream an address means, for guests whose libraries ask by address: an upstream's name in the place of the
//! host, whatever the scheme, or an address at or below what is granted. What comes of it is held against the policy
//! like every other request.

use url::Url;

use super::{Egress, route};

/// A request's target as the contract has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) upstream: String,
    /// One that the vendor handed out.
    pub(crate) host: Option<String>,
    /// With its query.
    pub(crate) path: String,
}

impl Egress {
    /// Where an address leads; why nowhere, and where one may go.
    pub(crate) fn place(&self, address: &http::Uri) -> Result<Place, String> {
        let path = address.path_and_query().map_or("/", |path| path.as_str());
        let authority = address.authority().ok_or_else(|| self.nowhere())?;
        if authority.as_str().contains('@') {
            return Err("its address holds a user or a password".to_owned());
        }
        let name = authority.host();
        if authority.port().is_none()
            && let Some(upstream) = self.upstreams.keys().find(|known| known.eq_ignore_ascii_case(name))
        {
            let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
            return Ok(Place { upstream: upstream.clone(), host: None, path });
        }
        let scheme = address.scheme_str().unwrap_or_default();
        let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| self.nowhere())?;
        let granted =
            self.upstreams.iter().filter_map(|(name, granted)| Some((name, granted.as_ref().ok()?)));
        let at_base = granted.clone().filter(|(_, granted)| granted.base.is_at(&url));
        // Of bases of one host that lie below each other the longest is meant.
        let nearest = at_base
            .filter_map(|(name, granted)| Some((name, granted.base.rest(path)?)))
            .min_by_key(|(_, rest)| rest.len());
        if let Some((upstream, path)) = nearest {
            return Ok(Place { upstream: upstream.clone(), host: None, path });
        }
        let host = route::further(url.host_str().unwrap_or_default()).map_err(|_| self.nowhere())?;
        let further = granted
            .filter(|(_, granted)| granted.base.is_like(&url))
            .filter(|(_, granted)| granted.further.iter().any(|further| further.pattern.matches(&host)))
            .find_map(|(name, granted)| Some((name, granted.base.rest(path)?)));
        match further {
            Some((upstream, path)) => Ok(Place { upstream: upstream.clone(), host: Some(host), path }),
            None => Err(self.nowhere()),
        }
    }

    fn nowhere(&self) -> String {
        let names: Vec<&str> = self.upstreams.keys().map(String::as_str).collect();
        match names.as_slice() {
            [] => "no upstream is granted".to_owned(),
            [first, ..] => format!(
                "no upstream is there; upstreams: {}. Ask e.g. for `http://{first}/path`",
                names.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::sync::Arc;

    use super::*;
    use crate::config::{ConnectorConfig, FurtherHosts, UpstreamConfig};
    use crate::egress::SystemResolver;

    fn egress() -> Egress {
        drop(rustls::crypto::ring::default_provider().install_default());
        let upstream = |base: &str| UpstreamConfig::new(base.parse().unwrap());
        let mut api = upstream("https://vendor.example/sc/");
        api.further_hosts =
            vec![FurtherHosts { pattern: "*.vendor.example".parse().unwrap(), with_credential: false }];
        let upstreams = [
            ("api".to_owned(), api),
            ("files".to_owned(), upstream("https://vendor.example/sc/files")),
            ("local".to_owned(), upstream("http://127.0.0.1:5000")),
        ];
        let config = ConnectorConfig { upstreams: upstreams.into(), ..ConnectorConfig::default() };
        Egress::new(&config, &(Arc::new(SystemResolver) as _)).unwrap()
    }

    #[test]
    fn an_address_means_an_upstream_by_name_by_base_or_by_a_host_that_was_handed_out() {
        let egress = egress();
        let place = |address: &str| {
            let Place { upstream, host, path } = egress.place(&address.parse().unwrap()).unwrap();
            format!("{upstream} {} {path}", host.unwrap_or_default())
        };
        assert_eq!(place("http://api/v2/chats?x=1"), "api  /v2/chats?x=1");
        assert_eq!(place("https://API"), "api  /");
        assert_eq!(place("https://vendor.example/sc/v2?a=/b"), "api  /v2?a=/b");
        assert_eq!(place("https://vendor.example:443/sc"), "api  /");
        assert_eq!(place("https://vendor.example/sc/files/7"), "files  /7");
        assert_eq!(place("https://eu1.vendor.example/sc/v2"), "api eu1.vendor.example /v2");
        assert_eq!(place("http://127.0.0.1:5000/x"), "local  /x");
        // Whatever it says, the upstream's own rules see it.
        assert_eq!(place("http://api/../admin"), "api  /../admin");
    }

    #[test]
    fn an_address_beside_what_is_granted_is_nowhere() {
        let egress = egress();
        for address in [
            "https://evil.example/",
            "http://vendor.example/sc/v2",
            "https://vendor.example/",
            "https://vendor.example/scx",
            "https://vendor.example:444/sc/v2",
            "https://jane@vendor.example/sc/v2",
            "http://jane:secret@api/v2",
            "http://api:80/v2",
            "https://evil.example/sc/v2",
            "https://eu1.vendor.example/other",
            "http://127.0.0.1:5001/x",
            "http://[::1]:5000/x",
            "/v2",
        ] {
            let why = egress.place(&address.parse().unwrap());
            assert!(why.is_err(), "{address}: {why:?}");
        }
        let why = egress.place(&"https://evil.example/".parse().unwrap()).unwrap_err();
        assert!(why.contains("api, files, local"), "{why}");
    }
}
