//! Signers that are missing, wrong, lost, and found.

use std::time::Duration;

use anyhow::{Result, ensure};
use fake_core::{Phone, Qq, RunningCore, SignerFault, SignerServer};
use serde_json::Value;

use crate::scene::Scene;
use perpetua_e2e::sentence;
use perpetua_e2e::world::{
    World, confirming, core_section, github, managed, quick, signer_section,
};

/// Within it, a start that nobody wants would have come: those that are wanted come at once.
const QUIET: Duration = Duration::from_millis(500);

/// The code of a message that was not signed.
const UNSIGNED: i32 = 9057;

/// Someone writes, the frameworks try to answer, and the sends fail.
async fn an_answer_is_tried(core: &mut RunningCore, text: &str) -> Result<()> {
    let said = Qq::Say {
        text: text.to_owned(),
        count: 1,
        per_second: 0,
    };
    core.qq(said).await?;
    core.called(&format!("nonebot: {text}"), UNSIGNED).await
}

fn has_problem(status: &Value) -> bool {
    status["state"] == "online" && status["signer_problem"].is_object()
}

#[tokio::test]
async fn without_a_signer_no_login_is_tried_and_one_in_the_settings_starts_it() -> Result<()> {
    let releases = fake_core::ReleaseServer::start().await?;
    let bare = managed("").section(&core_section(&[&github(&releases)]));
    let world = World::with(&quick(), |_| bare).await?;
    let release = world.archives.pack_here(&fake_core::Build::default())?;
    releases.publish(fake_core::Release::nightly([release]));
    let _node = world.node().await?;
    let status = world.reaches("signer_problem").await?;
    assert_eq!(status["none_configured"], true, "{status}");
    assert!(
        sentence(&status["message"]).contains("[[signers]]"),
        "{status}"
    );
    world.qq.stays_alone(QUIET).await?;

    let text = world.folder.read_settings()?;
    let signer = signer_section("mine", &world.signer);
    world.folder.write_settings(&format!("{text}\n{signer}"))?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await?;
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await.map(drop)
}

#[tokio::test]
async fn a_dead_signer_stops_the_login_before_it_starts() -> Result<()> {
    let mut world = World::new(&confirming()).await?;
    world.signer.go_down().await;
    let _node = world.node().await?;
    let status = world.reaches("signer_problem").await?;
    assert_eq!(status["none_configured"], false, "{status}");
    world.qq.stays_alone(QUIET).await?;
    let words = world.refused(&["signer", "test", "mine"]).await?;
    ensure!(
        !words.contains("/api/sign/"),
        "a signer's path may hold a key: {words}"
    );
    world.signer.come_up().await?;
    world
        .command(&["signer", "test", &world.signer.url()])
        .await?;
    world.command(&["start", "main"]).await?;
    world.online().await.map(drop)
}

#[tokio::test]
async fn each_way_of_not_signing_is_found_by_the_test() -> Result<()> {
    let world = World::new(&quick()).await?;
    for fault in [
        SignerFault::Status(521),
        SignerFault::Status(404),
        SignerFault::Status(500),
    ] {
        world.signer.fault(Some(fault));
        let words = world.refused(&["signer", "test", "mine"]).await;
        ensure!(words.is_ok(), "{fault:?} was not noticed: {words:?}");
    }
    world.signer.fault(None);
    let report = world.command(&["signer", "test"]).await?;
    assert!(report.contains("3.2.15-30366"), "{report}");
    Ok(())
}

#[tokio::test]
async fn a_signer_that_is_lost_is_noticed_with_one_failing_send() -> Result<()> {
    let mut scene = Scene::online().await?;
    scene.world.signer.go_down().await;
    an_answer_is_tried(&mut scene.core, "can you hear me?").await?;
    scene.world.stands("a signer problem", has_problem).await?;
    scene.bots.stayed()
}

#[tokio::test]
async fn the_next_signer_takes_over() -> Result<()> {
    let spare = SignerServer::start().await?;
    let section = signer_section("spare", &spare);
    let mut scene = Scene::online_as(&confirming(), |settings| settings.section(&section)).await?;
    assert!(spare.signed().is_empty(), "the first one signs");
    scene.world.signer.go_down().await;
    an_answer_is_tried(&mut scene.core, "who signs?").await?;
    scene.comes_back().await?;
    scene.works("the spare does.").await?;
    assert!(!spare.signed().is_empty());
    let status = scene.world.core_status().await?;
    assert_eq!(status["signer"]["name"], "spare", "{status}");
    Ok(())
}

/// What takes its time, because a signer is asked again after a minute: `cargo xtask test --long`.
mod long {
    use super::*;

    #[tokio::test]
    async fn a_signer_that_was_lost_is_forgotten_when_it_is_back() -> Result<()> {
        let mut scene = Scene::online().await?;
        scene.world.signer.go_down().await;
        an_answer_is_tried(&mut scene.core, "can you hear me?").await?;
        scene.world.stands("a signer problem", has_problem).await?;
        scene.bots.stayed()?;

        scene.world.signer.come_up().await?;
        let is_well =
            |status: &Value| status["state"] == "online" && status["signer_problem"].is_null();
        scene.world.stands("no signer problem", is_well).await?;
        let status = scene.world.core_status().await?;
        let pid = status["process"]["pid"].as_u64();
        if pid != Some(u64::from(scene.core.pid())) {
            scene.core = scene.world.qq.core().await?;
        }
        scene.works("signed again.").await
    }
}
