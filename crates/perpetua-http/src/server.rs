//! The listener: takes connections in, and ends them within a time limit.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    ApiNotices, Backend, HttpSettings, connection::serve_connection, peer::Peer, routes::router,
    site::Site,
};

/// Connections at once, far more than browsers and scrapers of one node open; others wait until one
/// of them ends.
const MAX_CONNECTIONS: usize = 256;
/// How long requests that are being answered at shutdown may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);
/// The pause after the system could not give a connection, for example for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves HTTP on `listener` until `cancel`; then ends the streams of watchers at once, lets requests
/// that are being answered finish, and returns within about two seconds.
///
/// A change of `settings` holds from the next request on. The last value stays when the sender is gone.
/// What is refused is told to `notices`.
pub async fn serve(
    listener: TcpListener,
    backend: Arc<dyn Backend>,
    settings: watch::Receiver<HttpSettings>,
    notices: ApiNotices,
    cancel: CancellationToken,
) {
    // A listener that cannot name its address is held to the rules of one beyond loopback.
    let bound = listener
        .local_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let routes = router(Site::new(backend, settings, notices, cancel.clone()));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, address)) => {
                    let peer = Peer::new(address, bound);
                    connections.spawn(serve_connection(stream, address, peer, routes.clone(), cancel.clone()));
                }
                Err(error) => pause(&error).await,
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
async fn pause(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        warn!(%error, "no HTTP connection can be accepted for now");
        sleep(ACCEPT_PAUSE).await;
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(panic) = ended {
        error!(%panic, "an HTTP connection failed; please report this");
    }
}
