//! The addresses that are listened on: none twice, and none beyond loopback without a token.

use std::net::SocketAddr;

use perpetua_words::config as words;

use super::item::Item;
use super::section::Section;
use super::token;
use crate::ListenerToken;

/// Every address that an enabled part of the settings listens on, with the path that says so.
#[derive(Default)]
pub(super) struct Listeners(Vec<(SocketAddr, String)>);

impl Listeners {
    /// The address of a listener that the file does not mention.
    pub(super) fn claim_default(&mut self, path: &str, address: SocketAddr) {
        self.0.push((address, path.to_owned()));
    }

    /// Notes a problem if another listener has the address already. What is not enabled claims none.
    pub(super) fn claim(&mut self, item: &Item<'_>, address: SocketAddr, enabled: bool) {
        if !enabled {
            return;
        }
        if let Some((_, holder)) = self.0.iter().find(|(other, _)| overlap(*other, address)) {
            let port = address.port();
            item.problem::<()>(words::AddressTaken { holder, port });
        }
        self.0.push((address, item.path().to_owned()));
    }
}

/// Whether two listeners cannot be bound together. Port 0 is a different one each time.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let same_family = one.is_ipv4() == other.is_ipv4();
    let same_address =
        one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && same_family && same_address
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
