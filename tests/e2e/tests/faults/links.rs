//! Links that are slow, sliced, half-open, or held open by somebody who says nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Opcode, Settings, Upgrade, WireSocket, masked};
use perpetua_testkit::{Dial, FakeUpstream, group_message};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::growth::Baseline;

const SELF_ID: u64 = 10001;

/// What every answer of a healthy node takes at most.
const LIMIT: Duration = Duration::from_secs(10);

async fn simulator() -> Result<(Node, DataFolder, SocketAddr)> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let place = node.client("bot").await?;
    Ok((node, folder, place))
}

/// The next text message that is a response.
async fn response(socket: &mut WireSocket) -> Result<Value> {
    loop {
        let frame = socket.next(LIMIT).await?.context("the connection ended")?;
        if frame.opcode == Opcode::Text {
            let value: Value = serde_json::from_slice(&frame.payload)?;
            if value.get("post_type").is_none() {
                return Ok(value);
            }
        }
    }
}

#[tokio::test]
async fn an_action_that_comes_byte_by_byte_is_answered() -> Result<()> {
    let (_node, _folder, place) = simulator().await?;
    let mut sliced = Upgrade::ask(place, "/", &[]).await?.open()?;
    let action = br#"{"action":"get_login_info","params":{},"echo":"sliced"}"#;
    let (first, second) = action.split_at(action.len() / 2);
    let mut bytes = masked(false, Opcode::Text, first);
    // A ping may stand between two parts of a message.
    bytes.extend(masked(true, Opcode::Ping, b"?"));
    bytes.extend(masked(true, Opcode::Continuation, second));
    for byte in bytes {
        sliced.send_bytes(&[byte]).await?;
    }
    assert_eq!(response(&mut sliced).await?["echo"], "sliced");
    Ok(())
}

/// What takes its time, because the limits that are met here are the program's own on the wall clock:
/// `cargo xtask test --long`. `perpetua-proxy` has short tests of the same with a clock of their own.
mod long {
    use super::*;

    /// What a node promises for a link whose other end is gone without a word.
    const HALF_OPEN_LIMIT: Duration = Duration::from_secs(40);

    #[tokio::test]
    async fn a_client_that_reads_slowly_but_steadily_gets_everything() -> Result<()> {
        const PICTURE: usize = 8 * 1024 * 1024;
        const STEP: usize = 64 * 1024;
        /// Eight mebibytes in steps of 64 KiB take longer like this than one write may.
        const PAUSE: Duration = Duration::from_millis(100);

        let upstream = FakeUpstream::bind().await?;
        let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
        let node = Node::start(&folder).await?;
        let mut link = upstream.accept().await?;
        link.greet(SELF_ID).await?;
        let place = node.client("bot").await?;
        let mut slow = Upgrade::ask(place, "/", &[]).await?.open()?;
        let mut healthy = Dial::to(place).connect().await?;

        link.emit(&group_message(SELF_ID, 1, &"A".repeat(PICTURE)))
            .await?;
        link.emit(&group_message(SELF_ID, 2, "the last")).await?;
        healthy.heard("the last").await?;

        // The picture stands in the event twice.
        let mut read = 0;
        while read < 2 * PICTURE {
            let bytes = slow.read_bytes(STEP).await?;
            ensure!(bytes > 0, "the slow client was cut off after {read} bytes");
            read += bytes;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    #[tokio::test]
    async fn an_upstream_that_is_gone_without_a_word_is_found_out() -> Result<()> {
        let upstream = FakeUpstream::bind().await?;
        let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
        let node = Node::start(&folder).await?;
        let mut silent = upstream.accept().await?;
        silent.greet(SELF_ID).await?;
        let mut client = Dial::to(node.client("bot").await?).connect().await?;

        // From here on nobody reads `silent`: no pong, no heartbeat, no Close; the connection stands.
        let again = async {
            loop {
                if let Ok(link) = upstream.accept().await {
                    return link;
                }
            }
        };
        let mut link = tokio::time::timeout(HALF_OPEN_LIMIT, again)
            .await
            .with_context(|| format!("the node did not dial again within {HALF_OPEN_LIMIT:?}"))?;
        link.greet(SELF_ID).await?;
        link.emit(&group_message(SELF_ID, 1, "back again")).await?;
        client.heard("back again").await?;
        drop(silent);
        Ok(())
    }

    #[tokio::test]
    async fn those_who_connect_and_say_nothing_keep_nobody_out() -> Result<()> {
        const STRANGERS: usize = 100;

        let (node, _folder, place) = simulator().await?;
        Dial::to(place).connect().await?.close().await?;
        let baseline = Baseline::of(&node)?;
        let mut strangers = Vec::new();
        for number in 0..STRANGERS {
            let mut stranger = TcpStream::connect(place).await?;
            if number.is_multiple_of(2) {
                stranger.write_all(b"GET / HTTP/1.1\r\nhost: ").await?;
            }
            strangers.push(stranger);
        }
        let mut client = Dial::to(place).connect().await?;
        client.data_of("get_login_info", json!({})).await?;
        client.close().await?;
        // They are shown out by the node; nobody here hangs up.
        baseline.is_reached_again(&node).await?;
        drop(strangers);
        Ok(())
    }
}
