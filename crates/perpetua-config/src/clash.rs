//! Which listeners cannot be open at the same time.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// How two listeners are in each other's way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Clash {
    /// On every system.
    Everywhere,
    /// Where a socket of every IPv6 address takes those of IPv4 as well, as on Linux and macOS.
    OnSomeSystems,
}

/// Whether two listeners are in each other's way. Port 0 is any free one, and an IPv4 address that is written as one
/// of IPv6 is what it means.
pub fn clash(one: SocketAddr, other: SocketAddr) -> Option<Clash> {
    if one.port() == 0 || one.port() != other.port() {
        return None;
    }
    let (one, other) = (one.ip().to_canonical(), other.ip().to_canonical());
    let is_wildcard = one.is_unspecified() || other.is_unspecified();
    if one.is_ipv4() == other.is_ipv4() {
        return (one == other || is_wildcard).then_some(Clash::Everywhere);
    }
    let all = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    (one == all || other == all).then_some(Clash::OnSomeSystems)
}

/// The address of every IP address of the same family.
pub(crate) fn wildcard(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};

    use proptest::prelude::*;

    use super::{Clash, clash};

    const IPS: [&str; 8] = [
        "0.0.0.0",
        "127.0.0.1",
        "127.0.0.2",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:0.0.0.0]",
        "192.0.2.7",
    ];

    fn address(ip: &str, port: u16) -> SocketAddr {
        format!("{ip}:{port}").parse().expect("an address")
    }

    #[test]
    fn what_stands_in_whose_way() {
        let (everywhere, some) = (Some(Clash::Everywhere), Some(Clash::OnSomeSystems));
        for (one, other, expected) in [
            ("127.0.0.1", "127.0.0.1", everywhere),
            ("127.0.0.1", "127.0.0.2", None),
            ("0.0.0.0", "127.0.0.1", everywhere),
            ("0.0.0.0", "[::ffff:127.0.0.1]", everywhere),
            ("127.0.0.1", "[::ffff:127.0.0.1]", everywhere),
            ("[::]", "[::1]", everywhere),
            ("[::]", "0.0.0.0", some),
            ("[::]", "127.0.0.1", some),
            ("[::]", "[::ffff:127.0.0.1]", some),
            ("0.0.0.0", "[::1]", None),
            ("127.0.0.1", "[::1]", None),
        ] {
            assert_eq!(
                clash(address(one, 80), address(other, 80)),
                expected,
                "{one} {other}"
            );
            assert_eq!(clash(address(one, 80), address(other, 81)), None);
            assert_eq!(clash(address(one, 0), address(other, 0)), None);
        }
    }

    proptest! {
        #[test]
        fn who_comes_first_does_not_matter(one in 0..IPS.len(), other in 0..IPS.len(), port in 0..3_u16, same: bool) {
            let one = address(IPS[one], port);
            let other = address(IPS[other], if same { port } else { port + 1 });
            prop_assert_eq!(clash(one, other), clash(other, one));
        }
    }

    /// What the system of this test opens together is in nobody's way, but for the addresses of every IPv6 address.
    #[test]
    fn what_can_be_opened_together_does_not_clash() {
        for one in &IPS[..7] {
            for other in &IPS[..7] {
                let Ok(first) = TcpListener::bind(address(one, 0)) else {
                    continue;
                };
                let port = first.local_addr().expect("its address").port();
                let second = TcpListener::bind(address(other, port));
                let clash = clash(address(one, port), address(other, port));
                if second.is_ok() {
                    assert_ne!(clash, Some(Clash::Everywhere), "{one} {other}");
                } else if first
                    .local_addr()
                    .is_ok_and(|address| address.ip().is_loopback())
                {
                    // Somebody else may have a port of every address, but hardly one of this machine alone.
                    assert!(clash.is_some() || *other == "0.0.0.0", "{one} {other}");
                }
            }
        }
    }
}
