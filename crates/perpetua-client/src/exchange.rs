//! One HTTP request on a connection of its own, and its answer.

use std::{
    error::Error,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, Uri, header};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use perpetua_schema::{CallError, Session};
use perpetua_words::{Message, rpc as words};
use tokio::{net::TcpStream, time::timeout};

/// How long connecting may take; on one machine it takes no time, or the machine is stuck.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Sends a request with the session token. How long the answer takes is the call's affair.
pub(crate) async fn send(
    session: &Session,
    method: Method,
    path: &str,
    body: Bytes,
) -> Result<Response<Incoming>, CallError> {
    let address = address(session)?;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, address.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {}", session.token))
        .body(Full::new(body))
        .map_err(|error| foreign(&error))?;
    let connecting = timeout(CONNECT_LIMIT, TcpStream::connect(address));
    let stream = connecting
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map_err(|error| no_answer_because(session, Message::from(&error)))?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| no_answer(session, &error))?;
    // It ends with the answer's body, or when that is dropped; what breaks it, the body tells.
    tokio::spawn(async move {
        let _told_by_the_body = connection.await;
    });
    let answer = sender.send_request(request).await;
    answer.map_err(|error| no_answer(session, &error))
}

/// The address to connect to: one that listens everywhere is reached on this machine.
fn address(session: &Session) -> Result<SocketAddr, CallError> {
    let uri: Uri = session.api.parse().map_err(|error| foreign(&error))?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut address: SocketAddr = authority.parse().map_err(|error| foreign(&error))?;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address)
}

/// Nobody answers, for this reason.
pub(crate) fn no_answer(session: &Session, error: &hyper::Error) -> CallError {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    let cause = cause.map_or_else(
        || perpetua_words::io::ConnectionBroken.into(),
        Message::from,
    );
    no_answer_because(session, cause)
}

fn no_answer_because(session: &Session, cause: Message) -> CallError {
    let address = &session.api;
    CallError::NoAnswer(words::NoAnswer { address, cause }.into())
}

/// What came cannot be understood.
pub(crate) fn foreign(error: &impl Error) -> CallError {
    let reason = error.to_string();
    CallError::Foreign(words::ForeignAnswer { reason }.into())
}

#[cfg(test)]
mod tests {
    use perpetua_schema::Session;

    use super::address;

    #[test]
    fn a_node_that_listens_everywhere_is_reached_on_this_machine() {
        for (api, expected) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://192.168.1.2:80", "192.168.1.2:80"),
            ("http://0.0.0.0:8080", "127.0.0.1:8080"),
            ("http://[::]:8080", "[::1]:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            let session = Session {
                api: api.into(),
                token: String::new(),
                pid: 1,
            };
            assert_eq!(address(&session).expect(api).to_string(), expected);
        }
    }
}
