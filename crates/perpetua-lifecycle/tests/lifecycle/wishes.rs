//! Start, stop, restart, in any state.

use perpetua_lifecycle::{
    Announcement, Effect, Event, ExitCause, Generation, InstallProblem, LaunchFailure,
    OfflineReason, SignerProblem, StartPhase, State,
};

use crate::bench::{Bench, crash, is_launch, kick, seconds};

#[test]
fn nothing_runs_until_somebody_wants_it() {
    let mut bench = Bench::new();
    assert_eq!(bench.state(), &State::Stopped);
    assert_eq!(bench.machine.next_deadline(), None);
    assert!(bench.tell(Event::CoreInstalled).is_empty());
    assert_eq!(
        bench.tell(Event::StartWanted),
        [Effect::Launch(Generation(1))]
    );
    assert_eq!(bench.phase(), Some(StartPhase::Preparing));
}

#[test]
fn starting_is_idempotent() {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    assert!(bench.tell(Event::StartWanted).is_empty());
    bench.come_online();
    assert!(bench.tell(Event::StartWanted).is_empty());
}

#[test]
fn who_asks_for_a_start_does_not_wait() {
    let mut bench = Bench::online();
    bench.exits(crash());
    assert!(matches!(bench.state(), State::Backoff { .. }));
    assert!(is_launch(&bench.tell(Event::StartWanted)));
    let failure = LaunchFailure::Signer(SignerProblem::NoneConfigured);
    bench.tell(Event::LaunchFailed(bench.generation(), failure));
    assert!(is_launch(&bench.tell(Event::StartWanted)));
    bench.tell(Event::LaunchFailed(
        bench.generation(),
        LaunchFailure::NoCore,
    ));
    bench.tell(Event::InstallFailed(InstallProblem::Failed(
        "no network".into(),
    )));
    assert_eq!(bench.tell(Event::StartWanted), [Effect::Install]);
}

#[test]
fn stopping_is_idempotent_and_leads_to_stopped() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let offline = Announcement::Offline {
        reason: OfflineReason::Asked,
    };
    assert_eq!(
        bench.tell(Event::StopWanted),
        [Effect::Announce(offline), Effect::Stop(generation)]
    );
    assert!(matches!(bench.state(), State::Stopping { .. }));
    assert!(bench.tell(Event::StopWanted).is_empty());
    assert!(bench.exits(ExitCause::Ended).is_empty());
    assert_eq!(bench.state(), &State::Stopped);
    assert!(bench.tell(Event::StopWanted).is_empty());
}

#[test]
fn a_core_that_does_not_stop_is_killed_and_killed_again() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    bench.tell(Event::StopWanted);
    assert!(bench.wait(seconds(9)).is_empty());
    assert_eq!(bench.wait(seconds(1)), [Effect::Kill(generation)]);
    assert_eq!(bench.wait(seconds(10)), [Effect::Kill(generation)]);
    bench.exits(ExitCause::Killed);
    assert_eq!(bench.state(), &State::Stopped);
}

#[test]
fn a_start_without_a_process_is_called_off() {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    let generation = bench.generation();
    assert_eq!(bench.tell(Event::StopWanted), [Effect::CallOff(generation)]);
    assert_eq!(bench.wait(seconds(10)), [Effect::CallOff(generation)]);
    bench.tell(Event::LaunchFailed(generation, LaunchFailure::CalledOff));
    assert_eq!(bench.state(), &State::Stopped);
}

#[test]
fn a_process_that_comes_after_the_call_off_is_stopped() {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    let generation = bench.generation();
    bench.tell(Event::StopWanted);
    assert_eq!(bench.launched(), [Effect::Stop(generation)]);
    assert!(
        bench
            .tell(Event::LaunchFailed(generation, LaunchFailure::CalledOff))
            .is_empty(),
        "there is a process"
    );
    assert!(matches!(bench.state(), State::Stopping { .. }));
    assert_eq!(bench.wait(seconds(10)), [Effect::Kill(generation)]);
    bench.exits(ExitCause::Killed);
    assert_eq!(bench.state(), &State::Stopped);
}

#[test]
fn the_last_wish_wins_while_stopping() {
    let mut bench = Bench::online();
    bench.tell(Event::StopWanted);
    assert!(bench.tell(Event::StartWanted).is_empty());
    assert!(is_launch(&bench.exits(ExitCause::Ended)));

    bench.tell(Event::StopWanted);
    bench.tell(Event::StartWanted);
    bench.tell(Event::StopWanted);
    bench.launched();
    bench.exits(ExitCause::Ended);
    assert_eq!(bench.state(), &State::Stopped);
}

#[test]
fn a_restart_waits_for_the_end() {
    let mut bench = Bench::online();
    let former = bench.generation();
    assert!(
        bench
            .tell(Event::RestartWanted)
            .contains(&Effect::Stop(former))
    );
    assert!(bench.tell(Event::RestartWanted).is_empty());
    assert_eq!(
        bench.exits(ExitCause::Crashed("a task was canceled".into())),
        [Effect::Launch(Generation(former.0 + 1))],
        "how it ends is no failure when we asked"
    );
}

#[test]
fn a_restart_starts_what_stands_still_and_ends_a_wait() {
    let mut bench = Bench::new();
    assert!(is_launch(&bench.tell(Event::RestartWanted)));
    bench.launched();
    bench.exits(crash());
    assert!(matches!(bench.state(), State::Backoff { .. }));
    assert!(is_launch(&bench.tell(Event::RestartWanted)));
}

#[test]
fn a_stop_ends_every_wait() {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    bench.launched();
    bench.exits(crash());
    assert!(bench.tell(Event::StopWanted).is_empty());
    assert_eq!(bench.state(), &State::Stopped);
    assert!(bench.wait(seconds(3600)).is_empty());
}

#[test]
fn a_stop_outweighs_what_the_end_would_have_meant() {
    let mut bench = Bench::online();
    bench.read(kick());
    assert!(bench.tell(Event::StopWanted).is_empty());
    assert!(matches!(bench.state(), State::Stopping { .. }));
    assert!(bench.exits(ExitCause::Ended).is_empty());
    assert_eq!(bench.state(), &State::Stopped);
}

#[test]
fn a_restart_does_not_wait_as_the_end_would_have() {
    let mut bench = Bench::online();
    bench.read(kick());
    assert!(bench.tell(Event::RestartWanted).is_empty());
    assert!(is_launch(&bench.exits(ExitCause::Ended)));
}

#[test]
fn events_of_another_generation_are_ignored() {
    let mut bench = Bench::online();
    let former = bench.generation();
    bench.tell(Event::RestartWanted);
    bench.exits(ExitCause::Ended);
    bench.launched();
    let before = bench.state().clone();
    for event in [
        Event::LinkOpened(former),
        Event::Launched(former),
        Event::AnswersStopped(former),
        Event::LaunchFailed(former, LaunchFailure::NoCore),
        Event::Exited {
            generation: former,
            exit: crate::bench::exit(crash()),
            last_lines: [].into(),
        },
        Event::LinkOpened(Generation(former.0 + 2)),
    ] {
        assert!(bench.tell(event).is_empty());
        assert_eq!(bench.state(), &before);
    }
}
