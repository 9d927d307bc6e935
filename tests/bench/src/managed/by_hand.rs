//! A core that nobody manages: started as a person would in a terminal.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, RunningCore};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, copy, sink},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::subject::free_address;

use super::outside::{Outside, UIN, Way};

/// What a core prints when it has started: it is logged in and its server listens.
const STARTED: &str = "Application started";
/// The node sets the same for the cores that it manages.
const HEARTBEAT_MS: u32 = 5000;

/// Where such cores run.
pub(super) struct ByHand {
    folder: TempDir,
    outside: Outside,
}

/// A core that has started. Dropping it kills it.
pub(super) struct Started {
    /// Our line to it.
    pub(super) core: RunningCore,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// From before its process was started until it said that it has started.
    pub(super) after: Duration,
    child: Child,
}

impl ByHand {
    pub(super) async fn set_up() -> Result<Self> {
        let folder = TempDir::new()?;
        let outside = Outside::of(folder.path()).await?;
        Ok(Self { folder, outside })
    }

    /// Starts the core and waits until it says that it has started.
    pub(super) async fn start(&self, program: &Path, way: Way) -> Result<Started> {
        let address = free_address()?;
        let settings = self.settings(address).to_string();
        fs::write(self.folder.path().join("appsettings.json"), settings)?;
        let begin = Instant::now();
        let mut child = Command::new(program)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start `{}`", program.display()))?;
        let mut output = BufReader::new(child.stdout.take().context("stdout is a pipe")?);
        let started = async {
            timeout(PATIENCE, until_started(&mut output))
                .await
                .with_context(|| format!("the core did not start within {PATIENCE:?}"))??;
            Ok(begin.elapsed())
        };
        let (core, after) = tokio::try_join!(self.outside.core(way), started)?;
        // A full pipe would stop the core.
        tokio::spawn(async move { copy(&mut output, &mut sink()).await });
        Ok(Started {
            core,
            address,
            after,
            child,
        })
    }

    fn settings(&self, address: SocketAddr) -> serde_json::Value {
        json!({
            "Logging": { "LogLevel": { "Default": "Information" } },
            "SignServerUrl": self.outside.signer_url(),
            "Account": { "Uin": UIN, "Protocol": "Linux" },
            "Implementations": [{
                "Type": "ForwardWebSocket",
                "Host": address.ip(),
                "Port": address.port(),
                "HeartBeatInterval": HEARTBEAT_MS,
            }],
        })
    }
}

impl Started {
    /// Ends it and waits until it is gone.
    pub(super) async fn end(mut self) -> Result<()> {
        self.child.kill().await.context("the core cannot be ended")
    }
}

async fn until_started(output: &mut BufReader<ChildStdout>) -> Result<()> {
    let mut line = String::new();
    while !line.contains(STARTED) {
        line.clear();
        let length = output.read_line(&mut line).await?;
        ensure!(length > 0, "the core has ended without `{STARTED}`");
    }
    Ok(())
}

/// How long a core takes to start: with a session, and with a QR code.
pub(super) async fn start_times(program: &Path) -> Result<[Duration; 2]> {
    let by_hand = ByHand::set_up().await?;
    // The login with a code leaves the session.
    let qr_code = start_time(&by_hand, program, Way::QrCode).await?;
    let session = start_time(&by_hand, program, Way::Session).await?;
    Ok([session, qr_code])
}

async fn start_time(by_hand: &ByHand, program: &Path, way: Way) -> Result<Duration> {
    let started = by_hand.start(program, way).await?;
    let after = started.after;
    started.end().await?;
    Ok(after)
}
