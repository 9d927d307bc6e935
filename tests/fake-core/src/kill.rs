//! Killing a process of this machine.

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

/// Kills a process without asking it.
pub async fn kill(pid: u32) -> Result<()> {
    let id = pid.to_string();
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/F", "/PID", &id]);
        command
    } else {
        let mut command = Command::new("kill");
        command.args(["-KILL", &id]);
        command
    };
    let status = command.status().await.context("cannot run a command")?;
    ensure!(status.success(), "process {pid} could not be killed");
    Ok(())
}
