//! `NoneBot2` on both of its WebSocket drivers and Koishi at once, each at its own client entry.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, EchoBot, Node, ScriptedUpstream, Settings, Watch, say};
use perpetua_testkit::Client;
use serde_json::json;

/// A node, the frameworks connected to it, and a plain client that looks things up.
struct Setup {
    folder: DataFolder,
    _node: Node,
    bots: [EchoBot; 3],
    probe: Client,
}

impl Setup {
    async fn start(settings: Settings) -> Result<Self> {
        let settings = settings
            .client("aiohttp")
            .client("websockets")
            .client("koishi")
            .client("probe");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;

        let mut probe =
            Client::connect(node.client("probe").await?, &folder.token("probe").await?).await?;
        let login = probe.data_of("get_login_info", json!({})).await?;
        let self_id = login["user_id"].as_u64().context("an account has an id")?;

        let place = async |name| anyhow::Ok((node.client(name).await?, folder.token(name).await?));
        let (address, token) = place("aiohttp").await?;
        let aiohttp = EchoBot::nonebot("aiohttp", "~aiohttp", address, &token)?;
        let (address, token) = place("websockets").await?;
        let websockets = EchoBot::nonebot("websockets", "~websockets", address, &token)?;
        let (address, token) = place("koishi").await?;
        let koishi = EchoBot::koishi("koishi", address, &token, self_id)?;

        let mut bots = [aiohttp, websockets, koishi];
        for bot in &mut bots {
            bot.ready().await?;
        }
        Ok(Self {
            folder,
            _node: node,
            bots,
            probe,
        })
    }

    fn nobody_was_dropped(&self) -> Result<()> {
        for bot in &self.bots {
            ensure!(!bot.was_dropped(), "{} lost its connection", bot.name);
        }
        Ok(())
    }

    async fn first_group(&mut self) -> Result<String> {
        let groups = self.probe.data_of("get_group_list", json!({})).await?;
        let group = groups[0]["group_id"]
            .as_u64()
            .context("the account has a group")?;
        Ok(group.to_string())
    }
}

#[tokio::test]
async fn a_simulated_message_reaches_every_framework_and_every_answer_returns() -> Result<()> {
    let mut setup = Setup::start(Settings::simulator()).await?;
    let group = setup.first_group().await?;
    let mut watch = Watch::start(&setup.folder).await?;

    say(&setup.folder, &group, "hello 你好").await?;

    for bot in &setup.bots {
        watch.saw(&format!("{}: hello 你好", bot.name)).await?;
    }
    setup.nobody_was_dropped()
}

#[tokio::test]
async fn a_foreign_upstream_is_shared_by_every_framework() -> Result<()> {
    let mut upstream = ScriptedUpstream::start().await?;
    let setup = Setup::start(Settings::onebot(&upstream.url())).await?;
    upstream
        .order(json!({ "do": "answer", "how": "shuffled" }))
        .await?;

    // Several at once, so that answers of different frameworks pass each other on their way back.
    for round in 0..5 {
        upstream.say(&format!("round {round}.")).await?;
    }

    for round in 0..5 {
        for bot in &setup.bots {
            upstream
                .was_told(&format!("{}: round {round}.", bot.name))
                .await?;
        }
    }
    setup.nobody_was_dropped()
}

#[tokio::test]
async fn frameworks_stay_connected_while_the_upstream_comes_and_goes() -> Result<()> {
    let mut upstream = ScriptedUpstream::start().await?;
    let setup = Setup::start(Settings::onebot(&upstream.url())).await?;
    upstream.connected().await?;

    for round in 0..2 {
        upstream.order(json!({ "do": "drop" })).await?;
        upstream.connected().await?;
        upstream.say(&format!("back {round}.")).await?;
        for bot in &setup.bots {
            upstream
                .was_told(&format!("{}: back {round}.", bot.name))
                .await?;
        }
    }
    setup.nobody_was_dropped()
}

#[tokio::test]
async fn a_disabled_framework_is_cut_off_and_the_others_are_not() -> Result<()> {
    let mut setup = Setup::start(Settings::simulator()).await?;
    let group = setup.first_group().await?;
    let mut watch = Watch::start(&setup.folder).await?;

    let settings = setup.folder.read_settings()?;
    let disabled = settings.replacen(
        "name = \"koishi\"\n",
        "name = \"koishi\"\nenabled = false\n",
        1,
    );
    setup.folder.write_settings(&disabled)?;

    let [aiohttp, websockets, koishi] = &mut setup.bots;
    koishi.gone().await?;
    say(&setup.folder, &group, "who is left?").await?;
    for bot in [aiohttp, websockets] {
        watch.saw(&format!("{}: who is left?", bot.name)).await?;
        ensure!(!bot.was_dropped(), "{} lost its connection", bot.name);
    }
    Ok(())
}

/// What takes its time, because it runs on the wall clock of real programs: `cargo xtask test --long`.
mod long {
    use std::time::Duration;

    use super::*;

    /// `NoneBot2`'s aiohttp driver drops a connection after exactly 30 s without a frame, and other
    /// parts of the way have limits of up to a minute.
    const IDLE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_silent_minute_drops_nobody() -> Result<()> {
        let mut upstream = ScriptedUpstream::start().await?;
        upstream
            .order(json!({ "do": "beat", "seconds": 3600 }))
            .await?;
        let setup = Setup::start(Settings::onebot(&upstream.url())).await?;

        tokio::time::sleep(IDLE).await;

        setup.nobody_was_dropped()?;
        upstream.say("still there?").await?;
        for bot in &setup.bots {
            upstream
                .was_told(&format!("{}: still there?", bot.name))
                .await?;
        }
        Ok(())
    }
}
