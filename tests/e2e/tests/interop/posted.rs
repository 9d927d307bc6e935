//! Frameworks as servers for HTTP, which events are posted to: aiocqhttp answers by quick operations, `NoneBot2` by calls.

use anyhow::Result;
use perpetua_e2e::{
    DataFolder, EchoBot, Node, ReservedPort, ScriptedUpstream, Settings, run, until,
};

use crate::dialled::self_id;

const SECRET: &str = "s3cret";
/// The account of the scripted upstream.
const SELF_ID: u64 = 20_002;

#[tokio::test]
async fn aiocqhttp_checks_the_signature_and_answers_by_quick_operations() -> Result<()> {
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

#[tokio::test]
async fn nonebot_checks_the_signature_and_answers_by_calls() -> Result<()> {
    let mut upstream = ScriptedUpstream::start().await?;
    let port = ReservedPort::for_the_node()?;
    let url = format!("http://{}/onebot/v11/http", port.address());
    let keys = "secret = { file = \"secret.txt\" }\nframework = \"nonebot\"";
    let settings = Settings::onebot(&upstream.url())
        .client("probe")
        .post_client("hook", &url, keys)
        .http_client("calls", "");
    let folder = DataFolder::with(&settings)?;
    std::fs::write(folder.path().join("secret.txt"), SECRET)?;
    let node = Node::start(&folder).await?;
    let (id, address) = (self_id(&node, &folder).await?, node.client("calls").await?);
    let token = folder.token("calls").await?;
    let calls = (id, address, &*token);
    for round in 0..2 {
        // Its first bot does not know the second: what the node has for it waits in between.
        let mut bot = EchoBot::nonebot_posted("hook", (port.number(), SECRET), calls)?;
        bot.ready().await?;
        for text in ["hello 你好😀", "a/b"] {
            let text = format!("{text} {round}");
            upstream.say(&text).await?;
            upstream.was_told(&format!("hook: {text}")).await?;
        }
    }
    let wrong = EchoBot::nonebot_posted("hook", (port.number(), "another"), calls)?;
    node.health_says("`secret`").await?;
    drop(wrong);
    Ok(())
}

/// `adapter-onebot` 6.9.4 signs a body that its server has not kept: it fails on every event, and the owner is told.
#[tokio::test]
async fn koishi_fails_on_signed_events_and_its_owner_is_told() -> Result<()> {
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
    upstream.say("hello").await?;
    until("the owner to be told", async || {
        let told = run(&folder, &["status"]).await?.stdout;
        Ok(told.contains("HTTP status 500").then_some(()))
    })
    .await
}
