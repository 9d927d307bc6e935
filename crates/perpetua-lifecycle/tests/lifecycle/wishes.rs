//! Start, stop, restart, in any state.

use perpetua_lifecycle::{
    Announcement, ExitCause, Generation, InstallProblem, LaunchFailure, LifecycleEffect,
    LifecycleEvent, LifecycleState, OfflineReason, SignerProblem, StartPhase,
};

use crate::bench::{Bench, crash, is_launch, kick, seconds};

#[test]
fn nothing_runs_until_somebody_wants_it() {
    let mut bench = Bench::new();
    assert_eq!(bench.state(), &LifecycleState::Stopped);
    assert_eq!(bench.machine.next_deadline(), None);
    assert!(bench.installs("new").is_empty());
    assert_eq!(
        bench.tell(LifecycleEvent::StartWanted),
        [LifecycleEffect::Launch(Generation(1))]
    );
    assert_eq!(bench.phase(), Some(StartPhase::Preparing));
}

#[test]
fn starting_is_idempotent() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    assert!(bench.tell(LifecycleEvent::StartWanted).is_empty());
    bench.come_online();
    assert!(bench.tell(LifecycleEvent::StartWanted).is_empty());
}

#[test]
fn who_asks_for_a_start_does_not_wait() {
    let mut bench = Bench::online();
    bench.exits(crash());
    assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
    assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
    let failure = LaunchFailure::Signer(SignerProblem::NoneConfigured);
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
    assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
    bench.tell(LifecycleEvent::LaunchFailed(
        bench.generation(),
        LaunchFailure::NoCore,
    ));
    bench.tell(LifecycleEvent::InstallFailed(InstallProblem::Failed(
        crate::bench::words("no network"),
    )));
    assert_eq!(
        bench.tell(LifecycleEvent::StartWanted),
        [LifecycleEffect::Install]
    );
}

#[test]
fn stopping_is_idempotent_and_leads_to_stopped() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let offline = Announcement::Offline {
        reason: OfflineReason::Asked,
    };
    assert_eq!(
        bench.tell(LifecycleEvent::StopWanted),
        [
            LifecycleEffect::Announce(offline),
            LifecycleEffect::Stop(generation)
        ]
    );
    assert!(matches!(bench.state(), LifecycleState::Stopping { .. }));
    assert!(bench.tell(LifecycleEvent::StopWanted).is_empty());
    assert!(bench.exits(ExitCause::Ended).is_empty());
    assert_eq!(bench.state(), &LifecycleState::Stopped);
    assert!(bench.tell(LifecycleEvent::StopWanted).is_empty());
}

#[test]
fn a_core_that_does_not_stop_is_killed_and_killed_again() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    bench.tell(LifecycleEvent::StopWanted);
    assert!(bench.wait(seconds(9)).is_empty());
    assert_eq!(bench.wait(seconds(1)), [LifecycleEffect::Kill(generation)]);
    assert_eq!(bench.wait(seconds(10)), [LifecycleEffect::Kill(generation)]);
    bench.exits(ExitCause::Killed);
    assert_eq!(bench.state(), &LifecycleState::Stopped);
}

#[test]
fn a_start_without_a_process_is_called_off() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let generation = bench.generation();
    assert_eq!(
        bench.tell(LifecycleEvent::StopWanted),
        [LifecycleEffect::CallOff(generation)]
    );
    assert_eq!(
        bench.wait(seconds(10)),
        [LifecycleEffect::CallOff(generation)]
    );
    bench.tell(LifecycleEvent::LaunchFailed(
        generation,
        LaunchFailure::CalledOff,
    ));
    assert_eq!(bench.state(), &LifecycleState::Stopped);
}

#[test]
fn a_process_that_comes_after_the_call_off_is_stopped() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let generation = bench.generation();
    bench.tell(LifecycleEvent::StopWanted);
    assert_eq!(bench.launched(), [LifecycleEffect::Stop(generation)]);
    assert!(
        bench
            .tell(LifecycleEvent::LaunchFailed(
                generation,
                LaunchFailure::CalledOff
            ))
            .is_empty(),
        "there is a process"
    );
    assert!(matches!(bench.state(), LifecycleState::Stopping { .. }));
    assert_eq!(bench.wait(seconds(10)), [LifecycleEffect::Kill(generation)]);
    bench.exits(ExitCause::Killed);
    assert_eq!(bench.state(), &LifecycleState::Stopped);
}

#[test]
fn the_last_wish_wins_while_stopping() {
    let mut bench = Bench::online();
    bench.tell(LifecycleEvent::StopWanted);
    assert!(bench.tell(LifecycleEvent::StartWanted).is_empty());
    assert!(is_launch(&bench.exits(ExitCause::Ended)));

    bench.tell(LifecycleEvent::StopWanted);
    bench.tell(LifecycleEvent::StartWanted);
    bench.tell(LifecycleEvent::StopWanted);
    bench.launched();
    bench.exits(ExitCause::Ended);
    assert_eq!(bench.state(), &LifecycleState::Stopped);
}

#[test]
fn a_restart_waits_for_the_end() {
    let mut bench = Bench::online();
    bench.wait(seconds(3));
    let former = bench.generation();
    assert!(
        bench
            .tell(LifecycleEvent::RestartWanted)
            .contains(&LifecycleEffect::Stop(former))
    );
    assert!(bench.tell(LifecycleEvent::RestartWanted).is_empty());
    assert_eq!(
        bench.exits(ExitCause::Crashed("a task was canceled".into())),
        [LifecycleEffect::Launch(Generation(former.0 + 1))],
        "how it ends is no failure when we asked"
    );
}

#[test]
fn a_restart_starts_what_stands_still_and_ends_a_wait() {
    let mut bench = Bench::new();
    assert!(is_launch(&bench.tell(LifecycleEvent::RestartWanted)));
    bench.launched();
    bench.exits(crash());
    assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
    assert!(is_launch(&bench.tell(LifecycleEvent::RestartWanted)));
}

#[test]
fn a_stop_ends_every_wait() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.exits(crash());
    assert!(bench.tell(LifecycleEvent::StopWanted).is_empty());
    assert_eq!(bench.state(), &LifecycleState::Stopped);
    assert!(bench.wait(seconds(3600)).is_empty());
}

#[test]
fn a_stop_outweighs_what_the_end_would_have_meant() {
    let mut bench = Bench::online();
    bench.read(kick());
    assert!(bench.tell(LifecycleEvent::StopWanted).is_empty());
    assert!(matches!(bench.state(), LifecycleState::Stopping { .. }));
    assert!(bench.exits(ExitCause::Ended).is_empty());
    assert_eq!(bench.state(), &LifecycleState::Stopped);
}

#[test]
fn a_restart_does_not_wait_as_the_end_would_have() {
    let mut bench = Bench::online();
    bench.read(kick());
    assert!(bench.tell(LifecycleEvent::RestartWanted).is_empty());
    assert!(is_launch(&bench.exits(ExitCause::Ended)));
}

#[test]
fn events_of_another_generation_are_ignored() {
    let mut bench = Bench::online();
    let former = bench.generation();
    bench.tell(LifecycleEvent::RestartNeeded);
    bench.exits(ExitCause::Ended);
    bench.launched();
    let before = bench.state().clone();
    for event in [
        LifecycleEvent::LinkOpened(former),
        crate::step::launched(former),
        LifecycleEvent::AnswersStopped(former),
        LifecycleEvent::LaunchFailed(former, LaunchFailure::NoCore),
        LifecycleEvent::Exited {
            generation: former,
            exit: crate::bench::exit(crash()),
            last_lines: [].into(),
        },
        LifecycleEvent::LinkOpened(Generation(former.0 + 2)),
    ] {
        assert!(bench.tell(event).is_empty());
        assert_eq!(bench.state(), &before);
    }
}
