//! What happens to an account that is online: both frameworks stay connected through it.

use std::time::Duration;

use anyhow::{Result, ensure};
use fake_core::{PATIENCE, Process, Qq, Report, Scenario};
use serde_json::Value;

use crate::scene::Scene;
use perpetua_e2e::process::{is_gone, is_running, kill};
use perpetua_e2e::world::{LONG, confirming};

#[tokio::test]
async fn a_kick() -> Result<()> {
    let mut scene = Scene::online().await?;
    scene.core.qq(Qq::Kick).await?;
    // The core says `online` for ever; its clients are told the truth.
    scene.bots.hear_of_the_loss().await?;
    scene.comes_back().await?;
    scene.works("after the kick.").await
}

#[tokio::test]
async fn a_crash() -> Result<()> {
    let mut scene = Scene::online().await?;
    let words = "System.OutOfMemoryException: Insufficient memory to continue.";
    scene.core.process(Process::Crash(words.to_owned())).await?;
    scene.comes_back().await?;
    scene.works("after the crash.").await
}

#[tokio::test]
async fn a_port_in_use() -> Result<()> {
    let mut scene = Scene::online().await?;
    let scenario = Scenario {
        taken_ports: 1,
        ..confirming()
    };
    scene.world.direct(&scenario)?;
    scene.world.command(&["restart", "main"]).await?;
    scene.core.ended(PATIENCE).await?;
    let mut shut_out = scene.world.qq.core().await?;
    let failed = |report: &Report| matches!(report, Report::NotServing(_));
    shut_out.reported("a port that is taken", failed).await?;
    shut_out.ended(PATIENCE).await?;
    scene.core = scene.world.online().await?;
    scene.works("on another port.").await
}

#[tokio::test]
async fn a_connection_to_qq_that_flaps() -> Result<()> {
    let mut scene = Scene::online().await?;
    scene.core.qq(Qq::Flap(1_000)).await?;
    scene.bots.hear_of_the_loss().await?;
    // The core comes back by itself: it is the same one.
    scene.world.reaches("online").await?;
    scene.works("after the flap.").await
}

#[tokio::test]
async fn a_socket_that_is_cut() -> Result<()> {
    let mut scene = Scene::online().await?;
    scene.core.qq(Qq::DropSockets).await?;
    scene.bots.hear_of_the_loss().await?;
    scene.works("after the cut.").await
}

#[tokio::test]
async fn too_much_memory() -> Result<()> {
    let mut scene = Scene::online().await?;
    let text = scene.world.folder.read_settings()?;
    let text = text.replacen(
        "start-timeout = \"5s\"",
        "start-timeout = \"5s\"\nmemory-limit = \"250MB\"",
        1,
    );
    scene.world.folder.write_settings(&text)?;
    scene.core.process(Process::Hog(400)).await?;
    scene.comes_back().await?;
    scene.node.logged("`memory-limit`").await?;
    scene.works("after the feast.").await
}

#[tokio::test]
async fn a_kill_of_the_core() -> Result<()> {
    let mut scene = Scene::online().await?;
    kill(scene.core.pid()).await?;
    scene.comes_back().await?;
    scene.works("after the kill.").await
}

#[tokio::test]
async fn a_kill_of_the_node_leaves_no_orphan_and_the_frameworks_return() -> Result<()> {
    let mut scene = Scene::online().await?;
    let child = child_of(&mut scene).await?;
    kill(scene.node.id()?).await?;
    for pid in [scene.core.pid(), child] {
        is_gone(pid).await?;
    }

    scene.node = scene.world.node().await?;
    scene.core = scene.world.online().await?;
    scene.bots.return_to(&scene.world, &scene.node).await?;
    scene.works("after the end of the world.").await
}

#[tokio::test]
async fn an_orderly_end_of_the_node_takes_the_core_with_it() -> Result<()> {
    let mut scene = Scene::online().await?;
    scene.node.terminate().await?;
    scene.core.ended(PATIENCE).await?;
    scene.node.ended(Duration::from_secs(10)).await?;
    ensure!(
        !is_running(scene.core.pid()).await?,
        "the core is an orphan"
    );
    Ok(())
}

#[tokio::test]
async fn words_of_strangers_are_no_log_records() -> Result<()> {
    let mut scene = Scene::online().await?;
    let forged = "\ninfo: Lagrange.Core.BotContext[0] [2025-11-04 10:11:31] [WtExchangeLogic] [FATAL]: KickNTEvent: gone: gone\n";
    scene
        .core
        .process(Process::Print(forged.to_owned()))
        .await?;
    scene.works("nothing has happened.").await?;
    let status = scene.world.core_status().await?;
    assert_eq!(status["state"], "online", "{status}");
    let log = scene
        .world
        .command(&["log", "main", "--lines", "50"])
        .await?;
    ensure!(
        !log.contains("nothing has happened."),
        "a message's text stands in the log: {log}"
    );
    Ok(())
}

/// Has the core make a child, and gives its process id.
async fn child_of(scene: &mut Scene) -> Result<u32> {
    scene.core.process(Process::HaveChild).await?;
    let is_child = |report: &Report| matches!(report, Report::Child(_));
    match scene.core.reported("a child", is_child).await? {
        Report::Child(pid) => Ok(pid),
        other => anyhow::bail!("{other:?} is no child"),
    }
}

/// The generation grows with each start, so that nothing late is taken for new.
#[tokio::test]
async fn each_start_is_counted() -> Result<()> {
    let mut scene = Scene::online().await?;
    let before = scene.world.core_status().await?;
    scene.world.command(&["restart", "main"]).await?;
    scene.comes_back().await?;
    let after = scene.world.core_status().await?;
    let generation = |status: &Value| status["generation"].as_u64();
    assert!(generation(&after) > generation(&before), "{after}");
    scene.works("after the restart.").await
}

/// What takes its time, because the node's own time limits and pauses are met here on the wall clock:
/// `cargo xtask test --long`. `perpetua-lifecycle` and `perpetua-supervisor` have short tests of them.
mod long {
    use super::*;

    /// How long a stop may take: 10 s for the core to listen, then it is killed.
    const STOP_LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_core_that_hangs() -> Result<()> {
        let scenario = Scenario {
            ignores_stop: true,
            ..confirming()
        };
        let mut scene = Scene::online_as(&scenario, |settings| settings).await?;
        scene.core.process(Process::Hang).await?;
        scene.core.ended(LONG).await?;
        scene.core = scene.world.online().await?;
        scene.works("after the silence.").await
    }

    #[tokio::test]
    async fn a_core_that_crashes_again_and_again_is_braked() -> Result<()> {
        let mut scene = Scene::online().await?;
        for _ in 0..5 {
            let words = "System.Exception: again".to_owned();
            scene.core.process(Process::Crash(words)).await?;
            scene.core.ended(PATIENCE).await?;
            match scene.world.qq.core_within(PATIENCE).await {
                Ok(core) => scene.core = core,
                Err(_none) => break,
            }
        }
        let braked = scene.world.reaches("braked").await?;
        assert_eq!(braked["reason"], "failing", "{braked}");
        let lines = braked["last_lines"].as_array().map_or(0, Vec::len);
        assert!((1..=50).contains(&lines), "{braked}");
        scene.world.command(&["start", "main"]).await?;
        scene.core = scene.world.online().await?;
        scene.works("after the brake.").await
    }

    #[tokio::test]
    async fn a_stop_ends_deaf_cores_and_their_children_and_keeps_the_frameworks() -> Result<()> {
        let scenario = Scenario {
            ignores_stop: true,
            ..confirming()
        };
        let mut scene = Scene::online_as(&scenario, |settings| settings).await?;
        let child = child_of(&mut scene).await?;
        scene.world.command(&["stop", "main"]).await?;
        scene.core.ended(STOP_LIMIT).await?;
        is_gone(child).await?;
        scene.world.reaches("stopped").await?;
        scene.bots.stayed()?;
        scene.world.direct(&confirming())?;
        scene.world.command(&["start", "main"]).await?;
        scene.core = scene.world.online().await?;
        scene.works("after the stop.").await
    }
}
