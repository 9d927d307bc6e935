//! The listener: takes connections in, and ends them within a time limit.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use perpetua_access::Door;
use perpetua_words::refused as words;
use tokio::{
    net::TcpListener,
    task::{JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    HttpParts,
    connection::{serve_connection, tune},
    peer::Ends,
    room::Room,
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
    let bound = listener.local_addr().unwrap_or(unknown);
    let (settings, notices) = (parts.settings.clone(), parts.notices.clone());
    let (door, room) = (parts.waiting.door(), Room::default());
    let routes = router(Site::new(parts, bound.port(), cancel.clone()));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let entered = room.enter(address.ip(), &settings.borrow().trusted_proxies);
                    if let Some(full) = entered.full {
                        notices.note_latest(full);
                    }
                    // Without one it is closed at once: whoever waited for room would keep the next one waiting.
                    if let Some(place) = entered.place {
                        tune(&stream);
                        let ends = Ends::new(address, bound.ip());
                        let waiting = door.enter(address.ip());
                        let (notices, peer) = (notices.clone(), address.ip().to_canonical());
                        let (routes, cancel) = (routes.clone(), cancel.clone());
                        connections.spawn(async move {
                            let served = serve_connection(stream, ends, routes, place, &waiting, cancel);
                            if waiting.hold(served).await.is_none() {
                                notices.note_latest(words::GaveWay { peer });
                            }
                        });
                    }
                }
                Err(error) => pause(&door, &error).await,
            },
        }
    }
    drop(listener);
    drain(connections).await;
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

/// A peer that left before it was accepted is nothing; anything else would fail again at once.
async fn pause(door: &Door, error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        warn!(%error, "no HTTP connection can be accepted for now");
        door.retry_after(error).await;
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(panic) = ended {
        error!(%panic, "an HTTP connection failed; please report this");
    }
}
