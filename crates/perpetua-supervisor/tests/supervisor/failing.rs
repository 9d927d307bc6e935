//! What goes wrong with a core that runs.

use std::{path::PathBuf, time::Duration};

use perpetua_config::SignThrough;
use perpetua_lifecycle::{
    ExitCause, Generation, GiveUpReason, LaunchFailure, LifecycleState, OfflineReason,
};
use perpetua_supervisor::{CoreNews, RollBackOutcome};
use tokio::time::{Instant, sleep};

use crate::stage::{Stage, WHO};

#[tokio::test(start_paused = true)]
async fn a_kicked_account_is_offline_at_once_and_logs_in_again() {
    let mut stage = Stage::new();
    let mut play = stage.online().await;
    play.be_kicked().await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::KickedOffline { .. }))
        .await;
    assert_eq!(view.endpoint, None, "what is kicked is not dialled again");
    assert_eq!(stage.told().await, CoreNews::Online { who: WHO });
    let CoreNews::Offline {
        reason: OfflineReason::Kicked(words),
    } = stage.told().await
    else {
        panic!("nobody was told");
    };
    assert!(words.contains("登录已失效"), "{words}");
    play.asked_to_end().await;
    play.end_well();
    stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    stage.next_online().await;
    assert_eq!(stage.core.view().borrow().restarts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_core_that_keeps_crashing_is_braked_with_its_last_words() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let begun = Instant::now();
    for _ in 0..5 {
        let mut play = stage.play().await;
        play.begin().await;
        play.cry("Unhandled exception. System.NullReferenceException: Object reference not set")
            .await;
        play.abort();
    }
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::GivenUp { .. }))
        .await;
    let LifecycleState::GivenUp {
        reason: GiveUpReason::Failing { failures: 5, last },
        last_lines,
    } = &view.state
    else {
        panic!("{view:?}");
    };
    let LaunchFailure::Exited(exit) = last else {
        panic!("{last:?}")
    };
    assert_eq!(exit.signal, Some(6));
    assert!(matches!(exit.cause, ExitCause::Crashed(_)), "{exit:?}");
    assert!(
        last_lines
            .iter()
            .any(|line| line.contains("NullReferenceException")),
        "{last_lines:?}"
    );
    assert!(last_lines.iter().all(|line| !line.is_empty()));
    // 1 + 2 + 4 + 8 seconds lie between the five starts.
    assert!(
        begun.elapsed() >= Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    assert!(!stage.has_play());

    // A person leads out of it.
    stage.core.start().await;
    stage.play().await;
}

#[tokio::test(start_paused = true)]
async fn a_core_that_answers_nothing_is_killed_and_started_anew() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    stage.core.answers_stopped(Generation(7)).await;
    stage.core.answers_stopped(Generation(1)).await;
    play.killed().await;
    stage.next_online().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_without_progress_is_killed_after_its_time() {
    // A core that asks its signer by itself says after 100 s that it had no answer, if that is what it waits for.
    for (through, limit) in [(SignThrough::Node, 60), (SignThrough::Core, 105)] {
        let mut stage = Stage::with(|settings| settings.sign_through = through);
        stage.core.start().await;
        let play = stage.play().await;
        play.begin().await;
        play.login_step("Connecting Servers...").await;
        let begun = Instant::now();
        play.killed().await;
        let took = begun.elapsed().as_secs();
        assert!((limit - 5..=limit + 5).contains(&took), "{took} s");
        let view = stage
            .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
            .await;
        let LifecycleState::Backoff { failure, .. } = &view.state else {
            unreachable!()
        };
        assert_eq!(*failure, LaunchFailure::QqSilent(limit));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_signer_that_the_core_asks_by_itself_is_named() {
    let mut stage = Stage::with(|settings| settings.signers.truncate(1));
    stage.core.start().await;
    let mut play = stage.play().await;
    play.begin().await;
    play.login_step("Connecting Servers...").await;
    sleep(Duration::from_secs(100)).await;
    assert!(!play.is_killed(), "{:?}", stage.core.view().borrow());
    let words = "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.\n         at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd)";
    play.log("BusinessContext", "WARNING", words).await;
    play.give_up_login().await;
    let lacks = |state: &LifecycleState| matches!(state, LifecycleState::SignerProblem { .. });
    let view = stage.until_state(lacks).await;
    let LifecycleState::SignerProblem { problem, .. } = &view.state else {
        unreachable!()
    };
    let said = problem.to_string();
    assert!(said.contains("`first`") && said.contains("100 s"), "{said}");
    assert_eq!(view.outage, None, "QQ was not even asked");
}

#[tokio::test(start_paused = true)]
async fn a_port_that_another_program_took_is_replaced_at_once() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let mut play = stage.play().await;
    play.begin().await;
    play.login_step("Session has not expired, using session to login and register status")
        .await;
    play.record(
        "Lagrange.OneBot.Core.Login.LoginService[0]",
        "Bot Uin: 10001",
    )
    .await;
    play.say(
        "warn: Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection[4]\n      \
         [LagrangeWebSvcCollection]: WebService start failed.\n      \
         System.Net.HttpListenerException (98): Address already in use\n         at somewhere",
    )
    .await;
    play.asked_to_end().await;
    assert_eq!(stage.core.view().borrow().endpoint, None);
    play.end_well();
    let begun = Instant::now();
    stage.next_online().await;
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn too_much_memory_is_told_once_and_ends_it() {
    let mut stage = Stage::with(|settings| settings.memory_limit = Some(1 << 30));
    let mut play = stage.online().await;
    play.takes(1 << 20);
    let view = stage.until(|view| view.usage.is_some()).await;
    assert_eq!(view.usage.unwrap().memory_bytes, 1 << 20);
    assert!(view.state.is_online());
    play.takes((1 << 30) + 1);
    play.asked_to_end().await;
    play.end_well();
    assert_eq!(stage.told().await, CoreNews::Online { who: WHO });
    let reason = OfflineReason::TooMuchMemory {
        used: (1 << 30) + 1,
        limit: 1 << 30,
    };
    assert_eq!(stage.told().await, CoreNews::Offline { reason });
    let view = stage.until(|view| view.pid.is_none()).await;
    assert_eq!(view.usage, None);
    stage.next_online().await;
}

#[tokio::test(start_paused = true)]
async fn a_new_limit_holds_for_the_core_that_runs() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    play.takes(1 << 30);
    stage.until(|view| view.usage.is_some()).await;
    let mut settings = stage.settings.clone();
    settings.memory_limit = Some(1 << 29);
    stage.core.change(settings).await;
    play.asked_to_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_leaves_the_endpoint_to_be_dialled_again() {
    let mut stage = Stage::new();
    let _play = stage.online().await;
    stage.core.link_lost(Generation(1)).await;
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Reconnecting { .. }))
        .await;
    assert!(view.endpoint.is_some());
    stage.core.link_opened(Generation(1)).await;
    stage.until_state(LifecycleState::is_online).await;
    assert!(!stage.has_play());
}

#[tokio::test(start_paused = true)]
async fn an_output_that_stays_open_does_not_hold_up_what_follows() {
    let mut stage = Stage::new();
    let play = stage.online().await;
    play.end_with_open_output();
    let begun = Instant::now();
    stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    assert!(
        begun.elapsed() <= Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    stage.next_online().await;
}

#[tokio::test(start_paused = true)]
async fn the_last_words_are_read_although_the_end_is_known_first() {
    let mut stage = Stage::new();
    stage.core.start().await;
    let mut play = stage.play().await;
    // Ends within the same moment, before anything of it could be read.
    play.cry(
        "Unhandled exception. System.NullReferenceException: bad\n   at Lagrange.OneBot.Foo()",
    )
    .await;
    play.abort();
    let view = stage
        .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
        .await;
    let LifecycleState::Backoff {
        failure: LaunchFailure::Exited(exit),
        ..
    } = &view.state
    else {
        panic!("{view:?}")
    };
    assert!(matches!(exit.cause, ExitCause::Crashed(_)), "{exit:?}");
}

#[tokio::test(start_paused = true)]
async fn a_new_core_that_crashes_at_once_gives_way_to_the_one_before_it() {
    let mut stage = Stage::new();
    *stage.cores.rolls_back.lock().unwrap() = RollBackOutcome::To("nightly-00000000".into());
    stage.cores.install("nightly-22222222");
    stage.core.start().await;
    for _ in 0..2 {
        let mut play = stage.play().await;
        assert!(play.program().starts_with("/core/nightly-22222222"));
        play.cry("Unhandled exception. System.NullReferenceException: no")
            .await;
        play.abort();
    }
    let play = stage.play().await;
    assert!(
        play.program().starts_with("/core/nightly-00000000"),
        "{:?}",
        play.program()
    );
    let view = stage.until(|view| view.notice.is_some()).await;
    assert!(
        view.notice
            .as_ref()
            .unwrap()
            .to_string()
            .contains("nightly-00000000")
    );
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_fails_does_not_spare_the_next_new_core() {
    let mut stage = Stage::new();
    stage.cores.install("nightly-22222222");
    stage.core.start().await;
    crash_twice(&mut stage, "/core/nightly-22222222").await;
    stage.until(|view| view.notice.is_some()).await;
    *stage.cores.rolls_back.lock().unwrap() = RollBackOutcome::To("nightly-22222222".into());
    stage.cores.install("nightly-33333333");
    crash_twice(&mut stage, "/core/nightly-33333333").await;
    let play = stage.play().await;
    assert!(play.program().starts_with("/core/nightly-22222222"));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_a_disk_refuses_is_tried_again_at_the_next_crash() {
    let mut stage = Stage::new();
    let full = perpetua_words::io::DiskFull.into();
    *stage.cores.rolls_back.lock().unwrap() = RollBackOutcome::Refused(full);
    stage.cores.install("nightly-22222222");
    stage.core.start().await;
    crash_twice(&mut stage, "/core/nightly-22222222").await;
    let view = stage.until(|view| view.notice.is_some()).await;
    let notice = view.notice.as_ref().unwrap().to_string();
    assert!(notice.contains("the disk is full"), "{notice}");
    *stage.cores.rolls_back.lock().unwrap() = RollBackOutcome::To("nightly-00000000".into());
    crash(&mut stage).await;
    let play = stage.play().await;
    assert!(play.program().starts_with("/core/nightly-00000000"));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_keeps_another_account_online_stays_and_nobody_is_told_otherwise() {
    let mut stage = Stage::new();
    *stage.cores.rolls_back.lock().unwrap() = RollBackOutcome::KeepsAnother;
    stage.cores.install("nightly-22222222");
    stage.core.start().await;
    crash_twice(&mut stage, "/core/nightly-22222222").await;
    // It runs again: what came of giving it up is known.
    crash(&mut stage).await;
    *stage.cores.rolls_back.lock().unwrap() = RollBackOutcome::To("nightly-00000000".into());
    crash(&mut stage).await;
    let play = stage.play().await;
    assert!(play.program().starts_with("/core/nightly-22222222"));
    assert_eq!(stage.core.view().borrow().notice, None);
}

/// The next process crashes; gives its program.
async fn crash(stage: &mut Stage) -> PathBuf {
    let mut play = stage.play().await;
    play.cry("Unhandled exception. System.NullReferenceException: no")
        .await;
    play.abort();
    play.program().to_owned()
}

async fn crash_twice(stage: &mut Stage, program: &str) {
    let mut crashes = 0;
    while crashes < 2 {
        crashes += u32::from(crash(stage).await.starts_with(program));
    }
}
