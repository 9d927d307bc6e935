//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Uri};
use ipnet::IpNet;
use perpetua_access::{Sender, hosts_are_local};

/// The two ends of a connection, whatever its requests say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    peer: IpAddr,
    listener: IpAddr,
}

impl Ends {
    /// A peer that came to the listener bound at `listener`. On a socket for both families an IPv4
    /// peer has a mapped IPv6 address, which is turned back.
    pub(crate) fn new(peer: SocketAddr, listener: IpAddr) -> Self {
        Self {
            peer: peer.ip().to_canonical(),
            listener: listener.to_canonical(),
        }
    }

    /// Who sent a request over it, as far as the rules of admission ask.
    pub(crate) fn sender(self, uri: &Uri, headers: &HeaderMap, trusted: &[IpNet]) -> Peer {
        let (address, place, over_https) = match Sender::of(self.peer, headers, trusted) {
            Sender::Peer if !self.peer.is_loopback() => (self.peer, Place::Elsewhere, false),
            // A proxy need not show itself; nobody calls this machine by another name without one.
            Sender::Peer if !hosts_are_local(uri, headers) => (self.peer, Place::Unknown, false),
            Sender::Peer if self.listener.is_loopback() => (self.peer, Place::OnlyHere, false),
            Sender::Peer => (self.peer, Place::Here, false),
            // Every machine has this address: it tells of nobody where it is.
            Sender::Named {
                address,
                over_https,
            } if address.is_loopback() => (address, Place::Unknown, over_https),
            Sender::Named {
                address,
                over_https,
            } => (address, Place::Elsewhere, over_https),
            Sender::Hidden { over_https } => (self.peer, Place::Unknown, over_https),
        };
        Peer {
            address,
            place,
            over_https,
        }
    }
}

/// Who sent a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    place: Place,
    over_https: bool,
}

/// Where somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// At a listener that nobody but programs of this machine can reach.
    OnlyHere,
    /// On this machine, at a listener that others reach too: what is in front of it looks local.
    Here,
    /// At its address.
    Elsewhere,
    /// Behind something that is not trusted to say where.
    Unknown,
}

impl Peer {
    /// Its IP address, or that of the proxy that hides it.
    pub(crate) fn address(self) -> IpAddr {
        self.address
    }

    /// Its IP address, if it is known.
    pub(crate) fn known_address(self) -> Option<IpAddr> {
        (self.place != Place::Unknown).then_some(self.address)
    }

    /// Whether it is a program of this machine.
    pub(crate) fn is_local(self) -> bool {
        matches!(self.place, Place::OnlyHere | Place::Here)
    }

    /// Whether nobody but programs of this machine can be at this listener at all.
    pub(crate) fn is_only_local(self) -> bool {
        self.place == Place::OnlyHere
    }

    /// Whether a proxy that is trusted says that it came over HTTPS.
    pub(crate) fn is_over_https(self) -> bool {
        self.over_https
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::{HeaderMap, HeaderValue, Uri, header};

    use super::{Ends, Place};

    #[test]
    fn local_peers_are_known_in_both_families() {
        for (peer, listener, place) in [
            ("127.0.0.1:1", "127.0.0.1", Place::OnlyHere),
            ("[::1]:1", "::1", Place::OnlyHere),
            ("[::ffff:127.0.0.1]:1", "::1", Place::OnlyHere),
            ("127.0.0.1:1", "0.0.0.0", Place::Here),
            ("[::1]:1", "::", Place::Here),
            ("192.168.1.5:1", "0.0.0.0", Place::Elsewhere),
            ("[::ffff:192.168.1.5]:1", "::", Place::Elsewhere),
        ] {
            assert_eq!(place_of(peer, listener, &[]), place, "{peer} {listener}");
        }
    }

    #[test]
    fn what_comes_through_a_proxy_or_by_another_name_is_never_local() {
        for sign in [
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1"),
            ("via", "1.1 proxy"),
            ("host", "bot.example"),
            ("host", "127.0.0.1.nip.example:8080"),
        ] {
            for listener in ["127.0.0.1", "0.0.0.0"] {
                let place = place_of("127.0.0.1:1", listener, &[sign]);
                assert_eq!(place, Place::Unknown, "{sign:?}");
            }
        }
        for name in ["localhost:8080", "[::1]", "10.0.0.1"] {
            let place = place_of("127.0.0.1:1", "127.0.0.1", &[("host", name)]);
            assert_eq!(place, Place::OnlyHere, "{name}");
        }
        let by_name = place_of("192.168.1.5:1", "0.0.0.0", &[("host", "bot.example")]);
        assert_eq!(by_name, Place::Elsewhere);
    }

    #[test]
    fn whom_a_trusted_proxy_names_is_there_and_never_local() {
        let trusted = ["127.0.0.1/32".parse().expect("a range")];
        for (named, place) in [
            ("203.0.113.7", Place::Elsewhere),
            ("127.0.0.1", Place::Unknown),
            ("::1", Place::Unknown),
        ] {
            let mut headers = headers(&[("x-forwarded-for", named)]);
            headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
            let ends = Ends::new(
                "127.0.0.1:1".parse().expect("an address"),
                [127, 0, 0, 1].into(),
            );
            let peer = ends.sender(&Uri::default(), &headers, &trusted);
            assert_eq!(peer.place, place);
            assert_eq!(peer.address(), named.parse::<IpAddr>().expect("an address"));
            assert!(peer.is_over_https() && !peer.is_local());
        }
    }

    fn place_of(peer: &str, listener: &str, lines: &[(&'static str, &str)]) -> Place {
        let listener = listener.parse().expect("an address");
        let ends = Ends::new(peer.parse().expect("an address"), listener);
        ends.sender(&Uri::default(), &headers(lines), &[]).place
    }

    /// With these lines, and a `Host` if there is none among them.
    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
        for (name, value) in lines {
            headers.insert(*name, HeaderValue::from_str(value).expect("text"));
        }
        headers
    }
}
