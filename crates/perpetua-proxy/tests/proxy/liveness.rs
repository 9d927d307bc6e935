//! Heartbeats and pings: enough of them, to whom they are due, and truthful.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::ClientSettings;
use tokio::time::Instant;

use crate::{
    time::Frozen,
    wire::{PING, TEXT, Wire},
    world::{World, parse, perpetua},
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
