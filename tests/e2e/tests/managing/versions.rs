//! Choosing among installed versions, and versions that cannot be chosen.

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, Fate, PATIENCE};
use perpetua_e2e::{run, sentence};
use serde_json::Value;

use crate::installation::program_below;
use crate::stage::{FAILED, USAGE, refused, says, with_and_without_a_node};
use perpetua_e2e::world::{World, confirming};

/// The ids of the current version and of the one before it.
async fn chosen(world: &World) -> Result<[Option<String>; 2]> {
    let cores = world.cores().await?;
    let installed = cores["installed"].as_array().context("a list")?;
    let marked = |mark: &str| {
        let found = installed.iter().find(|version| version[mark] == true);
        found.and_then(|version| version["id"].as_str().map(str::to_owned))
    };
    Ok([marked("current"), marked("previous")])
}

/// Installs the versions 1 and 2, and gives their ids.
async fn two_versions(world: &World) -> Result<[String; 2]> {
    let mut ids = Vec::new();
    for number in 1..=2 {
        let packed = world.publish(&Build::numbered(number))?;
        world.command(&["core", "install"]).await?;
        ids.push(packed.version_id("nightly"));
    }
    ids.try_into().ok().context("two versions")
}

#[tokio::test]
async fn one_of_several_is_chosen_checked_and_removed() -> Result<()> {
    with_and_without_a_node(async |world| {
        let [old, new] = two_versions(world).await?;
        let [is_old, is_new] = [&old, &new].map(|id| Some(id.clone()));
        assert_eq!(chosen(world).await?, [is_new.clone(), is_old.clone()]);
        world.command(&["core", "use", "previous"]).await?;
        assert_eq!(chosen(world).await?[0], is_old);
        let told = world.command(&["core", "use", &new]).await?;
        says(&told, &[&format!("`{new}`")])?;
        let verified = world.command(&["core", "verify"]).await?;
        let fine = |id: &str| format!("{id}: unchanged");
        says(&verified, &[&fine(&old), &fine(&new)])?;

        let installed = [old.as_str(), &new];
        refused(world, &["core", "use", "nightly-none"], USAGE, &installed).await?;
        refused(
            world,
            &["core", "remove", "nightly-none"],
            USAGE,
            &installed,
        )
        .await?;
        refused(
            world,
            &["core", "verify", "nightly-none"],
            USAGE,
            &installed,
        )
        .await?;
        let in_use = ["core", "remove", &new];
        refused(world, &in_use, USAGE, &["core use"]).await?;
        world.command(&["core", "remove", &old]).await?;
        assert_eq!(chosen(world).await?, [is_new, None]);
        let back = ["core", "use", "previous"];
        refused(world, &back, USAGE, &["no version before"]).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_version_of_a_running_account_is_not_removed() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    let [old, new] = two_versions(&world).await?;
    // The account still runs the old one.
    refused(
        &world,
        &["core", "remove", &old],
        USAGE,
        &["in use by main"],
    )
    .await?;
    let listed = world.command(&["core", "list"]).await?;
    says(&listed, &["in use by main"])?;
    world.command(&["restart", "main"]).await?;
    core.ended(PATIENCE).await?;
    let core = world.online().await?;
    assert_eq!(core.commit(), "2".repeat(40), "`{new}` runs");
    world.command(&["core", "remove", &old]).await.map(drop)
}

#[tokio::test]
async fn a_version_that_does_not_start_stays_a_trial() -> Result<()> {
    with_and_without_a_node(async |world| {
        world.command(&["core", "install"]).await?;
        let before = chosen(world).await?;
        world.publish(&Build::numbered(2).with(Fate::NoProgram))?;
        let words = ["did not pass its trial start"];
        refused(world, &["core", "install"], FAILED, &words).await?;
        assert_eq!(chosen(world).await?, before);
        let cores = world.cores().await?;
        assert_eq!(cores["installed"].as_array().map(Vec::len), Some(1));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_version_that_crashes_in_its_first_minute_goes_and_status_says_so() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    let bad = Build::numbered(2).with(Fate::CrashesOnline(300));
    let bad = world.publish(&bad)?.version_id("nightly");
    world.command(&["core", "install"]).await?;
    world.command(&["restart", "main"]).await?;
    core.ended(PATIENCE).await?;
    for _ in 0..2 {
        let mut core = world.qq.core().await?;
        assert_eq!(core.commit(), "2".repeat(40));
        core.ended(PATIENCE).await?;
    }
    let core = world.online().await?;
    assert_eq!(core.commit(), "1".repeat(40));
    let [current, _] = chosen(&world).await?;
    let current = current.context("a current version")?;
    ensure!(current != bad, "{current} is the bad one");
    let status = world.command(&["status"]).await?;
    says(&status, &["did not work", "crashed", &current])
}

#[tokio::test]
async fn a_core_that_was_changed_is_reported_and_not_started() -> Result<()> {
    with_and_without_a_node(async |world| {
        world.command(&["core", "install"]).await?;
        let program = program_below(&world.folder.path().join("core"))?;
        let mut bytes = std::fs::read(&program)?;
        bytes.extend_from_slice(b"and more");
        std::fs::write(&program, bytes)?;
        let verified = run(&world.folder, &["core", "verify"]).await?;
        assert_eq!(verified.code, Some(FAILED), "{verified:?}");
        says(&verified.stdout, &["was changed since its installation"])
    })
    .await?;

    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let program = program_below(&world.folder.path().join("core"))?;
    std::fs::write(&program, b"something else")?;
    let _node = world.node().await?;
    let is_damaged = |status: &Value| {
        let words = sentence(&status["message"]);
        words.contains("was changed since its installation") && words.contains("install it again")
    };
    let status = world.stands("word of the damage", is_damaged).await?;
    assert!(status["process"].is_null(), "{status}");
    world.command(&["core", "install"]).await?;
    world.online().await.map(drop)
}
