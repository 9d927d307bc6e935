//! The frameworks that wait, and perpetua connects to them: `NoneBot2` on its server driver, aiocqhttp (the way of
//! `AstrBot`), Koishi and Karin.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, EchoBot, Node, ReservedPort, ScriptedUpstream, Settings, Waiting};
use perpetua_testkit::Client;
use serde_json::json;
use tokio::time::timeout;

const TOKEN: &str = "s3cret";
const KARIN_ANSWERS_WITHIN: Duration = Duration::from_secs(8);

/// An upstream, and the settings of a node that dials one framework.
struct Setup {
    upstream: ScriptedUpstream,
    folder: DataFolder,
    port: ReservedPort,
    framework: Waiting,
    /// How many connections the framework has.
    connections: usize,
}

impl Setup {
    async fn start(framework: Waiting) -> Result<Self> {
        Self::with(framework, "", 1).await
    }

    /// With further keys of the client, by which it has so many connections.
    async fn with(framework: Waiting, keys: &str, connections: usize) -> Result<Self> {
        let upstream = ScriptedUpstream::start().await?;
        let port = ReservedPort::for_the_node()?;
        let url = format!("ws://{}{}", port.address(), framework.path());
        let mut keys = format!("token = {{ file = \"token.txt\" }}\n{keys}");
        if let Some(word) = framework.word() {
            keys += &format!("\nframework = \"{word}\"");
        }
        let settings = Settings::onebot(&upstream.url())
            .client("probe")
            .reverse_client("bot", &url, &keys);
        let folder = DataFolder::with(&settings)?;
        std::fs::write(folder.path().join("token.txt"), TOKEN)?;
        Ok(Self {
            upstream,
            folder,
            port,
            framework,
            connections,
        })
    }

    fn bot(&self, token: &str) -> Result<EchoBot> {
        EchoBot::waiting("bot", self.framework, self.port.number(), token)
    }

    /// What is said reaches the bot, and its answer comes back.
    async fn is_answered(&mut self, node: &Node, bot: &EchoBot, text: &str) -> Result<()> {
        // Frameworks call themselves connected with the upgrade; the node waits a moment, as some close then.
        let connections = self.connections;
        let connected = format!(r#""name":"bot","enabled":true,"connected":{connections}"#);
        node.health_says(&connected).await?;
        let answer = format!("bot: {text}");
        if matches!(self.framework, Waiting::Karin) {
            // On a busy machine it was seen to miss what came in the second after it had called itself connected.
            for _ in 0..2 {
                self.upstream.say(text).await?;
                let told = timeout(KARIN_ANSWERS_WITHIN, self.upstream.was_told(&answer)).await;
                if told.is_ok() {
                    return Ok(());
                }
            }
        }
        self.upstream.say(text).await?;
        self.upstream.was_told(&answer).await?;
        ensure!(!bot.has_failed(), "an action could not be called");
        Ok(())
    }
}

pub(crate) async fn self_id(node: &Node, folder: &DataFolder) -> Result<u64> {
    let address = node.client("probe").await?;
    let mut probe = Client::connect(address, &folder.token("probe").await?).await?;
    let login = probe.data_of("get_login_info", json!({})).await?;
    login["user_id"].as_u64().context("an account has an id")
}

/// The framework comes after the node, answers, and is restarted, as the node is.
async fn restarts(framework: Waiting, times: usize) -> Result<()> {
    restarts_of(Setup::start(framework).await?, times).await
}

async fn restarts_of(mut setup: Setup, times: usize) -> Result<()> {
    let node = Node::start(&setup.folder).await?;
    if let Waiting::Koishi { self_id: id } = &mut setup.framework {
        *id = self_id(&node, &setup.folder).await?;
    }
    for round in 0..times {
        let mut bot = setup.bot(TOKEN)?;
        bot.ready()
            .await
            .with_context(|| format!("round {round}"))?;
        setup
            .is_answered(&node, &bot, &format!("framework 你好 {round}."))
            .await?;
    }
    node.kill().await?;
    let mut bot = setup.bot(TOKEN)?;
    for round in 0..times {
        let node = Node::start(&setup.folder).await?;
        bot.ready().await.with_context(|| format!("node {round}"))?;
        setup
            .is_answered(&node, &bot, &format!("node {round}."))
            .await?;
        node.kill().await?;
    }
    Ok(())
}

#[tokio::test]
async fn restarts_of_aiocqhttp_and_of_the_node_lose_no_way_back() -> Result<()> {
    restarts(Waiting::Aiocqhttp, 3).await
}

/// Over one connection for actions and one for events: no event is heard that cannot be answered.
#[tokio::test]
async fn restarts_of_aiocqhttp_in_halves_lose_no_way_back() -> Result<()> {
    let setup = Setup::with(Waiting::Aiocqhttp, "roles = \"split\"", 2).await?;
    restarts_of(setup, 3).await
}

#[tokio::test]
async fn restarts_of_nonebot_and_of_the_node_lose_no_way_back() -> Result<()> {
    restarts(Waiting::NoneBot, 3).await
}

#[tokio::test]
async fn restarts_of_koishi_and_of_the_node_lose_no_way_back() -> Result<()> {
    restarts(Waiting::Koishi { self_id: 0 }, 3).await
}

#[tokio::test]
async fn restarts_of_karin_and_of_the_node_lose_no_way_back() -> Result<()> {
    restarts(Waiting::Karin, 3).await
}

/// What a framework says when it does not want us, and what the owner reads.
async fn a_refusal_is_told(framework: Waiting, token: &str, words: &str) -> Result<()> {
    let setup = Setup::start(framework).await?;
    let node = Node::start(&setup.folder).await?;
    let bot = setup.bot(token)?;
    node.health_says(words)
        .await
        .with_context(|| format!("{framework:?}"))?;
    drop(bot);
    Ok(())
}

#[tokio::test]
async fn every_refusal_is_told_with_its_cause() -> Result<()> {
    a_refusal_is_told(
        Waiting::Aiocqhttp,
        "another",
        "`ws_reverse_token` in AstrBot",
    )
    .await?;
    a_refusal_is_told(
        Waiting::NoneBot,
        "another",
        "its `ONEBOT_ACCESS_TOKEN` is not",
    )
    .await?;
    let other_account = Waiting::Koishi { self_id: 1 };
    a_refusal_is_told(other_account, TOKEN, "as `selfId` in Koishi").await?;
    a_refusal_is_told(Waiting::Karin, "another", "wants another token").await
}

/// What takes its time, because real programs start: `cargo xtask test --long`.
mod long {
    use anyhow::Result;
    use perpetua_e2e::Waiting;

    #[tokio::test]
    async fn twenty_restarts_of_aiocqhttp_and_of_the_node_lose_no_way_back() -> Result<()> {
        super::restarts(Waiting::Aiocqhttp, 20).await
    }

    #[tokio::test]
    async fn twenty_restarts_of_nonebot_and_of_the_node_lose_no_way_back() -> Result<()> {
        super::restarts(Waiting::NoneBot, 20).await
    }

    #[tokio::test]
    async fn twenty_restarts_of_koishi_and_of_the_node_lose_no_way_back() -> Result<()> {
        super::restarts(Waiting::Koishi { self_id: 0 }, 20).await
    }

    #[tokio::test]
    async fn twenty_restarts_of_karin_and_of_the_node_lose_no_way_back() -> Result<()> {
        super::restarts(Waiting::Karin, 20).await
    }
}
