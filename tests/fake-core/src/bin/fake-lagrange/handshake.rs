//! The HTTP side of the WebSocket server: .NET's `HttpListener` and `ForwardWSService.cs` around it.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::log::Level;
use crate::server::Server;
use crate::socket::{Place, Socket};

type Body = BoxBody<Bytes, Infallible>;
type Answer = Response<Body>;

/// Answers the requests of one connection, until one of them makes it a WebSocket.
pub(crate) async fn serve(stream: TcpStream, server: Server) {
    let service = service_fn(move |request| {
        let server = server.clone();
        async move { Ok::<_, Infallible>(answer(request, server)) }
    });
    // How a peer leaves is nothing that Lagrange would tell.
    let _ended = http1::Builder::new()
        .auto_date_header(false)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

fn answer(mut request: Request<Incoming>, server: Server) -> Answer {
    match text(request.headers(), header::HOST) {
        Some(host) if !is_for(host, &server.entry.host) => return wrong_host(),
        None if request.version() == Version::HTTP_11 => return no_host(),
        _ => {}
    }
    let id = uuid::Uuid::new_v4();
    server.say(Level::Information, 11, &format!("Connect({id})"));
    if let Some(token) = &server.entry.token
        && !shows(token, request.headers(), request.uri())
    {
        let sentence = format!("ValidatingAccessTokenFail({id})");
        server.say(Level::Warning, 997, &sentence);
        return refusal(StatusCode::FORBIDDEN);
    }
    let Some(key) = websocket_key(request.headers()) else {
        let sentence = format!("NotWebSocketRequest({id})");
        server.say(Level::Warning, 996, &sentence);
        return last(refusal(StatusCode::BAD_REQUEST));
    };
    if text(request.headers(), header::SEC_WEBSOCKET_VERSION) != Some("13") {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let offers_protocols = request
        .headers()
        .contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    let place = Place::of(request.uri().path());
    let on_upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = on_upgrade.await {
            Socket::new(TokioIo::new(upgraded), place, id)
                .live(server)
                .await;
        }
    });
    switching_protocols(&key, offers_protocols)
}

/// `HttpListener` serves only the host that it was told of; it does not look at the port.
fn is_for(asked: &str, host: &str) -> bool {
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

/// An answer without anything in it, whose end is not told beforehand.
fn refusal(status: StatusCode) -> Answer {
    let nothing = StreamBody::new(stream::empty()).boxed();
    let mut answer = with_status(status, nothing);
    let server = HeaderValue::from_static("Microsoft-NetCore/2.0");
    answer.headers_mut().insert(header::SERVER, server);
    answer
}

/// After it the connection is closed.
fn last(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// On Windows the system's own server answers, on Unix .NET's.
fn wrong_host() -> Answer {
    if cfg!(windows) {
        let page = "<h2>Bad Request - Invalid Hostname</h2>";
        html(StatusCode::BAD_REQUEST, page)
    } else {
        html(StatusCode::NOT_FOUND, "<h1>Not Found (Not Found)</h1>")
    }
}

fn no_host() -> Answer {
    let page = "<h1>Bad Request (Invalid host name)</h1>";
    last(html(StatusCode::BAD_REQUEST, page))
}

fn html(status: StatusCode, page: &'static str) -> Answer {
    let mut answer = with_status(status, Full::from(page).boxed());
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    answer
}

fn switching_protocols(key: &str, offers_protocols: bool) -> Answer {
    let mut answer = with_status(StatusCode::SWITCHING_PROTOCOLS, Empty::new().boxed());
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = derive_accept_key(key.as_bytes()).parse() {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if offers_protocols {
        // It takes none of them, and says so in a way that strict clients do not take.
        let none = HeaderValue::from_static("");
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, none);
    }
    answer
}

fn with_status(status: StatusCode, body: Body) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer
}
