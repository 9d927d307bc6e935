//! Other places than GitHub's own.

use anyhow::Result;
use fake_core::{Build, Fault, Release, ReleaseServer};

use crate::world::{World, confirming, core_section, github, managed};

#[tokio::test]
async fn a_mirror_helps_where_github_does_not() -> Result<()> {
    let (github_itself, mirror) = (ReleaseServer::start().await?, ReleaseServer::start().await?);
    github_itself.every_listing(Some(Fault::ServerError));
    github_itself.every_download(Some(Fault::ServerError));
    let source = format!("kind = \"mirror\"\nprefix = \"{}/\"", mirror.url());
    let section = core_section(&[&github(&github_itself), &source]);
    let world = World::with(&confirming(), |_| managed("").section(&section)).await?;
    let packed = world.archives.pack_here(&Build::numbered(4))?;
    mirror.publish(Release::nightly([packed]));
    world.command(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, Some("4".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn a_static_index_is_enough() -> Result<()> {
    let server = ReleaseServer::start().await?;
    let source = format!("kind = \"index\"\nurl = \"{}\"", server.index_url());
    let section = core_section(&[&source]);
    let world = World::with(&confirming(), |_| managed("").section(&section)).await?;
    let packed = world.archives.pack_here(&Build::numbered(5))?;
    server.publish(Release::nightly([packed]));
    world.command(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, Some("5".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn without_a_network_the_installed_core_is_used() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    world.releases.every_listing(Some(Fault::ServerError));
    world.releases.every_download(Some(Fault::ServerError));
    let _node = world.node().await?;
    world.online().await.map(drop)
}
