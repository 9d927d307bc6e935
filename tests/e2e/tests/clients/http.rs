//! Programs that call over HTTP (`kind = "http"`).

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, get, run, say, send_raw, until};
use serde_json::{Value, json};

/// Asks with a token, and gives the answer.
async fn asked(port: SocketAddr, token: &str, target: &str) -> Result<Value> {
    let bearer = format!("Bearer {token}");
    let answer = get(port, target, &[("authorization", &bearer)]).await?;
    ensure!(answer.status == 200, "{target}: {answer:?}");
    answer.json()
}

async fn started(settings: &Settings) -> Result<(DataFolder, Node, SocketAddr, String)> {
    let folder = DataFolder::with(settings)?;
    let node = Node::start(&folder).await?;
    let port = node.client("script").await?;
    let token = folder.token("script").await?;
    Ok((folder, node, port, token))
}

#[tokio::test]
async fn a_program_calls_and_asks_for_events_and_its_owner_sees_it() -> Result<()> {
    let (folder, node, port, token) =
        started(&Settings::simulator().http_client("script", "")).await?;
    let said = run(&folder, &["status"]).await?.stdout;
    ensure!(said.contains("not called yet"), "{said}");
    let login = asked(port, &token, "/get_login_info").await?;
    ensure!(login["data"]["user_id"] == 10000, "{login}");
    let groups = asked(port, &token, "/get_group_list").await?;
    let group = groups["data"][0]["group_id"].to_string();

    asked(port, &token, "/get_latest_events").await?;
    say(&folder, &group, "hello 你好").await?;
    until("the message", async || {
        let events = asked(port, &token, "/get_updates?timeout=2").await?;
        let events = events["data"].as_array().context("events")?.clone();
        let is_message = |event: &Value| event["raw_message"] == "hello 你好";
        Ok(events.iter().any(is_message).then_some(()))
    })
    .await?;
    let body = json!({ "group_id": group.parse::<i64>()?, "message": "hi;100%&" }).to_string();
    let request = format!(
        "POST /send_group_msg HTTP/1.1\r\nhost: {port}\r\nauthorization: Token {token}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let sent = send_raw(port, request.as_bytes())
        .await?
        .context("an answer")?;
    ensure!(sent.json()?["data"]["message_id"].is_i64(), "{sent:?}");

    let status = node.client_status("script").await?;
    ensure!(
        status["kind"] == "http" && status["called_ms"].is_i64(),
        "{status}"
    );
    let said = run(&folder, &["status"]).await?.stdout;
    ensure!(said.contains("1 connection"), "its polls: {said}");
    let guide = run(&folder, &["guide", "main/script"]).await?.stdout;
    for part in [
        format!("http://{port}"),
        format!("{port}/get_login_info` asks who the bot is"),
        format!("ONEBOT_API_ROOTS={{\"10000\": \"http://{port}/\"}}"),
        "protocol: http".to_owned(),
    ] {
        ensure!(guide.contains(&part), "{part}: {guide}");
    }
    node.is_healthy().await
}

#[tokio::test]
async fn who_comes_with_a_wrong_token_is_told_to_the_owner() -> Result<()> {
    let (folder, node, port, _) = started(&Settings::simulator().http_client("script", "")).await?;
    let denied = get(port, "/get_status", &[("authorization", "Bearer nope")]).await?;
    ensure!(denied.status == 403, "{denied:?}");
    let nothing = get(port, "/get_status", &[]).await?;
    ensure!(nothing.status == 401, "{nothing:?}");
    ensure!(
        nothing.header("www-authenticate") == Some("Bearer"),
        "{nothing:?}"
    );
    until("both notices", async || {
        let said = run(&folder, &["status"]).await?.stdout;
        let both = said.contains("without a token") && said.contains("with a wrong token");
        Ok(both.then_some(()))
    })
    .await?;
    drop(node);
    Ok(())
}

/// Another token, another port, and none at all: each holds for the next call, and what was kept open ends.
#[tokio::test]
async fn settings_change_under_those_who_call() -> Result<()> {
    let settings = |keys: &str| Settings::simulator().http_client("script", keys);
    let (folder, mut node, port, token) = started(&settings("")).await?;
    asked(port, &token, "/get_status").await?;
    let pinned = settings("token = \"off\"").to_string();
    let listen = format!("listen = \"{port}\"");
    let pinned = pinned.replace(
        "listen = \"127.0.0.1:0\"\ntoken",
        &format!("{listen}\ntoken"),
    );
    folder.write_settings(&pinned)?;
    node.logged("settings applied").await?;
    until("no token", async || {
        let answer = get(port, "/get_status", &[]).await;
        Ok(answer.ok().filter(|answer| answer.status == 200))
    })
    .await?;
    let page = get(port, "/get_status", &[("origin", "http://evil.example")]).await?;
    ensure!(page.status == 403, "{page:?}");
    let fewer = pinned.replace("token = \"off\"", "token = \"off\"\nmax-connections = 1");
    folder.write_settings(&fewer)?;
    node.logged("settings applied").await?;
    let off = pinned.replace("kind = \"http\"", "kind = \"http\"\nenabled = false");
    folder.write_settings(&off)?;
    until("nobody listens", async || {
        Ok(get(port, "/get_status", &[]).await.is_err().then_some(()))
    })
    .await
}

#[tokio::test]
async fn two_clients_on_one_port_are_found_before_they_run() -> Result<()> {
    let settings = Settings::simulator()
        .client_at("bot", 5701, "")
        .http_client("script", "")
        .to_string();
    let settings = settings.replace("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:5701\"");
    let folder = DataFolder::with(&Settings::simulator())?;
    folder.write_settings(&settings)?;
    let checked = run(&folder, &["check"]).await?;
    ensure!(checked.code == Some(64), "{checked:?}");
    ensure!(checked.stderr.contains("5701"), "{checked:?}");
    Ok(())
}
