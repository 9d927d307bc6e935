//! What callers hold: bodies that are large, slow or endless, and answers that nobody takes.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{AccountLimits, ClientSettings};
use perpetua_proxy::FrameBudget;
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use super::{Caller, Scene, get, post};
use crate::{
    time::{Frozen, settle, until_holds},
    world::{answer, parse},
};

const LIMIT: usize = 1_000_000;
/// How long a body may come slower than it has to.
const HEADWAY: Duration = Duration::from_secs(30);
/// How long a write may make no progress.
const WRITE: Duration = Duration::from_secs(10);

fn limits() -> AccountLimits {
    AccountLimits {
        max_frame_size: LIMIT,
        ..AccountLimits::default()
    }
}

fn head(lines: &str) -> String {
    format!("POST /a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n{lines}\r\n")
}

/// A JSON object of so many bytes.
fn object(bytes: usize) -> String {
    format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8))
}

#[tokio::test(start_paused = true)]
async fn a_body_may_be_as_large_as_a_frame_and_no_larger() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::with(ClientSettings::default(), limits()).await?;
    let mut caller = scene.caller().await?;
    caller
        .send(post("/a", "application/json", &object(LIMIT)))
        .await?;
    let asked = parse(&scene.upstream.next_action().await);
    let came = asked["params"]["a"].as_str().map(str::len);
    assert_eq!(came, Some(LIMIT - 8));
    scene.upstream.send(&answer(&asked, &json!(1)).to_string());
    assert_eq!(caller.answer().await?.status, 200);
    // By what it announces: nothing of it has to come.
    let announced = head("content-length: 1000001\r\n");
    let chunked = head("transfer-encoding: chunked\r\n") + "F4241\r\n" + &object(LIMIT + 1);
    let control = "%01".repeat(LIMIT / 5);
    let grown = post(
        "/a",
        "application/x-www-form-urlencoded",
        &format!("message={control}"),
    );
    for (request, closes) in [(announced, true), (chunked, true), (grown, false)] {
        let mut caller = scene.caller().await?;
        let told = caller.ask(request).await?;
        assert_eq!(told.status, 413, "{told:?}");
        assert!(told.body.contains("`max-frame-size`"), "{told:?}");
        assert!(told.body.contains("more than the 1 MB"), "{told:?}");
        assert_eq!(told.header("connection") == Some("close"), closes);
        if closes {
            time.until(caller.is_closed()).await.0?;
        }
    }
    assert_eq!(scene.world.client().noted, 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_go_on_is_given_up_and_a_slow_one_is_not() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    for begin in ["", "{\"a\":\""] {
        let mut stalls = scene.caller().await?;
        stalls
            .send(head("content-length: 1000\r\n") + begin)
            .await?;
        let (told, took) = time.until(stalls.answer()).await;
        let told = told?;
        assert_eq!(told.status, 408, "{told:?}");
        assert!(told.body.contains("64 KiB"), "{told:?}");
        assert!(took >= HEADWAY && took <= HEADWAY * 2, "{took:?}");
        time.until(stalls.is_closed()).await.0?;
    }
    assert_eq!(scene.notices(), ["call.refused"]);
    // A part a minute is too little, 64 KiB in half of one are enough.
    let mut slow = scene.caller().await?;
    let body = object(256 << 10);
    slow.send(head(&format!("content-length: {}\r\n", body.len())))
        .await?;
    for part in body.as_bytes().chunks(64 << 10) {
        slow.send(part).await?;
        time.pass(HEADWAY.saturating_sub(Duration::from_secs(1)))
            .await;
    }
    assert_eq!(slow.answer().await?.status, 200);
    Ok(())
}

/// Who begins a body and leaves is nobody.
#[tokio::test(start_paused = true)]
async fn a_body_that_is_broken_off_is_forgotten() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = scene.caller().await?;
    caller
        .send(head("content-length: 1000\r\n") + &"x".repeat(500))
        .await?;
    until_holds("it counts", || {
        scene.world.account.snapshot().held_bytes > 0
    })
    .await;
    drop(caller);
    until_holds("it counts no more", || {
        scene.world.account.snapshot().held_bytes == 0
    })
    .await;
    assert!(scene.notices().is_empty());
    Ok(())
}

/// Twelve callers announce a megabyte each where four may be held.
#[tokio::test(start_paused = true)]
async fn who_holds_the_most_gives_way_and_hears_it() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::with_budget(limits(), FrameBudget::new(1)).await?;
    let mut callers = Vec::new();
    for _ in 0..12 {
        let mut caller = scene.caller().await?;
        caller
            .send(head("content-length: 1000000\r\n") + &"x".repeat(100_000))
            .await?;
        settle().await;
        callers.push(caller);
    }
    let held = || scene.world.account.snapshot().held_bytes;
    until_holds("little is held", || held() <= 4 * LIMIT + (1 << 20)).await;
    let cuts = usize::try_from(scene.world.client().traffic.cuts)?;
    assert!((7..12).contains(&cuts), "{cuts}");
    assert_eq!(scene.notices(), ["notice.held_most"]);
    let mut refused = 0;
    for caller in &mut callers {
        let told = tokio::select! {
            biased;
            told = caller.answer() => told?,
            () = settle() => continue,
        };
        assert_eq!(told.status, 503, "{told:?}");
        assert!(told.body.contains("`memory` of `[limits]`"), "{told:?}");
        refused += 1;
    }
    assert_eq!(refused, cuts);
    Ok(())
}

/// What is written counts for who asked for it, until it is in the system's hands.
#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_takes_is_given_up() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = Caller::narrow(scene.port).await?;
    caller.send(get("/a", "")).await?;
    let asked = parse(&scene.upstream.next_action().await);
    let large = "x".repeat(32 << 20);
    scene
        .upstream
        .send(&answer(&asked, &json!(large)).to_string());
    let held = || scene.world.account.snapshot().held_bytes;
    until_holds("it is held", || held() >= large.len()).await;
    let begin = tokio::time::Instant::now();
    let gone = async {
        while held() > 0 {
            settle().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    time.until(gone).await;
    let took = begin.elapsed();
    assert!(took >= WRITE && took <= WRITE * 2, "{took:?}");
    assert_eq!(scene.notices(), ["call.lost_answer"]);
    assert_eq!(scene.world.client().traffic.cuts, 1);
    Ok(())
}

/// The budget ends it at once, in the middle of its answer.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_needed_elsewhere_ends() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = Caller::narrow(scene.port).await?;
    caller.send(get("/a", "")).await?;
    let asked = parse(&scene.upstream.next_action().await);
    let large = "x".repeat(32 << 20);
    scene
        .upstream
        .send(&answer(&asked, &json!(large)).to_string());
    let begun = crate::wire::read_head(&mut caller.stream).await?;
    assert!(begun.starts_with("HTTP/1.1 200 "), "{begun}");
    let held = || scene.world.account.snapshot().held_bytes;
    assert!(held() >= large.len());
    let cut = perpetua_hub::DisconnectReason::HeldMost;
    scene.world.account.cut_client("bot", cut);
    until_holds("it is gone", || held() == 0).await;
    let mut rest = Vec::new();
    let _reset = caller.stream.read_to_end(&mut rest).await;
    assert!(rest.len() < large.len(), "{}", rest.len());
    Ok(())
}
