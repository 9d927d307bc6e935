//! An upstream inside the node: its link is what it says, and so are the questions that it gets.

use std::time::Duration;

use anyhow::Result;
use futures_util::FutureExt as _;
use perpetua_hub::{ClientSettings, LinkFailure, LinkState, ProbeSettings};
use perpetua_proxy::{Embedded, EmbeddedLink, EmbeddedSettings};
use perpetua_words::link as words;
use serde_json::json;

use crate::{
    time::{Frozen, until_holds},
    wire::Wire,
    world::{SELF_ID, World, answer, parse},
};

const EVERY: Duration = Duration::from_secs(100);

/// Answers the next question, which is the hub's own.
async fn answer_probe(upstream: &Embedded) {
    let probe = parse(&upstream.next_action().await);
    assert_eq!(probe["action"], "get_login_info");
    upstream.send(&answer(&probe, &json!({ "user_id": SELF_ID })).to_string());
}

#[tokio::test(start_paused = true)]
async fn its_link_stands_as_it_says() {
    let world = World::new();
    let link = || world.account.snapshot().link;
    let upstream = Embedded::new(world.account.clone(), EmbeddedSettings::default());
    let fresh = LinkState::Dialling { last_failure: None };
    assert_eq!(link(), fresh);
    upstream.set_link(EmbeddedLink::Open);
    answer_probe(&upstream).await;
    assert!(world.account.snapshot().online);
    let failure = LinkFailure::Lost(words::Ended.into());
    let waiting = EmbeddedLink::Waiting {
        wait: EVERY,
        failure: failure.clone(),
    };
    upstream.set_link(waiting);
    let until = tokio::time::Instant::now().into_std() + EVERY;
    let expected = LinkState::Waiting {
        until,
        failure: failure.clone(),
    };
    assert_eq!(link(), expected);
    assert!(!world.account.snapshot().online);
    upstream.set_link(EmbeddedLink::Connecting);
    let again = LinkState::Dialling {
        last_failure: Some(failure),
    };
    assert_eq!(link(), again);
    drop(upstream);
    assert_eq!(link(), LinkState::Closed);
}

#[tokio::test(start_paused = true)]
async fn actions_wait_while_its_link_is_away() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    upstream.set_link(EmbeddedLink::Connecting);
    client
        .send_json(&json!({ "action": "send_msg", "echo": 1 }))
        .await?;
    until_holds("the action waits", || world.account.snapshot().unsent == 1).await;
    let early = upstream.next_action().now_or_never();
    assert_eq!(early, None);
    upstream.set_link(EmbeddedLink::Open);
    answer_probe(&upstream).await;
    assert_eq!(parse(&upstream.next_action().await)["action"], "send_msg");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_as_often_as_it_wants() {
    let time = Frozen::time();
    let world = World::new();
    let probes = ProbeSettings {
        every: EVERY,
        patience: Duration::from_secs(5),
    };
    let upstream = world.embedded_with(Some(probes)).await;
    let ((), waited) = time.until(answer_probe(&upstream)).await;
    assert_eq!(waited.as_secs(), EVERY.as_secs());
}

#[tokio::test(start_paused = true)]
async fn one_that_wants_no_questions_is_asked_once_and_never_hangs() {
    let time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded_with(None).await;
    time.pass(Duration::from_mins(10)).await;
    assert_eq!(upstream.next_action().now_or_never(), None);
    assert!(!world.account.snapshot().hung);
}

#[tokio::test(start_paused = true)]
async fn the_next_upstream_of_the_account_is_asked_as_usual() {
    let time = Frozen::time();
    let world = World::new();
    drop(world.embedded_with(None).await);
    let settings = EmbeddedSettings {
        probes: Some(ProbeSettings::default()),
        ..EmbeddedSettings::default()
    };
    let upstream = Embedded::new(world.account.clone(), settings);
    upstream.set_link(EmbeddedLink::Open);
    answer_probe(&upstream).await;
    let ((), waited) = time.until(answer_probe(&upstream)).await;
    assert_eq!(waited, ProbeSettings::default().every);
}
