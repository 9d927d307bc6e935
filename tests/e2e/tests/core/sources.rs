//! Other places than GitHub's own.

use anyhow::Result;
use fake_core::{Build, Fault, Release, ReleaseServer};

use perpetua_e2e::world::{World, confirming, core_section, github, managed};

/// A world with GitHub at one server and a mirror of it at another.
async fn mirrored(github_itself: &ReleaseServer, mirror: &ReleaseServer) -> Result<World> {
    let source = format!("kind = \"mirror\"\nprefix = \"{}/\"", mirror.url());
    let section = core_section(&[&github(github_itself), &source]);
    let world = World::with(&confirming(), |_| managed("").section(&section)).await?;
    let packed = world.archives.pack_here(&Build::numbered(4))?;
    for server in [github_itself, mirror] {
        server.publish(Release::nightly([packed.clone()]));
    }
    Ok(world)
}

#[tokio::test]
async fn a_mirror_helps_where_github_lists_and_does_not_deliver() -> Result<()> {
    let (github_itself, mirror) = (ReleaseServer::start().await?, ReleaseServer::start().await?);
    let world = mirrored(&github_itself, &mirror).await?;
    github_itself.every_download(Some(Fault::ServerError));
    world.command(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, Some("4".repeat(40)));
    assert!(mirror.counts().downloads > 0);
    Ok(())
}

#[tokio::test]
async fn a_mirror_that_lies_is_found_out() -> Result<()> {
    let (github_itself, mirror) = (ReleaseServer::start().await?, ReleaseServer::start().await?);
    let world = mirrored(&github_itself, &mirror).await?;
    github_itself.every_download(Some(Fault::ServerError));
    mirror.every_download(Some(Fault::WrongBytes));
    world.refused(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_mirror_alone_vouches_for_nothing() -> Result<()> {
    let (github_itself, mirror) = (ReleaseServer::start().await?, ReleaseServer::start().await?);
    let world = mirrored(&github_itself, &mirror).await?;
    github_itself.every_listing(Some(Fault::ServerError));
    github_itself.every_download(Some(Fault::ServerError));
    let words = world.refused(&["core", "install"]).await?;
    let packed = world.archives.pack_here(&Build::numbered(4))?;
    assert!(words.contains(&packed.sha256), "{words}");
    world
        .command(&["core", "install", "--accept", &packed.sha256])
        .await?;
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

/// What waits for the first look of a node, a minute after its start: `cargo xtask test --long`.
mod long {
    use std::time::Duration;

    use anyhow::ensure;
    use fake_core::{Archives, SignerServer};
    use perpetua_e2e::world::signer_section;
    use perpetua_e2e::{DataFolder, Node, Settings, run};

    use super::*;

    /// How long a test listens for requests that must not come.
    const SILENCE: Duration = Duration::from_secs(75);

    #[tokio::test]
    async fn a_node_without_a_managed_account_asks_nobody_for_releases() -> Result<()> {
        let releases = ReleaseServer::start().await?;
        let build = Archives::new()?.pack_here(&Build::numbered(1))?;
        releases.publish(Release::nightly([build]));
        // It would look at its start, and whenever this time is over.
        let core = core_section(&[&github(&releases)]).replace("\"0s\"", "\"1h\"");
        let signer = SignerServer::start().await?;
        let unmanaged = Settings::simulator()
            .section(&core)
            .section(&signer_section("mine", &signer));
        let folder = DataFolder::with(&unmanaged)?;
        let node = Node::start(&folder).await?;
        run(&folder, &["status"]).await?;
        let listed = run(&folder, &["core", "list"]).await?;
        ensure!(listed.code == Some(0), "{listed:?}");
        folder.write_settings(&unmanaged.open_client("added").to_string())?;
        node.client("added").await?;
        tokio::time::sleep(SILENCE).await;
        let counts = releases.counts();
        ensure!(counts.listings + counts.downloads == 0, "{counts:?}");

        // Asked by its owner, it looks.
        let checked = run(&folder, &["core", "list", "--check"]).await?;
        ensure!(checked.code == Some(0), "{checked:?}");
        ensure!(releases.counts().listings > 0, "nobody was asked");
        Ok(())
    }
}
