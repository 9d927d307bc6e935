//! A running program that a test talks to over its standard streams.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use crate::Lines;

/// A child process. Dropping it kills it and prints what it wrote, which the test runner shows when the
/// test has failed.
pub struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    /// Its standard output.
    pub stdout: Lines,
    /// Its standard error.
    pub stderr: Lines,
}

impl Program {
    /// Starts a command. `name` stands before its lines when they are printed.
    pub fn start(name: &str, mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| {
                format!(
                    "cannot start {name}: `{}`",
                    command.as_std().get_program().display()
                )
            })?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("stdout is a pipe")?;
        let stderr = child.stderr.take().context("stderr is a pipe")?;
        Ok(Self {
            name: name.to_owned(),
            child,
            stdin,
            stdout: Lines::of(stdout),
            stderr: Lines::of(stderr),
        })
    }

    /// The process id; fails when the program has ended.
    pub fn id(&self) -> Result<u32> {
        self.child
            .id()
            .with_context(|| format!("{} has ended", self.name))
    }

    /// Writes one line to its standard input.
    pub async fn write_line(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().context("its input is closed")?;
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .with_context(|| format!("{} reads no more", self.name))
    }

    /// Asks it to end, as an init system does.
    #[cfg(unix)]
    pub async fn terminate(&self) -> Result<()> {
        self.signal("TERM").await
    }

    /// Asks it to end, as Ctrl+C in its terminal does.
    #[cfg(unix)]
    pub async fn interrupt(&self) -> Result<()> {
        self.signal("INT").await
    }

    #[cfg(unix)]
    async fn signal(&self, signal: &str) -> Result<()> {
        // The shell has `kill` built in; the program is not on every machine.
        let id = self.id()?.to_string();
        let mut shell = Command::new("sh");
        shell.args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]);
        anyhow::ensure!(
            shell.status().await?.success(),
            "SIG{signal} for {id} failed"
        );
        Ok(())
    }

    /// Ends it. Windows has no signal that a test could send to one console program alone.
    #[cfg(windows)]
    pub async fn terminate(&self) -> Result<()> {
        let id = self.id()?.to_string();
        let status = Command::new("taskkill")
            .args(["/F", "/PID", &id])
            .status()
            .await?;
        anyhow::ensure!(status.success(), "`taskkill /F /PID {id}` failed");
        Ok(())
    }

    /// Waits until it ends by itself, at most for `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let status = timeout(limit, self.child.wait())
            .await
            .with_context(|| format!("{} was still running after {limit:?}", self.name))??;
        self.stdout.ended(limit).await?;
        self.stderr.ended(limit).await?;
        Ok(status)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        for (stream, lines) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            eprintln!("--- {} {stream}\n{}", self.name, lines.text());
        }
    }
}
