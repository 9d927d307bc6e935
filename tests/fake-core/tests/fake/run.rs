//! A fake core in a folder of its own, with a signer and a QQ.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, QqControl, RunningCore, Scenario, SignerServer};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) const TOKEN: &str = "correct horse";

/// A scenario whose phone is asked all the time.
pub(crate) fn quick() -> Scenario {
    Scenario {
        poll_ms: 20,
        ..Scenario::default()
    }
}

/// Waits until something is so of which nobody tells.
pub(crate) async fn until(is_so: impl Fn() -> bool) -> Result<()> {
    let waited = async {
        while !is_so() {
            // It is looked at again.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waited).await.context("it is not so")
}

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
    stdout: JoinHandle<io::Result<String>>,
    stderr: JoinHandle<io::Result<String>>,
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
        let mut child = Command::new(env!("CARGO_BIN_EXE_fake-lagrange"))
            .current_dir(self.folder.path())
            .env_remove("TERM")
            .env("Implementations__0__AccessToken", TOKEN)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the fake core")?;
        // Read all the time: a core that nobody reads stands still.
        let stdout = read(child.stdout.take().context("its output")?);
        let stderr = read(child.stderr.take().context("its errors")?);
        let core = self.control.core().await?;
        ensure!(
            Some(core.pid()) == child.id(),
            "another core has come than was started"
        );
        Ok(Run {
            core,
            child,
            stdout,
            stderr,
        })
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
        self.signal("-TERM").await
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub(crate) async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.core.pid().to_string();
        let status = Command::new("kill").args([name, &pid]).status().await?;
        ensure!(status.success(), "`kill {name} {pid}` failed");
        Ok(())
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> Result<Ended> {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .context("the core does not end")??;
        Ok(Ended {
            code: status.code(),
            #[cfg(unix)]
            signal: std::os::unix::process::ExitStatusExt::signal(&status),
            stdout: self.stdout.await??,
            stderr: self.stderr.await??,
        })
    }
}

fn read(mut pipe: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<io::Result<String>> {
    tokio::spawn(async move {
        let mut text = String::new();
        pipe.read_to_string(&mut text).await?;
        Ok(text)
    })
}

impl Ended {
    /// Fails unless it printed these words, one after another.
    pub(crate) fn says_in_order(&self, all: &[&str]) -> Result<()> {
        let mut rest = self.stdout.as_str();
        for words in all {
            let (_, after) = rest
                .split_once(words)
                .with_context(|| format!("`{words}` is not in its place: {}", self.stdout))?;
            rest = after;
        }
        Ok(())
    }

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
