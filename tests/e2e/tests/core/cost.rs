//! What it costs to look after a core.
#![cfg(target_os = "linux")]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::Node;
use tokio::process::Command;
use tokio::time::sleep;

use perpetua_e2e::world::{World, confirming};

/// Long enough that one tick of the system's clock does not decide.
const SPAN: Duration = Duration::from_secs(10);

/// Memory of the node that a core may cost, in KiB.
const MEMORY_KIB: u64 = 5 * 1024;

#[tokio::test]
async fn a_quiet_core_costs_less_than_one_percent_and_five_megabytes() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let text = world.folder.read_settings()?;
    let stopped = text.replacen("start-timeout", "auto-start = false\nstart-timeout", 1);
    world.folder.write_settings(&stopped)?;
    let node = world.node().await?;
    world.reaches("stopped").await?;
    let before = node.footprint()?.context("Linux tells")?.resident_kib;

    world.command(&["start", "main"]).await?;
    let _core = world.online().await?;
    let used = processor_time(&node).await?;
    // The share of the processor is one of a span of time.
    sleep(SPAN).await;
    let used = processor_time(&node).await?.saturating_sub(used);
    let after = node.footprint()?.context("Linux tells")?.resident_kib;
    let memory = after.saturating_sub(before);
    eprintln!("{used:?} of processor time in {SPAN:?}, {memory} KiB of memory");
    ensure!(used * 100 < SPAN, "{used:?} of processor time in {SPAN:?}");
    ensure!(memory < MEMORY_KIB, "{memory} KiB of memory");
    Ok(())
}

/// The time that a process has had of the processor (`proc(5)`, fields 14 and 15).
async fn processor_time(node: &Node) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", node.id()?))?;
    let (_name, fields) = stat.rsplit_once(')').context("a name in brackets")?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    let asked = Command::new("getconf").arg("CLK_TCK").output().await?;
    let per_second: u64 = String::from_utf8(asked.stdout)?.trim().parse()?;
    Ok(Duration::from_millis(ticks * 1000 / per_second))
}
