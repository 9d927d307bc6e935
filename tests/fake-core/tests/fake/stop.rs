//! Being asked to end, in each phase of a run.
#![cfg(unix)]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fake_core::{Network, Phase, Report, Scenario, SessionFate, SignerFault};

use crate::run::{Ended, Stage, quick, until};

const TEXT: &str = "Application is shutting down...";
const CANCELED: &str = "System.Threading.Tasks.TaskCanceledException: A task was canceled.";

/// Within it, what ends at all has ended.
const HANGS: Duration = Duration::from_millis(500);

impl Ended {
    fn was_cancelled(&self) -> Result<()> {
        ensure!(self.stdout.contains(TEXT), "{}", self.stdout);
        self.died_of(CANCELED)
    }
}

#[tokio::test]
async fn in_its_first_moment_it_dies_of_the_signal() -> Result<()> {
    let scenario = Scenario {
        boot_ms: 60_000,
        ..quick()
    };
    let stage = Stage::set(&scenario).await?;
    let run = stage.start(&[]).await?;
    run.terminate().await?;
    let ended = run.ended().await?;
    assert_eq!(ended.signal, Some(15));
    assert!(!ended.stdout.contains(TEXT));
    Ok(())
}

#[tokio::test]
async fn it_waits_for_a_signer_that_is_asked_what_it_is() -> Result<()> {
    let stage = Stage::set(&quick()).await?;
    stage
        .signer
        .fault(Some(SignerFault::Slow(Duration::from_secs(1))));
    let mut run = stage.start(&[]).await?;
    until(|| stage.signer.app_infos() == 1).await?;
    run.terminate().await?;
    ensure!(run.core.ended(HANGS).await.is_err(), "it did not wait");
    run.ended().await?.was_cancelled()
}

#[tokio::test]
async fn while_it_waits_for_a_phone_qq_or_a_signature_it_dies_of_it() -> Result<()> {
    for network in [Network::Silent, Network::Breaks] {
        let stage = Stage::set(&Scenario { network, ..quick() }).await?;
        let run = stage.start(&[]).await?;
        until(|| stage.folder.path().join("device.json").exists()).await?;
        // Its host listens before it makes that file.
        run.terminate().await?;
        run.ended()
            .await?
            .was_cancelled()
            .with_context(|| format!("{network:?}"))?;
    }
    let stage = Stage::set(&quick()).await?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    run.terminate().await?;
    run.ended().await?.was_cancelled()?;

    let hour = Duration::from_hours(1);
    stage.signer.fault(Some(SignerFault::SlowToSign(hour)));
    let run = stage.start(&[]).await?;
    until(|| stage.signer.signed().len() == 2).await?;
    run.terminate().await?;
    run.ended().await?.was_cancelled()
}

#[tokio::test]
async fn while_its_session_is_not_answered_it_hangs() -> Result<()> {
    for (session, network) in [
        (SessionFate::Unanswered, Network::Good),
        (SessionFate::RenewalUnanswered, Network::Good),
        (SessionFate::Accepted, Network::Closes),
    ] {
        let (stage, run) = Stage::online(&Scenario::default()).await?;
        drop(run);
        stage.direct(&Scenario {
            session,
            network,
            network_from: Phase::Session,
            redial_ms: 20,
            ..quick()
        })?;
        let mut run = stage.start(&[]).await?;
        if network == Network::Good {
            until(|| stage.signer.app_infos() == 2).await?;
        } else {
            let redials = |report: &Report| matches!(report, Report::Redialled);
            run.core.reported("that it dials again", redials).await?;
        }
        run.terminate().await?;
        ensure!(
            run.core.ended(HANGS).await.is_err(),
            "{session:?}: it ended"
        );
        run.signal("-KILL").await?;
        let ended = run.ended().await?;
        ensure!(ended.stdout.contains(TEXT), "{session:?}: {}", ended.stdout);
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_is_answered_after_all_has_no_server_any_more() -> Result<()> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    drop(run);
    let scenario = Scenario {
        session_ms: 1_000,
        ..quick()
    };
    stage.direct(&scenario)?;
    let run = stage.start(&[]).await?;
    until(|| stage.signer.app_infos() == 2).await?;
    run.terminate().await?;
    let ended = run.ended().await?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.says_in_order(&[TEXT, "Bot Uin: ", "WebService start failed.", CANCELED])
}

#[tokio::test]
async fn online_it_ends_in_order() -> Result<()> {
    let (_stage, run) = Stage::online(&Scenario::default()).await?;
    run.terminate().await?;
    let ended = run.ended().await?;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains(TEXT));
    Ok(())
}

#[tokio::test]
async fn a_hang_up_kills_it_in_any_phase() -> Result<()> {
    let (_stage, run) = Stage::online(&Scenario::default()).await?;
    run.signal("-HUP").await?;
    assert_eq!(run.ended().await?.signal, Some(1));
    Ok(())
}
