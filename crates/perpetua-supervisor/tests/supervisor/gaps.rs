//! A gap in this process's own time is no silence of a core.

use std::time::Duration;

use perpetua_config::SignThrough;
use perpetua_lifecycle::LifecycleState;
use tokio::time::{Instant, advance, sleep};

use crate::{
    play::Play,
    stage::{Stage, WHO},
};

/// Gaps of every length: one that ends before a limit of 60 s, and those that go far beyond all.
const GAPS: [u64; 4] = [20, 75, 3600, 8 * 3600];

/// A stage whose gaps are seen. Its node asks the signers: a core that asks by itself has more time.
async fn stage() -> Stage {
    let stage = Stage::with(|settings| settings.sign_through = SignThrough::Node);
    let gaps = stage.gaps.clone();
    tokio::spawn(async move { gaps.run().await });
    sleep(Duration::from_secs(2)).await;
    stage
}

/// Nobody runs for so long.
async fn gap(seconds: u64) {
    advance(Duration::from_secs(seconds)).await;
}

/// How long it takes until it is killed.
async fn killed_after(play: &Play) -> u64 {
    let begun = Instant::now();
    play.killed().await;
    begun.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_start_has_its_time_anew_in_every_phase() {
    for seconds in GAPS {
        for phase in 0..4 {
            let mut stage = stage().await;
            stage.core.start().await;
            let play = stage.play().await;
            play.begin().await;
            match phase {
                0 => {}
                1 => play.login_step("Connecting Servers...").await,
                2 => {
                    let text =
                        "Session has not expired, using session to login and register status";
                    play.login_step(text).await;
                }
                _ => play.finish_login(WHO).await,
            }
            sleep(Duration::from_secs(50)).await;
            gap(seconds).await;
            sleep(Duration::from_secs(58)).await;
            assert!(
                play.runs() && !play.is_killed(),
                "{seconds} s in phase {phase}"
            );
            let more = killed_after(&play).await;
            assert!(more <= 4, "{seconds} s in phase {phase}: {more}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_waits_through_a_gap_is_the_cores_to_end() {
    for seconds in GAPS {
        let mut stage = stage().await;
        stage.core.start().await;
        let play = stage.play().await;
        play.show_code(b"a picture").await;
        stage
            .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
            .await;
        sleep(Duration::from_secs(170)).await;
        gap(seconds).await;
        sleep(Duration::from_secs(55)).await;
        assert!(play.runs() && !play.is_killed(), "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_core_that_is_online_or_coming_back_stays() {
    for seconds in GAPS {
        let mut stage = stage().await;
        let play = stage.online().await;
        let generation = stage.endpoint().await.generation;
        gap(seconds).await;
        sleep(Duration::from_secs(5)).await;
        assert!(stage.core.view().borrow().state.is_online());
        stage.core.link_lost(generation).await;
        sleep(Duration::from_secs(110)).await;
        gap(seconds).await;
        sleep(Duration::from_secs(110)).await;
        stage.core.link_opened(generation).await;
        stage.until_state(LifecycleState::is_online).await;
        assert!(play.runs() && !play.is_killed(), "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_core_that_is_asked_to_end_has_its_time_to() {
    for seconds in GAPS {
        let mut stage = stage().await;
        let play = stage.online().await;
        stage.core.stop().await;
        play.asked_to_end().await;
        sleep(Duration::from_secs(5)).await;
        gap(seconds).await;
        sleep(Duration::from_secs(8)).await;
        assert!(!play.is_killed(), "{seconds}");
        let more = killed_after(&play).await;
        assert!(more <= 3, "{seconds}: {more}");
    }
}
