//! Two real frameworks and a plain client on one managed account.

use anyhow::{Result, ensure};
use fake_core::{Qq, RunningCore};
use perpetua_e2e::{EchoBot, Node};
use perpetua_testkit::Client;
use serde_json::{Value, json};

use perpetua_e2e::world::{UIN, World};

/// The account's clients.
pub(crate) struct Bots {
    nonebot: EchoBot,
    koishi: EchoBot,
    probe: Client,
}

impl Bots {
    /// Starts them all; they need not find the account online.
    pub(crate) async fn start(world: &World, node: &Node) -> Result<Self> {
        let token = world.folder.token("nonebot").await?;
        let address = node.client("nonebot").await?;
        let nonebot = EchoBot::nonebot("nonebot", "~aiohttp", address, &token)?;
        let token = world.folder.token("probe").await?;
        let probe = Client::connect(node.client("probe").await?, &token).await?;
        Ok(Self {
            nonebot,
            koishi: koishi(world, node).await?,
            probe,
        })
    }

    /// Waits until both frameworks count the account as online.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        self.nonebot.ready().await?;
        self.koishi.ready().await
    }

    /// Waits until both come back after the node itself was gone.
    ///
    /// `NoneBot2` does so by itself. Koishi does not: when a connection ends, its adapter
    /// (`koishi-plugin-adapter-onebot` 6.9.4, `accept`) sets the bot offline, and the retry that its
    /// base class has planned then finds nothing to do. So a person starts it again.
    pub(crate) async fn return_to(&mut self, world: &World, node: &Node) -> Result<()> {
        self.nonebot.gone().await?;
        self.koishi.gone().await?;
        self.koishi = koishi(world, node).await?;
        let token = world.folder.token("probe").await?;
        self.probe = Client::connect(node.client("probe").await?, &token).await?;
        self.ready().await
    }

    /// Someone writes, and both answer through the core.
    pub(crate) async fn answer(&mut self, core: &mut RunningCore, text: &str) -> Result<()> {
        // Lagrange keeps nothing for a link that is not there: a call that is answered shows that it is.
        self.probe.data_of("get_group_list", json!({})).await?;
        let said = Qq::Say {
            text: text.to_owned(),
            count: 1,
            per_second: 0,
        };
        core.qq(said).await?;
        for bot in [&self.nonebot, &self.koishi] {
            core.was_told(&format!("{}: {text}", bot.name)).await?;
        }
        Ok(())
    }

    /// Waits for a heartbeat that says that the account is offline.
    pub(crate) async fn hear_of_the_loss(&mut self) -> Result<()> {
        let says = |frame: &Value| frame["status"]["online"] == false;
        self.probe
            .next_where("`online: false`", says)
            .await
            .map(drop)
    }

    /// Fails when a framework has lost its connection.
    pub(crate) fn stayed(&self) -> Result<()> {
        for bot in [&self.nonebot, &self.koishi] {
            ensure!(!bot.was_dropped(), "{} lost its connection", bot.name);
        }
        Ok(())
    }
}

async fn koishi(world: &World, node: &Node) -> Result<EchoBot> {
    let token = world.folder.token("koishi").await?;
    EchoBot::koishi("koishi", node.client("koishi").await?, &token, UIN)
}
