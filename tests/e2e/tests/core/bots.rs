//! Two real frameworks and a plain client on one managed account.

use anyhow::{Result, ensure};
use fake_core::{Qq, RunningCore};
use perpetua_e2e::{EchoBot, loopback};
use perpetua_testkit::Client;

use crate::world::{UIN, World};

/// The account's clients.
pub(crate) struct Bots {
    bots: [EchoBot; 2],
    pub(crate) probe: Client,
}

impl Bots {
    /// Starts them all; they need not find the account online.
    pub(crate) async fn start(world: &World) -> Result<Self> {
        let token = world.folder.token("nonebot").await?;
        let address = loopback(world.ports.nonebot);
        let nonebot = EchoBot::nonebot("nonebot", "~aiohttp", address, &token)?;
        let token = world.folder.token("koishi").await?;
        let koishi = EchoBot::koishi("koishi", loopback(world.ports.koishi), &token, UIN)?;
        let token = world.folder.token("probe").await?;
        let probe = Client::connect(loopback(world.ports.probe), &token).await?;
        Ok(Self {
            bots: [nonebot, koishi],
            probe,
        })
    }

    /// Waits until both frameworks count the account as online.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        for bot in &mut self.bots {
            bot.ready().await?;
        }
        Ok(())
    }

    /// Waits until both have lost their connection.
    pub(crate) async fn gone(&mut self) -> Result<()> {
        for bot in &mut self.bots {
            bot.gone().await?;
        }
        Ok(())
    }

    /// Someone writes, and both answer through the core.
    pub(crate) async fn answer(&self, core: &mut RunningCore, text: &str) -> Result<()> {
        let said = Qq::Say {
            text: text.to_owned(),
            count: 1,
            per_second: 0,
        };
        core.qq(said).await?;
        for bot in &self.bots {
            core.was_told(&format!("{}: {text}", bot.name)).await?;
        }
        Ok(())
    }

    /// Waits for a heartbeat that says this of the account.
    pub(crate) async fn hear_online(&mut self, online: bool) -> Result<()> {
        let says = |frame: &serde_json::Value| frame["status"]["online"] == online;
        self.probe
            .next_where(&format!("`online: {online}`"), says)
            .await
            .map(drop)
    }

    /// Fails when a framework has lost its connection.
    pub(crate) fn stayed(&self) -> Result<()> {
        for bot in &self.bots {
            ensure!(!bot.was_dropped(), "{} lost its connection", bot.name);
        }
        Ok(())
    }
}
