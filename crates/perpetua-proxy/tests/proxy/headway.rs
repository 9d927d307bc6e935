//! Messages that do not come to their end.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::LinkFailure;
use perpetua_words::link as words;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::{
    dialling::Dialled,
    time::{Frozen, until_holds},
    wire::{CLOSE, CONTINUED, TEXT, Wire},
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
