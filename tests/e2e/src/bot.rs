//! Echo bots on real frameworks, each its own process.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use crate::Program;
use crate::interop::{node_js, python};

/// Python and Node.js take seconds to start on a machine that is busy with tests.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A framework reconnects after 3 s (`NoneBot2`) or 5 s (Koishi), and may do so twice.
const REACTION_LIMIT: Duration = Duration::from_secs(20);

/// A bot that answers every message with `<name>: <text>`.
pub struct EchoBot {
    /// What its answers begin with.
    pub name: &'static str,
    program: Program,
}

impl EchoBot {
    /// `NoneBot2` on this driver: `~aiohttp` or `~websockets`.
    pub fn nonebot(
        name: &'static str,
        driver: &str,
        address: SocketAddr,
        token: &str,
    ) -> Result<Self> {
        let mut command = python("nonebot_bot.py")?;
        command.env("BOT_DRIVER", driver);
        Self::start(name, command, address, token)
    }

    /// aiocqhttp as `AstrBot` uses it: it waits on this port for the node.
    pub fn aiocqhttp(name: &'static str, port: u16, token: &str) -> Result<Self> {
        let mut command = python("aiocqhttp_bot.py")?;
        command
            .env("BOT_NAME", name)
            .env("BOT_PORT", port.to_string())
            .env("BOT_TOKEN", token);
        let program = Program::start(name, command)?;
        Ok(Self { name, program })
    }

    /// Whether it could not call an action.
    pub fn has_failed(&self) -> bool {
        self.program.stdout.has(|line| line.starts_with("failed "))
    }

    /// Koishi, which wants to know the account's id beforehand.
    pub fn koishi(
        name: &'static str,
        address: SocketAddr,
        token: &str,
        self_id: u64,
    ) -> Result<Self> {
        let mut command = node_js("koishi_bot.js")?;
        command.env("BOT_SELF_ID", self_id.to_string());
        Self::start(name, command, address, token)
    }

    /// Koishi in its HTTP mode; once it is online it says its name in this group.
    pub fn koishi_over_http(
        name: &'static str,
        address: SocketAddr,
        token: &str,
        (self_id, group): (u64, &str),
    ) -> Result<Self> {
        let mut command = node_js("koishi_bot.js")?;
        command
            .env("BOT_PROTOCOL", "http")
            .env("BOT_URL", format!("http://{address}"))
            .env("BOT_SAYS_IN", group)
            .env("BOT_SELF_ID", self_id.to_string());
        Self::start(name, command, address, token)
    }

    fn start(
        name: &'static str,
        mut command: tokio::process::Command,
        address: SocketAddr,
        token: &str,
    ) -> Result<Self> {
        let has_url = command.as_std().get_envs().any(|(key, _)| key == "BOT_URL");
        if !has_url {
            command.env("BOT_URL", format!("ws://{address}/"));
        }
        command.env("BOT_NAME", name).env("BOT_TOKEN", token);
        let program = Program::start(name, command)?;
        Ok(Self { name, program })
    }

    /// Waits until the framework counts the account as online.
    pub async fn ready(&mut self) -> Result<()> {
        let what = format!("{} to connect", self.name);
        let line = |line: &str| line.starts_with("ready ");
        self.program
            .stdout
            .next_where(&what, START_LIMIT, line)
            .await
            .map(drop)
    }

    /// Waits until the framework has lost its connection.
    pub async fn gone(&mut self) -> Result<()> {
        let what = format!("{} to be cut off", self.name);
        let line = |line: &str| line.starts_with("gone ");
        self.program
            .stdout
            .next_where(&what, REACTION_LIMIT, line)
            .await
            .map(drop)
    }

    /// Whether the framework has lost its connection since it was last asked with [`gone`](Self::gone).
    pub fn was_dropped(&self) -> bool {
        self.program.stdout.has(|line| line.starts_with("gone "))
    }
}
