//! Processes of this machine, by their ids.

use std::time::Duration;

use crate::until_within;
use anyhow::{Context as _, Result};
use tokio::process::Command;

pub use fake_core::kill;

/// How long a process may live on after whoever owned it was killed.
const ORPHAN_LIMIT: Duration = Duration::from_secs(10);

/// Whether a process runs. One that has ended and that nobody has asked about does not.
pub async fn is_running(pid: u32) -> Result<bool> {
    let id = pid.to_string();
    if cfg!(windows) {
        let filter = format!("PID eq {id}");
        let mut command = Command::new("tasklist");
        let listed = command.args(["/FI", &filter, "/NH"]).output().await?;
        return Ok(String::from_utf8_lossy(&listed.stdout).contains(&id));
    }
    let listed = Command::new("ps")
        .args(["-o", "stat=", "-p", &id])
        .output()
        .await
        .context("cannot run `ps`")?;
    let state = String::from_utf8_lossy(&listed.stdout).trim().to_owned();
    Ok(!state.is_empty() && !state.starts_with('Z'))
}

/// Waits until a process has ended.
pub async fn is_gone(pid: u32) -> Result<()> {
    until_within(
        ORPHAN_LIMIT,
        &format!("the end of process {pid}"),
        async || Ok((!is_running(pid).await?).then_some(())),
    )
    .await
}
