//! Installations that meet, and installations that are killed.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use fake_core::Fault;
use perpetua_e2e::{begin, run, until};
use perpetua_testkit::PATIENCE;

use crate::stage::{HELD, idle_world, says};
use perpetua_e2e::process::{is_gone, kill};
use perpetua_e2e::world::World;

/// Bytes a second: a download of some megabytes takes seconds, in which others come and go.
const SLOW: u64 = 2_000_000;

/// Bytes of the downloads that are under way.
fn downloaded(world: &World) -> Result<u64> {
    sizes(&world.folder.path().join("core"))
}

/// The size of all unfinished downloads below a folder.
fn sizes(folder: &Path) -> Result<u64> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(0);
    };
    let mut all = 0;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            all += sizes(&path)?;
        } else if path.to_string_lossy().contains(".downloads") {
            // It may be done meanwhile.
            all += entry.metadata().map_or(0, |metadata| metadata.len());
        }
    }
    Ok(all)
}

/// Waits until more of a download has arrived.
async fn download_arrives(world: &World) -> Result<()> {
    let before = downloaded(world)?;
    until("a part of the download", async || {
        Ok((downloaded(world)? > before + 100_000).then_some(()))
    })
    .await
}

async fn is_installed_once(world: &World) -> Result<()> {
    let cores = world.cores().await?;
    let installed = cores["installed"].as_array().context("a list")?;
    ensure!(installed.len() == 1, "{cores}");
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    for entry in std::fs::read_dir(world.folder.path().join("core"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(!name.starts_with(".new-"), "`{name}` was left behind");
    }
    assert_eq!(downloaded(world)?, 0, "a download was left behind");
    Ok(())
}

#[tokio::test]
async fn two_at_once_through_a_node_are_one() -> Result<()> {
    let world = idle_world().await?;
    let _node = world.node().await?;
    world.releases.every_download(Some(Fault::Slow(SLOW)));
    let install = ["core", "install"];
    let first = begin(&world.folder, &install)?;
    download_arrives(&world).await?;
    world.command(&install).await?;
    let ended = ended(first).await?;
    assert_eq!(ended, Some(0));
    assert_eq!(world.releases.counts().downloads, 1);
    is_installed_once(&world).await
}

#[tokio::test]
async fn two_at_once_without_a_node_are_one_and_a_refusal() -> Result<()> {
    let world = idle_world().await?;
    world.releases.every_download(Some(Fault::Slow(SLOW)));
    let install = ["core", "install"];
    let first = begin(&world.folder, &install)?;
    download_arrives(&world).await?;
    let second = run(&world.folder, &install).await?;
    assert_eq!(second.code, Some(HELD), "{second:?}");
    says(&second.stderr, &["another perpetua (process "])?;
    assert_eq!(ended(first).await?, Some(0));
    assert_eq!(world.releases.counts().downloads, 1);
    is_installed_once(&world).await
}

#[tokio::test]
async fn what_was_killed_goes_on_where_it_was() -> Result<()> {
    let world = idle_world().await?;
    world.releases.every_download(Some(Fault::Slow(SLOW)));
    let install = ["core", "install"];
    for _ in 0..2 {
        let killed = begin(&world.folder, &install)?;
        download_arrives(&world).await?;
        let pid = killed.id()?;
        kill(pid).await?;
        is_gone(pid).await?;
        let listed = world.command(&["core", "list"]).await?;
        says(&listed, &["o core is installed"])?;
    }
    world.releases.every_download(None);
    world.command(&install).await?;
    assert_eq!(world.releases.counts().resumed, 2);
    is_installed_once(&world).await
}

#[tokio::test]
async fn a_node_goes_on_when_who_asked_is_killed() -> Result<()> {
    let world = idle_world().await?;
    let _node = world.node().await?;
    world.releases.every_download(Some(Fault::Slow(SLOW)));
    let killed = begin(&world.folder, &["core", "install"])?;
    download_arrives(&world).await?;
    kill(killed.id()?).await?;
    let listed = world.command(&["core", "list"]).await?;
    says(&listed, &["downloading", "MB/s"])?;
    until("the end of the installation", async || {
        let cores = world.cores().await?;
        Ok((cores["job"]["state"] == "done").then_some(()))
    })
    .await?;
    is_installed_once(&world).await
}

async fn ended(mut program: perpetua_e2e::Program) -> Result<Option<i32>> {
    Ok(program.ended(PATIENCE).await?.code())
}
