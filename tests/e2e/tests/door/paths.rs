//! Paths of clients' and upstreams' ports: how they are written makes no difference.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, Upgrade, get, until};
use perpetua_testkit::{Client, Dial};
use serde_json::{Value, json};

async fn reverse(path: &str) -> Result<(Node, DataFolder, SocketAddr)> {
    let keys = format!(
        "kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\ntoken = \"off\"\npath = \"{path}\""
    );
    let folder = DataFolder::with(&Settings::upstream(&keys))?;
    let node = Node::start(&folder).await?;
    let address = node.upstream().await?;
    Ok((node, folder, address))
}

/// Whoever dials `path` comes in; the place is free again when they have left.
async fn comes_in(node: &Node, address: SocketAddr, path: &str) -> Result<()> {
    until(&format!("a place for `{path}`"), async || {
        let status = Upgrade::ask(address, path, &[]).await?.status();
        ensure!(
            matches!(status, 101 | 409 | 503),
            "`{path}` was answered with {status}"
        );
        // 503 asks an upstream to wait that has come and gone several times.
        Ok((status != 409).then_some(()))
    })
    .await?;
    node.status().await.map(drop)
}

#[tokio::test]
async fn an_upstream_may_write_the_settings_path_in_every_way() -> Result<()> {
    for settings in ["/onebot/v11/ws", "/onebot/v11/ws/"] {
        let (node, _folder, address) = reverse(settings).await?;
        for path in [
            "/onebot/v11/ws",
            "/onebot/v11/ws/",
            "//onebot/v11/ws",
            "/onebot//v11/ws//",
            "/onebot/v11/%77s",
            "/%6Fnebot/v11/ws/?x=1",
        ] {
            comes_in(&node, address, path).await?;
        }
        for path in ["/", "/onebot/v11", "/onebot/v11/ws/x", "/onebot/v11/wsx"] {
            let status = Upgrade::ask(address, path, &[]).await?.status();
            assert_eq!(status, 404, "`{path}`");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_path_may_be_in_any_language() -> Result<()> {
    let (node, _folder, address) = reverse("/机器人").await?;
    for path in ["/机器人", "/%E6%9C%BA%E5%99%A8%E4%BA%BA", "/%e6%9c%ba器人/"] {
        comes_in(&node, address, path).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_clients_roles_are_known_however_they_are_written() -> Result<()> {
    let settings = Settings::simulator().client_with(
        "bot",
        "token = \"off\"\nmax-connections = 64\nheartbeat = \"1s\"",
    );
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let address = node.client("bot").await?;
    for path in ["/api", "/api/", "//api", "/%61pi", "//api//?x=1"] {
        let mut api = Dial::to(address).path(path).connect().await?;
        api.data_of("get_status", json!({})).await?;
        ensure!(!has_events(&mut api).await, "`{path}` carries events");
    }
    for path in ["/event", "/event/", "//event", "/%65vent"] {
        let mut event = Dial::to(address).path(path).connect().await?;
        event
            .next_where("a lifecycle", |frame| {
                frame["meta_event_type"] == "lifecycle"
            })
            .await?;
        event.ask("get_status", json!({})).await?;
        let is_beat = |frame: &Value| frame["meta_event_type"] == "heartbeat";
        event.next_where("a heartbeat", is_beat).await?;
        let answer = event.next_where("an answer", |frame| frame.get("post_type").is_none());
        let answer = tokio::time::timeout(std::time::Duration::ZERO, answer).await;
        ensure!(answer.is_err(), "`{path}` answers actions: {answer:?}");
    }
    for path in ["/", "//", "/?x=1", "/onebot/v11/ws", "/API"] {
        let mut both = Dial::to(address).path(path).connect().await?;
        both.data_of("get_status", json!({})).await?;
        ensure!(has_events(&mut both).await, "`{path}` carries no events");
    }
    Ok(())
}

/// A connection with events is greeted before anything is answered.
async fn has_events(client: &mut Client) -> bool {
    let event = client.next_where("an event", |frame| frame.get("post_type").is_some());
    tokio::time::timeout(std::time::Duration::ZERO, event)
        .await
        .is_ok()
}

#[tokio::test]
async fn the_nodes_own_paths_are_taken_as_they_are() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let node = Node::start(&folder).await?;
    for path in [
        "//api/get_ws_port",
        "/api//get_ws_port",
        "/api/get_ws_port/",
        "/%61pi/get_ws_port",
        "/api/../rpc/status",
        "//rpc/status",
        "/%72pc/status",
        "/rpc//status",
    ] {
        let answer = get(node.api(), path, &[]).await?;
        ensure!(
            (400..500).contains(&answer.status),
            "`{path}` was answered: {answer:?}"
        );
    }
    Ok(())
}
