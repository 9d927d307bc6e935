//! What ends a core or a node that works, or floods it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use fake_core::{PATIENCE, Process, Qq, Scenario, SessionFate};
use serde_json::Value;

use crate::trials::told;
use perpetua_e2e::world::{World, confirming, quick};

/// A node ends within it, whatever its core does.
const NODE_ENDS: Duration = Duration::from_secs(10);

#[tokio::test]
async fn the_third_kick_in_a_short_time_waits_for_a_person() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    for _ in 0..3 {
        let mut core = world.online().await?;
        core.qq(Qq::Kick).await?;
        core.ended(PATIENCE).await?;
    }
    let braked = world.reaches("braked").await?;
    let said = told(&braked);
    ensure!(
        said.contains("3 times") && said.contains("another program"),
        "{said}"
    );
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_core_that_others_end_is_started_again() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    terminate(core.pid()).await?;
    core.ended(PATIENCE).await?;
    let is_said = |core: &Value| told(core).contains("stopped in order");
    world.stands("that it stopped in order", is_said).await?;
    world.online().await?;
    ensure!(!node.log().contains("memory"), "{}", node.log());
    Ok(())
}

#[cfg(unix)]
async fn terminate(pid: u32) -> Result<()> {
    let pid = pid.to_string();
    let status = tokio::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .await?;
    ensure!(status.success(), "`kill -TERM {pid}` failed");
    Ok(())
}

#[tokio::test]
async fn a_node_that_ends_takes_a_core_that_waits_with_it() -> Result<()> {
    for session in [SessionFate::Dead, SessionFate::Unanswered] {
        let world = World::new(&confirming()).await?;
        let mut node = world.node().await?;
        let mut core = world.online().await?;
        world.direct(&Scenario { session, ..quick() })?;
        world.command(&["restart", "main"]).await?;
        core.ended(PATIENCE).await?;
        let mut core = world.qq.core().await?;
        let waits = |core: &Value| {
            core["state"] == "waiting_for_scan"
                || core["phase"] == "session"
                || told(core).contains("saved session")
        };
        world.stands("a core that waits", waits).await?;
        let asked = Instant::now();
        node.terminate().await?;
        node.ended(NODE_ENDS).await?;
        core.ended(PATIENCE).await?;
        ensure!(
            asked.elapsed() < NODE_ENDS,
            "{session:?}: {:?}",
            asked.elapsed()
        );
        let log = node.log();
        ensure!(!log.contains("memory runs out"), "{session:?}: {log}");
    }
    Ok(())
}

#[tokio::test]
async fn a_long_line_and_many_lines_change_nothing() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    let before = node.footprint()?;
    let flood = "info: Lagrange.Core.BotContext[0] [2025-11-04 10:11:31] [PacketContext] [VERBOSE]: a line of the core\n".repeat(20_000);
    core.process(Process::Print(flood)).await?;
    core.process(Process::Print(format!("{}\n", "x".repeat(1_000_000))))
        .await?;
    core.qq(Qq::Kick).await?;
    core.ended(PATIENCE).await?;
    world.online().await?;
    if let (Some(before), Some(after)) = (before, node.footprint()?) {
        ensure!(
            after.resident_kib < before.resident_kib + 40_000,
            "{before:?} {after:?}"
        );
    }
    Ok(())
}

/// The node's own limits on the wall clock: `cargo xtask test --long`.
mod long {
    use super::*;

    /// A core that is asked to end has so long for it.
    const GRACE: Duration = Duration::from_secs(9);

    #[tokio::test]
    async fn a_stop_of_a_session_that_is_not_answered_ends_with_a_kill_that_is_called_ours()
    -> Result<()> {
        let world = World::new(&confirming()).await?;
        let mut node = world.node().await?;
        let mut core = world.online().await?;
        world.direct(&Scenario {
            session: SessionFate::Unanswered,
            ..quick()
        })?;
        world.command(&["restart", "main"]).await?;
        core.ended(PATIENCE).await?;
        let mut core = world.qq.core().await?;
        let tries = |core: &Value| told(core).contains("saved session");
        world.stands("a session that is tried", tries).await?;
        let asked = Instant::now();
        world.command(&["stop", "main"]).await?;
        core.ended(PATIENCE).await?;
        ensure!(asked.elapsed() >= GRACE, "it did not hang");
        world.reaches("stopped").await?;
        node.logged("perpetua has ended the core").await?;
        ensure!(!node.log().contains("memory"), "{}", node.log());
        Ok(())
    }
}
