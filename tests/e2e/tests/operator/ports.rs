//! Ports that change hands in one save.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use perpetua_e2e::{ACCOUNT, DataFolder, Node, Settings, until};
use perpetua_testkit::{Client, Dial};
use serde_json::json;

const OPEN: &str = "token = \"off\"";

/// Another account.
const SECOND: &str = "[[accounts]]\nname = \"second\"\n[accounts.upstream]\nkind = \"simulator\"\n";

/// A client of an account that stands before it in the settings.
fn client(port: u16) -> String {
    let listen = format!("listen = \"127.0.0.1:{port}\"");
    format!("[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\n{listen}\n{OPEN}\n")
}

/// Names in the settings the ports that the node has chosen, as somebody does who wants to keep them.
async fn pin(node: &mut Node, folder: &DataFolder, settings: &str) -> Result<()> {
    folder.write_settings(settings)?;
    node.logged("settings applied").await?;
    node.is_healthy().await
}

/// Waits until a client listens at this address.
async fn moves_to(node: &Node, account: &str, client: &str, address: SocketAddr) -> Result<()> {
    until(&format!("`{account}/{client}` at {address}"), async || {
        let now = node.client_of(account, client).await?;
        Ok((now == address).then_some(()))
    })
    .await
}

/// Whose client answers at this address, as the status tells of the connection that was just made.
async fn holder_of(node: &Node, address: SocketAddr, names: &[&str]) -> Result<String> {
    let _connected = Dial::to(address).connect().await?;
    until("the connection in the status", async || {
        for name in names {
            let client = node.client_status(name).await?;
            if client["listen"] == address.to_string() && client["connections"] != json!([]) {
                return Ok(Some((*name).to_owned()));
            }
        }
        Ok(None)
    })
    .await
}

/// A client that must not notice anything, and that it has not.
async fn noticed_nothing(mut witness: Client) -> Result<()> {
    witness.data_of("get_login_info", json!({})).await.map(drop)
}

#[tokio::test]
async fn two_clients_swap_their_ports() -> Result<()> {
    let settings = Settings::simulator().open_client("witness");
    let chosen = settings.clone().open_client("left").open_client("right");
    let folder = DataFolder::with(&chosen)?;
    let mut node = Node::start(&folder).await?;
    let witness = Dial::to(node.client("witness").await?).connect().await?;
    let (left, right) = (node.client("left").await?, node.client("right").await?);

    let at = |left: SocketAddr, right: SocketAddr| {
        let settings = settings.clone().client_at("left", left.port(), OPEN);
        settings.client_at("right", right.port(), OPEN).to_string()
    };
    pin(&mut node, &folder, &at(left, right)).await?;
    folder.write_settings(&at(right, left))?;
    moves_to(&node, ACCOUNT, "left", right).await?;
    moves_to(&node, ACCOUNT, "right", left).await?;
    assert_eq!(holder_of(&node, right, &["left", "right"]).await?, "left");
    assert_eq!(holder_of(&node, left, &["left", "right"]).await?, "right");
    let status = node.status().await?;
    ensure!(status["problems"] == json!([]), "{status}");
    noticed_nothing(witness).await
}

#[tokio::test]
async fn a_port_goes_from_one_account_to_another() -> Result<()> {
    let first = Settings::simulator().open_client("witness");
    let folder = DataFolder::with(&first)?;
    let before = first.clone().open_client("bot").to_string();
    folder.write_settings(&format!("{before}\n{SECOND}{}", client(0)))?;
    let mut node = Node::start(&folder).await?;
    let witness = Dial::to(node.client("witness").await?).connect().await?;
    let mine = node.client("bot").await?;
    let theirs = node.client_of("second", "bot").await?;

    // Both at once, so that neither can be bound before the other has let go.
    let at = |mine: SocketAddr, theirs: SocketAddr| {
        let first = first.clone().client_at("bot", mine.port(), OPEN);
        format!("{first}\n{SECOND}{}", client(theirs.port()))
    };
    pin(&mut node, &folder, &at(mine, theirs)).await?;
    folder.write_settings(&at(theirs, mine))?;
    moves_to(&node, ACCOUNT, "bot", theirs).await?;
    moves_to(&node, "second", "bot", mine).await?;
    for address in [mine, theirs] {
        let mut client = Dial::to(address).connect().await?;
        client.data_of("get_login_info", json!({})).await?;
    }
    let status = node.status().await?;
    ensure!(status["problems"] == json!([]), "{status}");
    noticed_nothing(witness).await
}

#[tokio::test]
async fn a_port_of_an_account_that_is_removed_is_free_for_another() -> Result<()> {
    let first = Settings::simulator().open_client("witness");
    let second = |port: u16| format!("{SECOND}{}", client(port));
    let folder = DataFolder::with(&first)?;
    folder.write_settings(&format!("{first}\n{}", second(0)))?;
    let mut node = Node::start(&folder).await?;
    let witness = Dial::to(node.client("witness").await?).connect().await?;
    let theirs = node.client_of("second", "bot").await?;

    let pinned = format!("{first}\n{}", second(theirs.port()));
    pin(&mut node, &folder, &pinned).await?;
    let taken_over = first.client_at("heir", theirs.port(), OPEN);
    folder.write_settings(&taken_over.to_string())?;
    moves_to(&node, ACCOUNT, "heir", theirs).await?;
    assert_eq!(holder_of(&node, theirs, &["heir"]).await?, "heir");
    noticed_nothing(witness).await
}
