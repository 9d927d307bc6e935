//! A token that is revoked ends what it let in, handshakes under way included.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, Upgrade};
use perpetua_testkit::{Client, Dial};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TOKENS: [(&str, &str); 2] = [("OLD", "the-old-token"), ("NEW", "the-new-token")];

/// What the node may take to react to new settings.
const LIMIT: Duration = Duration::from_secs(10);

/// How long a handshake that was not ended would be answered within.
const ANSWER: Duration = Duration::from_secs(5);

fn settings(upstream: &str, client: &str) -> Settings {
    let upstream = format!("kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\n{upstream}");
    Settings::upstream(&upstream)
        .client_with("bot", client)
        .open_client("witness")
}

/// Half of a request with this token: the node waits for the rest of it.
async fn begun(address: SocketAddr, token: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         authorization: Bearer {token}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// Ends the request; fails if that opens anything.
async fn gets_nowhere(mut stream: TcpStream) -> Result<()> {
    // Fails where the node has hung up already.
    let _ = stream.write_all(b"\r\n").await;
    let mut answer = Vec::new();
    let read = timeout(ANSWER, stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer);
    ensure!(
        !answer.starts_with("HTTP/1.1 101"),
        "a revoked token opened a connection: {read:?} {answer}"
    );
    Ok(())
}

async fn revoked(before: &Settings, after: &Settings, port: &str) -> Result<()> {
    let folder = DataFolder::with(before)?;
    let node = Node::start_with(&folder, &TOKENS).await?;
    let mut witness = Dial::to(node.client("witness").await?).connect().await?;
    let address = match port {
        "upstream" => node.upstream().await?,
        client => node.client(client).await?,
    };
    let halves = [
        begun(address, TOKENS[0].1).await?,
        begun(address, TOKENS[0].1).await?,
    ];
    let mut inside = Client::connect(address, TOKENS[0].1).await?;

    folder.write_settings(&after.to_string())?;
    inside
        .ended(LIMIT)
        .await
        .context("a connection under the revoked token lives on")?;
    for half in halves {
        gets_nowhere(half).await?;
    }
    // The port may have moved, as it is one that the node chooses.
    let address = match port {
        "upstream" => node.upstream().await?,
        client => node.client(client).await?,
    };
    let old = format!("Bearer {}", TOKENS[0].1);
    let old = Upgrade::ask(address, "/", &[("authorization", &old)]).await?;
    assert_eq!(old.status(), 403, "the revoked token");
    Client::connect(address, TOKENS[1].1).await?;
    witness
        .call("get_status", json!({}))
        .await
        .context("the witness noticed")
        .map(drop)
}

#[tokio::test]
async fn a_clients_token_that_changes_ends_handshakes_under_way() -> Result<()> {
    let with = |token: &str| {
        settings(
            "token = \"off\"",
            &format!("token = {{ env = \"{token}\" }}"),
        )
    };
    revoked(&with("OLD"), &with("NEW"), "bot").await
}

#[tokio::test]
async fn an_upstreams_token_that_changes_ends_handshakes_under_way() -> Result<()> {
    let with = |token: &str| {
        settings(
            &format!("token = {{ env = \"{token}\" }}"),
            "token = \"off\"",
        )
    };
    revoked(&with("OLD"), &with("NEW"), "upstream").await
}

#[tokio::test]
async fn a_token_for_an_open_port_ends_handshakes_under_way() -> Result<()> {
    let after = settings("token = \"off\"", "token = { env = \"NEW\" }");
    revoked(
        &settings("token = \"off\"", "token = \"off\""),
        &after,
        "bot",
    )
    .await
}
