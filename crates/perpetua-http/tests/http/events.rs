//! `GET /rpc/events`.

use std::time::Duration;

use perpetua_schema::{Event, SettingsProblem};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::harness::{EVENT_ROOM, SESSION, Server, answer, eventually, raw};

#[tokio::test]
async fn each_event_is_a_line() {
    let server = Server::start().await;
    let mut response = server
        .get("/rpc/events")
        .bearer_auth(SESSION)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    for number in [1, 2] {
        server.node.events.send(event(number, "")).expect("watched");
        let chunk = response.chunk().await.expect("a line").expect("more");
        assert!(chunk.ends_with(b"}\n"));
        assert_eq!(
            serde_json::from_slice::<Event>(&chunk).expect("an event"),
            event(number, "")
        );
    }
}

#[tokio::test]
async fn the_stream_needs_the_session_token() {
    let server = Server::start().await;
    for request in [
        server.get("/rpc/events"),
        server.get("/rpc/events?access_token=s3ssion-token"),
    ] {
        assert_eq!(answer(request).await.0, 401);
    }
    assert_eq!(
        answer(server.get("/rpc/events").bearer_auth("wrong"))
            .await
            .0,
        401
    );
    assert_eq!(server.node.events.receiver_count(), 0);
}

#[tokio::test]
async fn the_topics_are_those_of_the_address() {
    let server = Server::start().await;
    for (query, status, topics) in [
        ("", 200, Some("state")),
        ("?topics=settings,log:main", 200, Some("settings,log:main")),
        ("?topics=nope", 400, None),
        ("?topics=", 400, None),
    ] {
        let request = server
            .get(&format!("/rpc/events{query}"))
            .bearer_auth(SESSION);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), status, "{query}");
        let followed = server.node.followed.lock().expect("followed").pop();
        assert_eq!(
            followed.map(|topics| topics.to_string()).as_deref(),
            topics,
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_was_missed_is_counted_in_its_place() {
    let server = Server::start().await;
    let mut lines = watch(&server, None).await;
    for number in 0..EVENT_ROOM + 4 {
        // Nothing else runs meanwhile: the first four are overwritten before anyone sees them.
        server.node.events.send(event(number, "")).expect("watched");
    }
    assert_eq!(next(&mut lines).await, Some(Event::Missed { count: 4 }));
    for number in 4..EVENT_ROOM + 4 {
        assert_eq!(next(&mut lines).await, Some(event(number, "")));
    }
}

#[tokio::test]
async fn a_slow_reader_misses_events_and_the_node_keeps_none_for_it() {
    const EVENTS: usize = 8_000;
    let server = Server::start().await;
    let mut lines = watch(&server, Some(4096)).await;
    // 32 MB: more than any system keeps in the buffers of a socket.
    let padding = "x".repeat(4096);
    for number in 0..EVENTS {
        server
            .node
            .events
            .send(event(number, &padding))
            .expect("watched");
        tokio::task::yield_now().await;
    }
    let (mut expected, mut missed) = (0, 0);
    while expected < EVENTS {
        match next(&mut lines)
            .await
            .expect("the last event is never lost")
        {
            Event::Missed { count } => {
                missed += count;
                expected += usize::try_from(count).expect("small");
            }
            other => {
                assert_eq!(other, event(expected, &padding));
                expected += 1;
            }
        }
    }
    assert!(missed > 0);
}

#[tokio::test]
async fn a_watcher_that_leaves_is_forgotten() {
    let server = Server::start().await;
    let lines = watch(&server, None).await;
    assert_eq!(server.node.events.receiver_count(), 1);
    drop(lines);
    eventually(|| server.node.events.receiver_count() == 0).await;
}

#[tokio::test]
async fn the_places_for_watchers_are_limited_and_given_back() {
    let server = Server::start().await;
    let mut watchers = Vec::new();
    for _ in 0..32 {
        watchers.push(watch(&server, None).await);
    }
    let (status, text) = answer(server.get("/rpc/events").bearer_auth(SESSION)).await;
    assert_eq!(
        (status, text.as_str()),
        (
            503,
            "32 programs follow the events already; end one of them\n"
        )
    );
    drop(watchers.pop());
    eventually(|| server.node.events.receiver_count() == 31).await;
    drop(watch(&server, None).await);
}

#[tokio::test]
async fn the_stream_ends_in_good_order_at_shutdown() {
    let server = Server::start().await;
    let mut lines = watch(&server, None).await;
    server.node.events.send(event(1, "")).expect("watched");
    assert_eq!(next(&mut lines).await, Some(event(1, "")));
    server.cancel.cancel();
    assert_eq!(next(&mut lines).await, None);
}

/// Opens a stream and reads its head; the events are the lines that begin with `{`.
async fn watch(server: &Server, receive_buffer: Option<u32>) -> Lines<BufReader<TcpStream>> {
    let socket = TcpSocket::new_v4().expect("a socket");
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes).expect("a small buffer");
    }
    let mut stream = socket.connect(server.address).await.expect("a connection");
    stream
        .write_all(raw("GET", "/rpc/events", "").as_bytes())
        .await
        .expect("sent");
    let mut lines = BufReader::new(stream).lines();
    assert_eq!(line(&mut lines).await.as_deref(), Some("HTTP/1.1 200 OK"));
    while line(&mut lines).await.is_some_and(|line| !line.is_empty()) {}
    lines
}

/// The next event; `None` at the end of the stream, which must come in good order.
async fn next(lines: &mut Lines<BufReader<TcpStream>>) -> Option<Event> {
    loop {
        let line = line(lines).await.expect("the chunk that ends the stream");
        if line == "0" {
            return None;
        }
        if line.starts_with('{') {
            return Some(serde_json::from_str(&line).expect("an event"));
        }
    }
}

async fn line(lines: &mut Lines<BufReader<TcpStream>>) -> Option<String> {
    timeout(Duration::from_secs(10), lines.next_line())
        .await
        .expect("in time")
        .expect("read")
}

fn event(number: usize, padding: &str) -> Event {
    let problem = SettingsProblem {
        line: number,
        column: 1,
        path: "api.listen".into(),
        message: crate::harness::words(padding),
    };
    Event::Settings {
        problems: vec![problem],
    }
}
