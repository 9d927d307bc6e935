//! From a process to a logged-in account.

use std::time::Duration;

use perpetua_lifecycle::{
    ExitCause, GiveUpReason, LaunchFailure, LifecycleEffect, LifecycleEvent, LifecyclePolicy,
    LifecycleState, LoginRefusal, QrState, Reading, SignerProblem, StartPhase,
};

use crate::bench::{
    BOT, Bench, CODE_TIME, crash, image, is_launch, person_needed, policy, refusal, seconds,
};

#[test]
fn the_phases_follow_the_log_and_never_go_back() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    assert_eq!(bench.phase(), Some(StartPhase::Launched));
    bench.read(Reading::SessionTried);
    assert_eq!(bench.phase(), Some(StartPhase::Session));
    bench.read(Reading::SessionRejected);
    bench.read(Reading::Connecting);
    bench.read(Reading::SessionTried);
    assert_eq!(bench.phase(), Some(StartPhase::Connecting));
    bench.show_code();
    bench.polled(QrState::Confirmed, None);
    bench.read(Reading::Connecting);
    assert_eq!(bench.phase(), Some(StartPhase::LoggingIn));
    assert_eq!(
        bench.read(Reading::LoggedIn(BOT)),
        [LifecycleEffect::KeepLogin]
    );
    assert_eq!(bench.phase(), Some(StartPhase::OpeningLink));
    assert!(bench.read(Reading::LoggedIn(BOT)).is_empty());
}

#[test]
fn a_code_is_shown_with_its_time_and_announced_once() {
    let mut bench = Bench::connecting();
    assert!(bench.read(Reading::QrFetched(CODE_TIME)).is_empty());
    assert_eq!(bench.phase(), Some(StartPhase::Connecting));
    let generation = bench.generation();
    assert_eq!(
        bench.tell(LifecycleEvent::QrShown(generation, image())),
        [person_needed()]
    );
    assert_eq!(
        bench.state(),
        &LifecycleState::WaitingForScan {
            generation,
            image: image(),
            expires: bench.now + CODE_TIME,
            good_for: CODE_TIME,
            code: 1
        }
    );
    assert!(
        bench
            .tell(LifecycleEvent::QrShown(generation, image()))
            .is_empty()
    );
}

#[test]
fn a_picture_may_come_before_the_line() {
    let mut bench = Bench::connecting();
    bench.tell(LifecycleEvent::QrShown(bench.generation(), image()));
    assert_eq!(bench.phase(), Some(StartPhase::Connecting));
    bench.read(Reading::QrFetched(CODE_TIME));
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { .. }
    ));
}

#[test]
fn a_picture_that_never_comes_is_a_failure() {
    let mut bench = Bench::connecting();
    bench.read(Reading::QrFetched(CODE_TIME));
    bench.wait(seconds(59));
    bench.polled(QrState::WaitingForScan, None);
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())],
        "the poll is no progress"
    );
    bench.exits(ExitCause::Killed);
    assert!(matches!(
        bench.state(),
        LifecycleState::Backoff {
            failure: LaunchFailure::NoProgress(60),
            ..
        }
    ));
}

#[test]
fn who_scanned_is_said_and_whether_it_is_the_wrong_one() {
    let mut bench = expecting(BOT);
    bench.connect();
    bench.show_code();
    bench.polled(QrState::WaitingForScan, Some(0));
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { .. }
    ));
    bench.polled(QrState::WaitingForConfirm, Some(0));
    assert_eq!(scanned(&bench), (None, None));
    bench.polled(QrState::WaitingForConfirm, Some(99));
    assert_eq!(scanned(&bench), (Some(99), Some(BOT)));
    bench.polled(QrState::WaitingForConfirm, Some(0));
    assert_eq!(scanned(&bench), (Some(99), Some(BOT)));
    bench.polled(QrState::WaitingForConfirm, Some(BOT));
    assert_eq!(scanned(&bench), (Some(BOT), None));
}

#[test]
fn an_unusual_device_is_confirmed_without_a_code() {
    let mut bench = Bench::connecting();
    assert_eq!(
        bench.polled(QrState::WaitingForConfirm, None),
        [person_needed()]
    );
    assert!(bench.wait(seconds(179)).is_empty(), "a person takes time");
    bench.polled(QrState::WaitingForConfirm, None);
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
    );
    assert!(is_launch(&bench.exits(ExitCause::Killed)));
}

#[test]
fn expired_codes_are_renewed_at_once_until_nobody_scanned_five() {
    let mut bench = Bench::connecting();
    for code in 1..=4 {
        let effects = bench.show_code();
        assert_eq!(
            effects.contains(&person_needed()),
            code == 1,
            "the same need"
        );
        assert!(
            matches!(bench.state(), LifecycleState::WaitingForScan { code: n, .. } if *n == code),
            "{:?}",
            bench.state()
        );
        bench.wait(CODE_TIME);
        bench.read(Reading::QrExpired);
        assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
        bench.connect();
    }
    bench.show_code();
    bench.wait(CODE_TIME);
    assert_eq!(
        bench.exits(ExitCause::LoginFailed),
        [person_needed()],
        "the line was lost, the exit says enough"
    );
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::NobodyScanned { codes: 5 },
            ..
        }
    ));
    assert!(is_launch(&bench.tell(LifecycleEvent::PersonLooked)));
    bench.connect();
    bench.show_code();
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { code: 1, .. }
    ));
}

#[test]
fn a_look_a_scan_or_a_cancelled_code_counts_codes_anew() {
    let person: [fn(&mut Bench) -> Vec<LifecycleEffect>; 3] = [
        |bench| bench.tell(LifecycleEvent::PersonLooked),
        |bench| bench.polled(QrState::WaitingForConfirm, Some(BOT)),
        |bench| bench.read(Reading::QrCanceled),
    ];
    for acts in person {
        let mut bench = Bench::connecting();
        for _ in 0..3 {
            expire_codes(&mut bench, 4);
            bench.show_code();
            acts(&mut bench);
            assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
            bench.connect();
            bench.show_code();
            assert!(matches!(
                bench.state(),
                LifecycleState::WaitingForScan { code: 1 | 2, .. }
            ));
        }
    }
}

#[test]
fn a_look_shows_in_the_count_of_the_code() {
    let mut bench = Bench::connecting();
    expire_codes(&mut bench, 2);
    bench.show_code();
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { code: 3, .. }
    ));
    bench.tell(LifecycleEvent::PersonLooked);
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { code: 1, .. }
    ));
}

#[test]
fn a_core_that_outlives_its_code_is_killed() {
    let mut bench = Bench::connecting();
    bench.show_code();
    assert!(bench.wait(CODE_TIME + seconds(59)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
    );
    assert!(is_launch(&bench.exits(ExitCause::Killed)), "a fresh code");
    bench.connect();
    bench.show_code();
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { code: 2, .. }
    ));
}

#[test]
fn a_core_that_said_why_it_ends_and_does_not_is_killed_soon() {
    let mut bench = Bench::connecting();
    bench.show_code();
    bench.read(refusal());
    assert_eq!(
        bench.wait(seconds(10)),
        [LifecycleEffect::Kill(bench.generation())]
    );
    bench.exits(ExitCause::Killed);
    assert!(matches!(bench.state(), LifecycleState::Refused { .. }));
}

#[test]
fn cancelling_gives_a_fresh_code_and_is_bounded_by_the_limit_of_restarts() {
    let mut bench = Bench::connecting();
    for _ in 0..4 {
        bench.show_code();
        bench.read(Reading::QrCanceled);
        assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
        bench.connect();
    }
    bench.show_code();
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { code: 1, .. }
    ));
    bench.polled(QrState::Canceled, None);
    bench.exits(ExitCause::LoginFailed);
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::Failing {
                failures: 5,
                last: LaunchFailure::CodeCanceled
            },
            ..
        }
    ));
}

#[test]
fn a_time_that_makes_no_sense_does_no_harm() {
    let mut bench = Bench::connecting();
    bench.read(Reading::QrFetched(Duration::MAX));
    bench.tell(LifecycleEvent::QrShown(bench.generation(), image()));
    assert!(bench.due_in().unwrap() < seconds(3600));
}

#[test]
fn a_refused_login_waits_for_a_person() {
    let mut bench = Bench::connecting();
    bench.show_code();
    bench.polled(QrState::Confirmed, Some(BOT));
    bench.read(refusal());
    assert_eq!(bench.exits(ExitCause::LoginFailed), [person_needed()]);
    assert!(matches!(
        bench.state(),
        LifecycleState::Refused {
            refusal: LoginRefusal::Server { code: 45, .. }
        }
    ));
    assert_eq!(bench.machine.next_deadline(), None);
    assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
}

#[test]
fn the_wrong_account_is_refused_and_its_session_set_aside() {
    let mut bench = expecting(BOT);
    bench.connect();
    bench.show_code();
    let generation = bench.generation();
    assert_eq!(
        bench.read(Reading::LoggedIn(99)),
        [
            LifecycleEffect::SetSessionAside {
                why: (&LoginRefusal::WrongAccount {
                    expected: BOT,
                    scanned: 99
                })
                    .into()
            },
            LifecycleEffect::Stop(generation)
        ]
    );
    assert!(
        bench
            .tell(LifecycleEvent::LinkOpened(generation))
            .is_empty()
    );
    assert_eq!(bench.exits(ExitCause::Ended), [person_needed()]);
    assert_eq!(
        bench.state(),
        &LifecycleState::Refused {
            refusal: LoginRefusal::WrongAccount {
                expected: BOT,
                scanned: 99
            }
        }
    );
}

#[test]
fn the_right_account_is_kept() {
    let mut bench = expecting(BOT);
    bench.connect();
    assert_eq!(
        bench.read(Reading::LoggedIn(BOT)),
        [LifecycleEffect::KeepLogin]
    );
}

#[test]
fn without_a_signer_the_login_is_not_tried_and_said_once() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let mut announced = 0;
    for _ in 0..10 {
        let failure = LaunchFailure::Signer(SignerProblem::NoneConfigured);
        let effects = bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
        announced += effects.len();
        assert!(matches!(
            bench.state(),
            LifecycleState::SignerProblem { .. }
        ));
        assert!(bench.wait(seconds(29)).is_empty());
        assert!(is_launch(&bench.wait(seconds(1))));
    }
    assert_eq!(announced, 1);
}

#[test]
fn other_signers_are_tried_at_once() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let failure = LaunchFailure::Signer(SignerProblem::NoneConfigured);
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
    assert!(is_launch(&bench.tell(LifecycleEvent::SignersChanged)));
}

#[test]
fn a_signature_that_fails_the_login_is_tried_again_then_a_signer_problem_and_no_crash() {
    let mut bench = Bench::connecting();
    for _ in 0..10 {
        for _ in 0..3 {
            bench.read(Reading::SignFailed("521".into()));
            assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
            bench.connect();
        }
        bench.read(Reading::SignFailed("521".into()));
        bench.exits(ExitCause::LoginFailed);
        let words =
            SignerProblem::NoneWorks(vec![perpetua_words::signer::Failed { text: "521" }.into()]);
        assert!(
            matches!(bench.state(), LifecycleState::SignerProblem { problem, .. } if *problem == words),
            "{:?}",
            bench.state()
        );
        bench.tell(LifecycleEvent::SignersChanged);
        bench.connect();
    }
}

#[test]
fn a_signature_that_failed_on_the_way_to_a_code_is_forgotten() {
    let mut bench = Bench::connecting();
    bench.read(Reading::SignFailed("521".into()));
    bench.show_code();
    bench.exits(crash());
    assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
}

#[test]
fn a_refusal_outweighs_a_signature_that_failed() {
    let mut bench = Bench::connecting();
    bench.read(refusal());
    bench.read(Reading::SignFailed("521".into()));
    bench.exits(ExitCause::LoginFailed);
    assert!(matches!(bench.state(), LifecycleState::Refused { .. }));
}

fn expecting(who: u64) -> Bench {
    let mut bench = Bench::with(LifecyclePolicy {
        expected: Some(who),
        ..policy()
    });
    bench.tell(LifecycleEvent::StartWanted);
    bench
}

/// So many codes expire, none of them the fifth in a row.
fn expire_codes(bench: &mut Bench, most: u32) {
    for _ in 0..most {
        bench.show_code();
        if matches!(
            bench.state(),
            LifecycleState::WaitingForScan { code: 5, .. }
        ) {
            return;
        }
        bench.wait(CODE_TIME);
        bench.polled(QrState::Expired, None);
        assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
        bench.connect();
    }
}

fn scanned(bench: &Bench) -> (Option<u64>, Option<u64>) {
    match bench.state() {
        LifecycleState::WaitingForConfirm { who, wrong, .. } => (*who, *wrong),
        other => panic!("{other:?}"),
    }
}
