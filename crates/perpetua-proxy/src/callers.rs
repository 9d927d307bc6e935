//! Programs that call a client's port over HTTP, instead of keeping a WebSocket open.
//!
//! ```text
//!  connected ─► waiting room ─► token right ─► a seat at the port ─► one call after another
//!                                                                     │
//!    action: in the hub as a call until its answer is written ◄───────┤
//!    get_latest_events: from the queue that all polls share   ◄───────┤
//!    /_events: a connection of the client, for as long as it reads ◄──┘
//! ```
//!
//! A call in the hub has the client's quotas, its part of the memory and its place in the echo table as any
//! connection; who hangs up is forgotten with it.

mod answer;
mod body;
mod call;
mod desk;
mod event_stream;
mod mailbox;
mod refused;
mod request_end;
mod request_line;
mod route;
mod seats;
mod service;
mod socket;
mod stream;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{AccountTasks, ClientListener, listener::Acceptor};
use mailbox::Mailbox;
use seats::Seats;

/// A port that is open, as its sockets see it.
#[derive(Debug)]
struct Port {
    settings: ClientListener,
    seats: Seats,
    mailbox: Mailbox,
    /// Nobody comes in by these settings any more.
    stop: CancellationToken,
}

/// Serves the port of a client that calls over HTTP until `stop`. What is being answered by then goes on: it is the
/// hub's to end, or ends with the account's tasks. No call begins after that.
pub async fn serve_callers(
    listener: TcpListener,
    settings: ClientListener,
    stop: CancellationToken,
    tasks: AccountTasks,
) {
    let port = Arc::new(Port {
        mailbox: Mailbox::new(&settings, &tasks, &stop),
        settings,
        seats: Seats::default(),
        stop: stop.clone(),
    });
    let acceptor = Acceptor::new(listener, &tasks.waiting);
    let (account, client) = (&port.settings.account, &port.settings.client);
    let note = |message| account.note_client(client, message);
    while let Some(pending) = stop.run_until_cancelled(acceptor.next(note)).await {
        let served = socket::serve(pending, Arc::clone(&port));
        let served = tasks.cancel.clone().run_until_cancelled_owned(served);
        tasks.connections.spawn("client caller", served);
    }
}
