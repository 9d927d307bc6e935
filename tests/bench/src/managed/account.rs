//! A node whose account has a managed core.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use fake_core::{Archives, Build, PATIENCE, RunningCore};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use crate::subject::{Running, free_address};

use super::{
    Managed,
    events::Events,
    outside::{Outside, UIN, Way},
};

const ACCOUNT: &str = "main";

/// A running node. Dropping it kills it, and with it the core.
pub(super) struct Account {
    pub(super) running: Running,
    pub(super) outside: Outside,
    events: Events,
    /// The start of the core that the account was online with last.
    generation: u64,
    program: PathBuf,
    folder: TempDir,
}

/// How long a login took, from before its command was started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Until the node said that the account is online.
    pub(super) online: Duration,
    /// Until the command had ended.
    pub(super) returned: Duration,
}

impl Account {
    /// Installs the core and starts the node; the account is stopped, and has never been logged in.
    pub(super) async fn set_up(managed: &Managed) -> Result<Self> {
        let folder = TempDir::new()?;
        let outside = Outside::of(&folder.path().join("accounts").join(ACCOUNT)).await?;
        let clients = free_address()?;
        let settings = settings(&outside.signer_url(), clients);
        fs::write(folder.path().join("perpetua.toml"), settings)?;
        let packed = Archives::of(&managed.core)?.pack_here(&Build::default())?;
        let archive = folder.path().join(&packed.name);
        fs::write(&archive, &packed.bytes)?;
        let archive = archive.to_str().context("the folder's name is no text")?;
        let import = ["core", "import", archive, "--accept", &packed.sha256];
        succeed(perpetuad(&managed.node, &folder).args(import)).await?;

        let node = perpetuad(&managed.node, &folder);
        let running = Running::start(node, folder.path(), clients).await?;
        Ok(Self {
            events: Events::follow(folder.path()).await?,
            running,
            outside,
            generation: 0,
            program: managed.node.clone(),
            folder,
        })
    }

    /// `perpetuad login`. The core lives for as long as the value.
    pub(super) async fn log_in(&mut self, way: Way) -> Result<(RunningCore, Times)> {
        let mut command = perpetuad(&self.program, &self.folder);
        let begin = Instant::now();
        let returned = async {
            succeed(command.args(["login", ACCOUNT])).await?;
            Ok(begin.elapsed())
        };
        let online = async {
            self.generation = online(&mut self.events, self.generation).await?;
            Ok(begin.elapsed())
        };
        let (returned, online, core) = tokio::try_join!(returned, online, self.outside.core(way))?;
        Ok((core, Times { online, returned }))
    }

    /// Waits for another core, and until the account is online with it.
    pub(super) async fn online_again(&mut self) -> Result<RunningCore> {
        let online = online(&mut self.events, self.generation);
        let (generation, core) = tokio::try_join!(online, self.outside.core(Way::Session))?;
        self.generation = generation;
        Ok(core)
    }

    /// `perpetuad stop`, until the core has ended.
    pub(super) async fn stop(&mut self) -> Result<()> {
        succeed(perpetuad(&self.program, &self.folder).args(["stop", ACCOUNT])).await?;
        let stopped = self.events.core_is(|core| core.state == "stopped").await;
        stopped.map(drop)
    }

    /// Ends the node. When the run has failed, what it wrote last is part of the error.
    pub(super) async fn clear<T>(self, result: Result<T>) -> Result<T> {
        let result = result.with_context(|| self.running.last_words());
        self.running.end().await?;
        result
    }
}

async fn online(events: &mut Events, before: u64) -> Result<u64> {
    let online = events
        .core_is(|core| core.state == "online" && core.generation > before)
        .await?;
    Ok(online.generation)
}

fn perpetuad(program: &PathBuf, folder: &TempDir) -> Command {
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(folder.path());
    command
}

/// Runs a command to its end.
async fn succeed(command: &mut Command) -> Result<()> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .with_context(|| format!("{:?} still ran after {PATIENCE:?}", command.as_std()))??;
    ensure!(
        output.status.success(),
        "{:?} failed: {}",
        command.as_std(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// All that is not here is at its default, except that nobody is asked for newer cores.
fn settings(signer: &str, clients: SocketAddr) -> String {
    format!(
        r#"secrets = "file"

[api]
listen = "127.0.0.1:0"

[core]
check-every = "0s"

[[signers]]
name = "bench"
url = "{signer}"

[[accounts]]
name = "{ACCOUNT}"
[accounts.upstream]
kind = "lagrange"
uin = {UIN}
auto-start = false

[[accounts.clients]]
name = "bench"
kind = "forward"
listen = "{clients}"
token = "off"
"#
    )
}
