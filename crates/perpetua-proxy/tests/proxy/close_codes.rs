//! What a peer is told that breaks the rules of WebSocket: a close code for each of them (RFC 6455, sections 5, 7.4
//! and 8.1), from us as a client and as a server, before its first message and after it.

use anyhow::{Context as _, Result};
use perpetua_hub::AccountLimits;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::{
    dialling::Dialled,
    time::Frozen,
    wire::{CLOSE, Wire},
    world::{SELF_ID, World, perpetua},
};

/// The largest message in these tests.
const LIMIT: usize = 1_000_000;

const PROTOCOL: u16 = 1002;
const NOT_UTF8: u16 = 1007;
const TOO_LARGE: u16 = 1009;

/// A frame with whatever stands in its first byte.
#[derive(Clone)]
struct Sent {
    first: u8,
    payload: Vec<u8>,
}

fn sent(first: u8, payload: impl AsRef<[u8]>) -> Sent {
    Sent {
        first,
        payload: payload.as_ref().to_vec(),
    }
}

/// What is wrong, how it looks, and the code that says so.
fn faults() -> Vec<(&'static str, Vec<Sent>, u16)> {
    let close = |code: u16, words: &[u8]| sent(0x88, [&code.to_be_bytes()[..], words].concat());
    let large = vec![b'x'; LIMIT / 2 + 1];
    let mut faults = vec![
        ("a first reserved bit", vec![sent(0xc1, "{}")], PROTOCOL),
        ("a second reserved bit", vec![sent(0xa1, "{}")], PROTOCOL),
        ("a third reserved bit", vec![sent(0x91, "{}")], PROTOCOL),
        ("a reserved bit of a ping", vec![sent(0xc9, "")], PROTOCOL),
        ("a reserved kind of data", vec![sent(0x83, "{}")], PROTOCOL),
        ("the last kind of data", vec![sent(0x87, "{}")], PROTOCOL),
        ("a reserved control frame", vec![sent(0x8b, "")], PROTOCOL),
        ("the last control frame", vec![sent(0x8f, "")], PROTOCOL),
        ("a ping in parts", vec![sent(0x09, "a")], PROTOCOL),
        ("a pong in parts", vec![sent(0x0a, "a")], PROTOCOL),
        ("a close in parts", vec![sent(0x08, "")], PROTOCOL),
        (
            "a ping of 126 bytes",
            vec![sent(0x89, [b'a'; 126])],
            PROTOCOL,
        ),
        (
            "a pong of 126 bytes",
            vec![sent(0x8a, [b'a'; 126])],
            PROTOCOL,
        ),
        (
            "a close of 126 bytes",
            vec![close(1000, &[b'a'; 124])],
            PROTOCOL,
        ),
        ("an end of nothing", vec![sent(0x80, "{}")], PROTOCOL),
        ("a part of nothing", vec![sent(0x00, "{}")], PROTOCOL),
        (
            "a message amid parts",
            vec![sent(0x01, "{"), sent(0x81, "{}")],
            PROTOCOL,
        ),
        (
            "parts amid parts",
            vec![sent(0x01, "{"), sent(0x01, "}")],
            PROTOCOL,
        ),
        ("a close of one byte", vec![sent(0x88, "a")], PROTOCOL),
        (
            "words that are no text",
            vec![close(1000, b"\xff\xfe")],
            NOT_UTF8,
        ),
        ("half a letter", vec![close(1000, b"\xe4\xbd")], NOT_UTF8),
        (
            "parts that are too large together",
            vec![sent(0x01, &large), sent(0x80, &large)],
            TOO_LARGE,
        ),
        (
            "parts without end that are too large",
            vec![sent(0x02, &large), sent(0x00, &large)],
            TOO_LARGE,
        ),
    ];
    for code in [
        0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        faults.push((
            "a code that nobody may send",
            vec![close(code, b"")],
            PROTOCOL,
        ));
    }
    faults
}

/// What is wrong for a server alone.
fn faults_of_texts() -> Vec<(&'static str, Vec<Sent>, u16)> {
    vec![
        ("no text", vec![sent(0x81, b"\xff")], NOT_UTF8),
        ("half a pair", vec![sent(0x81, b"\xed\xa0\x80")], NOT_UTF8),
        (
            "no text in parts",
            vec![sent(0x01, b"{"), sent(0x80, b"\xff")],
            NOT_UTF8,
        ),
        (
            "half a letter at the end",
            vec![sent(0x01, b"{"), sent(0x80, b"\xe4")],
            NOT_UTF8,
        ),
    ]
}

impl Wire {
    /// Sends frames as they are, and gives the code that comes back.
    async fn told(&mut self, frames: &[Sent], masked: bool) -> Result<u16> {
        for frame in frames {
            let mut bytes = self.header(0, frame.payload.len());
            bytes[0] = frame.first;
            if masked != (bytes[1] & 0x80 != 0) {
                bytes[1] ^= 0x80;
                if masked {
                    bytes.extend([0; 4]);
                } else {
                    bytes.truncate(bytes.len() - 4);
                }
            }
            bytes.extend(&frame.payload);
            // The other side may have had enough before the end.
            let _closed_already = self.stream.write_all(&bytes).await;
        }
        Ok(self.frame_of(CLOSE).await?.close_reason()?.0)
    }
}

fn limits() -> AccountLimits {
    AccountLimits {
        max_frame_size: LIMIT,
        ..AccountLimits::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_dialled_is_told_what_it_did_wrong() -> Result<()> {
    let _time = Frozen::time();
    for (what, frames, code) in faults() {
        for is_first in [true, false] {
            let dialled = Dialled::start_with(limits()).await?;
            let mut upstream = dialled.accept().await?;
            if !is_first {
                let event = json!({ "post_type": "message", "self_id": SELF_ID });
                upstream.send_json(&event).await?;
            }
            let told = upstream.told(&frames, false).await;
            let told = told.with_context(|| format!("{what}, first: {is_first}"))?;
            assert_eq!(told, code, "{what}, first: {is_first}");
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_is_told_what_it_did_wrong() -> Result<()> {
    let _time = Frozen::time();
    let world = World::with_limits(limits());
    let port = world.port(perpetua()).await?;
    for (what, frames, code) in faults().into_iter().chain(faults_of_texts()) {
        let mut client = Wire::dial(port, "/", &[]).await?;
        let told = client.told(&frames, true).await;
        assert_eq!(told.with_context(|| what)?, code, "{what}");
    }
    Ok(())
}

/// A mask where none may be, and none where one has to be (RFC 6455, section 5.1).
#[tokio::test(start_paused = true)]
async fn masks_on_the_wrong_side_are_told() -> Result<()> {
    let _time = Frozen::time();
    let frames = [sent(0x81, "{}")];
    let dialled = Dialled::start().await?;
    let told = dialled.accept().await?.told(&frames, true).await;
    assert_eq!(told.context("an upstream that masks")?, PROTOCOL);
    let world = World::new();
    let port = world.port(perpetua()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    let told = client.told(&frames, false).await;
    assert_eq!(told.context("a client that does not")?, PROTOCOL);
    Ok(())
}

/// What is no OneBot is no fault of WebSocket's rules, and is told by the same code since ever.
#[tokio::test(start_paused = true)]
async fn an_upstream_that_speaks_otherwise_is_told_so() -> Result<()> {
    let _time = Frozen::time();
    for text in ["hello", "[]", r#"{"jsonrpc":"2.0"}"#] {
        let dialled = Dialled::start().await?;
        let mut upstream = dialled.accept().await?;
        assert_eq!(
            upstream.told(&[sent(0x81, text)], false).await?,
            PROTOCOL,
            "{text}"
        );
    }
    Ok(())
}
