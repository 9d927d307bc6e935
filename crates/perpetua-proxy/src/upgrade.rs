//! The HTTP side of a WebSocket port: one request, checked and upgraded, or refused in words.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::tungstenite::{Bytes, handshake::derive_accept_key};

use perpetua_access::{AccessDenied, AccessPolicy};
use perpetua_words::{Message, connection as words};

use crate::listener::PendingConnection;

/// How long someone may take to send a request and have it answered.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Why a request is refused: its answer, which says so in English.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) message: Message,
}

impl From<AccessDenied> for Refused {
    fn from(denied: AccessDenied) -> Self {
        Self {
            status: denied.status(),
            message: denied.into(),
        }
    }
}

/// A connection that speaks WebSocket from here on.
#[derive(Debug)]
pub(crate) struct Upgraded<T> {
    pub(crate) stream: TcpStream,
    /// What the peer had sent behind its request.
    pub(crate) read_ahead: Vec<u8>,
    /// What `admit` gave.
    pub(crate) admitted: T,
}

/// Answers the one request of a pending connection. Behind the rules of `access`, `admit` looks at the
/// request and gives what the connection is to be; a refusal is answered and the connection closed.
pub(crate) async fn upgrade<T, A, F>(
    pending: PendingConnection,
    access: &AccessPolicy,
    admit: A,
) -> Option<Upgraded<T>>
where
    A: Fn(Request<()>) -> F,
    F: Future<Output = Result<T, Refused>>,
{
    let admitted = Mutex::new(None);
    let service = service_fn(|mut request: Request<Incoming>| {
        let on_upgrade = hyper::upgrade::on(&mut request);
        let request = request.map(|_body| ());
        let (admit, admitted) = (&admit, &admitted);
        async move {
            let answer = match accept(request, access, admit).await {
                Ok((answer, what)) => {
                    *admitted.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some((on_upgrade, what));
                    answer
                }
                Err(refused) => refusal(&refused),
            };
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE_LIMIT)
        .serve_connection(TokioIo::new(pending.stream), service)
        .with_upgrades();
    timeout(2 * HANDSHAKE_LIMIT, connection).await.ok()?.ok()?;
    let (on_upgrade, admitted) = admitted
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)?;
    let parts = on_upgrade
        .await
        .ok()?
        .downcast::<TokioIo<TcpStream>>()
        .ok()?;
    Some(Upgraded {
        stream: parts.io.into_inner(),
        read_ahead: parts.read_buf.into(),
        admitted,
    })
}

async fn accept<T, F>(
    request: Request<()>,
    access: &AccessPolicy,
    admit: impl Fn(Request<()>) -> F,
) -> Result<(Response<Full<Bytes>>, T), Refused>
where
    F: Future<Output = Result<T, Refused>>,
{
    access.check(request.uri(), request.headers())?;
    let key = websocket_key(&request)?;
    let what = admit(request).await?;
    Ok((switching_protocols(&key), what))
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
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .and_then(|key| key.to_str().ok());
    match key {
        Some(key) if asks && names(header::SEC_WEBSOCKET_VERSION, "13") => Ok(key.to_owned()),
        _ => Err(Refused {
            status: StatusCode::UPGRADE_REQUIRED,
            message: words::WebsocketOnly.into(),
        }),
    }
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

fn refusal(refused: &Refused) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(format!("{}\n", refused.message)));
    *answer.status_mut() = refused.status;
    // Not for upgrades: a `Connection: Upgrade, close` is refused by aiohttp and by tungstenite.
    let close = http::HeaderValue::from_static("close");
    answer.headers_mut().insert(header::CONNECTION, close);
    let text = http::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, text);
    if refused.status == StatusCode::UPGRADE_REQUIRED {
        let websocket = http::HeaderValue::from_static("websocket");
        answer.headers_mut().insert(header::UPGRADE, websocket);
    }
    answer
}
