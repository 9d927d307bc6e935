//! The end of the server.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Server, eventually, raw};

/// What requests are given at the end.
const GRACE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn watchers_and_connections_without_a_request_do_not_delay_the_end() {
    let server = Server::start().await;
    let mut idle = connect(&server, "GET", "/", "").await;
    let mut begun = [0; 15];
    idle.read_exact(&mut begun).await.expect("an answer");
    let mut fresh = TcpStream::connect(server.address)
        .await
        .expect("a connection");
    let mut watcher = connect(&server, "GET", "/rpc/events", "").await;
    eventually(|| server.node.events.receiver_count() == 1).await;
    let asked = Instant::now();
    server.cancel.cancel();
    server.ended().await;
    assert!(asked.elapsed() < GRACE, "{:?}", asked.elapsed());
    for stream in [&mut idle, &mut fresh, &mut watcher] {
        stream
            .read_to_end(&mut Vec::new())
            .await
            .expect("closed in good order");
    }
}

#[tokio::test]
async fn a_call_under_way_is_answered_first() {
    let server = Server::start().await;
    let mut caller = connect(&server, "POST", "/rpc/reconnect", r#"{"account":"main"}"#).await;
    eventually(|| server.node.reconnecting.load(Ordering::SeqCst)).await;
    server.cancel.cancel();
    server.node.gate.notify_one();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nnull"),
        "{answer}"
    );
    server.ended().await;
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_after_two_seconds() {
    let server = Server::start().await;
    let mut caller = connect(&server, "POST", "/rpc/reconnect", r#"{"account":"main"}"#).await;
    eventually(|| server.node.reconnecting.load(Ordering::SeqCst)).await;
    let asked = Instant::now();
    server.cancel.cancel();
    server.ended().await;
    assert!(asked.elapsed() >= GRACE, "{:?}", asked.elapsed());
    let mut answer = Vec::new();
    // Closed or reset: the end is what counts.
    let _ = caller.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn nobody_gets_in_after_the_end() {
    let server = Server::start().await;
    let address = server.address;
    server.cancel.cancel();
    server.ended().await;
    assert!(TcpStream::connect(address).await.is_err());
}

async fn connect(server: &Server, method: &str, path: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address)
        .await
        .expect("a connection");
    stream
        .write_all(raw(method, path, body).as_bytes())
        .await
        .expect("sent");
    stream
}
