//! The address that cores are given for their signer: one listener of the node, for programs of this machine.
//!
//! `POST /<secret>` asks for a signature, `GET /<secret>/appinfo` what the core is to be. Everything else is not
//! found, in no words: nobody but a core of ours has reason to ask here.

use std::{convert::Infallible, io, net::Ipv4Addr, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use perpetua_access::{Door, GaveWay, WaitingPlace, doubled_line};
use perpetua_words::{Message, refused as words};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{Desks, desk::Counter, race::LONGEST_RACE};

/// How long the head of a request may take, which comes in one piece.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long its body may.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// A question has the packet that is signed in hex; the longest are long messages.
const MOST_BYTES: usize = 1024 * 1024;
/// Questions at once. A core opens a connection for each packet that it sends at a time; whoever comes later waits.
const MOST_QUESTIONS: usize = 256;
/// How long a connection may take in all: reading, the race, and the answer.
const LONGEST_CONNECTION: Duration = LONGEST_RACE.saturating_add(READ_LIMIT.saturating_mul(3));

/// A free port of the loopback address, which nobody but cores is told.
#[derive(Debug)]
pub struct SigningListener {
    listener: TcpListener,
    port: u16,
}

impl SigningListener {
    /// Takes one.
    pub async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Which one it is.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers at the desks until `cancel`. Until somebody shows the secret of one, it waits behind `door`;
    /// `note` is told of each who had to leave from there, and when the system gives no connection.
    pub async fn serve(
        self,
        desks: Desks,
        door: Door,
        note: impl Fn(Message) + Send + Sync + 'static,
        cancel: CancellationToken,
    ) {
        let Self { listener, .. } = self;
        let (places, note) = (Arc::new(Semaphore::new(MOST_QUESTIONS)), Arc::new(note));
        let mut connections = JoinSet::new();
        while let Some(accepted) = cancel.run_until_cancelled(listener.accept()).await {
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    let (desks, places) = (desks.clone(), Arc::clone(&places));
                    let (waiting, note) = (door.enter(peer.ip()), Arc::clone(&note));
                    connections.spawn(async move {
                        let (gaps, begun) = (desks.gaps(), Instant::now());
                        let served = connection(stream, &desks, &places, &waiting);
                        let held = waiting.hold(gaps.within(LONGEST_CONNECTION, begun, served));
                        if let Err(why) = held.await {
                            note(gave_way(why));
                        }
                    });
                }
                Err(error) => door.retry_after(&error, &*note).await,
            }
        }
    }
}

/// What the owner is told of one that is of this machine, as everybody here.
fn gave_way(why: GaveWay) -> Message {
    match why {
        GaveWay::ToNewer => words::SigningGaveWay.into(),
        GaveWay::ForDescriptors => words::SigningGaveWayForFiles.into(),
    }
}

/// One request: cores are on the same machine, so that a connection for each costs nothing, and none idles.
async fn connection(stream: TcpStream, desks: &Desks, places: &Semaphore, waiting: &WaitingPlace) {
    let service = service_fn(|request| async move {
        Ok::<_, Infallible>(answer(request, desks, places, waiting).await)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        debug!(%error, "a connection of a core broke off");
    }
}

async fn answer(
    request: Request<Incoming>,
    desks: &Desks,
    places: &Semaphore,
    waiting: &WaitingPlace,
) -> Response<Full<Bytes>> {
    if doubled_line(request.headers()).is_some() {
        return bare(StatusCode::BAD_REQUEST);
    }
    let mut parts = request.uri().path().trim_start_matches('/').splitn(2, '/');
    let (secret, rest) = (parts.next().unwrap_or_default(), parts.next());
    let Some(counter) = desks.find(secret.as_bytes()) else {
        return bare(StatusCode::NOT_FOUND);
    };
    waiting.let_in();
    // Nobody closes the places.
    let _place = places.acquire().await;
    match (request.method(), rest) {
        (&Method::GET, Some("appinfo")) => json(counter.app_info()),
        (&Method::POST, None) => sign(request, &counter).await,
        _ => bare(StatusCode::NOT_FOUND),
    }
}

async fn sign(request: Request<Incoming>, counter: &Arc<Counter>) -> Response<Full<Bytes>> {
    let body = Limited::new(request.into_body(), MOST_BYTES).collect();
    let question = match timeout(READ_LIMIT, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return bare(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(Err(_)) => return bare(StatusCode::BAD_REQUEST),
        Err(_) => return bare(StatusCode::REQUEST_TIMEOUT),
    };
    match counter.sign(question).await {
        Ok(signature) => json(signature),
        // Why is told by the desk; the core would only repeat the status.
        Err(_) => bare(StatusCode::BAD_GATEWAY),
    }
}

fn json(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let kind = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn bare(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
