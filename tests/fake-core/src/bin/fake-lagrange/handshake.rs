//! The HTTP side of the WebSocket server: .NET's `HttpListener` and `ForwardWSService.cs` around it.

use std::convert::Infallible;

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Bytes;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::log::Level;
use crate::server::{Place, Server, Socket};

type Answer = Response<Full<Bytes>>;

/// Answers the requests of one connection, until one of them makes it a WebSocket.
pub(crate) async fn serve(stream: TcpStream, server: Server) {
    let service = service_fn(move |request| {
        let server = server.clone();
        async move { Ok::<_, Infallible>(answer(request, server)) }
    });
    // How a peer leaves is nothing that Lagrange would tell.
    let _ended = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

fn answer(mut request: Request<Incoming>, server: Server) -> Answer {
    if !is_for(request.headers(), &server.entry.host) {
        return wrong_host();
    }
    let id = uuid::Uuid::new_v4();
    server.say(Level::Information, 11, &format!("Connect({id})"));
    if let Some(token) = &server.entry.token
        && !shows(token, request.headers(), request.uri())
    {
        let sentence = format!("ValidatingAccessTokenFail({id})");
        server.say(Level::Warning, 997, &sentence);
        return empty(StatusCode::FORBIDDEN);
    }
    let Some(key) = websocket_key(request.headers()) else {
        let sentence = format!("NotWebSocketRequest({id})");
        server.say(Level::Warning, 996, &sentence);
        return empty(StatusCode::BAD_REQUEST);
    };
    let place = Place::of(request.uri().path());
    let on_upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = on_upgrade.await else {
            return;
        };
        let limitless = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let io = TokioIo::new(upgraded);
        let stream = WebSocketStream::from_raw_socket(io, Role::Server, Some(limitless)).await;
        Socket::new(stream, place, id).live(server).await;
    });
    switching_protocols(&key)
}

/// `HttpListener` serves only the host that it was told of.
fn is_for(headers: &HeaderMap, host: &str) -> bool {
    let asked = text(headers, header::HOST).unwrap_or_default();
    let name = asked.rsplit_once(':').map_or(asked, |(name, _port)| name);
    matches!(host, "*" | "+" | "0.0.0.0") || name.eq_ignore_ascii_case(host)
}

/// A header that is there counts alone, even where it is wrong and the query is right.
fn shows(token: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    match headers.get(header::AUTHORIZATION) {
        Some(value) => value.as_bytes() == format!("Bearer {token}").as_bytes(),
        None => uri
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .any(|pair| pair.strip_prefix("access_token=") == Some(token)),
    }
}

fn websocket_key(headers: &HeaderMap) -> Option<String> {
    let upgrades =
        text(headers, header::UPGRADE).is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    let key = text(headers, header::SEC_WEBSOCKET_KEY)?;
    upgrades.then(|| key.to_owned())
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn empty(status: StatusCode) -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = status;
    answer
}

/// On Windows the system's own server answers, on Unix .NET's.
fn wrong_host() -> Answer {
    let (status, page) = if cfg!(windows) {
        (
            StatusCode::BAD_REQUEST,
            "<h2>Bad Request - Invalid Hostname</h2>",
        )
    } else {
        (StatusCode::NOT_FOUND, "<h1>Not Found (Not Found)</h1>")
    };
    let mut answer = Response::new(Full::from(page));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    answer
}

fn switching_protocols(key: &str) -> Answer {
    let mut answer = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = derive_accept_key(key.as_bytes()).parse() {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}
