//! What this machine, other programs and clients do to a managed account.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Phone, Report, Scenario};
use perpetua_e2e::{Answer, Node, ReservedPort, get, run, sentence};
use perpetua_testkit::Client;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::disk::SmallDisk;
use crate::stage::{
    FAILED, USAGE, idle_world, refused, replace_in_settings, says, set_upstream_key,
};
use perpetua_e2e::world::{UIN, World, confirming, github, quick, signer_section};

/// Within it, a start that nobody wants would have come.
const QUIET: Duration = Duration::from_millis(500);
/// What a change of the settings may take; a signer that does not work is asked again after 30 s.
const AT_ONCE: Duration = Duration::from_secs(10);

fn account_folder(world: &World) -> PathBuf {
    world.folder.path().join("accounts").join("main")
}

/// Waits until the core's words say all of this.
async fn told(world: &World, parts: &[&str]) -> Result<Value> {
    let is_told = |status: &Value| {
        let words = sentence(&status["message"]);
        parts.iter().all(|part| words.contains(part))
    };
    world.stands(&format!("the words {parts:?}"), is_told).await
}

#[tokio::test]
async fn a_folder_that_takes_nothing_is_named_and_got_over() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let folder = account_folder(&world);
    let Some(disk) = SmallDisk::mount(&folder, 20_000)? else {
        return Ok(());
    };
    world.direct(&confirming())?;
    disk.read_only(true)?;
    let _node = world.node().await?;
    let name = folder.display().to_string();
    told(&world, &[&name, "may not write there"]).await?;
    disk.read_only(false)?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_full_disk_is_named_and_got_over() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world.command(&["core", "install"]).await?;
    let folder = account_folder(&world);
    let Some(disk) = SmallDisk::mount(&folder, 4)? else {
        return Ok(());
    };
    // The scenario fills the one page that the disk has.
    world.direct(&confirming())?;
    let _node = world.node().await?;
    let name = folder.display().to_string();
    told(&world, &[&name, "a login needs 10 MB of room"]).await?;
    disk.resize(20_000)?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_core_that_does_not_fit_on_the_disk_is_not_installed() -> Result<()> {
    let world = idle_world().await?;
    let Some(disk) = SmallDisk::mount(&world.folder.path().join("core"), 8_000)? else {
        return Ok(());
    };
    refused(&world, &["core", "install"], FAILED, &["the disk is full"]).await?;
    assert_eq!(world.current_commit().await?, None);
    disk.resize(100_000)?;
    world.command(&["core", "install"]).await?;
    assert_eq!(world.current_commit().await?, Some("1".repeat(40)));
    Ok(())
}

#[tokio::test]
async fn a_database_of_an_older_version_is_named() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let database = account_folder(&world).join(format!("lagrange-{UIN}.db"));
    std::fs::write(&database, "LiteDB")?;
    let _node = world.node().await?;
    let name = database.display().to_string();
    told(&world, &[&name, "older version", "move"]).await?;
    std::fs::rename(&database, account_folder(&world).join("old.db"))?;
    world.command(&["start", "main"]).await?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn without_a_network_the_account_says_what_it_waits_for() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let nobody = ReservedPort::of_nobody()?;
    let dead = nobody.url();
    let source = github(&world.releases);
    let dead_source = source.replace(&world.releases.url(), &dead);
    replace_in_settings(&world, &source, &dead_source)?;
    let mut node = world.node().await?;
    let words = ["no core is installed", &dead, "cannot be reached"];
    let status = told(&world, &words).await?;
    assert_eq!(status["state"], "absent", "{status}");
    assert!(status["retry_in_s"].is_u64(), "{status}");
    node.health_says("no core is installed").await?;

    replace_in_settings(&world, &dead_source, &source)?;
    node.logged("settings applied").await?;
    world.command(&["start", "main"]).await?;
    timeout(AT_ONCE, world.online())
        .await
        .context("`perpetuad start` does not lead out of the wait")?
        .map(drop)
}

#[tokio::test]
async fn ports_that_others_took_are_got_over() -> Result<()> {
    let scenario = Scenario {
        taken_ports: 2,
        ..confirming()
    };
    let world = World::new(&scenario).await?;
    let _node = world.node().await?;
    for _ in 0..2 {
        let mut shut_out = world.qq.core().await?;
        let failed = |report: &Report| matches!(report, Report::NotServing(_));
        shut_out.reported("a port that is taken", failed).await?;
        shut_out.ended(PATIENCE).await?;
    }
    world.online().await.map(drop)
}

#[tokio::test]
async fn a_stop_while_a_code_waits_is_no_failure() -> Result<()> {
    let world = World::new(&quick()).await?;
    let _node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    world.reaches("waiting_for_scan").await?;
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    let stopped = world.reaches("stopped").await?;
    assert!(stopped["notice"].is_null(), "{stopped}");
    world.qq.stays_alone(QUIET).await?;
    // A second stop is none.
    let again = world.command(&["stop", "main"]).await?;
    says(&again, &["not running"])?;

    world.command(&["start", "main"]).await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await.map(drop)
}

#[tokio::test]
async fn a_client_may_restart_the_core_and_stays_connected() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    let token = world.folder.token("probe").await?;
    let mut client = Client::connect(node.client("probe").await?, &token).await?;
    let answer = client.call("set_restart", json!({ "delay": 0 })).await?;
    assert_eq!(
        (&answer["status"], &answer["retcode"]),
        (&"async".into(), &1.into()),
        "{answer}"
    );
    core.ended(PATIENCE).await?;
    let next = world.online().await?;
    ensure!(next.pid() != core.pid(), "it is another process");
    // The same connection speaks with the new core.
    let who = client.data_of("get_login_info", json!({})).await?;
    assert_eq!(who["user_id"], UIN);

    // What a person has stopped is not a client's to start.
    world.command(&["stop", "main"]).await?;
    world.reaches("stopped").await?;
    client.call("set_restart", json!({})).await?;
    world.qq.stays_alone(QUIET).await
}

#[tokio::test]
async fn a_client_cannot_take_a_code_away_that_waits_to_be_scanned() -> Result<()> {
    let world = World::new(&quick()).await?;
    let mut node = world.node().await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await?;
    let token = world.folder.token("probe").await?;
    let mut client = Client::connect(node.client("probe").await?, &token).await?;
    // The next login needs a code.
    std::fs::remove_file(core.folder().join("keystore.json"))?;
    world.command(&["restart", "main"]).await?;
    core.ended(PATIENCE).await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    world.reaches("waiting_for_scan").await?;
    client.call("set_restart", json!({})).await?;
    node.logged("a restart of a core that does not run").await?;
    core.phone(Phone::Confirm).await?;
    let status = world.reaches("online").await?;
    assert_eq!(status["process"]["pid"], core.pid(), "{status}");
    Ok(())
}

#[tokio::test]
async fn what_a_person_has_stopped_stays_stopped() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let mut node = world.node().await?;
    let mut core = world.online().await?;
    world.command(&["stop", "main"]).await?;
    core.ended(PATIENCE).await?;
    world.reaches("stopped").await?;
    world.command(&["reconnect", "main"]).await?;
    set_upstream_key(&world, "protocol = \"macos\"")?;
    node.logged("settings applied").await?;
    world.qq.stays_alone(QUIET).await?;
    world.reaches("stopped").await.map(drop)
}

#[tokio::test]
async fn another_signer_in_the_settings_is_tried_at_once() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let good = signer_section("mine", &world.signer);
    let nobody = ReservedPort::of_nobody()?;
    let bad = good.replace(
        &world.signer.url(),
        &format!("{}/api/sign/30366", nobody.url()),
    );
    replace_in_settings(&world, &good, &bad)?;
    let _node = world.node().await?;
    let status = world.reaches("signer_problem").await?;
    says(&sentence(&status["message"]), &["mine", "no signer works"])?;

    let changed = Instant::now();
    replace_in_settings(&world, &bad, &good)?;
    timeout(AT_ONCE, world.online())
        .await
        .with_context(|| format!("not online {:?} after the change", changed.elapsed()))?
        .map(drop)
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_and_the_account_runs_on() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let mut node = world.node().await?;
    let core = world.online().await?;
    set_upstream_key(&world, "memory-limit = \"1001GB\"")?;
    node.logged("must be from `250MB`").await?;
    let status = world.core_status().await?;
    assert_eq!(status["process"]["pid"], core.pid(), "{status}");
    let checked = run(&world.folder, &["check"]).await?;
    checked.refused_with(USAGE, &["must be from `250MB`"])
}

#[tokio::test]
async fn what_happens_to_an_account_is_in_health_and_metrics() -> Result<()> {
    let mut world = World::new(&quick()).await?;
    world.signer.go_down().await;
    let node = world.node().await?;
    let health = node.health_says("no signer works").await?;
    assert_eq!(health.status, 503, "{health:?}");
    let metrics = page(&node, "/metrics").await?;
    assert_eq!(metrics.status, 200, "{metrics:?}");
    Ok(())
}

async fn page(node: &Node, path: &str) -> Result<Answer> {
    get(node.api(), path, &[]).await
}
