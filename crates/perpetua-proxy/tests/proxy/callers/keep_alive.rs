//! Sockets that are kept for the next call, and who gives theirs up.

use std::time::Duration;

use anyhow::Result;
use perpetua_access::Auth;
use perpetua_hub::ClientSettings;

use super::{Caller, Scene, get, post};
use crate::{
    time::{Frozen, settle, until_holds},
    world::{CLIENT, World},
};

const IDLE: Duration = Duration::from_mins(2);

#[tokio::test(start_paused = true)]
async fn a_socket_serves_one_call_after_another_until_it_is_idle_for_long() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut caller = scene.caller().await?;
    for _ in 0..3 {
        let told = caller.get("/a").await?;
        assert_eq!((told.status, told.header("connection")), (200, None));
        let refused = caller.get("/v11/a").await?;
        assert_eq!((refused.status, refused.header("connection")), (404, None));
        time.pass(IDLE.saturating_sub(Duration::from_secs(1))).await;
    }
    let (closed, took) = time.until(caller.is_closed()).await;
    closed?;
    assert!(took <= Duration::from_secs(5), "{took:?}");
    let mut old = scene.caller().await?;
    let told = old
        .ask("GET /a HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n")
        .await?;
    assert_eq!(told.status, 200);
    time.until(old.is_closed()).await.0?;
    let mut once = scene.caller().await?;
    let told = once.ask(get("/a", "connection: close\r\n")).await?;
    assert_eq!(told.header("connection"), Some("close"));
    time.until(once.is_closed()).await.0?;
    assert_eq!(scene.world.client().notices.len(), 1, "that of the path");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_calls_that_come_at_once_are_both_answered() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut caller = scene.caller().await?;
    caller.send(get("/a?n=1", "") + &get("/b?n=2", "")).await?;
    for (action, number) in [("a", "1"), ("b", "2")] {
        let told = caller.answer().await?.json();
        assert_eq!(told["data"]["action"], action);
        assert_eq!(told["data"]["params"]["n"], number);
    }
    Ok(())
}

/// Its head is read while the poll waits, and its body has no line.
#[tokio::test(start_paused = true)]
async fn a_call_that_comes_while_a_poll_waits_is_answered_behind_it() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut caller = scene.caller().await?;
    caller.get("/get_latest_events").await?;
    caller.send(get("/get_latest_events?timeout=5", "")).await?;
    time.pass(Duration::from_secs(1)).await;
    let head = "POST /a?of=b#c HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n";
    caller.send(head).await?;
    time.pass(Duration::from_secs(1)).await;
    caller.send(r#"{"n":2}"#).await?;
    let (told, waited) = time.until(caller.answer()).await;
    assert_eq!((told?.status, waited.as_secs()), (200, 3));
    let (told, waited) = time.until(caller.answer()).await;
    let told = told?;
    assert_eq!((told.status, waited.as_secs()), (200, 0), "{told:?}");
    assert_eq!(told.params()["n"], 2);
    assert_eq!(told.params()["of"], "b#c");
    Ok(())
}

/// The head of the second one comes with the first one, and is read with it by chance; its body comes later and looks
/// like a line that is mended.
#[tokio::test(start_paused = true)]
async fn a_body_behind_a_head_that_came_early_stays_as_it_is() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let bodies = [
        "{\"n\":2}",
        "{\"n\": \"#\" \n}",
        "{\"a b\":\"#\\u003c HTTP/1.1\"}\n",
    ];
    for (length, body) in (0..600).step_by(40).zip(bodies.iter().cycle()) {
        let mut caller = scene.caller().await?;
        let first = get(&format!("/a?long={}", "x".repeat(length)), "");
        let whole = post("/b", "application/json", body);
        let (head, _body) = whole.split_at(whole.len() - body.len());
        caller.send(first + head).await?;
        assert_eq!(caller.answer().await?.status, 200);
        time.pass(Duration::from_secs(1)).await;
        caller.send(body).await?;
        let (told, waited) = time.until(caller.answer()).await;
        let told = told?;
        let came = (told.status, waited.as_secs());
        assert_eq!(came, (200, 0), "{length} {body} {told:?}");
        let expected: serde_json::Value = serde_json::from_str(body)?;
        assert_eq!(told.params(), expected);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_is_idle_makes_room_and_who_waits_does_not() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let upstream = std::sync::Arc::new(world.embedded().await);
    let settings = ClientSettings {
        max_connections: 2,
        ..ClientSettings::default()
    };
    let (port, stop) = world.http_port(settings.clone(), Auth::Open).await?;
    let scene = Scene {
        world,
        port,
        stop,
        upstream,
    };
    let (mut waits, mut idle) = (scene.caller().await?, scene.caller().await?);
    waits.send(get("/slow", "")).await?;
    scene.upstream.next_action().await;
    assert_eq!(idle.get("/get_updates").await?.status, 200);
    let mut another = scene.caller().await?;
    another.send(get("/slower", "")).await?;
    scene.upstream.next_action().await;
    time.until(idle.is_closed()).await.0?;
    let told = scene.caller().await?.get("/a").await?;
    assert_eq!((told.status, told.header("retry-after")), (503, Some("1")));
    assert!(told.body.contains("2 connections"), "{told:?}");
    assert_eq!(scene.notices(), ["refused.too_many"]);
    // Another limit holds at once.
    let more = ClientSettings {
        max_connections: 3,
        ..settings
    };
    scene.world.account.set_client(CLIENT, more);
    assert_eq!(scene.caller().await?.get("/v11/a").await?.status, 404);
    Ok(())
}

/// Whoever has shown no token waits in the room of all ports, also after a call that was refused.
#[tokio::test(start_paused = true)]
async fn who_says_nothing_leaves_soon() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::guarded().await?;
    for sent in ["", "GET /a HTTP/1.1\r\nhost: 127.0.0.1\r\n"] {
        let mut caller = scene.caller().await?;
        caller.send(sent).await?;
        let (closed, took) = time.until(caller.is_closed()).await;
        closed?;
        assert!(took <= Duration::from_secs(6), "{took:?}");
    }
    assert_eq!(scene.notices(), ["refused.too_slow"]);
    let mut refused = scene.caller().await?;
    let told = refused.get("/a").await?;
    assert_eq!(
        (told.status, told.header("connection")),
        (401, Some("close"))
    );
    time.until(refused.is_closed()).await.0?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn newer_ones_turn_out_who_says_nothing() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut kept = scene.caller().await?;
    kept.get("/a").await?;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(scene.caller().await?);
        settle().await;
    }
    assert_eq!(scene.caller().await?.get("/a").await?.status, 200);
    assert_eq!(kept.get("/a").await?.status, 200);
    until_holds("some were turned out", || {
        scene.notices() == ["refused.gave_way"]
    })
    .await;
    for caller in &mut silent[..50] {
        caller.is_closed().await?;
    }
    Ok(())
}

/// A request that no library understands is answered, and told to the owner.
#[tokio::test(start_paused = true)]
async fn what_is_not_http_behind_a_good_call_is_refused() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut caller: Caller = scene.caller().await?;
    caller.get("/a").await?;
    caller.send("hello\r\n\r\n").await?;
    let head = crate::wire::read_head(&mut caller.stream).await?;
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    caller.is_closed().await?;
    drop(caller);
    until_holds("it is told", || scene.notices() == ["refused.not_http"]).await;
    Ok(())
}
