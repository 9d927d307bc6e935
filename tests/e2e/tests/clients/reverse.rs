//! Frameworks that wait for perpetua (`kind = "reverse"`).

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run, say, until};
use perpetua_testkit::{FakeFramework, FrameworkLink};
use serde_json::{Value, json};

/// Within it, a second connection would have come.
const QUIET: Duration = Duration::from_millis(1500);

async fn connected(framework: &FakeFramework) -> Result<FrameworkLink> {
    let mut link = framework.next().await?;
    link.greeted().await?;
    Ok(link)
}

fn settings(framework: &FakeFramework, keys: &str) -> Settings {
    Settings::simulator().reverse_client("astrbot", &framework.url("/ws"), keys)
}

async fn target(node: &Node) -> Result<Value> {
    let status = node.client_status("astrbot").await?;
    Ok(status["targets"][0].clone())
}

#[tokio::test]
async fn a_framework_is_told_whose_it_is_and_frames_go_both_ways() -> Result<()> {
    let framework = FakeFramework::start().await?;
    let folder = DataFolder::with(&settings(&framework, "token = { file = \"token.txt\" }"))?;
    std::fs::write(folder.path().join("token.txt"), "s3cret\n")?;
    let node = Node::start(&folder).await?;
    let mut link = connected(&framework).await?;
    for (name, value) in [
        ("x-self-id", "10000"),
        ("x-client-role", "Universal"),
        ("authorization", "Bearer s3cret"),
        ("host", &*framework.address().to_string()),
    ] {
        ensure!(
            link.header(name) == Some(value),
            "{name}: {:?}",
            link.header(name)
        );
    }
    let agent = link.header("user-agent").context("an agent")?;
    ensure!(agent.starts_with("perpetua/"), "{agent}");
    ensure!(link.path() == "/ws", "{}", link.path());

    let login = link.call("get_login_info", json!({})).await?;
    ensure!(login["data"]["user_id"] == 10000, "{login}");
    let groups = link.call("get_group_list", json!({})).await?;
    let group = groups["data"][0]["group_id"].to_string();
    say(&folder, &group, "hello 你好").await?;
    let is_message = |frame: &Value| frame["raw_message"] == "hello 你好";
    link.next_where("the message", is_message).await?;

    let shown = target(&node).await?;
    ensure!(shown["state"] == "open", "{shown}");
    ensure!(shown["address"] == framework.url("/ws"), "{shown}");
    let said = run(&folder, &["status"]).await?.stdout;
    ensure!(said.contains(&framework.url("/ws")), "{said}");
    let token = run(&folder, &["token", "main/astrbot"]).await?.stdout;
    ensure!(token.trim() == "s3cret", "{token}");
    let guide = run(&folder, &["guide", "main/astrbot"]).await?.stdout;
    let port = framework.address().port().to_string();
    ensure!(
        guide.contains(&format!("\"ws_reverse_port\": {port}")),
        "{guide}"
    );
    Ok(())
}

#[tokio::test]
async fn one_that_is_not_started_is_no_fault_and_one_that_refuses_is() -> Result<()> {
    let framework = FakeFramework::start().await?;
    let address = framework.address();
    let folder = DataFolder::with(&settings(&framework, ""))?;
    framework.stop().await;
    let node = Node::start(&folder).await?;
    until("that nobody listens", async || {
        let shown = target(&node).await?;
        Ok((shown["problem"]["code"] == "dial.nobody_here").then_some(()))
    })
    .await?;
    node.is_healthy().await?;
    let server = tokio::net::TcpListener::bind(address).await?;
    let refusing = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        loop {
            let (mut stream, _node) = server.accept().await?;
            let _request = stream.read(&mut [0; 4096]).await?;
            let refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(refusal).await?;
        }
        #[expect(unreachable_code, reason = "names the type of the errors above")]
        std::io::Result::Ok(())
    });
    node.health_says("HTTP status 403").await?;
    let shown = target(&node).await?;
    ensure!(shown["state"] == "refused", "{shown}");
    let said = run(&folder, &["status"]).await?.stdout;
    ensure!(said.contains("HTTP status 403"), "{said}");
    refusing.abort();
    Ok(())
}

#[tokio::test]
async fn a_change_of_the_settings_makes_one_new_connection_and_a_removal_none() -> Result<()> {
    let framework = FakeFramework::start().await?;
    let folder = DataFolder::with(&settings(&framework, ""))?;
    let _node = Node::start(&folder).await?;
    let mut link = connected(&framework).await?;
    ensure!(link.header("authorization").is_none(), "no token is set");
    let former = folder.read_settings()?;

    folder.write_settings(&former.replace("/ws\"", "/other\""))?;
    let close = link.ended().await?.context("a goodbye")?;
    ensure!(!close.reason.is_empty(), "{close:?}");
    let mut link = connected(&framework).await?;
    ensure!(link.path() == "/other", "{}", link.path());

    let bounds = "/other\"\nqueue-events = 100";
    folder.write_settings(&former.replace("/ws\"", bounds))?;
    tokio::time::sleep(QUIET).await;
    ensure!(framework.ever() == 2, "bounds are taken over as they are");

    folder.write_settings(
        &former.replace("kind = \"reverse\"", "kind = \"reverse\"\nenabled = false"),
    )?;
    link.ended().await?.context("a goodbye")?;
    tokio::time::sleep(QUIET).await;
    ensure!(
        (framework.ever(), framework.most_at_once()) == (2, 1),
        "it is dialled again"
    );
    Ok(())
}

#[tokio::test]
async fn two_accounts_at_one_framework_are_two_bots() -> Result<()> {
    let framework = FakeFramework::start().await?;
    let url = framework.url("/ws");
    let second = format!(
        "\n[[accounts]]\nname = \"second\"\nupstream = {{ kind = \"onebot-reverse\", listen = \"127.0.0.1:0\", uin = 20002 }}\n[[accounts.clients]]\nname = \"astrbot\"\nkind = \"reverse\"\nurl = \"{url}\"\n"
    );
    let folder = DataFolder::empty()?;
    folder.write_settings(&format!("{}{second}", settings(&framework, "")))?;
    let _node = Node::start(&folder).await?;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let link = connected(&framework).await?;
        ids.extend(link.header("x-self-id").map(str::to_owned));
    }
    ids.sort_unstable();
    ensure!(ids == ["10000", "20002"], "{ids:?}");
    Ok(())
}

async fn framework_restarts(times: usize) -> Result<()> {
    let mut framework = FakeFramework::start().await?;
    let address = framework.address();
    let folder = DataFolder::with(&settings(&framework, ""))?;
    let _node = Node::start(&folder).await?;
    for round in 0..times {
        let mut link = connected(&framework)
            .await
            .with_context(|| format!("round {round}"))?;
        link.call("get_status", json!({})).await?;
        ensure!(framework.most_at_once() == 1, "round {round}");
        framework.stop().await;
        framework = FakeFramework::start_at(address).await?;
    }
    connected(&framework).await.map(drop)
}

async fn node_restarts(times: usize) -> Result<()> {
    let framework = FakeFramework::start().await?;
    let folder = DataFolder::with(&settings(&framework, ""))?;
    for round in 0..times {
        let node = Node::start(&folder).await?;
        let mut link = connected(&framework)
            .await
            .with_context(|| format!("round {round}"))?;
        link.call("get_status", json!({})).await?;
        node.kill().await?;
        link.ended().await?;
    }
    ensure!(
        (framework.ever(), framework.most_at_once()) == (times, 1),
        "one at a time"
    );
    Ok(())
}

#[tokio::test]
async fn a_framework_that_is_restarted_is_connected_once() -> Result<()> {
    framework_restarts(3).await
}

#[tokio::test]
async fn a_node_that_is_restarted_connects_once() -> Result<()> {
    node_restarts(3).await
}

/// What takes its time: `cargo xtask test --long`.
mod long {
    use anyhow::Result;

    #[tokio::test]
    async fn twenty_restarts_of_either_side_make_one_connection_each() -> Result<()> {
        super::framework_restarts(20).await?;
        super::node_restarts(20).await
    }
}
