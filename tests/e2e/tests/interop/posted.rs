//! Frameworks that are servers for HTTP, to which events are posted. aiocqhttp answers by quick operations; Koishi calls.

use anyhow::Result;
use perpetua_e2e::{DataFolder, EchoBot, Node, ReservedPort, ScriptedUpstream, Settings, until};

const SECRET: &str = "s3cret";
/// The account of the scripted upstream.
const SELF_ID: u64 = 20_002;

#[tokio::test]
async fn a_bot_checks_the_signature_and_answers_by_quick_operations() -> Result<()> {
    let mut upstream = ScriptedUpstream::start().await?;
    let port = ReservedPort::for_the_node()?;
    let url = format!("http://{}/", port.address());
    let settings = Settings::onebot(&upstream.url()).post_client(
        "hook",
        &url,
        "secret = { file = \"secret.txt\" }",
    );
    let folder = DataFolder::with(&settings)?;
    std::fs::write(folder.path().join("secret.txt"), SECRET)?;
    let node = Node::start(&folder).await?;
    // The node first: what it has for the framework waits.
    let mut bot = EchoBot::aiocqhttp_posted("hook", port.number(), SECRET)?;
    bot.ready().await?;
    for text in ["hello 你好😀", "a/b"] {
        upstream.say(text).await?;
        upstream.was_told(&format!("hook: {text}")).await?;
    }
    drop(bot);
    let wrong = EchoBot::aiocqhttp_posted("hook", port.number(), "another")?;
    node.health_says("`secret`").await?;
    drop(wrong);
    Ok(())
}

/// Koishi signs what it makes of an event again, and compares.
#[tokio::test]
async fn koishi_takes_signed_events_and_answers_by_calls() -> Result<()> {
    let mut upstream = ScriptedUpstream::start().await?;
    let port = ReservedPort::for_the_node()?;
    let url = format!("http://{}/onebot", port.address());
    let settings = Settings::onebot(&upstream.url())
        .http_client("koishi", "")
        .post_client("hook", &url, "secret = { file = \"secret.txt\" }");
    let folder = DataFolder::with(&settings)?;
    std::fs::write(folder.path().join("secret.txt"), SECRET)?;
    let node = Node::start(&folder).await?;
    let (address, token) = (node.client("koishi").await?, folder.token("koishi").await?);
    let calls = (address, &*token);
    let mut koishi = EchoBot::koishi_posted("koishi", calls, (port.number(), SECRET), SELF_ID)?;
    koishi.ready().await?;
    until("it takes events", async || {
        let status = node.client_status("hook").await?;
        Ok((status["targets"][0]["state"] == "open").then_some(()))
    })
    .await?;
    for text in ["hello 你好😀", "a/b \u{2028}"] {
        upstream.say(text).await?;
        upstream.was_told(&format!("koishi: {text}")).await?;
    }
    drop(koishi);
    let _wrong = EchoBot::koishi_posted("koishi", calls, (port.number(), "another"), SELF_ID)?;
    node.health_says("`secret`").await?;
    Ok(())
}
