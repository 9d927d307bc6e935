//! The HTTP side of a WebSocket port: one request, checked and upgraded, or refused in words.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Method, Request, Response, StatusCode, Version, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn, upgrade::OnUpgrade};
use hyper_util::rt::{TokioIo, TokioTimer};
use perpetua_access::{AccessDenied, AccessPolicy};
use perpetua_words::Message;
use tokio::{
    net::TcpStream,
    time::{Instant, error::Elapsed, timeout, timeout_at},
};
use tokio_tungstenite::tungstenite::{Bytes, handshake::derive_accept_key};

use crate::{
    listener::PendingConnection,
    opening::Rewound,
    refused::{Place, Refused},
};

/// How long the head of a request may take: they fit into a packet or two.
pub(crate) const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long someone may take to send a request and have it answered.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(20);

/// A connection that speaks WebSocket from here on.
#[derive(Debug)]
pub(crate) struct Upgraded<T> {
    pub(crate) stream: TcpStream,
    /// What the peer had sent behind its request.
    pub(crate) read_ahead: Vec<u8>,
    /// Where it comes from.
    pub(crate) peer: IpAddr,
    /// What `admit` gave.
    pub(crate) admitted: T,
}

/// Answers the one request of a pending connection at `place`. Behind the rules of `access`, `admit` looks at
/// the request and gives what the connection is to be. Of a refusal `note` is told first, once; then it is
/// answered, and the connection closed.
pub(crate) async fn upgrade<T, A, F>(
    pending: PendingConnection,
    access: &AccessPolicy,
    place: Place<'_>,
    admit: A,
    note: impl Fn(&Refused, IpAddr),
) -> Option<Upgraded<T>>
where
    A: Fn(Request<()>) -> F,
    F: Future<Output = Result<T, Refused>>,
{
    let PendingConnection {
        stream,
        peer,
        place: waiting,
    } = pending;
    let noted = AtomicBool::new(false);
    let note = |refused: &Refused| {
        noted.store(true, Ordering::Relaxed);
        note(refused, peer);
    };
    let admit = |request| {
        waiting.let_in();
        admit(request)
    };
    // Each future around it would be as large once more.
    let handshake = Box::pin(handshake(stream, access, place, admit, &note));
    let held = match waiting.hold(handshake).await {
        Ok(held) => held,
        Err(why) => {
            // Whoever is refused already, and only takes long to read why, is told of once.
            if !noted.load(Ordering::Relaxed) {
                note(&Refused::GaveWay(why));
            }
            return None;
        }
    };
    let (stream, read_ahead, admitted) = held?;
    Some(Upgraded {
        stream,
        read_ahead,
        peer,
        admitted,
    })
}

/// The stream behind the request and its answer, what was read of it ahead, and what `admit` gave.
async fn handshake<T, A, F>(
    stream: TcpStream,
    access: &AccessPolicy,
    place: Place<'_>,
    admit: A,
    note: &impl Fn(&Refused),
) -> Option<(TcpStream, Vec<u8>, T)>
where
    A: Fn(Request<()>) -> F,
    F: Future<Output = Result<T, Refused>>,
{
    let end = Instant::now() + HANDSHAKE_LIMIT;
    let Ok(opening) = timeout(HEAD_LIMIT, Rewound::after_head(stream)).await else {
        note(&Refused::TooSlow);
        return None;
    };
    let opening = opening?;
    if let Some(refused) = opening.fault() {
        note(&refused);
        let answer = refusal(&refused, &refused.answer_at(place));
        opening.refuse(answer).await;
        return None;
    }
    let (decision, asked) = (Mutex::new(None), AtomicBool::new(false));
    // From then on, the time that passes is ours.
    let admit = |request| {
        asked.store(true, Ordering::Relaxed);
        admit(request)
    };
    let refuse = |refused: &Refused| {
        note(refused);
        refusal(refused, &refused.answer_at(place))
    };
    let answered = timeout_at(end, answer(opening, access, admit, &refuse, &decision)).await;
    let decision = decision
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if decision.is_none()
        && !asked.into_inner()
        && let Some(refused) = undecided(&answered)
    {
        note(&refused);
    }
    let Some(Decision::Admitted(on_upgrade, admitted)) = decision else {
        return None;
    };
    answered.ok()?.ok()?;
    let parts = on_upgrade.await.ok()?.downcast::<TokioIo<Rewound>>().ok()?;
    let Rewound { ahead, stream, .. } = parts.io.into_inner();
    Some((stream, [parts.read_buf, ahead].concat(), admitted))
}

/// What came of a request.
enum Decision<T> {
    Admitted(OnUpgrade, T),
    Refused,
}

/// Why nothing was decided: no request came of what was sent. Nothing, if the peer has just left.
fn undecided(answered: &Result<hyper::Result<()>, Elapsed>) -> Option<Refused> {
    match answered {
        Err(_elapsed) => Some(Refused::TooSlow),
        Ok(Err(error)) if error.is_timeout() => Some(Refused::TooSlow),
        Ok(Err(error)) if error.is_parse() => Some(Refused::NotHttp),
        Ok(_) => None,
    }
}

/// Serves the connection until its request is answered, and leaves the decision there.
async fn answer<T, A, F>(
    opening: Rewound,
    access: &AccessPolicy,
    admit: A,
    refuse: &impl Fn(&Refused) -> Response<String>,
    decision: &Mutex<Option<Decision<T>>>,
) -> hyper::Result<()>
where
    A: Fn(Request<()>) -> F,
    F: Future<Output = Result<T, Refused>>,
{
    let service = service_fn(|mut request: Request<Incoming>| {
        let on_upgrade = hyper::upgrade::on(&mut request);
        let request = request.map(|_body| ());
        let admit = &admit;
        async move {
            let (answer, decided) = match accept(request, access, admit).await {
                Ok((answer, admitted)) => (answer, Decision::Admitted(on_upgrade, admitted)),
                Err(refused) => (refuse(&refused).map(Full::from), Decision::Refused),
            };
            *decision.lock().unwrap_or_else(PoisonError::into_inner) = Some(decided);
            Ok::<_, Infallible>(answer)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE_LIMIT)
        .serve_connection(TokioIo::new(opening), service)
        .with_upgrades()
        .await
}

async fn accept<T, F>(
    request: Request<()>,
    access: &AccessPolicy,
    admit: impl Fn(Request<()>) -> F,
) -> Result<(Response<Full<Bytes>>, T), Refused>
where
    F: Future<Output = Result<T, Refused>>,
{
    let key = websocket_key(&request);
    access
        .check(request.uri(), request.headers())
        .map_err(|denied| first_to_tell(denied, key.as_ref().err()))?;
    let key = key?;
    let what = admit(request).await?;
    Ok((switching_protocols(&key), what))
}

/// What is told to somebody who is not let in: that it has to be a WebSocket comes before what token it needs. It is told
/// whatever token is shown, so nobody learns whether that was the right one.
fn first_to_tell(denied: AccessDenied, fault: Option<&Refused>) -> Refused {
    match (&denied, fault) {
        (
            AccessDenied::NoToken | AccessDenied::TokenElsewhere | AccessDenied::WrongToken,
            Some(
                fault @ (Refused::NoWebsocket | Refused::PlainHttp | Refused::ProxyWithoutUpgrade),
            ),
        ) => fault.clone(),
        _ => denied.into(),
    }
}

/// The `Sec-WebSocket-Key` of a request that asks for a WebSocket (RFC 6455, section 4.2.1).
fn websocket_key(request: &Request<()>) -> Result<String, Refused> {
    let headers = request.headers();
    let names = |header, word: &str| {
        let values = headers
            .get_all(header)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    let asks = request.method() == Method::GET
        && names(header::UPGRADE, "websocket")
        && names(header::CONNECTION, "upgrade");
    if asks && request.version() < Version::HTTP_11 {
        return Err(Refused::OldHttp);
    }
    let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
    let (key, second) = (keys.next(), keys.next());
    match key {
        _ if asks && names(header::SEC_WEBSOCKET_VERSION, "13") => key
            .filter(|key| second.is_none() && is_key(key.as_bytes()))
            .and_then(|key| key.to_str().ok().map(str::to_owned))
            .ok_or(Refused::BadKey),
        _ if asks => Err(Refused::OldWebsocket),
        // These two headers hold for one hop only: a proxy has to be told to write them anew.
        Some(_) if request.method() == Method::GET => Err(Refused::ProxyWithoutUpgrade),
        _ if is_for_a_page(request) => Err(Refused::NoWebsocket),
        _ => Err(Refused::PlainHttp),
    }
}

/// Whether this may be the base64 of 16 bytes (RFC 6455, section 4.1). The bits that fill its last digit do not count.
fn is_key(key: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    matches!(key, [digits @ .., b'=', b'='] if digits.len() == 22 && digits.iter().all(is_digit))
}

/// Whether a browser asks for a page, or for what belongs to one. Bot frameworks in HTTP mode post.
fn is_for_a_page(request: &Request<()>) -> bool {
    let headers = request.headers();
    let accepts_pages = || {
        let lines = headers.get_all(header::ACCEPT).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .any(|line| line.contains("text/html"))
    };
    matches!(*request.method(), Method::GET | Method::HEAD)
        && (headers.contains_key("sec-fetch-mode") || accepts_pages())
}

fn switching_protocols(key: &str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, http::HeaderValue::from_static("websocket"));
    headers.insert(
        header::CONNECTION,
        http::HeaderValue::from_static("Upgrade"),
    );
    if let Ok(accept) = derive_accept_key(key.as_bytes()).parse() {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}

/// The answer to somebody who is not let in, with these words.
pub(crate) fn refusal(refused: &Refused, words: &Message) -> Response<String> {
    let mut answer = Response::new(format!("{words}\n"));
    *answer.status_mut() = refused.status();
    // Not for upgrades: a `Connection: Upgrade, close` is refused by aiohttp and by tungstenite.
    let close = http::HeaderValue::from_static("close");
    answer.headers_mut().insert(header::CONNECTION, close);
    let text = http::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, text);
    if let Some(seconds) = refused.retry_after_s() {
        let seconds = http::HeaderValue::from(seconds);
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    if refused.status() == StatusCode::UPGRADE_REQUIRED {
        let websocket = http::HeaderValue::from_static("websocket");
        answer.headers_mut().insert(header::UPGRADE, websocket);
        // What it has to ask for (RFC 6455, section 4.4).
        let version = http::HeaderValue::from_static("13");
        answer
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_VERSION, version);
    }
    answer
}
