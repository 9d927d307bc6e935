//! One connection, from its first request to its last.

use std::{convert::Infallible, future::pending, time::Duration};

use axum::Router;
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use perpetua_access::WaitingPlace;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;
use tracing::debug;

use crate::{peer::Ends, progress::Progress, room::Place};

/// How long the first request's head may take.
const FIRST_HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long a connection may be idle, and every further head take: longer than HTTP libraries keep theirs for the
/// next request.
const HEAD_LIMIT: Duration = Duration::from_mins(2);
/// The longest head: browsers send less than half of it.
const MAX_HEAD: usize = 16 * 1024;
/// What is kept for a peer that reads slowly, in bytes; more is not asked of the handler.
const MAX_BUFFERED: usize = 64 * 1024;
/// A watcher whose machine has gone is noticed by probes that begin after this silence.
const PROBE_AFTER: Duration = Duration::from_mins(1);
/// The time between two probes; systems give up after about ten.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// Answers the requests of a connection until either side ends it or it has to give way; after `cancel` no more than the
/// one at hand. Its first request takes it out of the waiting room.
pub(crate) async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ends: Ends,
    routes: Router,
    place: Place,
    waiting: &WaitingPlace,
    cancel: CancellationToken,
) {
    let begun = CancellationToken::new();
    let (begins, seat) = (begun.clone(), place.seat());
    let service = service_fn(move |mut request: Request<Incoming>| {
        begins.cancel();
        waiting.let_in();
        seat.asks();
        request.extensions_mut().insert(ends);
        request.extensions_mut().insert(seat.clone());
        let (mut routes, seat) = (routes.clone(), seat.clone());
        async move {
            let answered = routes.call(request).await;
            seat.is_answered();
            Ok::<_, Infallible>(answered.unwrap_or_else(|never| match never {}))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFERED)
        .serve_connection(TokioIo::new(Progress::new(stream)), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        ended = connection.as_mut() => ended,
        () = place.turned_out() => {
            debug!(?ends, "it gave way to another");
            return;
        }
        () = silent(&begun) => {
            debug!(?ends, "no request came");
            return;
        }
    };
    if let Err(error) = ended {
        debug!(?ends, %error, "connection broke off");
    }
}

/// Ends when no request has begun in time.
async fn silent(begun: &CancellationToken) {
    if timeout(FIRST_HEAD_LIMIT, begun.cancelled()).await.is_ok() {
        pending::<()>().await;
    }
}

/// Lines of events are small and should not wait for one another; watchers that are gone should be
/// noticed. Where the system refuses either, the connection works all the same.
pub(crate) fn tune(stream: &TcpStream) {
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

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use axum::{Router, routing::get};
    use perpetua_access::WaitingRoom;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        task::JoinHandle,
        time::{Instant, advance},
    };
    use tokio_util::sync::CancellationToken;

    use super::{FIRST_HEAD_LIMIT, HEAD_LIMIT, serve_connection};
    use crate::{peer::Ends, room::Room};

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: bot.example\r\n\r\n";
    const LONG: usize = 1024 * 1024;

    #[tokio::test(start_paused = true)]
    async fn whoever_sends_no_whole_request_has_to_go_soon() {
        for sent in [&b""[..], &ASK[..20]] {
            let (mut peer, serving) = connection();
            let begin = Instant::now();
            peer.write_all(sent).await.expect("room");
            serving.await.expect("no panic");
            assert_eq!(begin.elapsed(), FIRST_HEAD_LIMIT);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_asked_may_ask_again_for_a_while() {
        let (mut peer, serving) = connection();
        for _ in 0..3 {
            peer.write_all(ASK).await.expect("room");
            let mut answer = vec![0; LONG];
            peer.read_exact(&mut answer).await.expect("an answer");
            assert!(answer.starts_with(b"HTTP/1.1 200"));
            let end_of_head = answer.windows(4).position(|end| end == b"\r\n\r\n");
            let whole = end_of_head.expect("a head") + 4 + LONG;
            while answer.len() < whole {
                assert_ne!(peer.read_buf(&mut answer).await.expect("more"), 0);
            }
            advance(HEAD_LIMIT / 2).await;
        }
        let begin = Instant::now();
        serving.await.expect("no panic");
        assert!(begin.elapsed() <= HEAD_LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_nothing_of_the_answer_has_to_go() {
        let (mut peer, serving) = connection();
        let begin = Instant::now();
        peer.write_all(ASK).await.expect("room");
        serving.await.expect("no panic");
        assert!(begin.elapsed() <= Duration::from_mins(1));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_slowly_gets_it_all() {
        let (mut peer, serving) = connection();
        peer.write_all(ASK).await.expect("room");
        let (mut read, mut part) = (0, vec![0; 16 * 1024]);
        while read < LONG {
            advance(Duration::from_secs(40)).await;
            let count = peer.read(&mut part).await.expect("more");
            assert_ne!(count, 0, "cut after {read}");
            read += count;
        }
        drop(peer);
        serving.await.expect("no panic");
    }

    /// The far end of one whose system takes 16 KiB.
    fn connection() -> (DuplexStream, JoinHandle<()>) {
        let (peer, own) = duplex(16 * 1024);
        let ends = Ends::new(
            ([203, 0, 113, 7], 4711).into(),
            Ipv4Addr::UNSPECIFIED.into(),
        );
        let routes = Router::new().route("/", get(|| async { "x".repeat(LONG) }));
        let entered = Room::default().enter([203, 0, 113, 7].into(), &[]);
        let place = entered.place.expect("room");
        let waiting = WaitingRoom::default().door().enter([203, 0, 113, 7].into());
        let serving = async move {
            serve_connection(own, ends, routes, place, &waiting, CancellationToken::new()).await;
        };
        (peer, tokio::spawn(serving))
    }
}
