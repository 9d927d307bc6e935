//! Signers that stop signing.

use std::time::Duration;

use perpetua_lagrange::SignerUrl;
use perpetua_lifecycle::{Generation, LifecycleState, SignerProblem};
use tokio::time::sleep;

use crate::stage::{Stage, settings};

#[tokio::test(start_paused = true)]
async fn a_signer_that_is_lost_is_replaced_by_the_next_one() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    stage.core.send_unsigned(Generation(1)).await;
    play.asked_to_end().await;
    play.end_well();
    stage.next_online().await;
    let view = stage.core.view().borrow().clone();
    assert_eq!(
        view.signer.as_ref().map(|report| report.name.as_str()),
        Some("second")
    );
    let asked = stage.signers.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [vec!["first", "second"], vec!["second"], vec!["second"]]
    );
}

#[tokio::test(start_paused = true)]
async fn its_failure_in_the_log_counts_as_well() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    play.log(
        "BusinessContext",
        "WARNING",
        "Error when processing the event: Lagrange.Core.Internal.Event.Message.SendMessageEvent",
    )
    .await;
    play.log(
        "BusinessContext",
        "WARNING",
        "System.Exception: Signer server returned a 521\n         at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd)",
    )
    .await;
    play.asked_to_end().await;
}

#[tokio::test(start_paused = true)]
async fn without_another_one_it_stays_online_and_says_so_until_one_is_found() {
    let mut stage = Stage::with(|settings| settings.signers.truncate(1));
    let play = stage.online().await;
    stage.core.send_unsigned(Generation(1)).await;
    none_works(&stage).await;
    assert!(!play.is_killed());
    // It answers the probe all the time, but is trusted again only after a minute.
    sleep(Duration::from_secs(55)).await;
    assert_eq!(stage.signers.asked.lock().unwrap().len(), 1);
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Online { signer: None, .. }))
        .await;
    assert_eq!(
        view.generation,
        Generation(1),
        "the core asks it anew by itself"
    );
    assert!(!play.is_killed());
}

#[tokio::test(start_paused = true)]
async fn an_address_that_was_put_right_reaches_the_core() {
    let mut stage = Stage::with(|settings| settings.signers.truncate(1));
    let mut play = stage.online().await;
    stage.core.send_unsigned(Generation(1)).await;
    none_works(&stage).await;
    let mut settings = settings();
    settings.signers.truncate(1);
    settings.signers[0].url = SignerUrl::new("http://127.0.0.1:9/api/sign/39038").unwrap();
    stage.core.change(settings).await;
    play.asked_to_end().await;
    // What the old address still fails is not held against the new one.
    stage.core.send_unsigned(Generation(1)).await;
    play.end_well();
    stage.next_online().await;
    let view = stage.core.view().borrow().clone();
    assert!(
        matches!(view.state, LifecycleState::Online { signer: None, .. }),
        "{:?}",
        view.state
    );
}

/// It is online, and no signer works.
async fn none_works(stage: &Stage) {
    let lacks_all = |state: &LifecycleState| {
        matches!(
            state,
            LifecycleState::Online {
                signer: Some(SignerProblem::NoneWorks(_)),
                ..
            }
        )
    };
    stage.until_state(lacks_all).await;
}
