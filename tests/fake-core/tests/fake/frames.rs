//! The server's frames, byte by byte.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fake_core::{PATIENCE, Scenario, SignerFault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::run::{Run, Stage, TOKEN};

/// What frames are.
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// A connection that sends what it likes.
struct Raw {
    stream: TcpStream,
    _run: Run,
    stage: Stage,
}

impl Raw {
    async fn open(scenario: &Scenario) -> Result<Self> {
        let (stage, run) = Stage::online(scenario).await?;
        let mut stream = TcpStream::connect(("127.0.0.1", stage.port)).await?;
        let request = format!(
            "GET /api HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAuthorization: Bearer {TOKEN}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "));
        Ok(Self {
            stream,
            _run: run,
            stage,
        })
    }

    /// Sends a frame with this first byte, masked by zeros.
    async fn send(&mut self, first: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![first];
        if payload.len() <= 125 {
            frame.push(MASKED | u8::try_from(payload.len())?);
        } else {
            frame.push(MASKED | 0x7E);
            frame.extend(u16::try_from(payload.len())?.to_be_bytes());
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await?;
        Ok(())
    }

    /// The next frame, which is a whole one: what it is, and what is in it.
    async fn next(&mut self) -> Result<(u8, Vec<u8>)> {
        timeout(PATIENCE, self.read_frame())
            .await
            .context("no frame")?
    }

    async fn read_frame(&mut self) -> Result<(u8, Vec<u8>)> {
        let first = self.stream.read_u8().await?;
        let length = match self.stream.read_u8().await? {
            126 => usize::from(self.stream.read_u16().await?),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await?;
        Ok((first & 0x0F, payload))
    }

    async fn has_ended(&mut self) -> Result<()> {
        let read = timeout(PATIENCE, self.stream.read(&mut [0])).await??;
        assert_eq!(read, 0, "it goes on");
        Ok(())
    }
}

const CALL: &[u8] = br#"{"action":"get_login_info","params":{},"echo":"e"}"#;

#[tokio::test]
async fn a_close_of_any_kind_is_answered_with_1000() -> Result<()> {
    for reason in [&b""[..], b"\x03\xE8bye", b"\x0F\xA0"] {
        let mut raw = Raw::open(&Scenario::default()).await?;
        raw.send(FINAL | CLOSE, reason).await?;
        assert_eq!(raw.next().await?, (CLOSE, vec![0x03, 0xE8]));
        raw.has_ended().await?;
    }
    Ok(())
}

#[tokio::test]
async fn broken_frames_are_answered_with_their_codes() -> Result<()> {
    let long = [0; 126];
    let cases: [(u8, &[u8], u16); 6] = [
        (0x83, b"", 1002),
        (0xC1, b"reserved", 1002),
        (FINAL, b"no beginning", 1002),
        (FINAL | PING, &long, 1002),
        (PING, b"in parts", 1002),
        (FINAL | TEXT, b"\xFF\xFE", 1007),
    ];
    for (first, payload, code) in cases {
        let mut raw = Raw::open(&Scenario::default()).await?;
        raw.send(first, payload).await?;
        let expected = code.to_be_bytes().to_vec();
        assert_eq!(raw.next().await?, (CLOSE, expected), "{first:x}");
        raw.has_ended().await?;
    }
    // One that is not masked.
    let mut raw = Raw::open(&Scenario::default()).await?;
    raw.stream.write_all(b"\x81\x02{}").await?;
    assert_eq!(raw.next().await?, (CLOSE, vec![0x03, 0xEA]));
    Ok(())
}

#[tokio::test]
async fn messages_come_in_parts_with_pings_between_and_as_bytes() -> Result<()> {
    let mut raw = Raw::open(&Scenario::default()).await?;
    let text = r#"{"action":"no_such_action","echo":"你"}"#.as_bytes();
    // Within the character.
    let (start, end) = text.split_at(text.len() - 4);
    raw.send(TEXT, start).await?;
    raw.send(FINAL | PING, b"here?").await?;
    raw.send(FINAL, end).await?;
    assert_eq!(raw.next().await?, (PONG, b"here?".to_vec()));
    let (kind, answer) = raw.next().await?;
    assert_eq!(kind, TEXT);
    assert!(answer.ends_with(br#""echo":"\u4F60"}"#));
    raw.send(FINAL | BINARY, CALL).await?;
    assert_eq!(raw.next().await?.0, TEXT);
    Ok(())
}

#[tokio::test]
async fn a_pong_comes_by_itself() -> Result<()> {
    let scenario = Scenario {
        pong_ms: 50,
        ..Scenario::default()
    };
    let mut raw = Raw::open(&scenario).await?;
    assert_eq!(raw.next().await?, (PONG, Vec::new()));
    assert_eq!(raw.next().await?, (PONG, Vec::new()));
    Ok(())
}

#[tokio::test]
async fn a_ping_waits_behind_a_signature() -> Result<()> {
    const SIGNING: Duration = Duration::from_millis(500);
    let mut raw = Raw::open(&Scenario::default()).await?;
    let slow = SignerFault::SlowToSign(SIGNING);
    raw.stage.signer.fault(Some(slow));
    let send = br#"{"action":"send_private_msg","params":{"user_id":1,"message":"hi"}}"#;
    raw.send(FINAL | TEXT, send).await?;
    raw.send(FINAL | PING, b"here?").await?;
    raw.send(FINAL | TEXT, CALL).await?;
    let asked = Instant::now();
    let mut kinds = vec![raw.next().await?.0];
    assert!(asked.elapsed() > SIGNING / 2, "nothing was read meanwhile");
    kinds.push(raw.next().await?.0);
    kinds.push(raw.next().await?.0);
    kinds.sort_unstable();
    assert_eq!(kinds, [TEXT, TEXT, PONG]);
    Ok(())
}
