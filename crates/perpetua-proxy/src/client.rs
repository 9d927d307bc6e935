//! Serving the connections of one client's port.

use http::{Request, StatusCode};
use perpetua_access::AccessPolicy;
use perpetua_hub::Role;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    AccountHandle, AccountTasks,
    account::Connected,
    connection::serve_socket,
    listener::{Acceptor, PendingConnection},
    upgrade::{Refused, upgrade},
};

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
/// end, or end with the account's tasks.
pub async fn serve_clients(
    listener: TcpListener,
    port: ClientListener,
    stop: CancellationToken,
    tasks: AccountTasks,
) {
    let acceptor = Acceptor::new(listener);
    while let Some(pending) = stop.run_until_cancelled(acceptor.next()).await {
        let serve = serve_pending(pending, port.clone());
        let serve = tasks.cancel.clone().run_until_cancelled_owned(serve);
        tasks.connections.spawn("client connection", serve);
    }
}

async fn serve_pending(pending: PendingConnection, port: ClientListener) {
    let ClientListener {
        account,
        client,
        access,
    } = port;
    // In the hub before the upgrade is answered: whoever has the answer misses nothing from there on.
    let admit =
        |request: Request<()>| std::future::ready(connect(&account, &client, request.uri().path()));
    let Some(upgraded) = upgrade(pending, &access, admit).await else {
        return;
    };
    serve_socket(upgraded.stream, upgraded.read_ahead, upgraded.admitted).await;
}

/// Lets someone who asked for `path` in as a connection of a client.
pub(crate) fn connect(
    account: &AccountHandle,
    client: &str,
    path: &str,
) -> Result<Connected, Refused> {
    account
        .connect(client, role(path))
        .map_err(|refused| Refused {
            status: StatusCode::CONFLICT,
            message: (&refused).into(),
        })
}

/// Which half of OneBot a path asks for (OneBot v11, "正向 WebSocket").
fn role(path: &str) -> Role {
    match path.trim_end_matches('/') {
        "/api" => Role::Api,
        "/event" => Role::Event,
        _ => Role::Universal,
    }
}
