//! Secrets that are set after the settings that name them were saved.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run, run_with_input};
use perpetua_testkit::{Client, Dial, FakeUpstream, group_message};
use serde_json::json;

const SECRET: &str = "a-secret-that-came-late";

async fn set(folder: &DataFolder, name: &str) -> Result<()> {
    let set = run_with_input(folder, &["secret", "set", name], SECRET).await?;
    ensure!(
        set.code == Some(0),
        "`perpetuad secret set` failed: {set:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_clients_token_that_is_set_late_opens_its_port() -> Result<()> {
    let settings = Settings::simulator()
        .open_client("witness")
        .client_with("late", "token = { secret = \"late\" }");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let mut witness = Dial::to(node.client("witness").await?).connect().await?;
    let late = node.client_status("late").await?;
    ensure!(
        late["listen"].is_null(),
        "it listens without its token: {late}"
    );
    ensure!(!late["problem"].is_null(), "nothing is said of it: {late}");

    set(&folder, "late").await?;
    let address = node.client("late").await?;
    let mut client = Client::connect(address, SECRET).await?;
    client.data_of("get_login_info", json!({})).await?;
    let late = node.client_status("late").await?;
    ensure!(late["problem"].is_null(), "the problem stays: {late}");
    let stranger = Dial::to(address).connect().await;
    ensure!(stranger.is_err(), "it lets strangers in");
    witness.data_of("get_login_info", json!({})).await.map(drop)
}

#[tokio::test]
async fn an_upstreams_token_that_is_set_late_is_used() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let keys = "token = { secret = \"late\" }";
    let url = upstream.url();
    let settings = Settings::upstream(&format!("kind = \"onebot\"\nurl = \"{url}\"\n{keys}"));
    let folder = DataFolder::with(&settings.open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    let status = node.status().await?;
    let problem = &status["accounts"][0]["problem"];
    ensure!(
        problem.to_string().contains("late"),
        "the secret is not named: {status}"
    );

    set(&folder, "late").await?;
    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    link.emit(&group_message(10001, 1, "at last")).await?;
    client.heard("at last").await.map(drop)
}

#[tokio::test]
async fn a_late_secret_is_shown_nowhere() -> Result<()> {
    let settings = Settings::simulator().client_with("late", "token = { secret = \"late\" }");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    set(&folder, "late").await?;
    node.client("late").await?;
    ensure!(!node.log().contains(SECRET), "it stands in the log");
    let status = run(&folder, &["status", "--json"]).await?;
    ensure!(!status.stdout.contains(SECRET), "it stands in the status");
    Ok(())
}

/// What takes its time, because a node looks again every half minute: `cargo xtask test --long`.
mod long {
    use std::time::Duration;

    use perpetua_e2e::until_within;

    use super::*;

    const NEXT_LOOK: Duration = Duration::from_secs(40);

    #[tokio::test]
    async fn a_late_secret_is_picked_up_though_nobody_says_so() -> Result<()> {
        let settings = Settings::simulator().client_with("late", "token = { secret = \"late\" }");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;
        set(&folder, "late").await?;
        until_within(NEXT_LOOK, "the port to open", async || {
            let late = node.client_status("late").await?;
            Ok(late["listen"].is_string().then_some(()))
        })
        .await?;
        Client::connect(node.client("late").await?, SECRET).await?;
        Ok(())
    }
}
