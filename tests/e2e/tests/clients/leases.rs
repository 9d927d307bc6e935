//! Ports leased through `GET /api/get_ws_port`.

use anyhow::Result;
use perpetua_e2e::{DataFolder, Node, ReservedPort, SdkSession, Settings, Upgrade, get, until};
use serde_json::json;

/// A node whose range of leased ports has exactly one port.
async fn one_port(wait: &str) -> Result<(Node, DataFolder, ReservedPort)> {
    let reserved = ReservedPort::for_the_node()?;
    let port = reserved.number();
    let discovery =
        format!("[discovery]\naccount = \"main\"\nrange = \"{port}-{port}\"\nwait = \"{wait}\"");
    let folder = DataFolder::with(&Settings::simulator().section(&discovery))?;
    let node = Node::start(&folder).await?;
    Ok((node, folder, reserved))
}

/// Leases again as soon as the one port is free.
async fn freed(node: &Node) -> Result<()> {
    until("the port to be freed", async || {
        let body = get(node.api(), "/api/get_ws_port", &[]).await?.json()?;
        Ok((body["status"] == "ok").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_port_is_leased_from_the_range_and_bound_before_it_is_answered() -> Result<()> {
    let (node, _folder, port) = one_port("15s").await?;
    let answer = get(node.api(), "/api/get_ws_port", &[]).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let expected = json!({ "status": "ok", "retcode": 0, "data": { "port": port.number() } });
    assert_eq!(answer.json()?, expected);
    SdkSession::connect(port.address(), None).await?;
    Ok(())
}

#[tokio::test]
async fn an_empty_range_is_refused_in_the_words_of_the_original() -> Result<()> {
    let (node, _folder, port) = one_port("15s").await?;
    let _in_use = SdkSession::start(node.api()).await?;
    let answer = get(node.api(), "/api/get_ws_port", &[]).await?;
    assert_eq!(answer.status, 200);
    let port = port.number();
    let expected = json!({
        "status": "failed",
        "retcode": 10001,
        "msg": format!(
            "unavailable port in range [{port}-{port}]: all of them are in use; make `range` under `[discovery]` larger"
        ),
    });
    assert_eq!(answer.json()?, expected);
    Ok(())
}

#[tokio::test]
async fn a_leased_port_serves_exactly_one_client() -> Result<()> {
    let (node, _folder, _port) = one_port("15s").await?;
    let address = SdkSession::lease(node.api()).await?;
    let mut first = SdkSession::connect(address, None).await?;
    let second = Upgrade::ask(address, "/", &[]).await?;
    assert_eq!(second.status(), 409);
    let login = first.call("get_login_info", json!({})).await?;
    assert_eq!(login["status"], "ok");
    Ok(())
}

#[tokio::test]
async fn a_port_that_nobody_came_to_is_released() -> Result<()> {
    let (node, _folder, _port) = one_port("1s").await?;
    SdkSession::lease(node.api()).await?;
    freed(&node).await
}

#[tokio::test]
async fn a_port_is_released_when_its_client_leaves() -> Result<()> {
    let (node, _folder, _port) = one_port("15s").await?;
    SdkSession::start(node.api()).await?.leave().await?;
    freed(&node).await
}

#[tokio::test]
async fn a_page_of_another_origin_leases_nothing_usable() -> Result<()> {
    let (node, _folder, _port) = one_port("15s").await?;
    let address = SdkSession::lease(node.api()).await?;
    let page = Upgrade::ask(address, "/", &[("origin", "http://example.org")]).await?;
    assert_eq!(page.status(), 403);
    // The refusal has not used the lease up.
    SdkSession::connect(address, None).await?;
    Ok(())
}
