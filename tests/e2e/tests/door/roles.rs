//! Upstreams that dial with the roles of the standard: one link of two halves, or of one, and no other.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Opcode, Settings, Upgrade, WireSocket, run, until};
use perpetua_testkit::{Client, Dial, group_message, lifecycle};
use serde_json::{Value, json};

const SELF_ID: u64 = 10001;
const LIMIT: Duration = Duration::from_secs(10);

/// How long a test listens for what must not come.
const SILENCE: Duration = Duration::from_millis(500);

struct Setup {
    node: Node,
    upstream: SocketAddr,
    client: Client,
    folder: DataFolder,
}

impl Setup {
    async fn start() -> Result<Self> {
        let folder = DataFolder::with(&Settings::onebot_reverse().open_client("bot"))?;
        let node = Node::start(&folder).await?;
        Ok(Self {
            upstream: node.upstream().await?,
            client: Dial::to(node.client("bot").await?).connect().await?,
            node,
            folder,
        })
    }

    async fn half(&self, role: &str) -> Result<WireSocket> {
        let id = SELF_ID.to_string();
        let headers = [("x-client-role", role), ("x-self-id", id.as_str())];
        Upgrade::ask(self.upstream, "/", &headers).await?.open()
    }

    async fn is_online(&self, online: bool) -> Result<()> {
        until(&format!("`online` to be {online}"), async || {
            let status = self.node.status().await?;
            Ok((status["accounts"][0]["online"] == online).then_some(()))
        })
        .await
    }
}

/// The next action that comes to this half.
async fn next_action(half: &mut WireSocket) -> Result<Value> {
    loop {
        let frame = half.next(LIMIT).await?.context("the half was closed")?;
        if frame.opcode == Opcode::Text {
            return Ok(serde_json::from_slice(&frame.payload)?);
        }
    }
}

async fn send(half: &mut WireSocket, value: &Value) -> Result<()> {
    half.send(Opcode::Text, value.to_string().as_bytes()).await
}

/// Answers the node's own question who it is.
async fn introduce(api: &mut WireSocket) -> Result<()> {
    let question = next_action(api).await?;
    assert_eq!(question["action"], "get_login_info");
    let data = json!({ "user_id": SELF_ID, "nickname": "Ada" });
    let answer = json!({ "status": "ok", "retcode": 0, "data": data, "echo": question["echo"] });
    send(api, &answer).await
}

#[tokio::test]
async fn two_halves_are_one_upstream_while_both_are_there() -> Result<()> {
    let mut setup = Setup::start().await?;
    for (first, second) in [("API", "Event"), ("event", "api")] {
        let one = setup.half(first).await?;
        setup.is_online(false).await?;
        let other = setup.half(second).await?;
        let (mut api, mut event) = if first == "API" {
            (one, other)
        } else {
            (other, one)
        };
        send(&mut event, &lifecycle(SELF_ID)).await?;
        introduce(&mut api).await?;
        setup.is_online(true).await?;

        send(&mut event, &group_message(SELF_ID, 1, "by its half")).await?;
        setup.client.heard("by its half").await?;
        let echo = setup.client.ask("get_friend_list", json!({})).await?;
        let action = loop {
            let action = next_action(&mut api).await?;
            if action["action"] == "get_friend_list" {
                break action;
            }
        };
        let answer = json!({ "status": "ok", "retcode": 0, "data": [], "echo": action["echo"] });
        send(&mut api, &answer).await?;
        let response = setup.client.response(&json!(echo)).await?;
        assert_eq!(response["retcode"], 0);
        // An action never goes to the half of events.
        let stray = next_text(&mut event).await;
        ensure!(stray.is_none(), "the half of events got {stray:?}");

        // One half without the other is no link.
        drop(event);
        setup.is_online(false).await?;
        drop(api);
    }
    Ok(())
}

/// A text that came within a moment.
async fn next_text(half: &mut WireSocket) -> Option<Vec<u8>> {
    while let Ok(Ok(Some(frame))) = tokio::time::timeout(SILENCE, half.next(LIMIT)).await {
        if frame.opcode == Opcode::Text {
            return Some(frame.payload);
        }
    }
    None
}

#[tokio::test]
async fn one_half_alone_is_named_as_what_it_is() -> Result<()> {
    let setup = Setup::start().await?;
    for (role, missing) in [("API", "Event"), ("Event", "API")] {
        let half = setup.half(role).await?;
        until(&format!("that `{missing}` is missing"), async || {
            let page = run(&setup.folder, &["status"]).await?.stdout;
            Ok(page.contains(missing).then_some(()))
        })
        .await?;
        setup.is_online(false).await?;
        drop(half);
    }
    Ok(())
}

#[tokio::test]
async fn the_whole_comes_as_universal_or_without_a_role() -> Result<()> {
    let setup = Setup::start().await?;
    for headers in [
        vec![("x-client-role", "Universal")],
        vec![("x-client-role", "universal")],
        vec![("x-client-role", "")],
        vec![],
    ] {
        let mut whole = until("the place to be free", async || {
            let asked = Upgrade::ask(setup.upstream, "/", &headers).await?;
            Ok(asked.open().ok())
        })
        .await?;
        send(&mut whole, &lifecycle(SELF_ID)).await?;
        introduce(&mut whole).await?;
        setup.is_online(true).await?;
        drop(whole);
        setup.is_online(false).await?;
    }
    for role in ["Observer", "API, Event"] {
        let asked = Upgrade::ask(setup.upstream, "/", &[("x-client-role", role)]).await?;
        assert_eq!(asked.status(), 400, "`{role}`");
    }
    Ok(())
}
