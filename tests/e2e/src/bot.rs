//! Echo bots on real frameworks, each its own process.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

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
    /// Where Karin keeps its settings.
    _folder: Option<TempDir>,
}

/// A framework that waits for the node to dial it.
#[derive(Clone, Copy, Debug)]
pub enum Waiting {
    /// aiocqhttp, the way of `AstrBot`.
    Aiocqhttp,
    /// `NoneBot2` on its server driver.
    NoneBot,
    /// Koishi, which serves this account alone and asks for no token.
    Koishi {
        /// The account's id.
        self_id: u64,
    },
    /// Karin.
    Karin,
}

impl Waiting {
    /// What the settings call it, if they know it by name.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Aiocqhttp => Some("astrbot"),
            Self::NoneBot => Some("nonebot"),
            Self::Koishi { .. } => Some("koishi"),
            Self::Karin => None,
        }
    }

    /// The path at which it waits.
    pub fn path(self) -> &'static str {
        match self {
            Self::Aiocqhttp => "/ws",
            Self::NoneBot | Self::Karin => "/onebot/v11/ws",
            Self::Koishi { .. } => "/onebot",
        }
    }
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

    /// A bot on a framework that waits on this port of the loopback address.
    pub fn waiting(name: &'static str, framework: Waiting, port: u16, token: &str) -> Result<Self> {
        let mut folder = None;
        let mut command = match framework {
            Waiting::Aiocqhttp => python("aiocqhttp_bot.py")?,
            Waiting::NoneBot => {
                let mut command = python("nonebot_bot.py")?;
                command.env("BOT_DRIVER", "~fastapi");
                command
            }
            Waiting::Koishi { self_id } => {
                let mut command = node_js("koishi_bot.js")?;
                command.env("BOT_SELF_ID", self_id.to_string());
                command
            }
            Waiting::Karin => {
                let mut command = node_js("karin_bot.mjs")?;
                command.env("BOT_FOLDER", folder.insert(TempDir::new()?).path());
                command
            }
        };
        command
            .env("BOT_NAME", name)
            .env("BOT_PORT", port.to_string())
            .env("BOT_TOKEN", token);
        Ok(Self {
            name,
            program: Program::start(name, command)?,
            _folder: folder,
        })
    }

    /// aiocqhttp as events are posted to it on this port, signed with this secret.
    pub fn aiocqhttp_posted(name: &'static str, port: u16, secret: &str) -> Result<Self> {
        let mut command = python("aiocqhttp_bot.py")?;
        command
            .env("BOT_NAME", name)
            .env("BOT_PORT", port.to_string())
            .env("BOT_SECRET", secret);
        Ok(Self {
            name,
            program: Program::start(name, command)?,
            _folder: None,
        })
    }

    /// `NoneBot2` as events are posted to it on this port, signed with this secret; it calls the account of this id
    /// at this address, with this token.
    pub fn nonebot_posted(
        name: &'static str,
        (port, secret): (u16, &str),
        (self_id, address, token): (u64, SocketAddr, &str),
    ) -> Result<Self> {
        let mut command = python("nonebot_bot.py")?;
        let roots = format!("{{\"{self_id}\": \"http://{address}/\"}}");
        command
            .env("BOT_DRIVER", "~fastapi+~httpx")
            .env("BOT_NAME", name)
            .env("BOT_PORT", port.to_string())
            .env("BOT_SECRET", secret)
            .env("BOT_ROOTS", roots)
            .env("BOT_TOKEN", token);
        Ok(Self {
            name,
            program: Program::start(name, command)?,
            _folder: None,
        })
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

    /// Koishi in its HTTP mode: it calls this address with this token, and events are posted to it on this port, signed
    /// with this secret.
    pub fn koishi_posted(
        name: &'static str,
        (address, token): (SocketAddr, &str),
        (port, secret): (u16, &str),
        self_id: u64,
    ) -> Result<Self> {
        let mut command = node_js("koishi_bot.js")?;
        command
            .env("BOT_PROTOCOL", "http")
            .env("BOT_URL", format!("http://{address}"))
            .env("BOT_PORT", port.to_string())
            .env("BOT_SECRET", secret)
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
        Ok(Self {
            name,
            program: Program::start(name, command)?,
            _folder: None,
        })
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
