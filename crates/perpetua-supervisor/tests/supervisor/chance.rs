//! Everything at any time: whatever people, the core and chance do, there is never a second
//! process, and the last word of a person holds.

use std::time::Duration;

use perpetua_lifecycle::{LaunchFailure, LifecycleState};
use tokio::time::sleep;

use crate::{
    play::Play,
    stage::{Stage, WHO, version},
};

/// Things that happen in one run of the test.
const HAPPENINGS: usize = 60;

#[tokio::test(start_paused = true)]
async fn whatever_happens_there_is_one_process_at_most_and_a_stop_stops() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut stage = Stage::new();
        let mut playing: Option<Play> = None;
        for _ in 0..HAPPENINGS {
            if stage.has_play() {
                playing = Some(stage.play().await);
            }
            happen(&stage, &mut playing, &mut random).await;
            // Anything from one turn of the loop to several seconds may lie between two of them.
            sleep(Duration::from_millis(10u64.pow(random.u32(0..5)) / 10)).await;
        }
        stage.core.stop().await;
        stage
            .until_state(|state| *state == LifecycleState::Stopped)
            .await;
        // On the mocked clock: longer than every wait after which it could start again.
        sleep(Duration::from_mins(10)).await;
        assert_eq!(
            stage.core.view().borrow().state,
            LifecycleState::Stopped,
            "seed {seed}"
        );
        assert_eq!(stage.core.view().borrow().pid, None, "seed {seed}");
        stage.close().await;
    }
}

async fn happen(stage: &Stage, playing: &mut Option<Play>, random: &mut fastrand::Rng) {
    let generation = stage.core.view().borrow().generation;
    match random.u8(0..16) {
        0..3 => stage.core.start().await,
        3 => stage.core.stop().await,
        4 => stage.core.restart().await,
        5 => stage.core.link_opened(generation).await,
        6 => stage.core.link_lost(generation).await,
        7 => stage.core.answers_stopped(generation).await,
        8 => stage.core.send_unsigned(generation).await,
        9 => {
            let installed = random.bool().then(|| version("nightly-11111111"));
            *stage.cores.current.lock().expect("lock") = installed.ok_or(LaunchFailure::NoCore);
            stage.cores.may_install.notify_one();
        }
        10 => {
            let broken = [vec![], vec!["first"], vec!["first", "second"]];
            *stage.signers.broken.lock().expect("lock") = random.choice(broken).unwrap_or_default();
        }
        11 => {
            let core = stage.core.clone();
            tokio::spawn(async move { core.restore_login().await });
        }
        happening => {
            let Some(play) = playing.as_mut().filter(|play| play.runs()) else {
                return;
            };
            match happening {
                12 => play.log_in_by_session(WHO).await,
                13 => play.show_code(b"picture").await,
                14 => play.be_kicked().await,
                _ if random.bool() => play.abort(),
                _ => play.end_well(),
            }
        }
    }
}
