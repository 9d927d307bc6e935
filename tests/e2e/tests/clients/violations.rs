//! Clients that break the protocol: each hears why, and no other client notices.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Opcode, Settings, Upgrade, WireSocket};
use perpetua_testkit::{Client, Dial};
use serde_json::{Value, json};

/// What the node may take to react.
const LIMIT: Duration = Duration::from_secs(10);

const MEBIBYTE: usize = 1024 * 1024;

/// A node with a client that behaves, and an address for one that does not.
struct Setup {
    witness: Client,
    address: std::net::SocketAddr,
    node: Node,
    _folder: DataFolder,
}

impl Setup {
    async fn start() -> Result<Self> {
        let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
        let node = Node::start(&folder).await?;
        let address = node.client("bot").await?;
        Ok(Self {
            witness: Dial::to(address).connect().await?,
            address,
            node,
            _folder: folder,
        })
    }

    async fn offender(&self) -> Result<WireSocket> {
        Upgrade::ask(self.address, "/", &[]).await?.open()
    }

    /// The witness is still served, and so is whoever comes next.
    async fn nobody_noticed(mut self) -> Result<()> {
        self.witness.data_of("get_login_info", json!({})).await?;
        let mut next = Dial::to(self.address).connect().await?;
        next.data_of("get_login_info", json!({})).await?;
        Ok(())
    }
}

async fn closed_with(mut offender: WireSocket, code: u16) -> Result<()> {
    let close = offender
        .ended(LIMIT)
        .await?
        .context("the connection ended without a Close frame")?;
    ensure!(
        close.close_code() == Some(code),
        "close code {code} was expected: {close:?}"
    );
    Ok(())
}

/// The next response, whatever events come before it.
async fn response(socket: &mut WireSocket) -> Result<Value> {
    loop {
        let frame = socket
            .next(LIMIT)
            .await?
            .context("the connection ended without a response")?;
        if frame.opcode != Opcode::Text {
            continue;
        }
        let value: Value = serde_json::from_slice(&frame.payload)?;
        if value.get("post_type").is_none() {
            return Ok(value);
        }
    }
}

/// The connection is as it was.
async fn is_served(socket: &mut WireSocket) -> Result<()> {
    let action = br#"{"action":"get_status","echo":"still here"}"#;
    socket.send(Opcode::Text, action).await?;
    let answer = response(socket).await?;
    ensure!(answer["echo"] == "still here", "{answer}");
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_alone() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    for bytes in [&b"\x00\xff"[..], b"\xff\xfe{\"action\":\"x\"}", b"\xc3"] {
        offender.send(Opcode::Binary, bytes).await?;
        is_served(&mut offender).await?;
    }
    let echo = b"\xff{\"action\":\"x\",\"echo\":\"bytes\"}";
    offender.send(Opcode::Binary, echo).await?;
    let refusal = response(&mut offender).await?;
    assert_eq!(refusal["retcode"], 1400, "{refusal}");
    assert_eq!(refusal["echo"], "bytes", "{refusal}");
    setup.nobody_noticed().await
}

#[tokio::test]
async fn invalid_utf8_is_refused() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    offender
        .send(Opcode::Text, b"{\"action\":\"\xff\xfe\"}")
        .await?;
    closed_with(offender, 1007).await?;
    setup.nobody_noticed().await
}

#[tokio::test]
async fn a_frame_of_100_mb_is_refused_without_being_kept() -> Result<()> {
    let setup = Setup::start().await?;
    let before = setup.node.footprint()?;
    let mut offender = setup.offender().await?;
    let picture = "A".repeat(100 * MEBIBYTE);
    let action = format!(r#"{{"action":"x","params":{{"p":"{picture}"}},"echo":"large"}}"#);
    offender.send(Opcode::Text, action.as_bytes()).await?;
    let refusal = response(&mut offender).await?;
    assert_eq!(refusal["retcode"], 1413, "{refusal}");
    assert_eq!(refusal["echo"], "large", "{refusal}");
    is_served(&mut offender).await?;
    if let (Some(before), Some(after)) = (before, setup.node.footprint()?) {
        let grown = after.resident_kib.saturating_sub(before.resident_kib);
        ensure!(grown < 20 * 1024, "{grown} KiB were set aside for it");
    }
    setup.nobody_noticed().await
}

#[tokio::test]
async fn a_message_of_100_mb_in_small_parts_is_refused() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    let part = vec![b'a'; MEBIBYTE];
    offender
        .send_frame(false, Opcode::Text, b"{\"action\":\"")
        .await?;
    for _ in 0..100 {
        // The node closes somewhere on the way, and reads no more from then on.
        if offender
            .send_frame(false, Opcode::Continuation, &part)
            .await
            .is_err()
        {
            break;
        }
    }
    offender.ended(LIMIT).await?;
    setup.nobody_noticed().await
}

#[tokio::test]
async fn an_unmasked_frame_is_refused() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    offender.send_bytes(b"\x81\x02{}").await?;
    closed_with(offender, 1002).await?;
    setup.nobody_noticed().await
}

#[tokio::test]
async fn a_frame_with_reserved_bits_is_refused() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    offender.send_bytes(&[0xf1, 0x80, 1, 2, 3, 4]).await?;
    closed_with(offender, 1002).await?;
    setup.nobody_noticed().await
}

#[tokio::test]
async fn what_is_no_action_is_1400_with_its_echo() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    for (frame, echo) in [
        (r#"{"echo":"a"}"#, json!("a")),
        (r#"{"echo":{"seq":1},"action":7}"#, json!({ "seq": 1 })),
        (r#"{"echo":"b","params":{}}"#, json!("b")),
        (
            r#"{"echo":"c","action":"get_status","params":{}"#,
            json!("c"),
        ),
        (
            r#"{"action":"get_status","params":{},"echo":"d""#,
            json!("d"),
        ),
    ] {
        offender.send(Opcode::Text, frame.as_bytes()).await?;
        let refusal = response(&mut offender)
            .await
            .with_context(|| frame.to_owned())?;
        assert_eq!(refusal["status"], "failed", "{frame}");
        assert_eq!(refusal["retcode"], 1400, "{frame}");
        assert_eq!(refusal["echo"], echo, "{frame}");
        let message = refusal["message"].as_str().unwrap_or_default();
        ensure!(
            !message.is_empty(),
            "the refusal of {frame} gives no reason"
        );
    }
    setup.nobody_noticed().await
}

#[tokio::test]
async fn what_is_no_json_at_all_does_not_end_the_session() -> Result<()> {
    let setup = Setup::start().await?;
    let mut offender = setup.offender().await?;
    let deep = "[".repeat(100_000);
    for frame in ["", "hello", "[1,2", "\"text\"", "7", deep.as_str()] {
        offender.send(Opcode::Text, frame.as_bytes()).await?;
    }
    offender
        .send(
            Opcode::Text,
            br#"{"action":"get_status","echo":"still here"}"#,
        )
        .await?;
    loop {
        let answer = response(&mut offender).await?;
        if answer["echo"] == "still here" {
            assert_eq!(answer["status"], "ok");
            break;
        }
        assert_eq!(answer["retcode"], 1400, "{answer}");
    }
    setup.nobody_noticed().await
}

#[tokio::test]
async fn what_is_no_http_does_not_disturb_the_port() -> Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let setup = Setup::start().await?;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"SSH-2.0-x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = tokio::net::TcpStream::connect(setup.address).await?;
        stream.write_all(bytes).await?;
        stream.shutdown().await?;
        let mut answer = Vec::new();
        // How it is refused is open, that it ends is not.
        drop(
            tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer))
                .await
                .context("it was left open")?,
        );
        ensure!(!answer.starts_with(b"HTTP/1.1 101"), "it was let in");
    }
    setup.nobody_noticed().await
}
