//! Online, and what ends that.

use perpetua_lifecycle::{
    Announcement, ExitCause, GiveUpReason, LaunchFailure, LifecycleEffect, LifecycleEvent,
    LifecycleState, OfflineReason, Reading, SignerProblem, StartPhase,
};

use crate::bench::{BOT, Bench, crash, exit, is_launch, kick, person_needed, seconds};

#[test]
fn online_takes_the_login_and_the_link_in_either_order() {
    let online = LifecycleEffect::Announce(Announcement::Online { who: BOT });
    for link_first in [false, true] {
        let mut bench = Bench::connecting();
        let link = LifecycleEvent::LinkOpened(bench.generation());
        if link_first {
            bench.tell(link);
            assert_eq!(
                bench.read(Reading::LoggedIn(BOT)),
                [LifecycleEffect::KeepLogin, online.clone()]
            );
        } else {
            bench.read(Reading::LoggedIn(BOT));
            assert_eq!(bench.phase(), Some(StartPhase::OpeningLink));
            bench.read(Reading::Serving(1));
            assert_eq!(bench.tell(link.clone()), vec![online.clone()]);
            assert!(bench.tell(link).is_empty());
        }
        assert!(bench.state().is_online());
        // Nothing but that this lasts.
        assert_eq!(bench.due_in(), Some(seconds(60)));
        bench.wait(seconds(60));
        assert_eq!(bench.machine.next_deadline(), None);
    }
}

#[test]
fn a_lost_link_comes_back() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    assert_eq!(
        bench.tell(LifecycleEvent::LinkLost(generation)),
        offline(OfflineReason::LinkLost)
    );
    assert!(bench.tell(LifecycleEvent::LinkLost(generation)).is_empty());
    bench.wait(seconds(119));
    assert_eq!(
        bench.tell(LifecycleEvent::LinkOpened(generation)),
        [LifecycleEffect::Announce(Announcement::Online { who: BOT })]
    );
    assert!(bench.wait(seconds(3600)).is_empty());
}

#[test]
fn a_lost_connection_comes_back() {
    let mut bench = Bench::online();
    assert_eq!(
        bench.read(Reading::ConnectionLost(String::new())),
        offline(OfflineReason::ConnectionLost)
    );
    assert_eq!(
        bench.read(Reading::ConnectionBack),
        [LifecycleEffect::Announce(Announcement::Online { who: BOT })]
    );
}

#[test]
fn online_again_takes_both_the_link_and_the_connection() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    bench.read(Reading::ConnectionLost(String::new()));
    assert!(bench.tell(LifecycleEvent::LinkLost(generation)).is_empty());
    assert!(bench.read(Reading::ConnectionBack).is_empty());
    assert!(matches!(
        bench.state(),
        LifecycleState::Reconnecting {
            reason: OfflineReason::LinkLost,
            ..
        }
    ));
    bench.tell(LifecycleEvent::LinkOpened(generation));
    assert!(bench.state().is_online());
}

#[test]
fn what_does_not_come_back_is_restarted_as_a_failure() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    bench.tell(LifecycleEvent::LinkLost(generation));
    bench.wait(seconds(60));
    bench.read(Reading::ConnectionLost(String::new()));
    assert!(bench.wait(seconds(59)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Stop(generation)],
        "the time counts from the first loss"
    );
    bench.exits(ExitCause::Ended);
    assert_failure(
        &bench,
        &LaunchFailure::WentOffline(OfflineReason::ConnectionLost),
    );
}

#[test]
fn a_core_that_answers_nothing_is_killed() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let mut expected = offline(OfflineReason::Hung);
    expected.push(LifecycleEffect::Kill(generation));
    assert_eq!(
        bench.tell(LifecycleEvent::AnswersStopped(generation)),
        expected
    );
    bench.exits(ExitCause::Killed);
    assert_failure(&bench, &LaunchFailure::WentOffline(OfflineReason::Hung));
}

#[test]
fn answers_are_not_expected_before_the_login() {
    let mut bench = Bench::connecting();
    bench.show_code();
    let generation = bench.generation();
    assert!(
        bench
            .tell(LifecycleEvent::AnswersStopped(generation))
            .is_empty()
    );
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { .. }
    ));
}

#[test]
fn too_much_memory_restarts_it() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let (used, limit) = (7, 6);
    let reason = OfflineReason::TooMuchMemory { used, limit };
    let mut expected = offline(reason.clone());
    expected.push(LifecycleEffect::Stop(generation));
    let exceeded = LifecycleEvent::MemoryExceeded {
        generation,
        used,
        limit,
    };
    assert_eq!(bench.tell(exceeded), expected);
    bench.exits(ExitCause::Ended);
    assert_failure(&bench, &LaunchFailure::WentOffline(reason));
    assert!(is_launch(&bench.wait(seconds(1))));
}

#[test]
fn an_exit_while_online_is_announced_and_a_failure() {
    let mut bench = Bench::online();
    assert_eq!(
        bench.exits(crash()),
        offline(OfflineReason::Exited(exit(crash())))
    );
    assert_failure(&bench, &LaunchFailure::Exited(exit(crash())));
}

#[test]
fn a_kick_stops_the_core_once_and_starts_it_anew() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let mut expected = offline(OfflineReason::Kicked("elsewhere".into()));
    expected.push(LifecycleEffect::Stop(generation));
    assert_eq!(bench.read(kick()), expected);
    assert!(matches!(
        bench.state(),
        LifecycleState::KickedOffline { .. }
    ));
    bench.wait(seconds(5));
    assert!(bench.read(kick()).is_empty(), "said twice by the core");
    assert!(bench.tell(LifecycleEvent::LinkLost(generation)).is_empty());
    assert_eq!(bench.wait(seconds(5)), [LifecycleEffect::Kill(generation)]);
    bench.exits(ExitCause::Killed);
    assert_failure(
        &bench,
        &LaunchFailure::WentOffline(OfflineReason::Kicked("elsewhere".into())),
    );
    assert!(is_launch(&bench.wait(seconds(1))));
}

#[test]
fn the_third_kick_in_ten_minutes_is_the_last_one() {
    let mut bench = Bench::online();
    for _ in 0..2 {
        bench.wait(seconds(90));
        bench.read(kick());
        bench.exits(ExitCause::Ended);
        bench.wait(seconds(10));
        bench.come_online();
    }
    bench.wait(seconds(90));
    bench.read(kick());
    assert_eq!(bench.exits(ExitCause::Ended), [person_needed()]);
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::KickedAgain { kicks: 3, .. },
            ..
        }
    ));
    assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
    bench.come_online();
    bench.read(kick());
    bench.exits(ExitCause::Ended);
    assert!(
        matches!(bench.state(), LifecycleState::Backoff { .. }),
        "counted anew"
    );
}

#[test]
fn rare_kicks_do_not_give_up() {
    let mut bench = Bench::online();
    for _ in 0..10 {
        bench.wait(seconds(301));
        bench.read(kick());
        bench.exits(ExitCause::Ended);
        bench.wait(seconds(10));
        bench.come_online();
        assert!(bench.state().is_online());
    }
}

#[test]
fn a_failing_signature_begins_one_search() {
    for first in [
        LifecycleEvent::SendUnsigned(Bench::online().generation()),
        LifecycleEvent::Read(
            Bench::online().generation(),
            Reading::SignFailed("521".into()),
        ),
    ] {
        let mut bench = Bench::online();
        let generation = bench.generation();
        assert_eq!(bench.tell(first), [LifecycleEffect::FindSigner(generation)]);
        assert!(
            bench
                .tell(LifecycleEvent::SendUnsigned(generation))
                .is_empty()
        );
        assert!(bench.read(Reading::SignFailed("521".into())).is_empty());
        assert!(bench.state().is_online());
    }
}

#[test]
fn another_signer_restarts_the_core_at_once() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    assert!(
        bench
            .tell(LifecycleEvent::SignerFound(generation))
            .is_empty()
    );
    bench.tell(LifecycleEvent::SendUnsigned(generation));
    let mut expected = offline(OfflineReason::Asked);
    expected.push(LifecycleEffect::Stop(generation));
    assert_eq!(
        bench.tell(LifecycleEvent::SignerFound(generation)),
        expected
    );
    assert!(is_launch(&bench.exits(ExitCause::Ended)));
}

#[test]
fn a_missing_signer_is_shown_announced_once_and_looked_for_again() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let lost = SignerProblem::Lost(crate::bench::words("521"));
    bench.tell(LifecycleEvent::SendUnsigned(generation));
    assert_eq!(
        bench.tell(LifecycleEvent::SignerMissing(generation, lost.clone())),
        [person_needed()]
    );
    assert!(
        matches!(bench.state(), LifecycleState::Online { signer: Some(problem), .. } if *problem == lost)
    );
    for _ in 0..3 {
        assert!(
            bench
                .tell(LifecycleEvent::SendUnsigned(generation))
                .is_empty()
        );
        assert_eq!(
            bench.wait(seconds(30)),
            [LifecycleEffect::FindSigner(generation)]
        );
        let missing = LifecycleEvent::SignerMissing(generation, lost.clone());
        assert!(bench.tell(missing.clone()).is_empty());
        assert!(bench.tell(missing).is_empty());
    }
    assert_eq!(
        bench.tell(LifecycleEvent::SignersChanged),
        [LifecycleEffect::FindSigner(generation)]
    );
    assert!(bench.tell(LifecycleEvent::SignersChanged).is_empty());
}

#[test]
fn a_signer_that_works_again_leaves_the_core_running() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    bench.tell(LifecycleEvent::SendUnsigned(generation));
    bench.tell(LifecycleEvent::SignerMissing(
        generation,
        SignerProblem::Lost(crate::bench::words("521")),
    ));
    assert!(matches!(
        bench.state(),
        LifecycleState::Online {
            signer: Some(_),
            ..
        }
    ));
    assert_eq!(
        bench.wait(seconds(30)),
        [LifecycleEffect::FindSigner(generation)]
    );
    assert!(
        bench
            .tell(LifecycleEvent::SignerBack(generation))
            .is_empty()
    );
    assert!(matches!(
        bench.state(),
        LifecycleState::Online { signer: None, .. }
    ));
    assert_eq!(
        bench.tell(LifecycleEvent::SendUnsigned(generation)),
        [LifecycleEffect::FindSigner(generation)]
    );
}

#[test]
fn a_missing_signer_is_still_missing_after_a_lost_link() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    bench.tell(LifecycleEvent::SendUnsigned(generation));
    let lost = SignerProblem::Lost(crate::bench::words("521"));
    bench.tell(LifecycleEvent::SignerMissing(generation, lost));
    bench.tell(LifecycleEvent::LinkLost(generation));
    bench.tell(LifecycleEvent::LinkOpened(generation));
    assert!(matches!(
        bench.state(),
        LifecycleState::Online {
            signer: Some(_),
            ..
        }
    ));
}

#[test]
fn a_signer_that_answers_and_does_not_sign_makes_no_storm_of_restarts() {
    let mut bench = Bench::online();
    bench.tell(LifecycleEvent::SendUnsigned(bench.generation()));
    bench.tell(LifecycleEvent::SignerFound(bench.generation()));
    bench.wait(seconds(1));
    bench.exits(ExitCause::Ended);
    bench.come_online();
    bench.tell(LifecycleEvent::SendUnsigned(bench.generation()));
    assert_eq!(
        bench.tell(LifecycleEvent::SignerFound(bench.generation())),
        [person_needed()]
    );
    assert!(bench.state().is_online());
    let generation = bench.generation();
    assert!(bench.wait(seconds(28)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::FindSigner(generation)]
    );
    let effects = bench.tell(LifecycleEvent::SignerFound(generation));
    assert!(effects.contains(&LifecycleEffect::Stop(generation)));
}

#[test]
fn a_server_that_fails_while_the_link_is_open_is_not_ours() {
    let mut bench = Bench::online();
    assert!(bench.read(Reading::PortInUse).is_empty());
    assert!(bench.read(Reading::ServerFailed("5".into())).is_empty());
    assert!(bench.state().is_online());
}

fn offline(reason: OfflineReason) -> Vec<LifecycleEffect> {
    vec![LifecycleEffect::Announce(Announcement::Offline { reason })]
}

fn assert_failure(bench: &Bench, expected: &LaunchFailure) {
    match bench.state() {
        LifecycleState::Backoff { failure, .. } => assert_eq!(failure, expected),
        other => panic!("{other:?}"),
    }
}
