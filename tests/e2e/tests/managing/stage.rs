//! Worlds in which nothing happens by itself, and what is asked of commands in them.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{Finished, run};

use perpetua_e2e::world::{World, confirming};

/// What a command exits with that failed for a reason outside of its words.
pub(crate) const FAILED: i32 = 69;
/// What a command exits with that a person has to follow up.
pub(crate) const USAGE: i32 = 64;
/// What a command exits with that found no node.
pub(crate) const NO_NODE: i32 = 69;
/// What a command exits with when another perpetua uses the folder.
pub(crate) const HELD: i32 = 75;

/// A world whose account is not started by the node.
pub(crate) async fn idle_world() -> Result<World> {
    let world = World::new(&confirming()).await?;
    set_upstream_key(&world, "auto-start = false")?;
    Ok(world)
}

/// Tells the same story in a world without a node, and in one where a node runs.
pub(crate) async fn with_and_without_a_node(
    story: impl AsyncFn(&World) -> Result<()>,
) -> Result<()> {
    let world = idle_world().await?;
    story(&world).await.context("without a node")?;
    let world = idle_world().await?;
    let _node = world.node().await?;
    story(&world).await.context("with a node")
}

/// Adds a key to the account's upstream.
pub(crate) fn set_upstream_key(world: &World, line: &str) -> Result<()> {
    let kind = "kind = \"lagrange\"\n";
    replace_in_settings(world, kind, &format!("{kind}{line}\n"))
}

/// Adds lines to the end of the settings.
pub(crate) fn append_to_settings(world: &World, lines: &str) -> Result<()> {
    let text = world.folder.read_settings()?;
    world.folder.write_settings(&format!("{text}\n{lines}\n"))
}

/// Replaces a text of the settings, which has to be there.
pub(crate) fn replace_in_settings(world: &World, from: &str, to: &str) -> Result<()> {
    let text = world.folder.read_settings()?;
    ensure!(text.contains(from), "the settings hold no `{from}`: {text}");
    world.folder.write_settings(&text.replacen(from, to, 1))
}

/// Runs a command that has to end with this code, and whose standard error has to say all of this.
pub(crate) async fn refused(
    world: &World,
    arguments: &[&str],
    code: i32,
    says: &[&str],
) -> Result<Finished> {
    let finished = run(&world.folder, arguments).await?;
    finished
        .refused_with(code, says)
        .with_context(|| format!("`perpetuad {}`", arguments.join(" ")))?;
    Ok(finished)
}

/// Fails unless the text contains all of this.
pub(crate) fn says(text: &str, wanted: &[&str]) -> Result<()> {
    for part in wanted {
        ensure!(text.contains(part), "`{part}` is not said: {text}");
    }
    Ok(())
}
