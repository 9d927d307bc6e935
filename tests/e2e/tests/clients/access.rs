//! Who gets in: tokens, origins, paths and limits.

use std::time::Duration;

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, Upgrade, get, say};
use perpetua_testkit::{Client, Dial};
use serde_json::{Value, json};
use tokio::time::timeout;

struct Setup {
    folder: DataFolder,
    node: Node,
    address: std::net::SocketAddr,
    token: String,
}

/// What the node allows one client entry by default is more than these tests need.
async fn setup() -> Result<Setup> {
    setup_with("").await
}

async fn setup_with(keys: &str) -> Result<Setup> {
    let folder = DataFolder::with(&Settings::simulator().client_with("bot", keys))?;
    let node = Node::start(&folder).await?;
    let token = folder.token("bot").await?;
    let address = node.client("bot").await?;
    Ok(Setup {
        folder,
        node,
        address,
        token,
    })
}

#[tokio::test]
async fn a_token_is_taken_in_every_form_that_clients_send() -> Result<()> {
    let Setup {
        address,
        token,
        node: _node,
        ..
    } = setup().await?;
    for form in ["", "Bearer ", "Token ", "bearer "] {
        let value = format!("{form}{token}");
        let upgrade = Upgrade::ask(address, "/", &[("authorization", &value)]).await?;
        assert_eq!(upgrade.status(), 101, "`{form}` before the token");
    }
    let path = format!("/?access_token={token}");
    assert_eq!(Upgrade::ask(address, &path, &[]).await?.status(), 101);
    Ok(())
}

#[tokio::test]
async fn without_a_token_it_is_401_and_with_a_wrong_one_403() -> Result<()> {
    let Setup {
        address,
        token,
        node,
        ..
    } = setup().await?;
    for path in ["/", "/api", "/event"] {
        assert_eq!(
            Upgrade::ask(address, path, &[]).await?.status(),
            401,
            "{path}"
        );
        let longer = format!("Bearer {token}x");
        let shorter = format!("Bearer {}", &token[..token.len() - 1]);
        for wrong in ["Bearer wrong", "wrong", &longer, &shorter] {
            let upgrade = Upgrade::ask(address, path, &[("authorization", wrong)]).await?;
            assert_eq!(upgrade.status(), 403, "{path} with `{wrong}`");
        }
        let query = format!("{path}?access_token=wrong");
        assert_eq!(
            Upgrade::ask(address, &query, &[]).await?.status(),
            403,
            "{query}"
        );
    }
    ensure!(!node.log().contains(&token), "a token stands in the log");
    Ok(())
}

#[tokio::test]
async fn the_path_api_has_no_events_and_the_path_event_has_no_actions() -> Result<()> {
    let Setup {
        address,
        token,
        folder,
        node: _node,
    } = setup_with("heartbeat = \"1s\"").await?;
    let mut api = Dial::to(address)
        .path("/api")
        .token(&token)?
        .connect()
        .await?;
    let mut event = Dial::to(address)
        .path("/event")
        .token(&token)?
        .connect()
        .await?;

    let group = api.data_of("get_group_list", json!({})).await?[0]["group_id"].to_string();
    event
        .ask(
            "send_group_msg",
            json!({ "group_id": group, "message": "ignored" }),
        )
        .await?;
    say(&folder, &group, "hello").await?;
    event.heard("hello").await?;

    // A connection is sent what is for it in order, so both have had their chance by now: on `/api` a
    // heartbeat would have come too.
    let is_beat = |frame: &Value| frame["meta_event_type"] == "heartbeat";
    for _ in 0..2 {
        event.next_where("a heartbeat", is_beat).await?;
    }
    api.data_of("get_status", json!({})).await?;
    let stray = api.next_where("an event", |frame| frame.get("post_type").is_some());
    let stray = timeout(Duration::ZERO, stray).await;
    ensure!(stray.is_err(), "`/api` carried an event: {stray:?}");
    let stray = event.next_where("a response", |frame| frame.get("post_type").is_none());
    let stray = timeout(Duration::ZERO, stray).await;
    ensure!(stray.is_err(), "`/event` answered an action: {stray:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_entry_takes_as_many_connections_as_it_allows() -> Result<()> {
    let Setup {
        address,
        token,
        node: _node,
        ..
    } = setup_with("max-connections = 2").await?;
    let mut first = Client::connect(address, &token).await?;
    let second = Client::connect(address, &token).await?;
    let bearer = format!("Bearer {token}");
    let third = Upgrade::ask(address, "/", &[("authorization", &bearer)]).await?;
    ensure!((400..600).contains(&third.status()), "the third was let in");
    first.data_of("get_status", json!({})).await?;

    // A place is free again once somebody has left.
    second.close().await?;
    Dial::to(address)
        .token(&token)?
        .connect_when_ready()
        .await?;
    Ok(())
}

#[tokio::test]
async fn health_and_metrics_are_open_and_control_is_not() -> Result<()> {
    let Setup { node, .. } = setup().await?;
    let health = get(node.api(), "/healthz", &[]).await?;
    assert_eq!(health.status, 200);
    let metrics = get(node.api(), "/metrics", &[]).await?;
    assert_eq!(metrics.status, 200);
    ensure!(
        metrics.body.contains("# TYPE"),
        "not in Prometheus' text format: {metrics:?}"
    );
    let control = get(node.api(), "/rpc/status", &[]).await?;
    ensure!(
        (400..500).contains(&control.status),
        "`/rpc` let a stranger in: {control:?}"
    );
    Ok(())
}
