//! The addresses that are listened on: none twice, and none beyond loopback without a token.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use perpetua_words::config as words;

use super::item::Item;
use super::section::Section;
use super::token;
use crate::ListenerToken;
use crate::clash::{Clash, wildcard};

/// Every address that an enabled part of the settings listens on, by its port, with the path that says so.
#[derive(Default)]
pub(super) struct Listeners(HashMap<u16, OnPort>);

/// Who listens on one port, by address; of those who have the same one, the first.
#[derive(Default)]
struct OnPort {
    holders: HashMap<IpAddr, String>,
    first_v4: Option<IpAddr>,
    first_v6: Option<IpAddr>,
}

impl Listeners {
    /// The address of a listener that the file does not mention.
    pub(super) fn claim_default(&mut self, path: &str, address: SocketAddr) {
        self.add(path, address);
    }

    /// Notes a problem if another listener is in the way of this one. What is not enabled claims no address.
    pub(super) fn claim(&mut self, item: &Item<'_>, address: SocketAddr, enabled: bool) {
        if !enabled {
            return;
        }
        let port = address.port();
        match self.holder(address) {
            Some((Clash::Everywhere, holder)) => {
                item.problem::<()>(words::AddressTaken { holder, port });
            }
            Some((Clash::OnSomeSystems, holder)) => {
                item.problem::<()>(words::AddressTakenElsewhere { holder, port });
            }
            None => {}
        }
        self.add(item.path(), address);
    }

    /// Port 0 is a different one each time.
    fn add(&mut self, path: &str, address: SocketAddr) {
        if address.port() == 0 {
            return;
        }
        let ip = address.ip().to_canonical();
        let on_port = self.0.entry(address.port()).or_default();
        let first = match ip {
            IpAddr::V4(_) => &mut on_port.first_v4,
            IpAddr::V6(_) => &mut on_port.first_v6,
        };
        first.get_or_insert(ip);
        on_port.holders.entry(ip).or_insert_with(|| path.to_owned());
    }

    /// Who is in the way of an address: what [`clash`](crate::clash()) says, without a look at each of them.
    fn holder(&self, address: SocketAddr) -> Option<(Clash, &str)> {
        let on_port = self.0.get(&address.port())?;
        let ip = address.ip().to_canonical();
        let everywhere = on_port.holder(ip).or_else(|| on_port.holder(wildcard(ip)));
        let everywhere = everywhere.or_else(|| on_port.first_of(ip, ip));
        if let Some(holder) = everywhere {
            return Some((Clash::Everywhere, holder));
        }
        let all = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let elsewhere = match ip {
            IpAddr::V4(_) => on_port.holder(all),
            IpAddr::V6(_) => on_port.first_of(ip, Ipv4Addr::UNSPECIFIED.into()),
        };
        Some((Clash::OnSomeSystems, elsewhere?))
    }
}

impl OnPort {
    fn holder(&self, ip: IpAddr) -> Option<&str> {
        self.holders.get(&ip).map(String::as_str)
    }

    /// The first listener of a family, if an address is every one.
    fn first_of(&self, ip: IpAddr, family: IpAddr) -> Option<&str> {
        let first = if family.is_ipv4() {
            self.first_v4
        } else {
            self.first_v6
        };
        first
            .filter(|_| ip.is_unspecified())
            .and_then(|first| self.holder(first))
    }
}

/// The `listen` and the `token` of a client or an upstream; only what is enabled claims its address.
pub(super) fn listener(
    section: &mut Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
) -> Option<(SocketAddr, ListenerToken)> {
    let listen = section
        .require("listen", words::NeedsListen)
        .and_then(|item| {
            let address = item.address()?;
            listeners.claim(&item, address, enabled);
            Some(address)
        });
    let token_item = section.take("token");
    let token = token::listener(token_item.as_ref());
    let listen = listen?;
    check_open(&token, token_item.as_ref(), listen);
    Some((listen, token))
}

/// Notes a problem if the token is off and the address is not loopback (invariant 8).
pub(super) fn check_open(token: &ListenerToken, item: Option<&Item<'_>>, listen: SocketAddr) {
    if let Some(item) = item
        && *token == ListenerToken::Off
        && !listen.ip().is_loopback()
    {
        item.problem::<()>(words::OpenToOthers { address: listen });
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Instant;

    use proptest::prelude::*;

    use super::Listeners;
    use crate::clash;

    const IPS: [&str; 6] = [
        "0.0.0.0",
        "127.0.0.1",
        "127.0.0.2",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ];

    /// So many that a look at each of them for each of them would take minutes.
    #[test]
    fn thirty_times_as_many_take_about_thirty_times_as_long() {
        let time = |count: u32| {
            let begun = Instant::now();
            let mut listeners = Listeners::default();
            for number in 0..count {
                let [_, high, middle, low] = number.to_be_bytes();
                let address = SocketAddr::from(([127, high, middle, low], 6700));
                assert!(listeners.holder(address).is_none());
                listeners.add("a client", address);
            }
            begun.elapsed()
        };
        let (few, many) = (time(2_000), time(60_000));
        assert!(
            many < few * 300,
            "{few:?} for the few, {many:?} for the many"
        );
    }

    proptest! {
        /// The index finds what a look at each of them finds.
        #[test]
        fn whoever_is_in_the_way_is_found(claimed in prop::collection::vec((0..IPS.len(), 0..3_u16), 0..6), ip in 0..IPS.len(), port in 0..3_u16) {
            let address = |ip: usize, port: u16| -> SocketAddr {
                format!("{}:{port}", IPS[ip]).parse().expect("an address")
            };
            let mut listeners = Listeners::default();
            for (ip, port) in &claimed {
                listeners.add(&format!("{ip}:{port}"), address(*ip, *port));
            }
            let wanted = address(ip, port);
            let clashes = |(ip, port): &(usize, u16)| clash(address(*ip, *port), wanted);
            let worst = claimed.iter().filter_map(clashes).min();
            let found = listeners.holder(wanted);
            prop_assert_eq!(found.map(|(how, _)| how), worst);
            if let Some((how, holder)) = found {
                let (ip, port) = holder.split_once(':').expect("both");
                let holder = address(ip.parse().expect("a number"), port.parse().expect("a port"));
                prop_assert_eq!(clash(holder, wanted), Some(how));
            }
        }
    }
}
