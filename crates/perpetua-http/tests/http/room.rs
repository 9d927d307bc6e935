//! Connections that strangers open and leave open.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::sleep,
};

use crate::{
    harness::{SIGN_IN, Server, answer, eventually, raw},
    sign_in::{cookie_of, sign_in},
};

/// As many as one address may have elsewhere.
const STRANGERS: usize = 32;

/// As many as may wait at a port without having asked.
const WAITING: usize = 128;

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

#[tokio::test]
async fn idle_connections_of_a_stranger_keep_neither_others_nor_the_owner_out() {
    let Some(own) = own_address() else {
        // A machine without a network has no strangers.
        return;
    };
    let server = Server::start_beyond_loopback().await;
    let address = SocketAddr::new(own, server.address.port());
    let mut idle = Vec::new();
    for _ in 0..STRANGERS {
        idle.push(TcpStream::connect(address).await.expect("a connection"));
    }
    let mut more = TcpStream::connect(address).await.expect("accepted");
    let ended = idle[0].read(&mut [0]).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "it has stood longest");
    more.write_all(ASK).await.expect("taken");
    more.read_exact(&mut [0; 12]).await.expect("an answer");
    eventually(|| server.notices.total() == 1).await;
    let notice = server.notices.list().remove(0);
    assert_eq!(notice.message.code, "refused.connections_of_peer_gave_way");
    assert_eq!(answer(server.get("/healthz")).await.0, 200, "the owner");
    for _ in 0..STRANGERS {
        let mut again = TcpStream::connect(address).await.expect("accepted");
        again.write_all(ASK).await.expect("taken");
        again.read_exact(&mut [0; 12]).await.expect("an answer");
        idle.push(again);
    }
    assert_eq!(server.notices.list().len(), 1, "one kind, however often");
}

#[tokio::test]
async fn several_nodes_have_room_of_their_own() {
    let (one, other) = (Server::start().await, Server::start().await);
    let mut idle = Vec::new();
    for _ in 0..WAITING {
        let stream = TcpSocket::new_v4().expect("a socket");
        idle.push(stream.connect(one.address).await.expect("a connection"));
    }
    let mut more = TcpStream::connect(one.address).await.expect("accepted");
    let first = idle[0].read(&mut [0]).await;
    assert!(matches!(first, Ok(0) | Err(_)), "it has stood longest");
    more.write_all(ASK).await.expect("taken");
    more.read_exact(&mut [0; 12]).await.expect("an answer");
    eventually(|| one.notices.total() == 1).await;
    let notice = one.notices.list().remove(0);
    assert_eq!(notice.message.code, "refused.gave_way");
    assert_eq!(answer(other.get("/healthz")).await.0, 200);
    assert_eq!(other.notices.total(), 0);
    drop(idle);
}

/// Strangers of this machine who send nothing, or a piece of a request, as often as they are turned out.
#[tokio::test]
async fn whoever_asks_nothing_keeps_nobody_out() {
    let server = Server::start().await;
    let mut known = TcpStream::connect(server.address).await.expect("taken");
    known.write_all(ASK).await.expect("sent");
    known.read_exact(&mut [0; 12]).await.expect("an answer");
    let mut strangers = JoinSet::new();
    // Few more than wait: an honest one has sent its request before they all have come again.
    for number in 0..WAITING + 22 {
        let address = server.address;
        strangers.spawn(async move {
            while let Ok(mut stream) = TcpStream::connect(address).await {
                let _turned_out = stream.write_all(&ASK[..number % 30]).await;
                let _turned_out = stream.read_to_end(&mut Vec::new()).await;
                sleep(Duration::from_millis(200)).await;
            }
        });
    }
    eventually(|| server.notices.total() > 100).await;
    for _ in 0..40 {
        let mut honest = TcpStream::connect(server.address).await.expect("taken");
        honest.write_all(ASK).await.expect("sent");
        honest.read_exact(&mut [0; 12]).await.expect("an answer");
    }
    known.write_all(ASK).await.expect("still there");
    known.read_exact(&mut [0; 12]).await.expect("an answer");
    strangers.shutdown().await;
    let told = server.notices.list().remove(0).message.code;
    assert_eq!(told, "refused.gave_way");
}

/// A stranger behind a reverse proxy of this machine, who comes again as often as it is turned out.
#[tokio::test]
async fn the_owner_gets_through_whatever_a_stranger_behind_a_proxy_leaves_open() {
    let server = Server::start().await;
    let mut known = TcpStream::connect(server.address).await.expect("taken");
    let call = raw("POST", "/rpc/status", "{}");
    known.write_all(call.as_bytes()).await.expect("sent");
    read_answer(&mut known).await;
    let mut strangers = JoinSet::new();
    for number in 0..600 {
        strangers.spawn(stranger(server.address, number < 300));
    }
    eventually(|| server.notices.total() > 300).await;
    for _ in 0..50 {
        let mut owner = TcpStream::connect(server.address).await.expect("taken");
        owner.write_all(call.as_bytes()).await.expect("sent");
        read_answer(&mut owner).await;
    }
    known.write_all(call.as_bytes()).await.expect("still there");
    read_answer(&mut known).await;
    strangers.shutdown().await;
}

/// A browser that was signed out, and goes on asking.
#[tokio::test]
async fn whoever_was_signed_out_keeps_nobody_out() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let host = server.address;
    let head = format!("Host: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n");
    let call = format!("POST /rpc/status HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\n{{}}");
    let mut all = Vec::new();
    for _ in 0..256 {
        let mut one = TcpStream::connect(host).await.expect("taken");
        one.write_all(call.as_bytes()).await.expect("sent");
        read_answer(&mut one).await;
        all.push(one);
    }
    let out = format!("DELETE /session HTTP/1.1\r\n{head}\r\n");
    all[0].write_all(out.as_bytes()).await.expect("sent");
    read_status(&mut all[0], "204", b"\r\n\r\n").await;
    for one in &mut all {
        one.write_all(call.as_bytes()).await.expect("sent");
        read_status(one, "401", b"}").await;
    }
    let mut owner = TcpStream::connect(host).await.expect("taken");
    let asked = raw("POST", "/rpc/status", "{}");
    owner.write_all(asked.as_bytes()).await.expect("sent");
    read_answer(&mut owner).await;
}

async fn read_answer(stream: &mut TcpStream) {
    read_status(stream, "200", b"}").await;
}

async fn read_status(stream: &mut TcpStream, status: &str, end: &[u8]) {
    let mut answer = Vec::new();
    while !answer.ends_with(end) {
        let count = stream.read_buf(&mut answer).await.expect("an answer");
        assert_ne!(count, 0, "an answer");
    }
    let answer = String::from_utf8_lossy(&answer);
    let begin = format!("HTTP/1.1 {status}");
    assert!(answer.starts_with(&begin), "{answer}");
}

/// Has one answer and is idle, or sends half a request; again whenever it is turned out.
async fn stranger(address: SocketAddr, is_idle: bool) {
    let half: &[u8] =
        b"POST /session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60\r\n\r\n{\"tok";
    while let Ok(mut stream) = TcpStream::connect(address).await {
        let _turned_out = stream.write_all(if is_idle { ASK } else { half }).await;
        let _turned_out = stream.read_to_end(&mut Vec::new()).await;
        // As fast as one of many comes again.
        sleep(Duration::from_millis(500)).await;
    }
}

/// An address of this machine that is not loopback.
fn own_address() -> Option<IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the system chooses from where it would be.
    socket.connect("203.0.113.1:9").ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}
