//! Settings edited while a node runs: a change touches what it names, and nothing else.

use std::time::Duration;

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, Upgrade, run, until};
use perpetua_testkit::{Client, Dial, FakeUpstream, group_message};
use serde_json::json;

/// Connections of a disabled client end at once; this leaves room for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A node on the simulator with one client that must not notice anything.
struct Setup {
    folder: DataFolder,
    node: Node,
    settings: Settings,
    witness: Client,
}

impl Setup {
    async fn start() -> Result<Self> {
        let settings = Settings::simulator().open_client("witness");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;
        Ok(Self {
            witness: Dial::to(node.client("witness").await?).connect().await?,
            folder,
            node,
            settings,
        })
    }

    /// The witness's connection is the one it opened at first, and works.
    async fn witness_noticed_nothing(&mut self) -> Result<()> {
        let group =
            self.witness.data_of("get_group_list", json!({})).await?[0]["group_id"].to_string();
        perpetua_e2e::say(&self.folder, &group, "anything new?").await?;
        self.witness.heard("anything new?").await?;
        Ok(())
    }
}

#[tokio::test]
async fn adding_a_client_disturbs_no_other() -> Result<()> {
    let mut setup = Setup::start().await?;
    let settings = setup.settings.clone().open_client("added");
    setup.folder.write_settings(&settings.to_string())?;
    let added = setup.node.client("added").await?;
    let mut added = Dial::to(added).connect().await?;
    added.data_of("get_login_info", json!({})).await?;
    setup.witness_noticed_nothing().await
}

#[tokio::test]
async fn an_added_client_gets_a_token_of_its_own() -> Result<()> {
    let mut setup = Setup::start().await?;
    let settings = setup.settings.clone().client("added");
    setup.folder.write_settings(&settings.to_string())?;
    let added = setup.node.client("added").await?;
    let stranger = Upgrade::ask(added, "/", &[]).await?;
    assert_eq!(stranger.status(), 401);
    let token = setup.folder.token("added").await?;
    Client::connect(added, &token).await?;
    setup.witness_noticed_nothing().await
}

#[tokio::test]
async fn disabling_a_client_closes_its_connections_at_once() -> Result<()> {
    let mut setup = Setup::start().await?;
    let enabled = setup.settings.clone().open_client("guest");
    setup.folder.write_settings(&enabled.to_string())?;
    let port = setup.node.client("guest").await?;
    let mut first = Dial::to(port).connect().await?;
    let mut second = Dial::to(port).connect().await?;

    let disabled = setup
        .settings
        .clone()
        .client_with("guest", "token = \"off\"\nenabled = false");
    setup.folder.write_settings(&disabled.to_string())?;
    for guest in [&mut first, &mut second] {
        let close = guest.ended(AT_ONCE).await?;
        ensure!(close.is_some(), "the guest was not told");
    }
    ensure!(
        Dial::to(port).connect().await.is_err(),
        "a disabled client was let in"
    );
    setup.witness_noticed_nothing().await?;

    setup.folder.write_settings(&enabled.to_string())?;
    Dial::to(port).connect_when_ready().await?;
    setup.witness_noticed_nothing().await
}

#[tokio::test]
async fn moving_a_client_to_another_port_moves_only_that_client() -> Result<()> {
    let mut setup = Setup::start().await?;
    let guest = |settings: &Settings| settings.clone().open_client("guest");
    let both = guest(&setup.settings).open_client("leaving");
    setup.folder.write_settings(&both.to_string())?;
    let mut moved = Dial::to(setup.node.client("guest").await?)
        .connect()
        .await?;
    let new = setup.node.client("leaving").await?;
    // A port that nobody else is given: the client that has it gives it up.
    let settings = setup.settings.clone();
    setup.folder.write_settings(
        &settings
            .client_at("guest", new.port(), "token = \"off\"")
            .to_string(),
    )?;
    moved.ended(AT_ONCE).await?;
    until("the client to have moved", async || {
        let guest = setup.node.client("guest").await?;
        Ok((guest == new).then_some(()))
    })
    .await?;
    Dial::to(new).connect().await?;
    setup.witness_noticed_nothing().await
}

#[tokio::test]
async fn an_invalid_edit_changes_nothing_and_says_where() -> Result<()> {
    let mut setup = Setup::start().await?;
    let valid = setup.settings.clone().open_client("added").to_string();
    let broken = valid.replacen("name = \"added\"", "nmae = \"added\"", 1);
    let line = 1 + broken
        .lines()
        .take_while(|line| !line.starts_with("nmae"))
        .count();
    setup.folder.write_settings(&broken)?;

    let said = setup.node.logged("nmae").await?;
    let text = format!("{said}\n{}", setup.node.log());
    ensure!(
        text.contains(&line.to_string()),
        "the log does not name line {line}: {said}"
    );
    ensure!(
        text.contains("column") || text.contains(&format!("{line}:1")),
        "no column: {said}"
    );
    setup.node.health_says("nmae").await?;
    let check = run(&setup.folder, &["check"]).await?;
    check.refused_with(64, &["nmae", "name", &line.to_string()])?;
    setup.witness_noticed_nothing().await?;
    let added = setup.node.client_status("added").await?;
    ensure!(added.is_null(), "half of it was applied: {added}");

    setup.folder.write_settings(&valid)?;
    Dial::to(setup.node.client("added").await?)
        .connect()
        .await?;
    setup.witness_noticed_nothing().await
}

#[tokio::test]
async fn an_edit_to_an_address_in_use_changes_nothing() -> Result<()> {
    let mut setup = Setup::start().await?;
    let holder = std::net::TcpListener::bind("127.0.0.1:0")?;
    let taken = holder.local_addr()?;
    let settings = setup
        .settings
        .clone()
        .client_at("added", taken.port(), "token = \"off\"");
    setup.folder.write_settings(&settings.to_string())?;
    setup.node.logged(&taken.to_string()).await?;
    setup.witness_noticed_nothing().await
}

#[tokio::test]
async fn another_upstream_takes_over_under_connected_clients() -> Result<()> {
    let (first, second) = (FakeUpstream::bind().await?, FakeUpstream::bind().await?);
    let settings =
        |upstream: &FakeUpstream| Settings::onebot(&upstream.url()).open_client("witness");
    let folder = DataFolder::with(&settings(&first))?;
    let node = Node::start(&folder).await?;
    let mut link = first.accept().await?;
    link.greet(10001).await?;
    let mut witness = Dial::to(node.client("witness").await?).connect().await?;
    link.emit(&group_message(10001, 1, "from the first"))
        .await?;
    witness.heard("from the first").await?;

    folder.write_settings(&settings(&second).to_string())?;
    let mut link = second.accept().await?;
    link.greet(10001).await?;
    link.emit(&group_message(10001, 2, "from the second"))
        .await?;
    witness.heard("from the second").await?;
    Ok(())
}
