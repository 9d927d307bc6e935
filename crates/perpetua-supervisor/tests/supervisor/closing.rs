//! Stops, restarts and the end: in every phase, and with a process that does not listen.

use std::time::Duration;

use perpetua_lifecycle::{Generation, LifecycleState, OfflineReason};
use perpetua_supervisor::CoreNews;
use tokio::time::Instant;

use crate::stage::{Stage, WHO};

#[tokio::test(start_paused = true)]
async fn a_stop_ends_it_and_keeps_it_ended() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    stage.core.stop().await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Stopping { .. }))
        .await;
    assert_eq!(view.endpoint, None);
    play.asked_to_end().await;
    play.end_well();
    let view = stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
    assert_eq!((view.pid, view.generation), (None, Generation(1)));
    assert_eq!(stage.told().await, CoreNews::Online { who: WHO });
    assert_eq!(
        stage.told().await,
        CoreNews::Offline {
            reason: OfflineReason::Asked
        }
    );
    assert!(!play.is_killed());
    // Stopping what has stopped is nothing.
    stage.core.stop().await;
    stage.core.start().await;
    stage.next_online().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_it_waits_for_a_scan() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let mut play = stage.play().await;
    play.show_code(b"picture").await;
    stage
        .until_state(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
        .await;
    stage.core.stop().await;
    play.asked_to_end().await;
    play.cry(
        "Unhandled exception. System.Threading.Tasks.TaskCanceledException: A task was canceled.",
    )
    .await;
    play.abort();
    stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_between_two_starts() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let mut play = stage.play().await;
    play.abort();
    stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    stage.core.stop().await;
    stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
    // On the mocked clock: longer than every wait after which it could start again.
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_a_core_is_installed() {
    let stage = Stage::new();
    *stage.cores.current.lock().unwrap() = Err(perpetua_lifecycle::LaunchFailure::NoCore);
    stage.core.start().await;
    stage
        .until_state(|state| matches!(state, LifecycleState::Installing))
        .await;
    stage.core.stop().await;
    stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
    stage.cores.install("nightly-22222222");
    stage.cores.may_install.notify_one();
    // On the mocked clock: that nothing starts cannot be awaited.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_does_not_listen_is_killed_after_its_grace() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    stage.core.stop().await;
    play.asked_to_end().await;
    let asked = Instant::now();
    play.killed().await;
    assert_eq!(asked.elapsed().as_secs(), 10);
    stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_ends_it_and_starts_it_again() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    let former = stage.endpoint().await;
    stage.core.restart().await;
    play.asked_to_end().await;
    play.end_well();
    stage.until(|view| view.endpoint.is_none()).await;
    stage.next_online().await;
    let endpoint = stage.endpoint().await;
    assert_eq!(endpoint.generation, Generation(2));
    assert_ne!(endpoint.token, former.token);
    let view = stage.core.view().borrow().clone();
    assert_eq!(view.restarts, 0, "a person asked for it");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_kills_what_has_not_ended_shortly_before_its_limit() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    let begun = Instant::now();
    let core = stage.core.clone();
    let shutdown = tokio::spawn(async move { core.shutdown(Duration::from_secs(8)).await });
    play.asked_to_end().await;
    play.killed().await;
    assert_eq!(begun.elapsed().as_secs(), 7);
    shutdown.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8));
    stage.task.await.unwrap();
    assert_eq!(stage.core.view().borrow().state, LifecycleState::Stopped);
    // Verbs of a core that has ended do nothing.
    stage.core.start().await;
    stage.core.shutdown(Duration::from_secs(8)).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_signers_that_do_not_answer() {
    let stage = Stage::new();
    *stage.signers.silent.lock().unwrap() = true;
    stage.core.start().await;
    stage
        .until_state(|state| matches!(state, LifecycleState::Starting { .. }))
        .await;
    let begun = Instant::now();
    stage.close().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_of_what_has_never_run_is_quick() {
    let stage = Stage::new();
    let begun = Instant::now();
    stage.close().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_dropped_takes_its_process_along() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    stage.task.abort();
    play.killed().await;
}

#[tokio::test(start_paused = true)]
async fn a_core_without_handles_ends() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    drop(stage.core);
    play.killed().await;
    stage.task.await.unwrap();
}
