//! Signers that are missing, wrong, lost, and found.

use std::time::Duration;

use anyhow::{Result, ensure};
use fake_core::{Phone, Process, Qq, RunningCore, SignerFault, SignerServer};
use perpetua_testkit::Client;
use serde_json::{Value, json};

use crate::scene::Scene;
use perpetua_e2e::world::{
    LONG, World, confirming, core_section, github, managed, quick, signer_section,
};
use perpetua_e2e::{run, sentence};

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
async fn a_signer_whose_secret_is_missing_keeps_no_other_from_being_tested() -> Result<()> {
    let nowhere = |name: &str| {
        format!("[[signers]]\nname = \"{name}\"\nurl = {{ secret = \"{name}-address\" }}\n")
    };
    let world = World::with(&quick(), |settings| {
        settings
            .section(&nowhere("first"))
            .section(&nowhere("last"))
    })
    .await?;
    let tested = run(&world.folder, &["signer", "test"]).await?;
    ensure!(tested.code.is_some_and(|code| code != 0), "{tested:?}");
    let lines: Vec<_> = tested.stdout.lines().collect();
    for (name, says) in [
        ("mine", "works"),
        ("first", "not tested"),
        ("last", "not tested"),
    ] {
        let is_it = |line: &&&str| line.starts_with(&format!("{name}: {says}"));
        ensure!(
            lines.iter().filter(is_it).count() == 1,
            "{name}: {tested:?}"
        );
    }
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
async fn the_next_signer_takes_over_and_the_core_runs_on() -> Result<()> {
    let spare = SignerServer::start().await?;
    let section = signer_section("spare", &spare);
    let mut scene = Scene::online_as(&confirming(), |settings| settings.section(&section)).await?;
    assert!(spare.signed().is_empty(), "the first one signs");
    scene.world.signer.go_down().await;
    scene.works("who signs? the spare does.").await?;
    assert!(!spare.signed().is_empty());
    scene.world.stands("the spare in use", uses_spare).await?;
    scene.world.qq.stays_alone(QUIET).await
}

fn uses_spare(status: &Value) -> bool {
    status["signer"]["name"] == "spare"
}

/// What takes its time, because signers are asked again every half minute: `cargo xtask test --long`.
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
        scene.world.qq.stays_alone(QUIET).await?;
        scene.works("signed again.").await
    }

    /// It answers nothing over its link meanwhile, and everything over another connection.
    #[tokio::test]
    async fn a_core_whose_signature_takes_a_minute_is_left_alone() -> Result<()> {
        let world = World::new(&confirming()).await?;
        let node = world.node().await?;
        let core = world.online().await?;
        let token = world.folder.token("probe").await?;
        let mut client = Client::connect(node.client("probe").await?, &token).await?;
        let slow = SignerFault::SlowToSign(Duration::from_mins(1));
        world.signer.next_signatures([Some(slow)]);
        let send = json!({ "user_id": 10_001, "message": "take your time" });
        client.ask("send_private_msg", send.clone()).await?;

        let waits = |status: &Value| status["blocked_for_s"].is_u64();
        let status = world.stands("a core that waits", waits).await?;
        assert_eq!(status["state"], "online", "{status}");
        assert!(
            sentence(&status["message"]).contains("waits for its signer"),
            "{status}"
        );
        let answers = |status: &Value| status["blocked_for_s"].is_null();
        let status = world.stands("an answer", answers).await?;
        assert_eq!(status["process"]["pid"], core.pid(), "{status}");
        assert_eq!(status["restarts"], 0, "{status}");
        let answer = client.call("send_private_msg", send).await?;
        assert_eq!(answer["retcode"], 0, "{answer}");
        Ok(())
    }

    /// Nothing of it runs: another connection is not answered either.
    #[tokio::test]
    async fn a_core_that_does_nothing_any_more_is_found_and_ended() -> Result<()> {
        let world = World::new(&confirming()).await?;
        let _node = world.node().await?;
        let mut core = world.online().await?;
        core.process(Process::Hang).await?;
        core.ended(LONG).await?;
        let next = world.online().await?;
        ensure!(next.pid() != core.pid(), "it is the same one");
        Ok(())
    }
}
