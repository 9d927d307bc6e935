//! A fake core in a folder of its own, with a signer and a QQ.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, QqControl, RunningCore, Scenario, SignerServer};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

pub(crate) const TOKEN: &str = "correct horse";

/// Everything around one core.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) signer: SignerServer,
    pub(crate) control: QqControl,
    pub(crate) port: u16,
}

/// A running core.
pub(crate) struct Run {
    pub(crate) core: RunningCore,
    child: Child,
}

/// How a core ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    #[cfg(unix)]
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stage {
    pub(crate) async fn set(scenario: &Scenario) -> Result<Self> {
        let folder = TempDir::with_prefix("fake-core-")?;
        let signer = SignerServer::start().await?;
        let control = QqControl::bind().await?;
        let port = TcpListener::bind(("127.0.0.1", 0))
            .await?
            .local_addr()?
            .port();
        let settings = json!({
            "SignServerUrl": signer.url(),
            "Account": { "Uin": 0 },
            "Implementations": [{
                "Type": "ForwardWebSocket", "Host": "127.0.0.1", "Port": port, "AccessToken": "",
            }],
        });
        std::fs::write(folder.path().join("appsettings.json"), settings.to_string())?;
        let stage = Self {
            folder,
            signer,
            control,
            port,
        };
        stage.direct(scenario)?;
        Ok(stage)
    }

    /// Cores that start from now on follow this scenario.
    pub(crate) fn direct(&self, scenario: &Scenario) -> Result<()> {
        // Their output is read from pipes, on Windows too.
        let scenario = Scenario {
            console: Some(scenario.console.unwrap_or(true)),
            ..scenario.clone()
        };
        self.control.direct(self.folder.path(), &scenario)
    }

    /// Starts a core with these variables beside the usual ones.
    pub(crate) async fn start(&self, variables: &[(&str, &str)]) -> Result<Run> {
        let child = Command::new(env!("CARGO_BIN_EXE_fake-lagrange"))
            .current_dir(self.folder.path())
            .env("Implementations__0__AccessToken", TOKEN)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the fake core")?;
        let core = self.control.core().await?;
        ensure!(
            Some(core.pid()) == child.id(),
            "another core has come than was started"
        );
        Ok(Run { core, child })
    }

    /// Starts a core that logs in by itself, and waits until it serves.
    pub(crate) async fn online(scenario: &Scenario) -> Result<(Self, Run)> {
        let scenario = Scenario {
            poll_ms: 20,
            confirms_after_polls: Some(1),
            ..scenario.clone()
        };
        let stage = Self::set(&scenario).await?;
        let mut run = stage.start(&[]).await?;
        run.core.serving().await?;
        Ok((stage, run))
    }
}

impl Run {
    /// Asks it to end, as a supervisor does.
    #[cfg(unix)]
    pub(crate) async fn terminate(&self) -> Result<()> {
        let pid = self.core.pid().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().await?;
        ensure!(status.success(), "`kill -TERM {pid}` failed");
        Ok(())
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> Result<Ended> {
        let output = timeout(PATIENCE, self.child.wait_with_output())
            .await
            .context("the core does not end")??;
        Ok(Ended {
            code: output.status.code(),
            #[cfg(unix)]
            signal: std::os::unix::process::ExitStatusExt::signal(&output.status),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }
}

impl Ended {
    /// Fails unless it died of an exception with these words.
    pub(crate) fn died_of(&self, words: &str) -> Result<()> {
        ensure!(
            self.stderr.starts_with("Unhandled exception. ") && self.stderr.contains(words),
            "`{words}` was expected: {}",
            self.stderr
        );
        #[cfg(unix)]
        ensure!(
            (self.code, self.signal) == (None, Some(6)),
            "it ended with {:?} and {:?}",
            self.code,
            self.signal
        );
        #[cfg(windows)]
        ensure!(
            self.code == Some(-532_462_766),
            "it ended with {:?}",
            self.code
        );
        Ok(())
    }
}
