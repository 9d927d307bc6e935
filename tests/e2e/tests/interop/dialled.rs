//! aiocqhttp, the way of `AstrBot`: it waits, and perpetua connects to it.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, EchoBot, Node, ReservedPort, ScriptedUpstream, Settings};

const TOKEN: &str = "s3cret";

struct Setup {
    upstream: ScriptedUpstream,
    folder: DataFolder,
    port: ReservedPort,
}

impl Setup {
    async fn start() -> Result<Self> {
        let upstream = ScriptedUpstream::start().await?;
        let port = ReservedPort::for_the_node()?;
        let url = format!("ws://{}/ws", port.address());
        let settings = Settings::onebot(&upstream.url()).reverse_client(
            "astrbot",
            &url,
            "token = { file = \"token.txt\" }",
        );
        let folder = DataFolder::with(&settings)?;
        std::fs::write(folder.path().join("token.txt"), TOKEN)?;
        Ok(Self {
            upstream,
            folder,
            port,
        })
    }

    fn bot(&self, token: &str) -> Result<EchoBot> {
        EchoBot::aiocqhttp("astrbot", self.port.number(), token)
    }

    /// What is said reaches the bot, and its answer comes back.
    async fn is_answered(&mut self, bot: &EchoBot, text: &str) -> Result<()> {
        self.upstream.say(text).await?;
        self.upstream.was_told(&format!("astrbot: {text}")).await?;
        ensure!(!bot.has_failed(), "an action could not be called");
        Ok(())
    }
}

#[tokio::test]
async fn a_bot_that_waits_is_connected_and_answers() -> Result<()> {
    let mut setup = Setup::start().await?;
    let node = Node::start(&setup.folder).await?;
    // The node first: it is there when the framework begins.
    let mut bot = setup.bot(TOKEN)?;
    bot.ready().await?;
    setup.is_answered(&bot, "hello 你好").await?;
    drop(bot);
    let wrong = setup.bot("another")?;
    node.health_says("HTTP status 403").await?;
    drop(wrong);
    Ok(())
}

#[tokio::test]
async fn restarts_of_either_side_lose_no_way_back() -> Result<()> {
    restarts(2).await
}

async fn restarts(times: usize) -> Result<()> {
    let mut setup = Setup::start().await?;
    let node = Node::start(&setup.folder).await?;
    for round in 0..times {
        let mut bot = setup.bot(TOKEN)?;
        bot.ready()
            .await
            .with_context(|| format!("round {round}"))?;
        setup
            .is_answered(&bot, &format!("framework {round}."))
            .await?;
    }
    node.kill().await?;
    let mut bot = setup.bot(TOKEN)?;
    for round in 0..times {
        let node = Node::start(&setup.folder).await?;
        bot.ready().await.with_context(|| format!("node {round}"))?;
        setup.is_answered(&bot, &format!("node {round}.")).await?;
        node.kill().await?;
    }
    Ok(())
}

/// What takes its time, because real programs start: `cargo xtask test --long`.
mod long {
    use anyhow::Result;

    #[tokio::test]
    async fn twenty_restarts_of_either_side_lose_no_way_back() -> Result<()> {
        super::restarts(20).await
    }
}
