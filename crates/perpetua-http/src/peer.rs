//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

/// The two ends of a connection, as far as the rules of admission ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    listener: IpAddr,
}

impl Peer {
    /// A peer that came to the listener bound at `listener`. On a socket for both families an IPv4
    /// peer has a mapped IPv6 address, which is turned back.
    pub(crate) fn new(peer: SocketAddr, listener: IpAddr) -> Self {
        Self {
            address: peer.ip().to_canonical(),
            listener: listener.to_canonical(),
        }
    }

    /// Its IP address.
    pub(crate) fn address(self) -> IpAddr {
        self.address
    }

    /// Whether it is a program of this machine.
    pub(crate) fn is_local(self) -> bool {
        self.address.is_loopback()
    }

    /// Whether nobody but programs of this machine can be at this listener at all. A listener on all
    /// addresses may have a reverse proxy in front, whose peers all look local.
    pub(crate) fn is_only_local(self) -> bool {
        self.is_local() && self.listener.is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::Peer;

    #[test]
    fn local_peers_are_known_in_both_families() {
        for (peer, listener, local, only_local) in [
            ("127.0.0.1:1", "127.0.0.1", true, true),
            ("[::1]:1", "::1", true, true),
            ("[::ffff:127.0.0.1]:1", "::1", true, true),
            ("127.0.0.1:1", "0.0.0.0", true, false),
            ("[::1]:1", "::", true, false),
            ("192.168.1.5:1", "0.0.0.0", false, false),
            ("[::ffff:192.168.1.5]:1", "::", false, false),
        ] {
            let listener: IpAddr = listener.parse().expect("an address");
            let peer = Peer::new(peer.parse().expect("an address"), listener);
            assert_eq!(
                (peer.is_local(), peer.is_only_local()),
                (local, only_local),
                "{peer:?}"
            );
        }
    }
}
