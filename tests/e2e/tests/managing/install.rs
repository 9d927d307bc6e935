//! What may be installed, and what is said of what may not.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, Fault, Packed, Release, ReleaseServer};
use perpetua_e2e::{ReservedPort, run};
#[cfg(unix)]
use perpetua_e2e::{start_command, until};

use crate::stage::{
    FAILED, USAGE, idle_world, refused, replace_in_settings, says, with_and_without_a_node,
};
use perpetua_e2e::world::{World, confirming, github};

/// Far before the end of any archive.
const EARLY: u64 = 200_000;

async fn nothing_is_installed(world: &World) -> Result<()> {
    let cores = world.cores().await?;
    ensure!(cores["installed"] == serde_json::json!([]), "{cores}");
    Ok(())
}

/// Replaces the release with one of which GitHub knows no digest.
fn publish_without_digest(world: &World) -> Result<Packed> {
    let packed = world.archives.pack_here(&Build::numbered(1))?;
    let release = Release::nightly([packed.clone()]).without_digests();
    world.releases.publish(release);
    Ok(packed)
}

/// The arguments of the command that a refusal tells to run.
fn told_command(words: &str) -> Result<Vec<String>> {
    let mut lines = words.lines().rev();
    let line = lines.find_map(|line| Some(line.split_once("perpetuad --data-dir ")?.1));
    let line = line.with_context(|| format!("no command is told: {words}"))?;
    // `World::command` names the folder itself.
    let words = line.split_whitespace().skip(1);
    Ok(words
        .map(|word| word.trim_matches('"').to_owned())
        .collect())
}

#[tokio::test]
async fn what_a_release_vouches_for_is_installed_without_a_question() -> Result<()> {
    with_and_without_a_node(async |world| {
        let told = world.command(&["core", "install"]).await?;
        let packed = world.archives.pack_here(&Build::numbered(1))?;
        let id = packed.version_id("nightly");
        says(&told, &[&format!("`{id}`"), "current"])?;
        let listed = world.command(&["core", "list"]).await?;
        let origin = "from LagrangeDev/Lagrange.Core, release nightly";
        says(
            &listed,
            &[&id, "current", &packed.sha256, &"1".repeat(40), origin],
        )
    })
    .await
}

#[tokio::test]
async fn what_nobody_vouches_for_needs_the_command_that_is_told() -> Result<()> {
    with_and_without_a_node(async |world| {
        let packed = publish_without_digest(world)?;
        let wrong = "0".repeat(64);
        let accept = ["core", "install", "--accept", &wrong];
        let words = [packed.sha256.as_str(), &wrong];
        refused(world, &accept, FAILED, &words).await?;
        let accept = ["core", "install", "--accept", "no-hash"];
        says(&world.refused(&accept).await?, &["64"])?;
        nothing_is_installed(world).await?;

        let told = format!("core install --accept {}", packed.sha256);
        let words = [&packed.name, &packed.sha256, &told].map(String::as_str);
        let refusal = refused(world, &["core", "install"], USAGE, &words).await?;
        nothing_is_installed(world).await?;

        let command = told_command(&refusal.stderr)?;
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let downloads = world.releases.counts().downloads;
        world.command(&command).await?;
        assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
        assert_eq!(
            world.releases.counts().downloads,
            downloads,
            "what was compared is what is installed"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_file_of_this_machine_needs_the_command_that_is_told() -> Result<()> {
    with_and_without_a_node(async |world| {
        let packed = world.archives.pack_here(&Build::numbered(7))?;
        let file = world.folder.path().join(&packed.name);
        std::fs::write(&file, &packed.bytes)?;
        let path = path_text(&file)?;
        let told = format!("core import {path} --accept {}", packed.sha256);
        let refusal = refused(world, &["core", "import", path], USAGE, &[&told]).await?;
        let command = told_command(&refusal.stderr)?;
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        world.command(&command).await?;
        assert_eq!(world.current_commit().await?, Some("7".repeat(40)));

        let missing = world.folder.path().join("missing.zip");
        let missing = path_text(&missing)?;
        refused(world, &["core", "import", missing], FAILED, &[missing]).await?;
        assert_eq!(world.releases.counts().downloads, 0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_damaged_download_leaves_the_running_account_alone() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let _node = world.node().await?;
    let core = world.online().await?;
    let before = world.core_status().await?;
    let next = world.publish(&Build::numbered(2))?;
    world.releases.every_download(Some(Fault::WrongBytes));
    let words = [next.sha256.as_str(), "damaged or replaced"];
    refused(&world, &["core", "install"], FAILED, &words).await?;

    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    let after = world.core_status().await?;
    assert_eq!(after["state"], "online", "{after}");
    assert_eq!(after["generation"], before["generation"]);
    assert_eq!(after["process"]["pid"], core.pid());
    Ok(())
}

#[tokio::test]
async fn pages_for_people_are_named_as_such() -> Result<()> {
    with_and_without_a_node(async |world| {
        for (fault, words) in [
            (Fault::NotFoundHtml, "HTTP status 404"),
            (Fault::OkHtml, "a web page instead of the file"),
            (Fault::RedirectLoop, "its redirects cannot be followed"),
        ] {
            world.releases.every_download(Some(fault));
            refused(world, &["core", "install"], FAILED, &[words]).await?;
            nothing_is_installed(world).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn cuts_and_redirects_are_got_over() -> Result<()> {
    with_and_without_a_node(async |world| {
        world.releases.next_download(Fault::CutAfter(EARLY));
        world.releases.next_download(Fault::Redirects(2));
        world.command(&["core", "install"]).await?;
        assert_eq!(world.releases.counts().resumed, 1);
        assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_a_network_each_source_is_named_and_what_may_help() -> Result<()> {
    let world = idle_world().await?;
    let (first, second) = (ReservedPort::of_nobody()?, ReservedPort::of_nobody()?);
    let sources = format!(
        "{}\n[[core.sources]]\nkind = \"mirror\"\nprefix = \"{}/\"\n",
        github(&world.releases).replace(&world.releases.url(), &first.url()),
        second.url()
    );
    replace_in_settings(&world, &github(&world.releases), &sources)?;
    let words = [
        &first.url(),
        &second.url(),
        "cannot be reached",
        "network connection",
        "`proxy` in `[core]`",
    ];
    refused(&world, &["core", "install"], FAILED, &words).await?;
    nothing_is_installed(&world).await
}

#[tokio::test]
async fn where_every_mirror_has_a_fault_each_is_named() -> Result<()> {
    let world = idle_world().await?;
    let mirror = ReleaseServer::start().await?;
    let sources = format!(
        "{}\n[[core.sources]]\nkind = \"mirror\"\nprefix = \"{}/\"\n",
        github(&world.releases),
        mirror.url()
    );
    replace_in_settings(&world, &github(&world.releases), &sources)?;
    let packed = world.archives.pack_here(&Build::numbered(1))?;
    mirror.publish(Release::nightly([packed]));
    world.releases.every_download(Some(Fault::NotFoundHtml));
    mirror.every_download(Some(Fault::OkHtml));
    let words = [
        "HTTP status 404",
        "a web page instead of the file",
        &mirror.url(),
    ];
    refused(&world, &["core", "install"], FAILED, &words).await?;

    mirror.every_download(None);
    let installed = run(&world.folder, &["core", "install"]).await?;
    assert_eq!(installed.code, Some(0), "{installed:?}");
    Ok(())
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is text")
}

/// The names of what is being made in the folder of cores.
#[cfg(unix)]
fn unfinished(world: &World) -> Result<Vec<String>> {
    let folder = world.folder.path().join("core");
    let entries = std::fs::read_dir(folder)?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.filter(|name| name.starts_with(".new-")).collect())
}

/// Whatever moment somebody presses Ctrl+C at, there is the whole version or none of it, and the same command succeeds
/// then.
#[cfg(unix)]
#[tokio::test]
async fn an_import_that_is_broken_off_leaves_nothing_half() -> Result<()> {
    use std::time::Duration;

    with_and_without_a_node(async |world| {
        world.command(&["core", "install"]).await?;
        let (mut broken_off, mut finished) = (0, 0);
        for (number, delay) in (2..9).zip([0, 20, 60, 120, 250, 500, 2000]) {
            let packed = world.archives.pack_here(&Build::numbered(number))?;
            let file = world.folder.path().join(&packed.name);
            std::fs::write(&file, &packed.bytes)?;
            let path = file.to_str().context("a path that is text")?;
            let import = ["core", "import", path, "--accept", &packed.sha256];
            let mut program = start_command(&world.folder, &import)?;
            tokio::time::sleep(Duration::from_millis(delay)).await;
            // It may have ended already.
            let _it_was_quick = program.interrupt().await;
            program.ended(Duration::from_secs(20)).await?;
            until("nothing to be half there", async || {
                // Without a node, whoever opens the folder next sweeps it.
                world.cores().await?;
                Ok(unfinished(world)?.is_empty().then_some(()))
            })
            .await?;
            world.command(&["core", "verify"]).await?;
            let commit = number.to_string().repeat(40);
            let is_there = world.current_commit().await? == Some(commit.clone());
            *if is_there {
                &mut finished
            } else {
                &mut broken_off
            } += 1;
            world.command(&import).await?;
            world.command(&["core", "verify"]).await?;
            ensure!(world.current_commit().await? == Some(commit), "{delay} ms");
        }
        ensure!(broken_off > 0 && finished > 0, "{broken_off}, {finished}");
        Ok(())
    })
    .await
}
