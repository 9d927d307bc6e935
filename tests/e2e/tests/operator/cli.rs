//! The commands of `perpetuad`, and how a node starts and ends.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, SdkSession, Settings, Watch, files_with, get, run, say};
use perpetua_testkit::{Client, Dial, FakeUpstream};
use serde_json::json;

/// What a node promises about its end.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Where the API and the client of first settings listen, unless another program does.
const FIRST_PORTS: [&str; 2] = ["127.0.0.1:8080", "127.0.0.1:6700"];

/// The exit code of a node whose port is taken.
const ADDRESS_IN_USE: i32 = 69;

/// The settings with every port chosen by the node.
fn with_chosen_ports(settings: &str) -> String {
    let lines = settings.lines().map(|line| match line.rsplit_once(':') {
        Some((before, _port)) if line.starts_with("listen = ") => format!("{before}:0\""),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_first_start_writes_commented_settings_and_runs_them() -> Result<()> {
    let folder = DataFolder::empty()?;
    // They are taken, by us or by another program.
    let _taken = FIRST_PORTS.map(TcpListener::bind);
    let mut node = Node::start(&folder).await?;
    node.is_healthy().await?;
    node.terminate().await?;
    node.ended(DRAIN_LIMIT).await?;
    let settings = folder.read_settings()?;
    ensure!(
        settings.lines().any(|line| line.starts_with('#')),
        "no comments: {settings}"
    );
    for text in ["kind = \"simulator\"", "kind = \"forward\""] {
        ensure!(settings.contains(text), "no `{text}`: {settings}");
    }
    for taken in FIRST_PORTS {
        let line = format!("\nlisten = \"{taken}\"");
        ensure!(!settings.contains(&line), "{taken} is taken: {settings}");
    }
    // Later the settings are the owner's, and a port that is taken is told.
    let at_taken = settings.replacen("\nlisten = \"", "\nlisten = \"127.0.0.1:8080\" # \"", 1);
    folder.write_settings(&at_taken)?;
    run(&folder, &[])
        .await?
        .refused_with(ADDRESS_IN_USE, &[FIRST_PORTS[0]])?;
    let anywhere = with_chosen_ports(&settings);
    ensure!(anywhere != settings, "no ports: {settings}");
    folder.write_settings(&anywhere)?;
    Node::start(&folder).await?.is_healthy().await?;
    folder.write_settings(&settings)?;

    // What was written is valid, and stays as it is.
    assert_eq!(run(&folder, &["check"]).await?.code, Some(0));
    assert_eq!(folder.read_settings()?, settings);
    Ok(())
}

#[tokio::test]
async fn a_ready_node_serves_at_every_address() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    let node = Node::start(&folder).await?;
    node.is_healthy().await?;
    Dial::to(node.client("bot").await?).connect().await?;
    Ok(())
}

#[tokio::test]
async fn a_port_chosen_once_is_kept() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    let mut addresses = Vec::new();
    for _ in 0..2 {
        let mut node = Node::start(&folder).await?;
        addresses.push(node.client("bot").await?);
        node.terminate().await?;
        node.ended(DRAIN_LIMIT).await?;
    }
    assert_eq!(addresses[0], addresses[1]);
    Ok(())
}

#[tokio::test]
async fn a_clients_token_is_made_once_and_is_nowhere_to_be_read() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().client("bot"))?;
    let mut node = Node::start(&folder).await?;
    let token = folder.token("bot").await?;
    let mut client = Client::connect(node.client("bot").await?, &token).await?;
    client.data_of("get_login_info", json!({})).await?;

    ensure!(
        !folder.read_settings()?.contains(&token),
        "the token stands in the settings"
    );
    ensure!(!node.log().contains(&token), "the token stands in the log");
    let keepers = files_with(folder.path(), token.as_bytes())?;
    ensure!(!keepers.is_empty(), "no file keeps the token");
    for file in keepers {
        ensure_owner_only(&file)?;
    }

    node.terminate().await?;
    node.ended(DRAIN_LIMIT).await?;
    let _again = Node::start(&folder).await?;
    assert_eq!(folder.token("bot").await?, token);
    Ok(())
}

#[cfg(unix)]
fn ensure_owner_only(file: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(file)?.permissions().mode();
    let others = mode & 0o077;
    ensure!(
        others == 0,
        "others may read `{}`: {mode:o}",
        file.display()
    );
    Ok(())
}

/// On Windows a file in the user's own folder inherits that folder's rights, and the standard library
/// shows no others.
#[cfg(windows)]
fn ensure_owner_only(file: &std::path::Path) -> Result<()> {
    ensure!(file.is_file(), "`{}` is no file", file.display());
    Ok(())
}

#[tokio::test]
async fn status_says_what_runs() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let address = node.client("bot").await?;
    let _client = Dial::to(address).connect().await?;

    let status = run(&folder, &["status", "--json"]).await?;
    assert_eq!(status.code, Some(0));
    let text = status.json()?.to_string();
    for name in ["main", "bot", "simulator", &address.port().to_string()] {
        ensure!(
            text.contains(name),
            "the status does not mention `{name}`: {text}"
        );
    }
    let plain = run(&folder, &["status"]).await?;
    assert_eq!(plain.code, Some(0));
    for name in ["main", "bot"] {
        ensure!(
            plain.stdout.contains(name),
            "the status does not mention `{name}`: {plain:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn say_and_watch_show_a_conversation() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    let group = client.data_of("get_group_list", json!({})).await?[0]["group_id"].to_string();
    let friend = client.data_of("get_friend_list", json!({})).await?[0]["user_id"].to_string();
    let mut watch = Watch::start(&folder).await?;

    for (place, text) in [(&group, "in a group"), (&friend, "to a friend")] {
        say(&folder, place, text).await?;
        let message = client.heard(text).await?;
        let params = json!({
            "message_type": message["message_type"],
            "group_id": message["group_id"],
            "user_id": message["user_id"],
            "message": format!("answer {text}"),
        });
        client.data_of("send_msg", params).await?;
        watch.saw(&format!("answer {text}")).await?;
    }
    for text in ["in a group", "to a friend", "answer"] {
        ensure!(
            !node.log().contains(text),
            "the log repeats what people said"
        );
    }
    Ok(())
}

#[tokio::test]
async fn metrics_count_per_client() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    client.data_of("get_status", json!({})).await?;
    let metrics = get(node.api(), "/metrics", &[]).await?.body;
    let of_the_client = metrics
        .lines()
        .filter(|line| line.contains("client=\"bot\""));
    ensure!(
        of_the_client.count() > 3,
        "too little about the client: {metrics}"
    );
    Ok(())
}

#[tokio::test]
async fn an_asked_node_tells_its_clients_and_ends_in_time() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
    let mut node = Node::start(&folder).await?;
    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    // A call in flight, which nobody will ever answer.
    client.ask("get_friend_list", json!({})).await?;
    link.expect_action("get_friend_list").await?;

    let asked = Instant::now();
    node.terminate().await?;
    let status = node.ended(DRAIN_LIMIT).await?;

    if cfg!(unix) {
        assert_eq!(status.code(), Some(0), "after {:?}", asked.elapsed());
        let close = client.ended(DRAIN_LIMIT).await?;
        ensure!(close.is_some(), "the client was not told");
    }
    Ok(())
}

/// Windows has no way to press Ctrl+C in another program's console; `cargo xtask check-windows` does it
/// with this test under Wine.
#[cfg(unix)]
#[tokio::test]
async fn a_node_ends_in_order_when_ctrl_c_is_pressed() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().client("bot"))?;
    let mut node = Node::start(&folder).await?;
    let token = folder.token("bot").await?;
    let mut client = Client::connect(node.client("bot").await?, &token).await?;
    client
        .next_where("a greeting", |frame| {
            frame["meta_event_type"] == "lifecycle"
        })
        .await?;
    node.interrupt().await?;
    let close = client.ended(DRAIN_LIMIT).await?;
    ensure!(close.is_some(), "the client was not told");
    // Wine needs as much again.
    let status = node.ended(2 * DRAIN_LIMIT).await?;
    ensure!(status.success(), "it ended with {status}");
    Ok(())
}

#[tokio::test]
async fn an_ended_node_leaves_nothing_behind_that_stops_the_next() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().open_client("bot"))?;
    for _ in 0..3 {
        let node = Node::start(&folder).await?;
        Dial::to(node.client("bot").await?).connect().await?;
        node.kill().await?;
    }
    Ok(())
}

#[tokio::test]
async fn status_names_the_clients_of_leased_ports() -> Result<()> {
    let discovery = "[discovery]\naccount = \"main\"";
    let folder = DataFolder::with(&Settings::simulator().section(discovery))?;
    let node = Node::start(&folder).await?;
    let mut named = Vec::new();
    for name in ["the weather bot", "天气"] {
        let mut session = SdkSession::start(node.api()).await?;
        session
            .call("set_client_name", json!({ "name": name }))
            .await?;
        named.push(session);
    }
    let _nameless = SdkSession::start(node.api()).await?;
    let page = run(&folder, &["status"]).await?.stdout;
    for name in ["the weather bot", "天气"] {
        ensure!(page.contains(name), "`{name}` is not in it:\n{page}");
    }
    let status = node.status().await?.to_string();
    ensure!(status.contains("天气"), "{status}");
    Ok(())
}
