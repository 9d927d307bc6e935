//! Clients of several frameworks, and frameworks with one connection for actions and one for events.

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

async fn targets(node: &Node, client: &str) -> Result<Value> {
    let status = node.client_status(client).await?;
    Ok(status["targets"].clone())
}

/// An address as a list of them has it.
fn quoted(framework: &FakeFramework) -> String {
    format!("\"{}\"", framework.url("/ws"))
}

#[tokio::test]
async fn each_framework_has_its_token_and_one_that_is_away_is_no_matter_of_the_others() -> Result<()>
{
    let [first, second, away] = [
        FakeFramework::start().await?,
        FakeFramework::start().await?,
        FakeFramework::start().await?,
    ];
    let own = format!(
        "{{ url = {}, token = {{ file = \"own.txt\" }} }}",
        quoted(&second)
    );
    let urls = [quoted(&first), own, quoted(&away)];
    let token = "token = { file = \"token.txt\" }";
    let settings = Settings::simulator().reverse_client_of("bots", &urls, token);
    let folder = DataFolder::with(&settings)?;
    std::fs::write(folder.path().join("token.txt"), "s3cret\n")?;
    std::fs::write(folder.path().join("own.txt"), "another\n")?;
    let away_address = away.address();
    away.stop().await;
    let node = Node::start(&folder).await?;
    let (mut one, mut other) = (connected(&first).await?, connected(&second).await?);
    ensure!(one.header("authorization") == Some("Bearer s3cret"));
    ensure!(other.header("authorization") == Some("Bearer another"));

    let groups = one.call("get_group_list", json!({})).await?;
    let group = groups["data"][0]["group_id"].to_string();
    say(&folder, &group, "hello 你好").await?;
    for link in [&mut one, &mut other] {
        let is_message = |frame: &Value| frame["raw_message"] == "hello 你好";
        link.next_where("the message", is_message).await?;
    }
    let shown = until("that one is away", async || {
        let shown = targets(&node, "bots").await?;
        let is_away = shown[2]["problem"]["code"] == "dial.nobody_here";
        Ok(is_away.then_some(shown))
    })
    .await?;
    ensure!(
        shown[0]["state"] == "open" && shown[1]["state"] == "open",
        "{shown}"
    );
    node.is_healthy().await?;
    let said = run(&folder, &["status"]).await?.stdout;
    for framework in [&first, &second] {
        let line = format!("{} connected", framework.url("/ws"));
        ensure!(said.contains(&line), "{said}");
    }
    ensure!(said.contains("3 addresses"), "{said}");
    let checked = run(&folder, &["check"]).await?.stdout;
    ensure!(checked.contains(&second.url("/ws")), "{checked}");

    // It comes, and nobody else is dialled anew.
    let away = FakeFramework::start_at(away_address).await?;
    connected(&away).await?;
    one.call("get_status", json!({})).await?;
    ensure!((first.ever(), second.ever()) == (1, 1));
    Ok(())
}

#[tokio::test]
async fn an_address_that_goes_to_another_client_never_has_two_connections() -> Result<()> {
    let (moving, staying) = (FakeFramework::start().await?, FakeFramework::start().await?);
    let settings = |first: &[String], second: &[String]| {
        let settings = Settings::simulator().reverse_client_of("first", first, "");
        settings.reverse_client_of("second", second, "")
    };
    let other = FakeFramework::start().await?;
    let both = [quoted(&staying), quoted(&moving)];
    let folder = DataFolder::with(&settings(&both, &[quoted(&other)]))?;
    let _node = Node::start(&folder).await?;
    let mut link = connected(&moving).await?;
    for rounds in 1..=3 {
        let moved = [quoted(&other), quoted(&moving)];
        let is_moved = rounds % 2 == 1;
        let next = if is_moved {
            settings(&[quoted(&staying)], &moved)
        } else {
            settings(&both, &[quoted(&other)])
        };
        folder.write_settings(&next.to_string())?;
        link.ended().await?.context("a goodbye")?;
        link = connected(&moving).await?;
        tokio::time::sleep(QUIET).await;
        let counts = (moving.ever(), moving.most_at_once());
        ensure!(counts == (rounds + 1, 1), "{counts:?}");
    }
    Ok(())
}

#[tokio::test]
async fn halves_have_an_address_and_a_role_each_and_the_one_for_events_follows() -> Result<()> {
    let framework = FakeFramework::start().await?;
    let url = framework.url("/ws?x=1");
    let settings = Settings::simulator().reverse_client("old", &url, "roles = \"split\"");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    for _ in 0..2 {
        let mut api = framework.next().await?;
        ensure!(api.path() == "/ws/api?x=1", "{}", api.path());
        ensure!(api.header("x-client-role") == Some("API"));
        let mut events = connected(&framework).await?;
        ensure!(events.path() == "/ws/event?x=1", "{}", events.path());
        ensure!(events.header("x-client-role") == Some("Event"));
        ensure!(events.header("x-self-id") == Some("10000"));
        // The first frame for actions is the answer to one.
        let login = api.call("get_login_info", json!({})).await?;
        ensure!(login["data"]["user_id"] == 10000, "{login}");
        let shown = targets(&node, "old").await?;
        ensure!(
            shown[0]["state"] == "open" && shown[1]["state"] == "open",
            "{shown}"
        );
        ensure!(
            shown[1]["address"] == framework.url("/ws/event?x=1"),
            "{shown}"
        );
        api.close().await?;
        let close = events.ended().await?.context("a goodbye")?;
        ensure!(close.reason.contains("API half"), "{close:?}");
    }
    Ok(())
}
