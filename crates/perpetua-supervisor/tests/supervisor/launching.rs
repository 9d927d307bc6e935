//! From a wish to a process.

use perpetua_fetch::{InstallPhase, InstallProgress};
use perpetua_lifecycle::{
    Generation, GiveUpReason, InstallProblem, LaunchFailure, LifecycleState, SignerProblem,
    StartPhase,
};
use perpetua_supervisor::CoreNews;

use crate::{
    play::identity,
    stage::{Stage, WHO, settings, signer},
};

#[tokio::test(start_paused = true)]
async fn a_core_with_a_session_comes_online() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    let view = stage.core.view().borrow().clone();
    assert!(
        matches!(view.state, LifecycleState::Online { who: WHO, .. }),
        "{view:?}"
    );
    assert_eq!(view.version.as_deref(), Some("nightly-11111111"));
    assert_eq!(
        view.commit.as_deref(),
        Some("625e9b29268c94feddaa64d57287b622b5bb2293")
    );
    assert_eq!(view.protocol.as_deref(), Some("3.2.15-30366"));
    assert_eq!(view.pid, Some(play.id));
    assert_eq!(
        view.signer.as_ref().map(|report| report.name.as_str()),
        Some("first")
    );
    assert_eq!((view.generation, view.restarts), (Generation(1), 0));
    assert_eq!(stage.told().await, CoreNews::Online { who: WHO });

    let endpoint = view.endpoint.clone().unwrap();
    assert_eq!(endpoint.url, format!("ws://127.0.0.1:{}/", play.port()));
    let token = play.variable("Implementations__0__AccessToken");
    assert_eq!(token.as_deref(), Some(endpoint.token.expose()));
    let settings = std::fs::read_to_string(stage.path("appsettings.json")).unwrap();
    assert!(!settings.contains(endpoint.token.expose()));
    assert!(!format!("{view:?}").contains(endpoint.token.expose()));
}

/// The stages of tests have the same seed, and what is seeded can be computed from what it shows.
#[tokio::test(start_paused = true)]
async fn the_mark_of_each_start_is_one_that_no_seed_makes() {
    let format = "Logging__Console__FormatterOptions__TimestampFormat";
    let mut marks = Vec::new();
    for _ in 0..4 {
        let mut stage = Stage::new();
        let mut play = stage.online().await;
        marks.push(play.variable(format).expect("a mark"));
        stage.core.restart().await;
        play.asked_to_end().await;
        play.end_well();
        let again = stage.next_online().await;
        marks.push(again.variable(format).expect("a mark"));
    }
    let different: std::collections::BTreeSet<_> = marks.iter().collect();
    assert_eq!(different.len(), marks.len(), "{marks:?}");
}

#[tokio::test(start_paused = true)]
async fn starting_twice_starts_one() {
    let mut stage = Stage::new();
    let _play = stage.online().await;
    stage.core.start().await;
    stage.core.look().await;
    let view = stage.core.view().borrow().clone();
    assert_eq!(view.generation, Generation(1));
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn who_runs_is_written_down_until_it_has_ended() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    let run_file = stage.path("run.json");
    let written = std::fs::read(&run_file).unwrap();
    assert_eq!(
        serde_json::from_slice::<perpetua_process::Identity>(&written).unwrap(),
        identity(play.id)
    );
    stage.core.stop().await;
    play.asked_to_end().await;
    play.end_well();
    stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
    stage.close().await;
    assert!(!run_file.exists());
}

#[tokio::test(start_paused = true)]
async fn a_leftover_of_a_former_run_is_ended_although_nobody_wants_to_start() {
    let stage = Stage::new();
    let data = stage.close().await;
    let folder = data.path().join("accounts/main");
    std::fs::create_dir_all(&folder).unwrap();
    let left = serde_json::to_vec(&identity(77)).unwrap();
    std::fs::write(folder.join("run.json"), left).unwrap();

    let stage = Stage::on(data, settings());
    let launcher = stage.launcher.clone();
    let data = stage.close().await;
    assert_eq!(*launcher.ended.lock().unwrap(), [identity(77)]);
    assert!(!data.path().join("accounts/main/run.json").exists());
}

#[tokio::test(start_paused = true)]
async fn a_broken_note_of_who_runs_keeps_nothing_from_starting() {
    let mut stage = Stage::new();
    std::fs::create_dir_all(stage.path("")).unwrap();
    std::fs::write(stage.path("run.json"), "{\"pid\":").unwrap();
    stage.online().await;
    assert!(stage.launcher.ended.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn beside_a_leftover_that_cannot_be_ended_nothing_is_started() {
    let mut stage = Stage::new();
    *stage.launcher.stubborn_leftover.lock().unwrap() = true;
    std::fs::create_dir_all(stage.path("")).unwrap();
    let left = serde_json::to_vec(&identity(77)).unwrap();
    std::fs::write(stage.path("run.json"), left).unwrap();
    stage.core.start().await;
    let failure = failure(&stage).await;
    assert!(failure.to_string().contains("77"), "{failure}");
    assert!(!stage.has_play());

    *stage.launcher.stubborn_leftover.lock().unwrap() = false;
    stage.play().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_core_is_installed_first() {
    let mut stage = Stage::new();
    *stage.cores.current.lock().unwrap() = Err(LaunchFailure::NoCore);
    stage.core.start().await;
    stage
        .until_state(|state| matches!(state, LifecycleState::Installing))
        .await;
    let progress = InstallProgress {
        phase: InstallPhase::Downloading,
        received: 5,
        ..InstallProgress::default()
    };
    let told = Some(progress);
    stage.cores.progress.send_replace(told.clone());
    stage.until(|view| view.install == told).await;
    stage.cores.install("nightly-22222222");
    stage.cores.may_install.notify_one();
    let play = stage.play().await;
    assert!(play.program().starts_with("/core/nightly-22222222"));
    let view = stage.until(|view| view.pid.is_some()).await;
    assert_eq!(view.install, None);
    assert_eq!(view.generation, Generation(2));
}

#[tokio::test(start_paused = true)]
async fn an_installation_that_needs_a_person_waits_for_one() {
    let mut stage = Stage::new();
    *stage.cores.current.lock().unwrap() = Err(LaunchFailure::NoCore);
    *stage.cores.installs.lock().unwrap() = Err(InstallProblem::NotAllowed);
    stage.cores.may_install.notify_one();
    stage.core.start().await;
    let CoreNews::PersonNeeded(LifecycleState::Absent {
        problem,
        retry: None,
    }) = stage.told().await
    else {
        panic!("nobody was told");
    };
    assert_eq!(problem, Some(InstallProblem::NotAllowed));
    // The person installs one by hand.
    stage.cores.install("nightly-33333333");
    let play = stage.play().await;
    assert!(play.program().starts_with("/core/nightly-33333333"));
}

#[tokio::test(start_paused = true)]
async fn without_a_signer_the_login_is_not_tried_until_there_is_one() {
    let mut stage = Stage::with(|settings| settings.signers.clear());
    stage.core.start().await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::SignerProblem { .. }))
        .await;
    let LifecycleState::SignerProblem { problem, .. } = &view.state else {
        unreachable!()
    };
    assert_eq!(*problem, SignerProblem::NoneConfigured);
    assert!(!stage.has_play());

    let mut settings = stage.settings.clone();
    settings.signers = vec![signer("new")];
    stage.core.change(settings).await;
    stage.play().await;
    assert_eq!(*stage.signers.asked.lock().unwrap(), [["new"]]);
}

#[tokio::test(start_paused = true)]
async fn signers_that_do_not_work_are_asked_again_by_themselves() {
    let mut stage = Stage::new();
    *stage.signers.broken.lock().unwrap() = vec!["first", "second"];
    stage.core.start().await;
    stage
        .until_state(|state| matches!(state, LifecycleState::SignerProblem { .. }))
        .await;
    *stage.signers.broken.lock().unwrap() = vec!["first"];
    stage.play().await;
    let view = stage.until(|view| view.pid.is_some()).await;
    assert_eq!(
        view.signer.as_ref().map(|report| report.name.as_str()),
        Some("second")
    );
}

#[tokio::test(start_paused = true)]
async fn a_start_is_called_off_while_the_signers_are_asked() {
    let stage = Stage::new();
    *stage.signers.silent.lock().unwrap() = true;
    stage.core.start().await;
    stage
        .until_state(|state| {
            matches!(
                state,
                LifecycleState::Starting {
                    phase: StartPhase::Preparing,
                    ..
                }
            )
        })
        .await;
    stage.core.stop().await;
    stage
        .until_state(|state| *state == LifecycleState::Stopped)
        .await;
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn an_old_database_is_told_before_the_core_stumbles_over_it() {
    let stage = Stage::new();
    std::fs::create_dir_all(stage.path("")).unwrap();
    std::fs::write(stage.path("lagrange-0.db"), "").unwrap();
    stage.core.start().await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::GivenUp { .. }))
        .await;
    let LifecycleState::GivenUp {
        reason: GiveUpReason::CannotRun(failure),
        ..
    } = &view.state
    else {
        panic!("{:?}", view.state)
    };
    assert!(failure.to_string().contains("lagrange-0.db"), "{failure}");
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_cannot_be_made_is_told_in_words() {
    let stage = Stage::new();
    std::fs::create_dir_all(stage.data().path().join("accounts")).unwrap();
    std::fs::write(stage.data().path().join("accounts/main"), "a file").unwrap();
    stage.core.start().await;
    let failure = failure(&stage).await;
    assert!(
        failure.to_string().contains("cannot be created"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_program_that_the_system_does_not_start_is_told_in_words() {
    let mut stage = Stage::new();
    *stage.launcher.refuses.lock().unwrap() = true;
    stage.core.start().await;
    let failure = failure(&stage).await;
    assert!(
        failure.to_string().contains("install the core again"),
        "{failure}"
    );
    *stage.launcher.refuses.lock().unwrap() = false;
    stage.play().await;
}

/// Why the core waits for its next start.
async fn failure(stage: &Stage) -> LaunchFailure {
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    match &view.state {
        LifecycleState::Backoff { failure, .. } => failure.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_core_does_not_see_the_variables_of_the_node() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let play = stage.play().await;
    let names: Vec<&str> = play.variables().collect();
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "{names:?}");
    for needed in ["PATH", "Implementations__0__AccessToken"] {
        assert!(names.contains(&needed), "{names:?}");
    }
}
