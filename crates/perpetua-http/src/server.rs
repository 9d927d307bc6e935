//! The listener: takes connections in, and ends them within a time limit.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::Router;
use perpetua_access::Door;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{
    ApiNotices, HttpParts, HttpSettings,
    connection::{serve_connection, tune},
    peer::Ends,
    room::{Entered, Room},
    routes::router,
    site::Site,
};

/// How long requests that are being answered at shutdown may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// Serves HTTP on `listener` until `cancel`; then ends the streams of watchers at once, lets requests
/// that are being answered finish, and returns within about two seconds.
pub async fn serve(listener: TcpListener, parts: HttpParts, cancel: CancellationToken) {
    // A listener that cannot name its address is held to the rules of one beyond loopback.
    let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let entrance = Entrance::new(listener.local_addr().unwrap_or(unknown), parts, &cancel);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept() => match accepted {
                // Without room it is closed at once: whoever waited for some would keep the next one waiting.
                Ok((stream, address)) => if let Some(serving) = entrance.take_in(stream, address) {
                    connections.spawn(serving);
                },
                Err(error) => entrance.pause(&error).await,
            },
        }
    }
    drop(listener);
    drain(connections).await;
}

/// Where connections come in, and what they are served with.
struct Entrance {
    bound: SocketAddr,
    room: Room,
    door: Door,
    settings: watch::Receiver<HttpSettings>,
    notices: ApiNotices,
    routes: Router,
    cancel: CancellationToken,
}

impl Entrance {
    fn new(bound: SocketAddr, parts: HttpParts, cancel: &CancellationToken) -> Self {
        Self {
            bound,
            room: Room::default(),
            door: parts.waiting.door(),
            settings: parts.settings.clone(),
            notices: parts.notices.clone(),
            routes: router(Site::new(parts, bound.port(), cancel.clone())),
            cancel: cancel.clone(),
        }
    }

    /// Serves a connection, if there is room for it.
    fn take_in(
        &self,
        stream: TcpStream,
        address: SocketAddr,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let peer = address.ip().to_canonical();
        let entered = self
            .room
            .enter(peer, &self.settings.borrow().trusted_proxies);
        let Entered { place, full } = entered;
        if let Some(full) = full {
            self.notices.note_latest(full);
        }
        let place = place?;
        tune(&stream);
        let (ends, waiting) = (Ends::new(address, self.bound.ip()), self.door.enter(peer));
        let (routes, cancel) = (self.routes.clone(), self.cancel.clone());
        let notices = self.notices.clone();
        Some(async move {
            let served = serve_connection(stream, ends, routes, place, &waiting, cancel);
            if let Err(why) = waiting.hold(served).await {
                notices.note_latest(why.notice(peer));
            }
        })
    }

    async fn pause(&self, error: &io::Error) {
        let note = |message| self.notices.note_latest(message);
        self.door.retry_after(error, note).await;
    }
}

async fn drain(mut connections: JoinSet<()>) {
    let drained = timeout(DRAIN_LIMIT, async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    });
    if drained.await.is_err() {
        info!(
            connections = connections.len(),
            "HTTP connections cut at shutdown"
        );
        connections.shutdown().await;
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(panic) = ended {
        error!(%panic, "an HTTP connection failed; please report this");
    }
}
