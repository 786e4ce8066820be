//! Addresses that neither an operator nor a connector spelled, but somebody outside: a channel's files. They are held
//! against the same ranges as upstreams' addresses, whether they are spelled out or a name leads to them.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::tls::Version;
use url::Url;

use super::addresses::refused;
use super::resolver::{Guard, Resolver};
use super::route::address;

/// Asks for what is elsewhere; follows no redirect by itself.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    client: reqwest::Client,
    inside: bool,
    plain: bool,
}

impl Elsewhere {
    /// Public addresses by https only.
    ///
    /// # Errors
    /// There is no HTTP client.
    pub fn public(resolver: Arc<dyn Resolver>) -> reqwest::Result<Self> {
        Self::new(resolver, false, false)
    }

    /// The operator's own network too, `plain` or not: for hosts that the operator listed. A cloud's metadata services
    /// are never reached.
    ///
    /// # Errors
    /// There is no HTTP client.
    pub fn inside(resolver: Arc<dyn Resolver>, plain: bool) -> reqwest::Result<Self> {
        Self::new(resolver, true, plain)
    }

    fn new(resolver: Arc<dyn Resolver>, inside: bool, plain: bool) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .https_only(!plain)
            .tls_version_min(Version::TLS_1_2)
            .connect_timeout(Duration::from_secs(5))
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Guard { resolver, inside }))
            .build()?;
        Ok(Self { client, inside, plain })
    }

    /// A request for what is there; why not, where nothing is asked for there.
    pub fn get(&self, url: Url) -> Result<reqwest::RequestBuilder, String> {
        if url.scheme() != "https" && !(self.plain && url.scheme() == "http") {
            return Err("it is no https address".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its address holds a user or a password".to_owned());
        }
        if let Some(purpose) = address(&url).and_then(|address| refused(address, self.inside)) {
            return Err(format!("it is at an address for {purpose}"));
        }
        Ok(self.client.get(url))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::egress::SystemResolver;

    fn refuses(elsewhere: &Elsewhere, url: &str) -> bool {
        elsewhere.get(url.parse().unwrap()).is_err()
    }

    #[test]
    fn what_strangers_name_is_public_and_encrypted() {
        drop(rustls::crypto::ring::default_provider().install_default());
        let public = Elsewhere::public(Arc::new(SystemResolver)).unwrap();
        assert!(!refuses(&public, "https://files.example/a"));
        for url in [
            "http://files.example/a",
            "https://127.0.0.1/a",
            "https://10.0.0.7/a",
            "https://[::1]/a",
            "https://2130706433/",
            "https://169.254.169.254/latest",
            "https://jane:secret@files.example/",
            "ftp://files.example/a",
            "file:///etc/passwd",
        ] {
            assert!(refuses(&public, url), "{url}");
        }
        let inside = Elsewhere::inside(Arc::new(SystemResolver), true).unwrap();
        assert!(!refuses(&inside, "http://127.0.0.1:5002/a"));
        for url in ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://0.0.0.0/"] {
            assert!(refuses(&inside, url), "{url}");
        }
    }
}
