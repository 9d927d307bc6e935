//! Heartbeats and pings: enough of them, to whom they are due, and truthful.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::ClientSettings;
use perpetua_proxy::Embedded;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::Instant,
};

use crate::{
    time::{Frozen, until_holds},
    wire::{CLOSE, PING, PONG, TEXT, Wire},
    world::{World, event, is_event, parse, perpetua},
};

/// What a client hears while time passes: each frame's kind, and when it came, in seconds.
async fn activity(
    time: &Frozen,
    settings: ClientSettings,
    duration: Duration,
) -> Result<Vec<(&'static str, u64)>> {
    let world = World::new();
    // The upstream answers nothing more.
    let _upstream = world.embedded_with(None).await;
    let port = world.port(settings).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    let begin = Instant::now();
    let listening = tokio::spawn(async move {
        let mut activity = Vec::new();
        while begin.elapsed() < duration {
            let frame = client.frame().await?;
            let kind = match frame.opcode {
                PING => "ping",
                TEXT => {
                    let event = parse(&frame.payload);
                    match (
                        event["meta_event_type"].as_str(),
                        event["notice_type"].as_str(),
                    ) {
                        (Some("lifecycle"), _) => "lifecycle",
                        (Some("heartbeat"), _) => {
                            assert_eq!(event["status"]["online"], true, "{event}");
                            "heartbeat"
                        }
                        (_, Some("client_status")) => "client status",
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("a frame of kind {other}"),
            };
            activity.push((
                kind,
                (begin.elapsed() + Duration::from_millis(500)).as_secs(),
            ));
        }
        Ok(activity)
    });
    time.pass(duration).await;
    time.until(listening).await.0?
}

#[tokio::test(start_paused = true)]
async fn the_standard_profile_gets_a_ping_every_15_s_and_its_heartbeats() -> Result<()> {
    let time = Frozen::time();
    let settings = ClientSettings {
        heartbeat: Duration::from_secs(7),
        ..ClientSettings::default()
    };
    let mut activity = activity(&time, settings, Duration::from_secs(45)).await?;
    activity.sort_by_key(|(_, second)| *second);
    let expected = [
        ("lifecycle", 0),
        ("heartbeat", 0),
        ("heartbeat", 7),
        ("heartbeat", 14),
        ("ping", 15),
        ("heartbeat", 21),
        ("heartbeat", 28),
        ("ping", 30),
        ("heartbeat", 35),
        ("heartbeat", 42),
        ("ping", 45),
    ];
    assert_eq!(activity[..expected.len()], expected);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_perpetua_profile_gets_no_control_frame() -> Result<()> {
    let time = Frozen::time();
    let activity = activity(&time, perpetua(), Duration::from_mins(1)).await?;
    assert_eq!(
        activity[..3],
        [("lifecycle", 0), ("client status", 0), ("heartbeat", 0)]
    );
    let rest: Vec<_> = (1..=12).map(|n| ("heartbeat", 5 * n)).collect();
    assert_eq!(activity[3..], rest);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_loss_of_the_upstream_is_told_at_once() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    let online =
        |online: bool| move |frame: &serde_json::Value| frame["status"]["online"] == online;
    client.json_where(online(true)).await?;
    drop(upstream);
    // The clock stands still: this is not the next heartbeat of its own.
    client.json_where(online(false)).await?;
    let _upstream = world.embedded().await;
    client.json_where(online(true)).await?;
    Ok(())
}

/// A client of this profile that never answers a ping, and an account for it.
async fn silent(settings: ClientSettings) -> Result<(World, Embedded, Wire)> {
    let world = World::new();
    let upstream = world.embedded_with(None).await;
    let port = world.port(settings).await?;
    let client = Wire::dial(port, "/", &[]).await?;
    until_holds("it is in", || world.connections() == 1).await;
    Ok((world, upstream, client))
}

fn is_busy(world: &World) -> bool {
    world.client().connections[0].busy_since.is_some()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_is_busy_then_ended_with_a_reason() -> Result<()> {
    let time = Frozen::time();
    let (world, _upstream, mut client) = silent(ClientSettings::default()).await?;
    // The first ping comes after 15 s.
    time.pass(Duration::from_secs(39)).await;
    assert!(!is_busy(&world));
    time.pass(Duration::from_secs(2)).await;
    assert!(is_busy(&world));
    time.pass(Duration::from_secs(93)).await;
    assert_eq!(world.connections(), 1);
    time.pass(Duration::from_secs(2)).await;
    assert_eq!(world.connections(), 0);
    let farewell = client.frame_of(CLOSE).await?;
    let (code, words) = farewell.close_reason()?;
    assert_eq!(code, 1011);
    assert!(words.contains("no ping for 120 s"), "{words}");
    let client = world.client();
    assert_eq!((client.traffic.cuts, client.noted), (1, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn any_byte_is_a_sign_of_life() -> Result<()> {
    let time = Frozen::time();
    let frame = br#"{"action":"a","params":"slow"}"#;
    for part in 1..4 {
        let (world, _upstream, mut client) = silent(ClientSettings::default()).await?;
        let sent = [client.header(TEXT, frame.len()), frame.to_vec()].concat();
        let (begin, end) = sent.split_at(part);
        // The end of a frame and a few bytes of the next one every 24 s, for minutes.
        client.stream.write_all(begin).await?;
        for _ in 0..9 {
            time.pass(Duration::from_secs(24)).await;
            assert!(!is_busy(&world));
            client.stream.write_all(&[end, begin].concat()).await?;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_busy_client_that_comes_back_is_as_before() -> Result<()> {
    let time = Frozen::time();
    let (world, upstream, mut client) = silent(ClientSettings::default()).await?;
    for number in 0..3 {
        time.pass(Duration::from_mins(1)).await;
        assert!(is_busy(&world), "{number}");
        client.send(PONG, b"").await?;
        until_holds("it is shown as well", || !is_busy(&world)).await;
    }
    upstream.send(&event(7, 1));
    client.json_where(is_event(7)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_perpetua_profile_has_to_answer_nothing() -> Result<()> {
    let time = Frozen::time();
    let (world, _upstream, _client) = silent(perpetua()).await?;
    time.pass(Duration::from_mins(5)).await;
    assert!(!is_busy(&world));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_ping_that_waits_behind_a_large_frame_asks_nothing_yet() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded_with(None).await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial_narrow(port).await?;
    until_holds("it is in", || world.connections() == 1).await;
    // More than the kernel holds, read at a pace that takes minutes.
    upstream.send(&event(0, 40 << 20));
    let mut some = vec![0; 3 << 19];
    for _ in 0..20 {
        time.pass(Duration::from_secs(8)).await;
        assert_eq!(world.connections(), 1);
        client.stream.read_exact(&mut some).await?;
    }
    Ok(())
}
