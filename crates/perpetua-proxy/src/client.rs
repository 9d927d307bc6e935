//! Serving the connections of one client's port.

use std::net::IpAddr;

use http::{HeaderMap, Request, header};
use perpetua_access::{AccessPolicy, NormalPath};
use perpetua_hub::{Role, Visitor};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    AccountHandle, AccountTasks,
    account::Connected,
    activity::LastActivity,
    connection::serve,
    listener::{Acceptor, PendingConnection},
    refused::{Place, Refused},
    upgrade::{Upgraded, upgrade},
};

/// What is kept of a program's own name; those of browsers, the longest, fit.
const LONGEST_USER_AGENT: usize = 200;

/// Whose port it is, and by which rules.
#[derive(Clone, Debug)]
pub struct ClientListener {
    /// The account that it leads to.
    pub account: AccountHandle,
    /// The client's name; the account must know it, see [`AccountHandle::set_client`].
    pub client: String,
    /// Who may come in.
    pub access: AccessPolicy,
}

/// Serves a client's port until `stop`. The connections that it let in stay: they are the hub's to
/// end, or end with the account's tasks. Handshakes end with the port, and before this returns: who is
/// not in the hub by then does not come in by its rules.
pub async fn serve_clients(
    listener: TcpListener,
    port: ClientListener,
    stop: CancellationToken,
    tasks: AccountTasks,
) {
    let acceptor = Acceptor::new(listener, &tasks.waiting);
    let handshakes = tasks.connections.sibling();
    let note = |message| port.account.note_client(&port.client, message);
    while let Some(pending) = stop.run_until_cancelled(acceptor.next(note)).await {
        let (port, stop, tasks) = (port.clone(), stop.clone(), tasks.clone());
        handshakes.spawn("client handshake", async move {
            let handshake = stop.run_until_cancelled_owned(handshake(pending, port));
            let upgraded = tasks.cancel.run_until_cancelled(handshake).await;
            if let Some(upgraded) = upgraded.flatten().flatten() {
                let serve = tasks
                    .cancel
                    .clone()
                    .run_until_cancelled_owned(serve(upgraded, LastActivity::now()));
                tasks.connections.spawn("client connection", serve);
            }
        });
    }
    drop(acceptor);
    handshakes.close();
    handshakes.wait().await;
}

async fn handshake(
    pending: PendingConnection,
    port: ClientListener,
) -> Option<Upgraded<Connected>> {
    let ClientListener {
        account,
        client,
        access,
    } = &port;
    // In the hub before the upgrade is answered: whoever has the answer misses nothing from there on.
    let peer = pending.peer;
    let admit = |request: Request<()>| std::future::ready(connect(account, client, peer, &request));
    let place = Place::Client {
        account: account.name(),
        client,
    };
    let note = |refused: &Refused, peer| {
        if let Some(notice) = refused.notice(peer, place) {
            account.note_client(client, notice);
        }
    };
    upgrade(pending, access, place, admit, note).await
}

/// Lets somebody in as a connection of a client.
pub(crate) fn connect(
    account: &AccountHandle,
    client: &str,
    peer: IpAddr,
    request: &Request<()>,
) -> Result<Connected, Refused> {
    let visitor = Visitor {
        role: role(request.uri().path()),
        peer: Some(peer.to_string()),
        user_agent: user_agent(request.headers()),
    };
    account.connect(client, visitor).map_err(Refused::Client)
}

/// What a program calls itself, where that is text.
pub(crate) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let said: String = said.trim().chars().take(LONGEST_USER_AGENT).collect();
    (!said.is_empty()).then_some(said)
}

/// Which half of OneBot a path asks for (OneBot v11, "正向 WebSocket").
fn role(path: &str) -> Role {
    match NormalPath::new(path).as_bytes() {
        b"/api" => Role::Api,
        b"/event" => Role::Event,
        _ => Role::Universal,
    }
}
