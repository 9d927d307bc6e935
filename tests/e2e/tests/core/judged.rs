//! Versions that work, and new ones that do not: what works is never taken away.

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, Fate, PATIENCE};
use serde_json::Value;

use perpetua_e2e::world::{LONG, World, confirming};

fn says(text: &str, wanted: &[&str]) -> Result<()> {
    for part in wanted {
        ensure!(text.contains(part), "`{part}` is not said: {text}");
    }
    Ok(())
}

/// The ids of all installed versions.
async fn installed(world: &World) -> Result<Vec<String>> {
    let cores = world.cores().await?;
    let all = cores["installed"].as_array().context("a list")?;
    let ids = all.iter().filter_map(|version| version["id"].as_str());
    Ok(ids.map(str::to_owned).collect())
}

/// Publishes and installs a version, and gives its id.
async fn update(world: &World, build: &Build) -> Result<String> {
    let packed = world.publish(build)?;
    world.command(&["core", "install"]).await?;
    Ok(packed.version_id("nightly"))
}

#[tokio::test]
async fn the_last_version_that_was_online_outlives_updates_and_takes_the_place_of_one_that_hangs()
-> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    let good = installed(&world).await?.pop().context("one is installed")?;
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    // Nothing runs, and nothing but the disk knows what was online.
    node.kill().await?;
    let untried = update(&world, &Build::numbered(2)).await?;
    let hanging = update(&world, &Build::numbered(3).with(Fate::Hangs)).await?;
    let left = installed(&world).await?;
    ensure!(left.contains(&good), "{good} is missing: {left:?}");
    ensure!(
        !left.contains(&untried),
        "never online, and not current: {left:?}"
    );
    says(
        &world.refused(&["core", "remove", &good]).await?,
        &[&good, "main"],
    )?;

    let _node = world.node().await?;
    for _ in 0..2 {
        let mut core = world.qq.core_within(LONG).await?;
        assert_eq!(core.commit(), "3".repeat(40));
        core.ended(LONG).await?;
    }
    let core = world.online().await?;
    assert_eq!(core.commit(), "1".repeat(40));
    let status = world.command(&["status"]).await?;
    says(&status, &["did not work", "no progress", &good])?;

    // It is not taken again without a word, whoever vouches for it; the same command twice is none.
    let refused = world.refused(&["core", "install"]).await?;
    says(&refused, &["rolled back", "no progress", "--accept"])?;
    let listed = world.command(&["core", "list", "--check"]).await?;
    says(&listed, &["rolled back"])?;
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    let sha256 = refused.split_whitespace().last().context("the command")?;
    world
        .command(&["core", "install", "--accept", sha256])
        .await?;
    assert_eq!(world.current_commit().await?, Some("3".repeat(40)));
    ensure!(installed(&world).await?.contains(&hanging), "it was there");
    Ok(())
}

#[tokio::test]
async fn a_file_that_was_rolled_back_is_asked_about_though_its_digest_is_given() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    let bad = world
        .archives
        .pack_here(&Build::numbered(2).with(Fate::CrashesOnline(200)))?;
    let file = world.folder.path().join(&bad.name);
    std::fs::write(&file, &bad.bytes)?;
    let file = file.to_str().context("a path that is text")?;
    let import = ["core", "import", file, "--accept", &bad.sha256];
    world.command(&import).await?;
    world.command(&["restart", "main"]).await?;
    core.ended(PATIENCE).await?;
    for _ in 0..2 {
        world.qq.core().await?.ended(PATIENCE).await?;
    }
    let core = world.online().await?;
    says(&world.refused(&import).await?, &["rolled back", "crashed"])?;
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    world.command(&import).await?;
    assert_eq!(world.current_commit().await?, Some("2".repeat(40)));
    drop(core);
    Ok(())
}

#[tokio::test]
async fn a_chosen_version_is_taken_at_once_by_what_has_not_come_online() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    let good = installed(&world).await?.pop().context("one is installed")?;
    let hanging = update(&world, &Build::numbered(2).with(Fate::Hangs)).await?;
    // The running one says when.
    let told = world.command(&["core", "use", &hanging]).await?;
    says(&told, &["main", "next start"])?;
    world.command(&["restart", "main"]).await?;
    core.ended(PATIENCE).await?;
    let mut hangs = world.qq.core().await?;
    assert_eq!(hangs.commit(), "2".repeat(40));
    let told = world.command(&["core", "use", &good]).await?;
    says(&told, &["`main` is started with it at once"])?;
    hangs.ended(PATIENCE).await?;
    let core = world.online().await?;
    assert_eq!(core.commit(), "1".repeat(40));
    let status: Value = world.core_status().await?;
    ensure!(status["notice"].is_null(), "a person did it: {status}");
    Ok(())
}
