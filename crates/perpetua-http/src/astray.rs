//! Bot frameworks that were given the address of the pages in place of a client's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use perpetua_schema::NodeStatus;
use perpetua_words::{Message, http as words, refused};

use crate::{refusal::Refusal, site::Site};

/// How many addresses are named: a person looks for one of them.
const MOST_NAMED: usize = 4;

/// Whether a request asks for a WebSocket, which nothing here speaks.
pub(crate) fn wants_socket(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::UPGRADE).into_iter();
    let mut names = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    names.any(|name| name.trim().eq_ignore_ascii_case("websocket"))
}

/// Refuses it. The owner is told which addresses there are; a stranger is not.
pub(crate) fn refuse(site: &Site, peer: IpAddr) -> Response {
    let notice = notice(&site.backend.status(), peer);
    site.notices.note_latest(notice);
    Refusal::new(StatusCode::NOT_FOUND, words::WebPort).into_response()
}

fn notice(status: &NodeStatus, peer: IpAddr) -> Message {
    let accounts = status.accounts.iter();
    let ports = accounts.flat_map(|account| {
        let clients = account.clients.iter();
        let forward = clients.filter(|client| client.kind == "forward");
        forward.filter_map(move |client| {
            let listen: SocketAddr = client.listen.as_ref()?.parse().ok()?;
            let at = seen_from(peer, listen)?;
            Some(format!("`ws://{at}` ({}/{})", account.name, client.name))
        })
    });
    let named: Vec<_> = ports.take(MOST_NAMED).collect();
    if named.is_empty() {
        return refused::WebPortAlone { peer }.into();
    }
    let addresses = named.join(", ");
    refused::WebPort { peer, addresses }.into()
}

/// Where a framework at `peer` reaches what listens so, if it does and that can be known: an address of all networks is, from
/// elsewhere, one that its owner knows.
fn seen_from(peer: IpAddr, mut listen: SocketAddr) -> Option<SocketAddr> {
    let is_here = peer.to_canonical().is_loopback();
    match (listen.ip(), is_here) {
        (IpAddr::V4(ip), true) if ip.is_unspecified() => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
        (IpAddr::V6(ip), true) if ip.is_unspecified() => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
        (ip, false) if ip.is_loopback() || ip.is_unspecified() => return None,
        _ => {}
    }
    Some(listen)
}

#[cfg(test)]
mod tests {
    use super::seen_from;

    #[test]
    fn an_address_is_named_to_those_who_reach_it() {
        for (peer, listen, seen) in [
            ("127.0.0.1", "127.0.0.1:6700", Some("127.0.0.1:6700")),
            ("127.0.0.1", "0.0.0.0:6700", Some("127.0.0.1:6700")),
            ("::1", "[::]:6700", Some("[::1]:6700")),
            ("::ffff:127.0.0.1", "0.0.0.0:6700", Some("127.0.0.1:6700")),
            ("127.0.0.1", "192.168.1.2:6700", Some("192.168.1.2:6700")),
            ("172.17.0.2", "192.168.1.2:6700", Some("192.168.1.2:6700")),
            ("172.17.0.2", "127.0.0.1:6700", None),
            ("172.17.0.2", "0.0.0.0:6700", None),
            ("fe80::1", "[::]:6700", None),
        ] {
            let found = seen_from(
                peer.parse().expect("an address"),
                listen.parse().expect("a place"),
            );
            assert_eq!(
                found.map(|found| found.to_string()).as_deref(),
                seen,
                "{peer} {listen}"
            );
        }
    }
}
