//! Polls for events: `get_latest_events`, and `get_updates` as go-cqhttp calls it.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{AccountLimits, ClientSettings};
use perpetua_hub::{DisconnectReason, OverflowPolicy, QueueLimits};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::{Answer, Caller, Scene, get, post};
use crate::{
    time::{Frozen, settle, until_holds},
    world::{CLIENT, event},
};

/// How long the queue is kept after the last poll.
const KEPT: Duration = Duration::from_mins(5);

const NONE: [u64; 0] = [];

/// The numbers of the messages of an answer; meta events have none.
fn numbers(told: &Answer) -> Vec<u64> {
    assert_eq!(told.status, 200, "{told:?}");
    let json = told.json();
    let events = json["data"].as_array().expect("events");
    let numbers = events.iter().filter_map(|event| event["number"].as_u64());
    numbers.collect()
}

/// The first poll, which opens the queue.
async fn opened(scene: &Scene) -> Result<Caller> {
    let mut caller = scene.caller().await?;
    let told = caller.get("/get_latest_events").await?.json();
    assert_eq!(told["status"], "ok");
    assert_eq!(told["data"][0]["meta_event_type"], "lifecycle", "{told}");
    Ok(caller)
}

#[tokio::test(start_paused = true)]
async fn events_wait_from_the_first_poll_on_and_each_is_in_one_answer() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.upstream.send(&event(1, 1));
    let mut caller = opened(&scene).await?;
    assert_eq!(numbers(&caller.get("/get_updates").await?), NONE);
    for number in 2..=6 {
        scene.upstream.send(&event(number, 1));
    }
    let told = caller.get("/get_latest_events?limit=2").await?;
    assert_eq!(numbers(&told), [2, 3]);
    let told = caller
        .post("/get_updates", "application/json", r#"{"limit":1}"#)
        .await?;
    assert_eq!(numbers(&told), [4]);
    let frame = json!({ "action": "get_latest_events", "params": { "timeout": 0 }, "echo": 9 });
    let told = caller
        .post("/", "application/json", &frame.to_string())
        .await?;
    assert_eq!(numbers(&told), [5, 6]);
    assert_eq!(told.json()["echo"], 9);
    let [queue] = &*scene.world.client().connections else {
        panic!("a connection with the events");
    };
    assert_eq!(queue.role, perpetua_hub::Role::Event);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_poll_whose_numbers_are_none_is_refused() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = opened(&scene).await?;
    for (query, said) in [
        (
            "timeout=abc",
            "`timeout` has to be a number of seconds, and `abc` is none",
        ),
        (
            "limit=2.5",
            "`limit` has to be a whole number, 0 or more, and `2.5` is none",
        ),
    ] {
        let told = caller.get(&format!("/get_latest_events?{query}")).await?;
        assert_eq!(told.status, 400, "{told:?}");
        assert!(told.json().to_string().contains(said), "{told:?}");
    }
    for query in ["timeout=", "limit=", "limit=-1"] {
        let told = caller.get(&format!("/get_latest_events?{query}")).await?;
        assert_eq!(told.status, 200, "{query}: {told:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_poll_waits_as_long_as_it_says_and_ends_with_the_first_event() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = opened(&scene).await?;
    for (timeout, seconds) in [("2", 2), ("1.5", 1), ("0", 0), ("-1", 0), ("1e9", 300)] {
        let (told, took) = time
            .until(caller.get(&format!("/get_updates?timeout={timeout}")))
            .await;
        assert_eq!(numbers(&told?), NONE);
        let limit = Duration::from_secs(seconds);
        assert!(
            took >= limit && took <= limit + Duration::from_secs(1),
            "{timeout}: {took:?}"
        );
    }
    caller
        .send(get("/get_latest_events?timeout=30&limit=10", ""))
        .await?;
    time.pass(Duration::from_secs(5)).await;
    scene.upstream.send(&event(1, 1));
    assert_eq!(numbers(&caller.answer().await?), [1]);
    Ok(())
}

/// A poll that has hung up takes nothing along, and wakes nobody in vain.
#[tokio::test(start_paused = true)]
async fn what_comes_after_a_poll_hung_up_is_the_next_ones() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut first = opened(&scene).await?;
    first.send(get("/get_latest_events?timeout=30", "")).await?;
    time.pass(Duration::from_secs(1)).await;
    drop(first);
    time.pass(Duration::from_secs(1)).await;
    scene.upstream.send(&event(1, 1));
    time.pass(Duration::from_secs(1)).await;
    let mut second = scene.caller().await?;
    let asked = second.get("/get_latest_events?timeout=5&limit=10");
    let (told, took) = time.until(asked).await;
    assert_eq!(numbers(&told?), [1]);
    assert!(took < Duration::from_secs(1), "{took:?}");
    Ok(())
}

/// It may be gone: it has its answer at once, and what comes is another poll's.
#[tokio::test(start_paused = true)]
async fn a_poll_that_says_no_more_is_answered_at_once() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut first = opened(&scene).await?;
    for number in [1, 2] {
        first.send(get("/get_updates?timeout=30", "")).await?;
        settle().await;
        first.stream.shutdown().await?;
        let (told, took) = time.until(first.answer()).await;
        assert_eq!(numbers(&told?), NONE);
        assert!(took < Duration::from_millis(500), "{took:?}");
        scene.upstream.send(&event(number, 1));
        let mut second = scene.caller().await?;
        let asked = second.get("/get_updates?timeout=30");
        assert_eq!(numbers(&asked.await?), [u64::try_from(number)?]);
        // What waits is given to it all the same.
        scene.upstream.send(&event(number + 10, 1));
        second.send(get("/get_updates?timeout=30", "")).await?;
        second.stream.shutdown().await?;
        assert_eq!(
            numbers(&second.answer().await?),
            [u64::try_from(number + 10)?]
        );
        first = scene.caller().await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_who_poll_share_the_events() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut callers = [opened(&scene).await?, scene.caller().await?];
    for caller in &mut callers {
        caller
            .send(get("/get_updates?timeout=60&limit=1", ""))
            .await?;
        settle().await;
    }
    // Both at once: what the first leaves wakes the second.
    scene.upstream.send(&event(1, 1));
    scene.upstream.send(&event(2, 1));
    let mut came = Vec::new();
    for caller in &mut callers {
        came.extend(numbers(&caller.answer().await?));
    }
    came.sort_unstable();
    assert_eq!(came, [1, 2]);
    Ok(())
}

/// Its program does not read the answer, so that it cannot be written.
#[tokio::test(start_paused = true)]
async fn an_answer_that_was_not_taken_gives_its_events_back() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    drop(opened(&scene).await?);
    let mut stuck = Caller::narrow(scene.port).await?;
    for number in 1..=3 {
        scene.upstream.send(&event(number, 7 << 20));
    }
    stuck.send(get("/get_updates?limit=2", "")).await?;
    until_holds("they are under way", || {
        scene.world.client().connections[0].queued == 1
    })
    .await;
    let mut other = scene.caller().await?;
    assert_eq!(numbers(&other.get("/get_updates").await?), [3]);
    let (told, took) = time.until(other.get("/get_updates?timeout=60")).await;
    assert_eq!(numbers(&told?), [1, 2]);
    assert!(took >= Duration::from_secs(10), "{took:?}");
    assert_eq!(numbers(&other.get("/get_updates").await?), NONE);
    assert_eq!(scene.notices(), ["call.lost_answer"]);
    let held = || scene.world.account.snapshot().held_bytes;
    until_holds("nothing is held", || held() == 0).await;
    Ok(())
}

/// Whichever of their answers is given up first.
#[tokio::test(start_paused = true)]
async fn events_that_were_given_back_come_in_their_order() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    drop(opened(&scene).await?);
    let mut stuck = Vec::new();
    for number in 1..=3 {
        scene.upstream.send(&event(number, 7 << 20));
        let mut caller = Caller::narrow(scene.port).await?;
        caller
            .send(get("/get_updates?limit=1&timeout=5", ""))
            .await?;
        until_holds("it is under way", || {
            scene.world.client().connections[0].queued == 0
        })
        .await;
        time.pass(Duration::from_secs(1)).await;
        stuck.push(caller);
    }
    time.pass(Duration::from_secs(15)).await;
    let mut other = scene.caller().await?;
    assert_eq!(numbers(&other.get("/get_updates").await?), [1, 2]);
    assert_eq!(numbers(&other.get("/get_updates").await?), [3]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_queue_ends_when_nobody_polls_for_a_while() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = opened(&scene).await?;
    let connections = || scene.world.connections();
    time.pass(KEPT.saturating_sub(Duration::from_secs(1))).await;
    assert_eq!(connections(), 1);
    // Who waits is there.
    let (_, _) = time.until(caller_polls(&scene)).await;
    time.pass(KEPT.saturating_sub(Duration::from_secs(1))).await;
    assert_eq!(connections(), 1);
    time.pass(Duration::from_secs(2)).await;
    assert_eq!(connections(), 0);
    scene.upstream.send(&event(1, 1));
    drop(opened(&scene).await?);
    assert!(caller.get("/get_updates").await.is_err(), "it was idle");
    Ok(())
}

/// What waits when the queue ends, what its program had not taken, and what a poll had under way.
#[tokio::test(start_paused = true)]
async fn what_is_lost_with_the_queue_is_counted() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let dropped = || scene.world.client().traffic.dropped;
    drop(opened(&scene).await?);
    scene.upstream.send(&event(1, 1));
    time.pass(KEPT + Duration::from_secs(1)).await;
    assert_eq!(
        (scene.world.connections(), dropped()),
        (0, 1),
        "nobody came"
    );

    drop(opened(&scene).await?);
    let mut stuck = Caller::narrow(scene.port).await?;
    for number in 2..=3 {
        scene.upstream.send(&event(number, 7 << 20));
    }
    stuck.send(get("/get_updates?limit=1", "")).await?;
    until_holds("one is under way", || {
        scene.world.client().connections[0].queued == 1
    })
    .await;
    let cut = DisconnectReason::SettingsChanged;
    scene.world.account.cut_client(CLIENT, cut);
    drop(stuck);
    time.pass(Duration::from_secs(15)).await;
    until_holds("all are counted", || dropped() == 3).await;
    Ok(())
}

async fn caller_polls(scene: &Scene) -> Result<Answer> {
    scene.caller().await?.get("/get_updates?timeout=299").await
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_full_loses_the_oldest_events_and_counts_them() -> Result<()> {
    let _time = Frozen::time();
    let queue = |when_full| QueueLimits {
        frames: 4,
        when_full,
        ..QueueLimits::default()
    };
    let settings = |when_full| ClientSettings {
        queue: queue(when_full),
        ..ClientSettings::default()
    };
    let limits = AccountLimits::default();
    let scene = Scene::with(settings(OverflowPolicy::DropOldest), limits).await?;
    let mut caller = opened(&scene).await?;
    for number in 1..=10 {
        scene.upstream.send(&event(number, 1));
    }
    assert_eq!(numbers(&caller.get("/get_updates").await?), [7, 8, 9, 10]);
    assert_eq!(scene.world.client().traffic.dropped, 6);

    let scene = Scene::with(settings(OverflowPolicy::Disconnect), limits).await?;
    let mut caller = opened(&scene).await?;
    for number in 1..=10 {
        scene.upstream.send(&event(number, 1));
    }
    until_holds("it is told", || scene.notices() == ["notice.queue_full"]).await;
    let told: Value = caller.get("/get_updates").await?.json();
    assert_eq!(told["data"][0]["meta_event_type"], "lifecycle", "{told}");
    Ok(())
}

/// A poll that waits while its queue is cut off hears why; the next opens another.
#[tokio::test(start_paused = true)]
async fn another_account_is_another_queue() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = opened(&scene).await?;
    caller.send(get("/get_updates?timeout=60", "")).await?;
    settle().await;
    let cut = DisconnectReason::AccountChanged;
    scene.world.account.cut_client(CLIENT, cut);
    let told = caller.answer().await?;
    assert_eq!(told.status, 503);
    assert!(told.body.contains("another account"), "{told:?}");
    opened(&scene).await?;
    let request = post("/get_updates", "application/json", "{}");
    assert_eq!(caller.ask(request).await?.status, 200);
    Ok(())
}
