//! Bot frameworks that were given the address of the pages in place of a client's.

use std::net::{IpAddr, SocketAddr};

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
            let (name, port) = (&client.name, listen.port());
            let host = match listen {
                SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
                SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
                SocketAddr::V4(v4) => v4.ip().to_string(),
                SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
            };
            Some(format!("`ws://{host}:{port}` ({}/{name})", account.name))
        })
    });
    let named: Vec<_> = ports.take(MOST_NAMED).collect();
    if named.is_empty() {
        return refused::WebPortAlone { peer }.into();
    }
    let addresses = named.join(", ");
    refused::WebPort { peer, addresses }.into()
}
