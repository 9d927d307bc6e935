//! Clients that read slowly or not at all: their own loss, and nobody else's.

use std::{io, time::Duration};

use anyhow::Result;
use perpetua_access::Auth;
use perpetua_hub::{ClientSettings, OverflowPolicy, QueueLimits};
use perpetua_proxy::Embedded;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, PING, PONG, TEXT, Wire},
    world::{CLIENT, World, event, is_event, parse},
};

/// More than the kernel buffers of both ends hold.
const FILLS_BUFFERS: usize = 16 << 20;

/// An account with one client that has not read since it was sent more than the kernel holds.
async fn stuck() -> Result<(World, Embedded, Wire)> {
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let client = Wire::dial_narrow(port).await?;
    until_holds("it is in", || world.connections() == 1).await;
    upstream.send(&event(0, FILLS_BUFFERS));
    settle().await;
    Ok((world, upstream, client))
}

#[tokio::test(start_paused = true)]
async fn a_write_that_takes_10_s_cuts_the_client_off() -> Result<()> {
    let time = Frozen::time();
    let (world, _upstream, mut client) = stuck().await?;
    time.pass(Duration::from_millis(9500)).await;
    assert_eq!(world.connections(), 1);
    time.pass(Duration::from_secs(1)).await;
    assert_eq!(world.connections(), 0);
    // What the kernel held for it was given up: it hears a reset, not the rest of the event.
    time.pass(Duration::from_secs(1)).await;
    let end = loop {
        if let Err(end) = client.frame().await {
            break end;
        }
    };
    let end = end.downcast_ref::<io::Error>().map(io::Error::kind);
    assert_eq!(end, Some(io::ErrorKind::ConnectionReset));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_a_little_now_and_then_is_slow_and_not_stuck() -> Result<()> {
    let time = Frozen::time();
    let (world, _upstream, mut client) = stuck().await?;
    let mut some = vec![0; 3 << 19];
    for _ in 0..8 {
        time.pass(Duration::from_secs(8)).await;
        client.stream.read_exact(&mut some).await?;
    }
    assert_eq!(world.connections(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stuck_client_that_is_removed_is_gone_at_once() -> Result<()> {
    let time = Frozen::time();
    let (world, _upstream, mut client) = stuck().await?;
    world.account.remove_client(CLIENT);
    let account = &world.account;
    until_holds("it has left", || account.snapshot().clients.is_empty()).await;
    time.pass(Duration::from_millis(1100)).await;
    world.tasks.connections.close();
    until_holds("its task has ended", || world.tasks.connections.is_empty()).await;
    while client.frame().await.is_ok() {}
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stuck_client_delays_nobody() -> Result<()> {
    let _time = Frozen::time();
    let (world, upstream, _stuck) = stuck().await?;
    let port = world
        .port_of("other", ClientSettings::default(), Auth::Open)
        .await?;
    let mut other = Wire::dial(port, "/", &[]).await?;
    other.json().await?;
    for number in 1..=10_000 {
        upstream.send(&event(number, 10));
        if number % 100 == 0 {
            other.json_where(is_event(number)).await?;
        }
    }
    assert_eq!(world.client_of("other").traffic.dropped, 0);
    assert!(world.client_of(CLIENT).traffic.dropped > 5000);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_that_may_drop_nothing_disconnects_with_the_reason() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let settings = ClientSettings {
        queue: QueueLimits {
            frames: 10,
            when_full: OverflowPolicy::Disconnect,
            ..QueueLimits::default()
        },
        ..ClientSettings::default()
    };
    let port = world.port(settings).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    client.json().await?;
    // All at once, before its task can run.
    (0..=10).for_each(|number| upstream.send(&event(number, 10)));
    let farewell = client.frame_of(CLOSE).await?;
    assert_eq!(farewell.close_reason()?.0, 1013);
    assert!(farewell.close_reason()?.1.contains("your queue is full"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn heartbeats_come_although_the_queue_never_empties() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial_narrow(port).await?;
    until_holds("it is in", || world.connections() == 1).await;
    // There is always more than one batch in the queue; the client reads some of it, and is never done.
    let mut beats = 0;
    for number in 0..400 {
        while world.client().connections[0].queued < 1000 {
            upstream.send(&event(number, 2000));
        }
        for _ in 0..20 {
            let frame = client.frame().await?;
            if frame.opcode == TEXT && parse(&frame.payload)["meta_event_type"] == "heartbeat" {
                beats += 1;
            }
        }
        time.pass(Duration::from_millis(100)).await;
    }
    // 40 s have passed; what is still in the kernel's buffers is a few seconds of it.
    assert!(beats >= 5, "{beats}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_floods_actions_and_reads_nothing_stalls_nobody() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut flood = Wire::dial_narrow(port).await?;
    let other_port = world
        .port_of("other", ClientSettings::default(), Auth::Open)
        .await?;
    let mut other = Wire::dial(other_port, "/", &[]).await?;
    other.json().await?;
    // Each answer is far larger than its question, so the flooder's own queue fills up.
    let flooding = tokio::spawn(async move {
        loop {
            if flood
                .send(TEXT, br#"{"action":"flood","echo":1}"#)
                .await
                .is_err()
            {
                return flood;
            }
        }
    });
    let answering = async {
        loop {
            let action = parse(&upstream.next_action().await);
            let data = if action["action"] == "flood" {
                "z".repeat(100_000)
            } else {
                "other".into()
            };
            upstream.send(&crate::world::answer(&action, &data.into()).to_string());
        }
    };
    let asking = async {
        for number in 0..50 {
            let action = serde_json::json!({ "action": "ask", "echo": number });
            other.send_json(&action).await?;
            let response = other.json_where(|frame| frame["echo"] == number).await?;
            assert_eq!(response["data"], "other");
            // On the mocked clock: the calls have to reach over the stuck write's 10 s.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        anyhow::Ok(())
    };
    let all_asked = async {
        tokio::select! { never = answering => never, asked = asking => asked }
    };
    time.until(all_asked).await.0?;
    // The flooder was cut off, for its full queue or its unread writes.
    assert_eq!(world.client().traffic.cuts, 1);
    assert_eq!(world.connections(), 0);
    assert!(flooding.await.is_ok());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn pings_of_a_client_that_reads_nothing_do_not_fill_memory() -> Result<()> {
    let time = Frozen::time();
    let (world, _upstream, mut client) = stuck().await?;
    let ping = [client.header(PING, 100), vec![0; 100]].concat();
    let pings = ping.repeat(1000);
    // 20 MB of them: all are read, and almost none of their answers is kept.
    for _ in 0..200 {
        client.stream.write_all(&pings).await?;
        settle().await;
    }
    assert_eq!(world.connections(), 1);
    let reading = async {
        let mut answers = 0;
        while let Ok(frame) = client.frame().await {
            answers += usize::from(frame.opcode == PONG);
        }
        answers
    };
    let ended = async {
        time.pass(Duration::from_secs(1)).await;
        world.account.remove_client(CLIENT);
        time.pass(Duration::from_secs(2)).await;
    };
    let (answers, ()) = tokio::join!(reading, ended);
    assert!(answers < 10_000, "{answers} answers of 200,000 were kept");
    Ok(())
}
