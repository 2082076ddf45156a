//! Which network addresses may be spoken to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(start: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(start[0], start[1], start[2], start[3], 0, 0, 0, 0), prefix)
}

/// IPv4 networks that no public vendor lives in.
const REFUSED_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),        // "this" network, unspecified
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carrier-grade NAT, and a metadata service at 100.100.100.200
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // a cloud's host service
    v4(169, 254, 0, 0, 16),   // link-local, and most metadata services
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, broadcast
];

/// IPv6 networks that no public vendor lives in. Forms that carry an IPv4 address are unwrapped before.
const REFUSED_V6: [Ipv6Net; 8] = [
    v6([0, 0, 0, 0], 96),          // unspecified, loopback
    v6([0x64, 0xff9b, 1, 0], 48),  // NAT64 of one's own network
    v6([0x100, 0, 0, 0], 64),      // discard
    v6([0x2001, 0, 0, 0], 32),     // Teredo
    v6([0x2001, 0xdb8, 0, 0], 32), // documentation
    v6([0xfc00, 0, 0, 0], 7),      // unique local, and a metadata service at fd00:ec2::254
    v6([0xfe80, 0, 0, 0], 9),      // link-local, site-local
    v6([0xff00, 0, 0, 0], 8),      // multicast
];

/// Whether a connection to `address` may be made: it is public, or an administrator has allowed its network.
///
/// IPv4 addresses inside of IPv6 ones (mapped, compatible, NAT64 `64:ff9b::/96`, 6to4) are judged as the IPv4
/// address that they lead to.
pub fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    let address = unwrapped(address);
    if allowed.iter().any(|net| net.contains(&address)) {
        return true;
    }
    match address {
        IpAddr::V4(address) => !REFUSED_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => !REFUSED_V6.iter().any(|net| net.contains(&address)),
    }
}

fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let parts = six.segments();
    let four = |at: usize| {
        let [high, low] = [parts[at].to_be_bytes(), parts[at + 1].to_be_bytes()];
        IpAddr::V4([high[0], high[1], low[0], low[1]].into())
    };
    match parts {
        // mapped, translated, NAT64
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => four(6),
        // compatible, but neither unspecified nor loopback
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => four(6),
        // 6to4
        [0x2002, ..] => four(1),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::public("93.184.216.34", true)]
    #[case::public_six("2606:4700::1111", true)]
    #[case::public_mapped("::ffff:93.184.216.34", true)]
    #[case::public_nat64("64:ff9b::5db8:d822", true)]
    #[case::loopback("127.0.0.1", false)]
    #[case::loopback_high("127.255.255.254", false)]
    #[case::loopback_six("::1", false)]
    #[case::unspecified("0.0.0.0", false)]
    #[case::unspecified_six("::", false)]
    #[case::link_local("169.254.1.1", false)]
    #[case::metadata("169.254.169.254", false)]
    #[case::metadata_cgnat("100.100.100.200", false)]
    #[case::metadata_six("fd00:ec2::254", false)]
    #[case::host_service("168.63.129.16", false)]
    #[case::private_ten("10.1.2.3", false)]
    #[case::private_172("172.31.255.255", false)]
    #[case::beyond_172("172.32.0.1", true)]
    #[case::private_192("192.168.0.1", false)]
    #[case::cgnat("100.64.0.1", false)]
    #[case::beyond_cgnat("100.128.0.1", true)]
    #[case::unique_local("fc00::1", false)]
    #[case::link_local_six("fe80::1", false)]
    #[case::site_local("fec0::1", false)]
    #[case::multicast("224.0.0.1", false)]
    #[case::multicast_six("ff02::1", false)]
    #[case::broadcast("255.255.255.255", false)]
    #[case::mapped_loopback("::ffff:127.0.0.1", false)]
    #[case::mapped_metadata("::ffff:169.254.169.254", false)]
    #[case::compatible_loopback("::127.0.0.1", false)]
    #[case::translated_loopback("::ffff:0:127.0.0.1", false)]
    #[case::nat64_metadata("64:ff9b::a9fe:a9fe", false)]
    #[case::nat64_private("64:ff9b::a00:1", false)]
    #[case::nat64_own("64:ff9b:1::a9fe:a9fe", false)]
    #[case::six_to_four_private("2002:a00:1::1", false)]
    #[case::teredo("2001::1", false)]
    fn without_exceptions(#[case] address: IpAddr, #[case] allowed: bool) {
        assert_eq!(is_allowed(address, &[]), allowed, "{address}");
    }

    #[rstest]
    #[case::inside("127.0.0.1", true)]
    #[case::inside_mapped("::ffff:127.0.0.1", true)]
    #[case::inside_nat64("64:ff9b::7f00:1", true)]
    #[case::outside("127.0.1.1", false)]
    #[case::other_family("::1", false)]
    #[case::six("fd12::1", true)]
    #[case::metadata("169.254.169.254", false)]
    fn with_exceptions(#[case] address: IpAddr, #[case] allowed: bool) {
        let exceptions = ["127.0.0.0/24".parse().unwrap(), "fd12::/16".parse().unwrap()];
        assert_eq!(is_allowed(address, &exceptions), allowed, "{address}");
    }

    #[test]
    fn wrapped_networks_open_nothing() {
        let exceptions = ["64:ff9b::/96".parse().unwrap(), "::ffff:0:0/96".parse().unwrap()];
        assert!(!is_allowed("64:ff9b::a9fe:a9fe".parse().unwrap(), &exceptions));
        assert!(!is_allowed("::ffff:10.0.0.1".parse().unwrap(), &exceptions));
    }
}
