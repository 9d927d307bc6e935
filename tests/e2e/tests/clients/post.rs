//! Frameworks that events are posted to (`kind = "post"`).

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, get, rpc, run, say, until};
use perpetua_testkit::{Dial, FakeTarget, TargetAnswer};
use serde_json::{Value, json};

/// A group of the simulator.
const GROUP: &str = "20001";
/// Within it, another event would have come.
const QUIET: Duration = Duration::from_millis(1500);

fn settings(target: &FakeTarget, keys: &str) -> Settings {
    Settings::simulator().post_client("hook", &target.url("/onebot"), keys)
}

async fn shown(node: &Node) -> Result<Value> {
    let status = node.client_status("hook").await?;
    Ok(status["targets"][0].clone())
}

async fn until_state(node: &Node, state: &str) -> Result<Value> {
    until("the state of the target", async || {
        let shown = shown(node).await?;
        Ok((shown["state"] == state).then_some(shown))
    })
    .await
}

/// The next message that is posted.
async fn message(target: &FakeTarget) -> Result<Value> {
    let is_message = |event: &Value| event["post_type"] == "message";
    target.next_where("a message", is_message).await?.event()
}

/// What the bot has said in the group, by the record of the simulator.
async fn replies(folder: &DataFolder, node: &Node) -> Result<Vec<Value>> {
    let chat = json!({ "group": GROUP.parse::<i64>()? });
    let asked = json!({ "account": "main", "chat": chat, "limit": 100 });
    let page = rpc(folder, node.api(), "chat_history", &asked).await?;
    let lines = page["lines"].as_array().context("lines")?.iter();
    let replies = lines.filter(|line| line["by_bot"] == true && line["text"] == "pong");
    Ok(replies.cloned().collect())
}

#[tokio::test]
async fn events_are_posted_signed_and_their_answers_are_carried_out() -> Result<()> {
    let target = FakeTarget::start().await?;
    let folder = DataFolder::with(&settings(&target, "secret = { file = \"secret.txt\" }"))?;
    std::fs::write(folder.path().join("secret.txt"), "k1\n")?;
    let node = Node::start(&folder).await?;
    let greeting = target.next().await?;
    for (name, value) in [
        ("x-self-id", "10000"),
        ("content-type", "application/json"),
        ("host", &*target.address().to_string()),
    ] {
        ensure!(greeting.header(name) == Some(value), "{}", greeting.head);
    }
    let signature = greeting.header("x-signature").context("a signature")?;
    ensure!(signature.starts_with("sha1="), "{signature}");
    ensure!(greeting.event()?["sub_type"] == "enable", "{greeting:?}");
    until_state(&node, "open").await?;

    target.answers(TargetAnswer::json(&json!({ "reply": "pong" })));
    say(&folder, GROUP, "ping 你好").await?;
    let event = message(&target).await?;
    ensure!(event["raw_message"] == "ping 你好", "{event}");
    let said = until("the reply", async || {
        Ok(replies(&folder, &node).await?.pop())
    })
    .await?;
    ensure!(said["client"] == "hook", "{said}");
    let status = node.client_status("hook").await?;
    ensure!(status["actions"] == 1, "{status}");

    let said = run(&folder, &["status"]).await?.stdout;
    ensure!(said.contains(&target.url("/onebot")), "{said}");
    ensure!(said.contains("takes events"), "{said}");
    let secret = run(&folder, &["token", "main/hook"]).await?.stdout;
    ensure!(secret.trim() == "k1", "{secret}");
    let guide = run(&folder, &["guide", "main/hook"]).await?.stdout;
    let port = target.address().port().to_string();
    ensure!(
        guide.contains(&format!("PORT={port}\nONEBOT_SECRET=k1")),
        "{guide}"
    );
    node.is_healthy().await?;
    let metrics = get(node.api(), "/metrics", &[]).await?.body;
    ensure!(
        metrics.contains("perpetua_client_post_paused{account=\"main\",client=\"hook\"} 0"),
        "{metrics}"
    );
    Ok(())
}

#[tokio::test]
async fn one_that_refuses_is_told_with_what_to_do() -> Result<()> {
    let target = FakeTarget::start().await?;
    target.always_answers(TargetAnswer::status("403 Forbidden", "", ""));
    let folder = DataFolder::with(&settings(&target, ""))?;
    let node = Node::start(&folder).await?;
    until_state(&node, "refused").await?;
    node.health_says("`secret`").await?;
    let said = run(&folder, &["status"]).await?.stdout;
    ensure!(said.contains("HTTP status 403"), "{said}");
    target.always_answers(TargetAnswer::status(
        "308 There",
        "Location: /onebot/\r\n",
        "",
    ));
    until("the address to write", async || {
        let said = run(&folder, &["status"]).await?.stdout;
        Ok(said.contains(&target.url("/onebot/")).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn one_that_is_not_started_is_no_fault_and_has_its_events_later() -> Result<()> {
    let target = FakeTarget::start().await?;
    let address = target.address();
    let folder = DataFolder::with(&settings(&target, ""))?;
    target.stop().await;
    let node = Node::start(&folder).await?;
    until("that nobody listens", async || {
        let shown = shown(&node).await?;
        Ok((shown["problem"]["code"] == "post.nobody_here").then_some(()))
    })
    .await?;
    node.is_healthy().await?;
    say(&folder, GROUP, "waits").await?;
    let target = FakeTarget::start_at(address).await?;
    ensure!(message(&target).await?["raw_message"] == "waits");
    until_state(&node, "open").await?;
    Ok(())
}

#[tokio::test]
async fn a_change_ends_what_is_under_way_and_a_removal_ends_it_for_good() -> Result<()> {
    let (former, next) = (FakeTarget::start().await?, FakeTarget::start().await?);
    let folder = DataFolder::with(&settings(&former, ""))?;
    let node = Node::start(&folder).await?;
    until_state(&node, "open").await?;
    former.always_answers(TargetAnswer::Silence);
    say(&folder, GROUP, "lost").await?;
    message(&former).await?;
    let text = folder.read_settings()?;
    folder.write_settings(&text.replace(&former.url("/onebot"), &next.url("/onebot")))?;
    ensure!(next.next().await?.event()?["sub_type"] == "enable");
    let status = node.client_status("hook").await?;
    let notices = status["notices"].to_string();
    ensure!(
        notices.contains("post.unsure") && notices.contains("post.ended_client"),
        "{notices}"
    );
    // What was counted before the change is counted still.
    let posts = &status["targets"][0]["posts"];
    ensure!(posts["unsure"] == 1 && posts["delivered"] != 0, "{posts}");
    let text = folder.read_settings()?;
    folder.write_settings(&text.replace("kind = \"post\"", "kind = \"post\"\nenabled = false"))?;
    until("that it is closed", async || {
        let status = node.client_status("hook").await?;
        Ok((status["enabled"] == false).then_some(()))
    })
    .await?;
    while next.came().await.is_some() {}
    say(&folder, GROUP, "unheard").await?;
    tokio::time::sleep(QUIET).await;
    ensure!(next.came().await.is_none(), "nothing is posted any more");
    Ok(())
}

#[tokio::test]
async fn one_that_is_paused_leaves_nothing_of_it_to_another_kind_of_its_name() -> Result<()> {
    let target = FakeTarget::start().await?;
    let folder = DataFolder::with(&settings(&target, "heartbeat = \"1s\""))?;
    target.always_answers(TargetAnswer::status("503 Busy", "", ""));
    let node = Node::start(&folder).await?;
    until("the pause", async || {
        Ok((shown(&node).await?["posts"]["paused"] == true).then_some(()))
    })
    .await?;
    let text = folder.read_settings()?;
    let url = format!("url = \"{}\"", target.url("/onebot"));
    let forward = text
        .replace("kind = \"post\"", "kind = \"forward\"")
        .replace(&url, "listen = \"127.0.0.1:0\"\ntoken = \"off\"");
    folder.write_settings(&forward)?;
    let address = node.client("hook").await?;
    let mut framework = Dial::to(address).connect_when_ready().await?;
    framework.data_of("get_login_info", json!({})).await?;
    let status = node.client_status("hook").await?;
    ensure!(
        status["connections"]
            .as_array()
            .is_some_and(|all| all.len() == 1),
        "{status}"
    );
    let metrics = get(node.api(), "/metrics", &[]).await?.body;
    ensure!(
        metrics.contains("perpetua_client_post_paused{account=\"main\",client=\"hook\"} 0"),
        "{metrics}"
    );
    Ok(())
}

#[tokio::test]
async fn one_whose_changed_secret_cannot_be_had_does_not_take_events_any_more() -> Result<()> {
    let target = FakeTarget::start().await?;
    let folder = DataFolder::with(&settings(&target, "# secret"))?;
    let node = Node::start(&folder).await?;
    until_state(&node, "open").await?;
    let text = folder.read_settings()?;
    let missing = "secret = { file = \"nowhere.txt\" }";
    folder.write_settings(&text.replace("# secret", missing))?;
    let shown = until_state(&node, "closed").await?;
    ensure!(shown["posts"]["delivered"] != 0, "{shown}");
    say(&folder, GROUP, "unheard").await?;
    until("what is lost", async || {
        let status = node.client_status("hook").await?;
        Ok((status["dropped"] == 1).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn check_names_what_cannot_work_together() -> Result<()> {
    let settings = Settings::simulator()
        .reverse_client("ws", "ws://localhost:9080/onebot/v11/ws", "")
        .post_client("hook", "http://127.0.0.1:9080/onebot/v11/http", "")
        .client_at("bot", 6700, "token = \"off\"")
        .post_client("own", "http://[::1]:6700/", "");
    let folder = DataFolder::with(&settings)?;
    let said = run(&folder, &["check"]).await?.stdout;
    let remarks: Vec<&str> = said.lines().filter(|line| line.contains("  ! ")).collect();
    let [two_ways, own_port] = remarks.as_slice() else {
        anyhow::bail!("{said}")
    };
    ensure!(two_ways.contains("`ws` and `hook`"), "{two_ways}");
    ensure!(own_port.contains("`main/bot`"), "{own_port}");
    Ok(())
}

#[tokio::test]
async fn check_names_addresses_that_this_machine_does_not_have() -> Result<()> {
    // Of those for documentation, which nobody has (RFC 5737, RFC 3849).
    for (listen, strange) in [
        ("192.0.2.7:6700", Some("`192.0.2.7`")),
        ("[2001:db8::7]:6700", Some("`2001:db8::7`")),
        ("127.0.0.1:6700", None),
        ("0.0.0.0:6700", None),
    ] {
        let settings = format!(
            "[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n\
             [[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"{listen}\"\n"
        );
        let folder = DataFolder::empty()?;
        folder.write_settings(&settings)?;
        let said = run(&folder, &["check"]).await?.stdout;
        let named = said.contains("this machine has no address");
        ensure!(named == strange.is_some(), "{said}");
        ensure!(
            strange.is_none_or(|address| said.contains(address)),
            "{said}"
        );
    }
    Ok(())
}
