//! Downloads that go wrong: what is installed is whole and right, or nothing is.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, Fault, Release};

use perpetua_e2e::sentence;
use perpetua_e2e::world::{World, confirming};

/// Far before the end of any archive.
const EARLY: u64 = 200_000;

async fn nothing_is_installed(world: &World) -> Result<()> {
    let cores = world.cores().await?;
    ensure!(
        cores["installed"].as_array().is_some_and(Vec::is_empty),
        "something was installed: {cores}"
    );
    Ok(())
}

/// The program of the only installed version.
fn program(world: &World) -> Result<PathBuf> {
    let name = format!("Lagrange.OneBot{}", std::env::consts::EXE_SUFFIX);
    let mut folders = vec![world.folder.path().join("core")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if entry.file_name().to_string_lossy() == name {
                return Ok(path);
            }
        }
    }
    anyhow::bail!("no program is installed")
}

#[tokio::test]
async fn a_download_that_is_cut_goes_on_where_it_was() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.releases.next_download(Fault::CutAfter(EARLY));
    world.releases.next_download(Fault::CutAfter(EARLY));
    world.command(&["core", "install"]).await?;
    assert_eq!(world.releases.counts().resumed, 2);
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn a_server_without_ranges_is_asked_from_the_beginning() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.releases.ranges(false);
    world.releases.next_download(Fault::CutAfter(EARLY));
    world.command(&["core", "install"]).await?;
    assert_eq!(world.releases.counts().resumed, 0);
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn wrong_bytes_are_refused() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.releases.every_download(Some(Fault::WrongBytes));
    let words = world.refused(&["core", "install"]).await?;
    ensure!(words.contains("SHA-256"), "{words}");
    nothing_is_installed(&world).await?;
    world.releases.every_download(None);
    world.command(&["core", "install"]).await.map(drop)
}

#[tokio::test]
async fn pages_for_people_are_no_core() -> Result<()> {
    let world = World::new(&confirming()).await?;
    for fault in [Fault::NotFoundHtml, Fault::OkHtml, Fault::RedirectLoop] {
        world.releases.every_download(Some(fault));
        let refused = world.refused(&["core", "install"]).await;
        refused.with_context(|| format!("a download with {fault:?}"))?;
        nothing_is_installed(&world).await?;
    }
    Ok(())
}

#[tokio::test]
async fn pages_for_people_are_no_listing() -> Result<()> {
    // A listing that was seen once would be used again.
    let world = World::new(&confirming()).await?;
    for fault in [Fault::NotFoundHtml, Fault::OkHtml, Fault::RateLimited] {
        world.releases.every_listing(Some(fault));
        let refused = world.refused(&["core", "install"]).await;
        refused.with_context(|| format!("a listing with {fault:?}"))?;
        nothing_is_installed(&world).await?;
    }
    assert_eq!(world.releases.counts().downloads, 0);
    Ok(())
}

#[tokio::test]
async fn redirects_are_followed() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.releases.next_download(Fault::Redirects(3));
    world.command(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn a_listing_that_has_not_changed_is_not_sent_again() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    world.command(&["core", "list", "--check"]).await?;
    assert!(
        world.releases.counts().not_modified >= 1,
        "{:?}",
        world.releases.counts()
    );
    Ok(())
}

#[tokio::test]
async fn what_nobody_vouches_for_needs_a_persons_word() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let packed = world.archives.pack_here(&Build::numbered(1))?;
    let release = Release::nightly([packed.clone()]).without_digests();
    world.releases.publish(release);
    let _node = world.node().await?;
    let status = world.reaches("absent").await?;
    let words = sentence(&status["message"]);
    ensure!(
        words.contains(&packed.sha256),
        "the hash is named: {status}"
    );

    let wrong = "0".repeat(64);
    world
        .refused(&["core", "install", "--accept", &wrong])
        .await?;
    nothing_is_installed(&world).await?;
    world
        .command(&["core", "install", "--accept", &packed.sha256])
        .await?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_file_of_this_machine_can_be_imported() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let packed = world.archives.pack_here(&Build::numbered(7))?;
    let file = world.folder.path().join(&packed.name);
    std::fs::write(&file, &packed.bytes)?;
    let path = file.to_str().context("a path that is text")?;
    world
        .command(&["core", "import", path, "--accept", &packed.sha256])
        .await?;
    assert_eq!(world.current_commit().await?, Some("7".repeat(40)));
    assert_eq!(world.releases.counts().downloads, 0);
    Ok(())
}

#[tokio::test]
async fn a_core_that_was_changed_is_not_started() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let program = program(&world)?;
    let mut bytes = std::fs::read(&program)?;
    bytes.extend_from_slice(b"and more");
    std::fs::write(&program, bytes)?;
    world.refused(&["core", "verify"]).await?;

    let _node = world.node().await?;
    let damaged = world
        .stands("word of the damage", |status| {
            let words = sentence(&status["message"]);
            words.contains("was changed since its installation")
        })
        .await?;
    ensure!(damaged["process"].is_null(), "it runs: {damaged}");
    // The same version again is whole, and heals.
    world.command(&["core", "install"]).await?;
    world.online().await.map(drop)
}
