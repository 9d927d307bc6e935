//! A machine that lacks room, rights or folders for a while, or stands still: the node waits, says so, and goes on.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::world::{World, confirming};
use perpetua_e2e::{run, sentence, until};
use perpetua_fs::faults::{DiskFault, FaultyDisk};
use serde_json::Value;

use crate::stage::{FAILED, idle_world, says, set_upstream_key};

fn disk(world: &World) -> FaultyDisk {
    FaultyDisk::under(world.folder.path())
}

#[tokio::test]
async fn an_account_starts_again_on_a_full_disk_and_lost_log_lines_are_a_problem_while_they_are()
-> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let _first = world.online().await?;
    node.is_healthy().await?;
    disk(&world).fail(DiskFault::Full, "");
    world.command(&["restart", "main"]).await?;
    let _second = world.online().await?;
    let health = node
        .health_says("lines were lost: the disk is full")
        .await?;
    ensure!(health.status == 503, "{health:?}");
    let status = world.command(&["status"]).await?;
    says(&status, &["lost", "the disk is full", "logs"])?;
    disk(&world).mend();
    // Nobody does anything, and nothing is logged.
    node.is_healthy().await
}

#[tokio::test]
async fn a_login_is_not_begun_on_a_disk_that_is_nearly_full_and_begins_by_itself() -> Result<()> {
    let world = idle_world().await?;
    world.command(&["core", "install"]).await?;
    let _node = world.node().await?;
    disk(&world).leave_free(1_000_000);
    world.command(&["start", "main"]).await?;
    let held =
        |status: &Value| sentence(&status["message"]).contains("a login needs 10 MB of room");
    world.stands("the start to be held", held).await?;
    disk(&world).mend();
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_node_that_the_disk_keeps_from_starting_says_so_and_ends_with_69() -> Result<()> {
    let world = World::new(&confirming()).await?;
    for (fault, said) in [
        (DiskFault::Full, "the disk is full"),
        (DiskFault::ReadOnly, "may not write there"),
    ] {
        disk(&world).fail(fault, "");
        run(&world.folder, &[])
            .await?
            .refused_with(FAILED, &[said])?;
        disk(&world).mend();
        world.node().await?.kill().await?;
    }
    Ok(())
}

/// As after a copy by another user.
#[tokio::test]
async fn a_record_of_cores_that_may_not_be_read_is_waited_for_and_the_account_comes_by_itself()
-> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let installed = world.current_commit().await?;
    disk(&world).fail(DiskFault::Unreadable, "versions.json");
    let node = world.node().await?;
    let said = ["versions.json", "this user may not read it"];
    says(&world.command(&["status"]).await?, &said)?;
    disk(&world).mend();
    let core = world.online().await?;
    ensure!(Some(core.commit()) == installed.as_deref(), "another core");
    node.is_healthy().await
}

#[tokio::test]
async fn a_memory_limit_that_no_core_can_live_in_is_raised_and_said() -> Result<()> {
    let world = World::new(&confirming()).await?;
    set_upstream_key(&world, "memory-limit = \"100MB\"")?;
    let said = ["`memory-limit` is 100 MB", "250 MB"];
    says(&world.command(&["check"]).await?, &said)?;
    let node = world.node().await?;
    let _core = world.online().await?;
    says(&world.command(&["status"]).await?, &said)?;
    node.is_healthy().await
}

/// Windows lets nobody delete what is open.
#[cfg(unix)]
#[tokio::test]
async fn folders_that_are_gone_are_made_anew_while_the_node_runs() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let mut node = world.node().await?;
    let core = world.online().await?;
    for folder in ["run", "logs", "core", "accounts/main/backup"] {
        let path = world.folder.path().join(folder);
        std::fs::remove_dir_all(&path).with_context(|| folder.to_owned())?;
    }
    until("the node to be found again", async || {
        let finished = run(&world.folder, &["status"]).await?;
        Ok((finished.code == Some(0)).then_some(()))
    })
    .await?;
    // Another node is kept out.
    let second = run(&world.folder, &[]).await?;
    ensure!(second.code == Some(75), "{second:?}");
    world.command(&["core", "install"]).await?;
    ensure!(world.current_commit().await?.is_some());
    node.logged("installed").await?;
    let logs = world.folder.path().join("logs");
    until("a log in a new folder", async || {
        Ok(logs.exists().then_some(()))
    })
    .await?;
    let status = world.core_status().await?;
    ensure!(status["process"]["pid"] == core.pid(), "{status}");
    Ok(())
}

/// What takes the time of the limits that it is about.
#[cfg(unix)]
mod long {
    use std::time::Duration;

    use tokio::{process::Command, time::sleep};

    use super::*;

    async fn signal(signal: &str, pids: [u32; 2]) -> Result<()> {
        let mut command = Command::new("kill");
        command.arg(signal).args(pids.map(|pid| pid.to_string()));
        let status = command.status().await.context("cannot run `kill`")?;
        ensure!(status.success(), "`kill {signal}` failed");
        Ok(())
    }

    #[tokio::test]
    async fn a_node_and_a_core_that_stood_still_go_on_as_before() -> Result<()> {
        let world = World::new(&confirming()).await?;
        let node = world.node().await?;
        let core = world.online().await?;
        let pids = [node.id()?, core.pid()];
        let generation = world.core_status().await?["generation"].clone();
        for stopped in [40, 75] {
            signal("-STOP", pids).await?;
            sleep(Duration::from_secs(stopped)).await;
            signal("-CONT", pids).await?;
            sleep(Duration::from_secs(20)).await;
            let status = world.core_status().await?;
            ensure!(status["state"] == "online", "{stopped} s: {status}");
            ensure!(
                status["process"]["pid"] == core.pid(),
                "{stopped} s: {status}"
            );
            ensure!(status["generation"] == generation, "{stopped} s: {status}");
        }
        node.is_healthy().await
    }
}
