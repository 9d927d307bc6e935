//! Messages that do not come to their end.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{AccountLimits, LinkFailure};
use perpetua_words::link as words;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    dialling::Dialled,
    time::{Frozen, until_holds},
    wire::{CLOSE, CONTINUED, PING, TEXT, Wire},
    world::{SELF_ID, World, answer, parse, perpetua},
};

/// The time in which 64 KiB of a message or its end have to come.
const LIMIT: Duration = Duration::from_secs(30);
/// The timer is looked at, not set, when a message begins.
const AT_THE_LATEST: Duration = Duration::from_secs(61);
const ANNOUNCED: usize = 10_000_000;

/// How a message stays unfinished.
#[derive(Clone, Copy, Debug)]
enum Unfinished {
    HalfHeader,
    Header,
    Frame,
    Parts,
    /// A byte every five seconds.
    Drip,
    /// A part every five seconds, each whole.
    DripOfParts,
}

impl Unfinished {
    async fn begin(self, wire: &mut Wire) -> Result<()> {
        let mut header = wire.header(TEXT, ANNOUNCED);
        let beginning = match self {
            Self::HalfHeader => header[..3].to_vec(),
            Self::Header | Self::Drip => header,
            Self::Frame => [header, vec![b'x'; 100_000]].concat(),
            Self::Parts | Self::DripOfParts => {
                header = wire.header(TEXT, 1);
                header[0] &= 0x7f;
                [header, b"{".to_vec()].concat()
            }
        };
        Ok(wire.stream.write_all(&beginning).await?)
    }

    async fn go_on(self, wire: &mut Wire) {
        let more = match self {
            Self::Drip => vec![b'x'],
            Self::DripOfParts => {
                let mut header = wire.header(CONTINUED, 1);
                header[0] &= 0x7f;
                [header, b"x".to_vec()].concat()
            }
            Self::HalfHeader | Self::Header | Self::Frame | Self::Parts => return,
        };
        // The other side may have had enough.
        let _closed_already = wire.stream.write_all(&more).await;
    }
}

/// Sends on until the connection is closed; gives the code, and how long it took.
async fn closed(time: &Frozen, wire: &mut Wire, how: Unfinished) -> Result<(u16, Duration)> {
    how.begin(wire).await?;
    let mut waited = Duration::ZERO;
    loop {
        let more = tokio::time::sleep(Duration::from_secs(5));
        let until = async {
            tokio::select! {
                biased;
                frame = wire.frame_of(CLOSE) => Some(frame),
                () = more => None,
            }
        };
        let (frame, took) = time.until(until).await;
        waited += took;
        match frame {
            Some(frame) => return Ok((frame?.close_reason()?.0, waited)),
            None => how.go_on(wire).await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_makes_no_headway_ends_its_connection() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let port = world.port(perpetua()).await?;
    for how in [
        Unfinished::HalfHeader,
        Unfinished::Header,
        Unfinished::Frame,
        Unfinished::Parts,
        Unfinished::Drip,
        Unfinished::DripOfParts,
    ] {
        let mut wire = Wire::dial(port, "/", &[]).await?;
        let (code, waited) = closed(&time, &mut wire, how).await?;
        assert_eq!(code, 1008, "{how:?}");
        assert!(
            waited >= LIMIT && waited <= AT_THE_LATEST,
            "{how:?}: {waited:?}"
        );
    }
    let notices = world.client().notices;
    assert!(
        notices[0].message.to_string().contains("64 KiB"),
        "{notices:?}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_upstream_whose_message_makes_no_headway_is_told_so_and_shown() -> Result<()> {
    let time = Frozen::time();
    for how in [Unfinished::Drip, Unfinished::DripOfParts] {
        let dialled = Dialled::start().await?;
        let mut upstream = dialled.open().await?;
        let (code, waited) = closed(&time, &mut upstream, how).await?;
        assert_eq!(code, 1008, "{how:?}");
        assert!(
            waited >= LIMIT && waited <= AT_THE_LATEST,
            "{how:?}: {waited:?}"
        );
        drop(upstream);
        let (kib, seconds) = (64_usize, LIMIT.as_secs());
        let failure = LinkFailure::EndedByUs(words::MessageStalled { kib, seconds }.into());
        until_holds("the reason is shown", || {
            dialled.last_failure() == Some(failure.clone())
        })
        .await;
    }
    Ok(())
}

/// A slow line is no fault, and neither is a peer that is never between two messages.
#[tokio::test(start_paused = true)]
async fn slow_messages_that_make_headway_arrive() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(perpetua()).await?;
    let mut slow = Wire::dial(port, "/", &[]).await?;
    let mut split = Wire::dial(port, "/", &[]).await?;
    let large = json!({ "action": "large", "text": "x".repeat(500_000), "echo": 1 }).to_string();
    let small = json!({ "action": "small", "echo": 2 })
        .to_string()
        .into_bytes();
    let small = [split.header(TEXT, small.len()), small].concat();
    let (end, begin) = small.split_at(small.len() / 2);
    let header = slow.header(TEXT, large.len());
    slow.stream.write_all(&header).await?;
    split.stream.write_all(end).await?;
    for part in large.as_bytes().chunks(70_000) {
        time.pass(Duration::from_secs(25)).await;
        slow.stream.write_all(part).await?;
        split.stream.write_all(&[begin, end].concat()).await?;
    }
    let mut actions = Vec::new();
    while !actions.iter().any(|action| action == "large") {
        let asked = parse(&upstream.next_action().await);
        actions.push(asked["action"].as_str().unwrap_or_default().to_owned());
        upstream.send(&answer(&asked, &json!(SELF_ID)).to_string());
    }
    assert_eq!(world.connections(), 2, "{actions:?}");
    Ok(())
}

/// The largest frame that goes through where some are skipped.
const LIMIT_OF_FRAMES: usize = 1_000_000;

/// What comes in two pieces and is over before a message begins.
#[derive(Clone, Copy, Debug)]
enum Before {
    /// A ping, split within its payload.
    Ping,
    /// A ping without payload, split within its header.
    BarePing,
    /// A frame that is skipped, split within its header.
    TooLarge,
}

impl Before {
    fn pieces(self, wire: &Wire) -> [Vec<u8>; 2] {
        let (opcode, length, split) = match self {
            Self::Ping => (PING, 4, 8),
            Self::BarePing => (PING, 0, 1),
            Self::TooLarge => (TEXT, LIMIT_OF_FRAMES + 1, 3),
        };
        let mut frame = wire.header(opcode, length);
        frame.resize(frame.len() + length, b'x');
        let rest = frame.split_off(split);
        [frame, rest]
    }
}

/// A picture over a slow line has its whole time, whatever was over when it began.
#[tokio::test(start_paused = true)]
async fn what_is_over_takes_no_time_from_the_message_behind_it() -> Result<()> {
    let time = Frozen::time();
    for before in [Before::Ping, Before::BarePing, Before::TooLarge] {
        let world = World::with_limits(AccountLimits {
            max_frame_size: LIMIT_OF_FRAMES,
            ..AccountLimits::default()
        });
        let upstream = world.embedded().await;
        let port = world.port(perpetua()).await?;
        let mut wire = Wire::dial(port, "/", &[]).await?;
        for piece in before.pieces(&wire) {
            wire.stream.write_all(&piece).await?;
            time.pass(Duration::from_secs(1)).await;
        }
        time.pass(LIMIT.saturating_sub(Duration::from_secs(3)))
            .await;
        let action = json!({ "action": "behind", "echo": 1 })
            .to_string()
            .into_bytes();
        let action = [wire.header(TEXT, action.len()), action].concat();
        let (begin, end) = action.split_at(action.len() / 2);
        wire.stream.write_all(begin).await?;
        time.pass(Duration::from_secs(20)).await;
        wire.stream.write_all(end).await?;
        until_holds("it is heard or ended", || {
            world.client().traffic.actions == 1 || world.connections() == 0
        })
        .await;
        assert_eq!(world.connections(), 1, "{before:?}");
        let asked = parse(&upstream.next_action().await);
        assert_eq!(asked["action"], "behind", "{before:?}");
    }
    Ok(())
}

/// Pings between the parts of a message bring it no further.
#[tokio::test(start_paused = true)]
async fn pings_keep_no_message_alive() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let port = world.port(perpetua()).await?;
    let mut wire = Wire::dial(port, "/", &[]).await?;
    Unfinished::Parts.begin(&mut wire).await?;
    let ping = wire.header(PING, 0);
    let (mut reading, mut writing) = wire.stream.split();
    let pinging = async {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            if writing.write_all(&ping).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut heard = Vec::new();
    let hearing = reading.read_to_end(&mut heard);
    let until = async {
        tokio::select! { _ = hearing => {}, () = pinging => {} }
    };
    let ((), waited) = time.until(until).await;
    // The goodbye has seconds of its own.
    let latest = AT_THE_LATEST + Duration::from_secs(10);
    assert!(waited >= LIMIT && waited <= latest, "{waited:?}");
    Ok(())
}
