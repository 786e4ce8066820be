//! Whose request it is: the other end of the connection, or whom a trusted proxy says it asks for.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Who asks, by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) IpAddr);

impl Caller {
    /// What a rate is counted by: one subscriber has a whole /64 of IPv6.
    pub(crate) fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_canonical().fmt(f)
    }
}

/// Proxies whose word about the caller is believed.
#[derive(Debug, Default)]
pub(crate) struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Addresses (`10.0.0.5`) or networks (`10.0.0.0/8`); otherwise what is wrong, for the operator.
    pub(crate) fn read(names: &[String]) -> Result<Self, String> {
        let read = |name: &String| {
            let address = || name.parse::<IpAddr>().map(IpNet::from);
            name.parse::<IpNet>().or_else(|_| address()).map_err(|_| {
                format!("`limits.trusted_proxies`: {name:?} is neither an address nor a network such as 10.0.0.0/8")
            })
        };
        names.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The nearest one that is no proxy of ours. What stands left of that, anybody may have written.
    pub(super) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> Caller {
        let mut caller = peer.to_canonical();
        let lines: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.trusts(caller) {
                break;
            }
            let Ok(named) = named.trim().parse::<IpAddr>() else { break };
            caller = named.to_canonical();
        }
        Caller(caller)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn caller(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<String> = trusted.iter().map(|name| (*name).to_owned()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        Proxies::read(&trusted).unwrap().caller(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_but_a_trusted_proxy_names_the_caller() {
        assert_eq!(caller(&[], "203.0.113.9", &["192.0.2.1"]), "203.0.113.9");
        assert_eq!(caller(&["10.0.0.0/8"], "203.0.113.9", &["192.0.2.1"]), "203.0.113.9");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(caller(&["10.0.0.0/8"], "::ffff:10.1.2.3", &["192.0.2.1"]), "192.0.2.1");
    }

    #[test]
    fn what_a_caller_wrote_before_the_proxy_is_not_believed() {
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["1.1.1.1, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["1.1.1.1", "192.0.2.1, 10.9.9.9"]), "192.0.2.1");
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.2.3", &["1.1.1.1, nonsense"]), "10.1.2.3");
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_caller() {
        let network = |address: &str| Caller(address.parse().unwrap()).network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn a_name_that_is_no_address_is_a_mistake() {
        let wrong = Proxies::read(&["proxy.example".to_owned()]).unwrap_err();
        assert!(wrong.contains("limits.trusted_proxies") && wrong.contains("proxy.example"), "{wrong}");
    }
}
