//! Hooks: addresses of the operator's that are told what happens to an account.

use std::time::Duration;

use anyhow::{Result, ensure};
use fake_core::{PATIENCE, Phone, Process, Qq};
use perpetua_e2e::{HookServer, Posted, ReservedPort};
use tokio::net::TcpListener;

use crate::stage::{append_to_settings, says};
use perpetua_e2e::world::{World, confirming, quick};

const TOKEN: &str = "h00k-t0ken";
/// How long a node may take to end.
const END_LIMIT: Duration = Duration::from_secs(10);

/// Adds the hook to the settings: its address and its token stand in files of their own.
fn add_hook(world: &World, url: &str) -> Result<()> {
    std::fs::write(world.folder.path().join("hook-url"), url)?;
    std::fs::write(world.folder.path().join("hook-token"), TOKEN)?;
    let keys = "post = { file = \"hook-url\" }\ntoken = { file = \"hook-token\" }";
    append_to_settings(world, &format!("[[notify]]\n{keys}"))
}

fn message(posted: &Posted) -> Result<&str> {
    ensure!(posted.notice["account"] == "main", "{posted:?}");
    ensure!(posted.path == "/told?key=of-the-address", "{posted:?}");
    let bearer = format!("Bearer {TOKEN}");
    ensure!(posted.authorization == Some(bearer), "{posted:?}");
    ensure!(posted.notice["time"].is_u64(), "{posted:?}");
    Ok(posted.notice["message"].as_str().unwrap_or_default())
}

async fn with_hook(world: &World) -> Result<HookServer> {
    let hook = HookServer::start().await?;
    add_hook(world, &hook.url("/told?key=of-the-address"))?;
    Ok(hook)
}

#[tokio::test]
async fn a_kick_and_the_way_back_are_told() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let mut hook = with_hook(&world).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    core.qq(Qq::Kick).await?;
    let offline = hook.told("offline").await?;
    says(message(&offline)?, &["offline"])?;
    core.ended(PATIENCE).await?;
    world.online().await?;
    let online = hook.told("online").await?;
    says(message(&online)?, &["online again"])?;
    // The QR code of the first login needed a person; nothing is told twice.
    hook.told("person_needed").await?;
    ensure!(hook.unread().is_empty(), "{:?}", hook.unread());
    Ok(())
}

#[tokio::test]
async fn a_stop_that_somebody_wanted_is_not_told_and_a_crash_is() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let mut hook = with_hook(&world).await?;
    let _node = world.node().await?;
    let mut core = world.online().await?;
    hook.told("person_needed").await?;
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    world.reaches("stopped").await?;
    world.command(&["start", "main"]).await?;
    let mut core = world.online().await?;
    core.process(Process::Exit(3)).await?;
    let offline = hook.told("offline").await?;
    // Its link breaks a moment before its end is seen, or after.
    says(message(&offline)?, &["the core"])?;
    hook.told("online").await?;
    ensure!(hook.unread().is_empty(), "{:?}", hook.unread());
    Ok(())
}

#[tokio::test]
async fn a_qr_code_needs_a_person_and_is_not_told_itself() -> Result<()> {
    let world = World::new(&quick()).await?;
    let mut hook = with_hook(&world).await?;
    let node = world.node().await?;
    let mut core = world.qq.core().await?;
    let url = core.qr_shown().await?;
    let needed = hook.told("person_needed").await?;
    says(message(&needed)?, &["QR code"])?;
    ensure!(!needed.notice.to_string().contains(&url), "{needed:?}");
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await?;
    let log = node.log();
    ensure!(!log.contains("of-the-address"), "a hook's key is logged");
    Ok(())
}

#[tokio::test]
async fn a_signer_that_does_not_work_needs_a_person() -> Result<()> {
    let mut world = World::new(&quick()).await?;
    world.signer.go_down().await;
    let mut hook = with_hook(&world).await?;
    let _node = world.node().await?;
    let needed = hook.told("person_needed").await?;
    says(message(&needed)?, &["no signer works", "mine"])
}

#[tokio::test]
async fn dead_hooks_harm_nothing() -> Result<()> {
    let world = World::new(&quick()).await?;
    let nobody = ReservedPort::of_nobody()?;
    // It takes connections, and nobody reads from them.
    let deaf = TcpListener::bind(("127.0.0.1", 0)).await?;
    for port in [nobody.number(), deaf.local_addr()?.port()] {
        let post = format!("post = \"http://127.0.0.1:{port}/dead\"");
        append_to_settings(&world, &format!("[[notify]]\n{post}"))?;
    }
    let mut hook = with_hook(&world).await?;
    let mut node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    hook.told("person_needed").await?;
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await?;
    core.qq(Qq::Kick).await?;
    hook.told("offline").await?;
    node.logged("webhook not reached").await?;
    node.terminate().await?;
    let status = node.ended(END_LIMIT).await?;
    ensure!(status.success() || cfg!(windows), "{status}");
    Ok(())
}
