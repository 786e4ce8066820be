//! Which addresses a connection may go to: the special ranges of the IANA registries, and what else is no vendor.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is, where it is not simply out there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// In the operator's own network: an operator may grant it.
    Inside(&'static str),
    /// No vendor is ever there, whatever the configuration says.
    Never(&'static str),
}

impl Special {
    /// What the address is for, with the source of that.
    pub(crate) fn purpose(self) -> &'static str {
        let (Self::Inside(purpose) | Self::Never(purpose)) = self;
        purpose
    }
}

use Special::{Inside, Never};

/// The first that fits counts: what is narrower stands first.
const V4: &[(Ipv4Addr, u32, Special)] = &[
    (Ipv4Addr::new(169, 254, 169, 254), 32, METADATA),
    (Ipv4Addr::new(169, 254, 169, 253), 32, METADATA), // AWS' resolver
    (Ipv4Addr::new(169, 254, 170, 2), 32, METADATA),   // AWS ECS' task credentials
    (Ipv4Addr::new(169, 254, 170, 23), 32, METADATA),  // AWS EKS' pod identities
    (Ipv4Addr::new(168, 63, 129, 16), 32, METADATA),   // Azure's wire server, at a public address
    (Ipv4Addr::new(100, 100, 100, 200), 32, METADATA), // Alibaba's
    (Ipv4Addr::new(192, 0, 0, 192), 32, METADATA),     // Oracle's
    (Ipv4Addr::new(0, 0, 0, 0), 8, Never("this network (RFC 791)")),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Inside("private use (RFC 1918)")),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Inside("shared address space (RFC 6598)")),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Inside("loopback (RFC 1122)")),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Inside("link-local (RFC 3927)")),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Inside("private use (RFC 1918)")),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Never("protocol assignments (RFC 6890)")),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Never("documentation (RFC 5737)")),
    (Ipv4Addr::new(192, 31, 196, 0), 24, Never("AS112 (RFC 7535)")),
    (Ipv4Addr::new(192, 52, 193, 0), 24, Never("AMT (RFC 7450)")),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Never("6to4 relays (RFC 7526)")),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Inside("private use (RFC 1918)")),
    (Ipv4Addr::new(192, 175, 48, 0), 24, Never("AS112 (RFC 7534)")),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Never("benchmarking (RFC 2544)")),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Never("documentation (RFC 5737)")),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Never("documentation (RFC 5737)")),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Never("multicast (RFC 5771)")),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Never("reserved (RFC 1112)")),
];

const V6: &[(Ipv6Addr, u32, Special)] = &[
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128, METADATA), // AWS'
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23), 128, METADATA),  // AWS EKS' pod identities
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, METADATA),  // Google's
    (Ipv6Addr::LOCALHOST, 128, Inside("loopback (RFC 4291)")),
    (Ipv6Addr::UNSPECIFIED, 128, Never("unspecified (RFC 4291)")),
    (Ipv6Addr::UNSPECIFIED, 96, Never("IPv4-compatible (RFC 4291)")),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, Never("IPv4-translated (RFC 2765)")),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, Never("NAT64 (RFC 6052)")),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Never("NAT64 (RFC 8215)")),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, Never("discard-only (RFC 6666)")),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Never("Teredo (RFC 4380)")),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Never("protocol assignments (RFC 2928)")),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Never("documentation (RFC 3849)")),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Never("6to4 (RFC 3056)")),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, Never("AS112 (RFC 7534)")),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Never("documentation (RFC 9637)")),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Inside("unique local (RFC 4193)")),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Inside("link-local (RFC 4291)")),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Inside("site-local (RFC 3879)")),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Never("multicast (RFC 4291)")),
];

const METADATA: Special = Never("a cloud's metadata service");

/// What an address is, where it is not simply out there; IPv4 mapped into IPv6 (RFC 4291) is IPv4.
pub(crate) fn special(address: IpAddr) -> Option<Special> {
    match address.to_canonical() {
        IpAddr::V4(v4) => V4
            .iter()
            .find(|(network, prefix, _)| (v4.to_bits() ^ network.to_bits()) >> (32 - prefix) == 0)
            .map(|(_, _, special)| *special),
        IpAddr::V6(v6) => V6
            .iter()
            .find(|(network, prefix, _)| (v6.to_bits() ^ network.to_bits()) >> (128 - prefix) == 0)
            .map(|(_, _, special)| *special)
            // Whatever is not listed above and outside of 2000::/3 has not been given to anybody.
            .or_else(|| (v6.segments()[0] >> 13 != 1).then_some(Never("not assigned (RFC 4291)"))),
    }
}

/// Why a connection may not go there; `inside` is the operator's leave for the own network.
pub(crate) fn refused(address: IpAddr, inside: bool) -> Option<&'static str> {
    match special(address)? {
        Inside(_) if inside => None,
        other => Some(other.purpose()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    fn refused(address: &str, inside: bool) -> bool {
        super::refused(address.parse().unwrap(), inside).is_some()
    }

    #[test]
    fn a_vendors_address_is_out_there() {
        for address in [
            "93.184.215.14",
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
            "2001:200::1",
            "2003::1",
            "::ffff:93.184.215.14",
        ] {
            assert!(!refused(address, false), "{address}");
        }
    }

    #[test]
    fn the_operators_own_network_is_granted_or_not() {
        for address in [
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
        ] {
            assert!(refused(address, false), "{address}");
            assert!(!refused(address, true), "{address}");
        }
    }

    #[test]
    fn where_no_vendor_is_no_leave_leads() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "192.0.0.8",
            "192.0.0.192",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:0.0.0.0",
            "::ffff:169.254.169.254",
            "::ffff:168.63.129.16",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::7f00:1",
            "64:ff9b:1:ffff::1",
            "64:ff9b:2::1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "2620:4f:8000::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe00::1",
            "ff02::1",
        ] {
            assert!(refused(address, true), "{address}");
        }
    }
}
