//! One connection, from its first request to its last.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use axum::Router;
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service;
use tracing::debug;

use crate::peer::Peer;

/// How long a request's head may take, and how long a connection may be idle: longer than HTTP
/// libraries keep theirs for the next request.
const HEAD_LIMIT: Duration = Duration::from_mins(2);
/// The longest head: browsers send less than half of it.
const MAX_HEAD: usize = 16 * 1024;
/// What is kept for a peer that reads slowly, in bytes; more is not asked of the handler.
const MAX_BUFFERED: usize = 64 * 1024;
/// A watcher whose machine has gone is noticed by probes that begin after this silence.
const PROBE_AFTER: Duration = Duration::from_mins(1);
/// The time between two probes; systems give up after about ten.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// Answers the requests of a connection until either side ends it; after `cancel` no more than the
/// one at hand.
pub(crate) async fn serve_connection(
    stream: TcpStream,
    address: SocketAddr,
    peer: Peer,
    routes: Router,
    cancel: CancellationToken,
) {
    tune(&stream);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let mut routes = routes.clone();
        async move {
            Ok::<_, Infallible>(
                routes
                    .call(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFERED)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        ended = connection.as_mut() => ended,
    };
    if let Err(error) = ended {
        debug!(peer = %address, %error, "connection broke off");
    }
}

/// Lines of events are small and should not wait for one another; watchers that are gone should be
/// noticed. Where the system refuses either, the connection works all the same.
fn tune(stream: &TcpStream) {
    let probes = TcpKeepalive::new()
        .with_time(PROBE_AFTER)
        .with_interval(PROBE_EVERY);
    let tuned = stream
        .set_nodelay(true)
        .and_then(|()| SockRef::from(stream).set_tcp_keepalive(&probes));
    if let Err(error) = tuned {
        debug!(%error, "a connection goes without keepalive");
    }
}
