//! aiocqhttp as a server for HTTP: events are posted to it, and it answers by quick operations.

use anyhow::Result;
use perpetua_e2e::{DataFolder, EchoBot, Node, ReservedPort, ScriptedUpstream, Settings};

const SECRET: &str = "s3cret";

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
