//! A node as the first process of a container, where whatever loses its parent becomes its child.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, run_through, until};
use tokio::process::Command;

/// Makes a world of processes in which the program that it starts is the first.
const CONTAINER: [&str; 4] = ["unshare", "--pid", "--fork", "--kill-child"];
/// What a node promises about its end.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Whether this test may make such a world; not every machine that builds lets it.
async fn has_containers() -> bool {
    let mut command = Command::new(CONTAINER[0]);
    command
        .args(&CONTAINER[1..])
        .arg("true")
        .stderr(Stdio::null());
    let is_allowed = command.status().await.is_ok_and(|status| status.success());
    if !is_allowed {
        eprintln!("skipped: this machine lets nobody make a namespace of processes");
    }
    is_allowed
}

/// The processes of this parent: their ids, names and states.
fn children(parent: u32) -> Result<Vec<(u32, String, char)>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        // One that has gone meanwhile is nobody's child any more.
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        let (id, rest) = stat.split_once(" (").context("an id")?;
        let (name, rest) = rest.rsplit_once(") ").context("a name")?;
        let mut words = rest.split(' ');
        let state = words.next().and_then(|word| word.chars().next());
        let of: u32 = words.next().context("a parent")?.parse()?;
        if of == parent && id.parse::<u32>().is_ok() {
            children.push((id.parse()?, name.to_owned(), state.context("a state")?));
        }
    }
    Ok(children)
}

/// The first process in the world of a node.
fn first_process(node: &Node) -> Result<u32> {
    let children = children(node.id()?)?;
    let (id, _, _) = children.first().context("nothing runs in the container")?;
    Ok(*id)
}

async fn tell(process: u32, signal: &str) -> Result<()> {
    let mut shell = Command::new("sh");
    let line = "kill -s \"$0\" \"$1\"";
    shell.args(["-c", line, signal, &process.to_string()]);
    ensure!(shell.status().await?.success(), "SIG{signal} failed");
    Ok(())
}

/// Programs lose their parents in the container: some end at once, some later, some while others do.
async fn lose_parents(first: u32) -> Result<()> {
    let script = "(sleep 0 &) ; (sleep 0.1 &) ; (sleep 0.1 &) ; (sleep 0.3 &) ; (sh -c 'sleep 0.2 & exit 3' &)";
    let mut enter = Command::new("nsenter");
    let target = first.to_string();
    enter.args(["--target", &target, "--pid", "--", "sh", "-c", script]);
    ensure!(
        enter.status().await?.success(),
        "the container was not entered"
    );
    Ok(())
}

#[tokio::test]
async fn whatever_loses_its_parent_in_a_container_leaves_no_zombie() -> Result<()> {
    if !has_containers().await {
        return Ok(());
    }
    let folder = DataFolder::empty()?;
    for signal in ["TERM", "INT"] {
        let mut node = Node::start_through(&folder, &CONTAINER).await?;
        node.is_healthy().await?;
        let first = first_process(&node)?;
        for _ in 0..3 {
            lose_parents(first).await?;
        }
        until("orphans to be gone for good", async || {
            let orphans = children(first)?;
            let is_left =
                |(_, name, state): &(u32, String, char)| *state == 'Z' || name != "perpetuad";
            Ok((!orphans.iter().any(is_left)).then_some(()))
        })
        .await?;
        node.is_healthy().await?;
        tell(first, signal).await?;
        let ended = node.ended(DRAIN_LIMIT).await?;
        ensure!(ended.success(), "{signal}: {ended}");
    }
    Ok(())
}

#[tokio::test]
async fn a_container_ends_with_the_code_of_its_node() -> Result<()> {
    if !has_containers().await {
        return Ok(());
    }
    let folder = DataFolder::empty()?;
    folder.write_settings("[api]\nlisten = 5\n")?;
    let finished = run_through(&folder, &CONTAINER).await?;
    finished.refused_with(64, &["listen"])?;
    Ok(())
}
