//! Crashes, waits, giving up, and what no other try mends.

use perpetua_lifecycle::{
    ExitCause, GiveUpReason, LaunchFailure, LifecycleEffect, LifecycleEvent, LifecycleState,
    MissingLibrary, QrState, Reading, SettingsFault, StartPhase,
};

use crate::bench::{BOT, Bench, crash, is_launch, person_needed, seconds};

#[test]
fn crashes_wait_longer_each_time_and_are_given_up_the_fifth_time_in_a_minute() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for wait in [1, 2, 4, 8] {
        bench.launched();
        assert!(bench.exits(crash()).is_empty());
        assert_eq!(bench.due_in(), Some(seconds(wait)));
        assert!(is_launch(&bench.wait(seconds(wait))));
    }
    bench.launched();
    assert_eq!(bench.exits_saying(crash(), 200), [person_needed()]);
    let LifecycleState::GivenUp { reason, last_lines } = bench.state() else {
        panic!("{:?}", bench.state());
    };
    assert!(matches!(reason, GiveUpReason::Failing { failures: 5, .. }));
    assert_eq!(last_lines.len(), 50);
    assert_eq!(last_lines[49], "line 199");
    assert_eq!(bench.machine.next_deadline(), None);

    assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
    bench.launched();
    bench.exits(crash());
    assert_eq!(bench.due_in(), Some(seconds(1)), "counted anew");
}

#[test]
fn slow_crashes_are_not_given_up() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..20 {
        bench.launched();
        bench.wait(seconds(20));
        bench.exits(crash());
        assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
        bench.wait(seconds(60));
    }
    bench.launched();
    bench.exits(crash());
    assert_eq!(bench.due_in(), Some(seconds(60)));
}

#[test]
fn a_stable_minute_counts_anew_and_a_shorter_one_does_not() {
    let mut bench = Bench::online();
    bench.wait(seconds(59));
    bench.exits(crash());
    bench.wait(seconds(1));
    bench.come_online();
    bench.wait(seconds(59));
    bench.exits(crash());
    assert_eq!(bench.due_in(), Some(seconds(2)));
    bench.wait(seconds(2));
    bench.come_online();
    bench.wait(seconds(60));
    bench.exits(crash());
    assert_eq!(bench.due_in(), Some(seconds(1)));
}

#[test]
fn what_this_machine_does_wrong_is_a_failure_too() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for failure in [
        LaunchFailure::Machine(crate::bench::words("the disk is full")),
        LaunchFailure::NotStarted(crate::bench::words("permission denied")),
        LaunchFailure::Damaged(crate::bench::words("size")),
    ] {
        bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
        assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
        bench.wait(seconds(8));
    }
}

#[test]
fn a_start_without_progress_is_killed() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    for line in [
        Reading::Version("625e".into()),
        Reading::Protocol("3.2".into()),
        Reading::SessionTried,
        Reading::SessionRejected,
        Reading::Connecting,
        Reading::Progress,
        Reading::LoggedIn(BOT),
        Reading::Serving(1),
    ] {
        assert!(bench.wait(seconds(59)).is_empty());
        bench.read(line);
    }
    assert_eq!(bench.phase(), Some(StartPhase::OpeningLink));
    assert!(bench.wait(seconds(59)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
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
fn a_connection_that_breaks_before_the_login_is_done_ends_the_start() {
    let ways: [fn(&mut Bench); 4] = [
        |_asks_for_a_code| (),
        |saved| drop(saved.read(Reading::SessionTried)),
        |shown| drop(shown.show_code()),
        |confirmed| drop(confirmed.polled(QrState::Confirmed, None)),
    ];
    for so_far in ways {
        let mut bench = Bench::connecting();
        so_far(&mut bench);
        let lost = Reading::ConnectionLost("Connection reset by peer".to_owned());
        let stop = [LifecycleEffect::Stop(bench.generation())];
        assert_eq!(bench.read(lost), stop, "{:?}", bench.state());
        bench.exits(ExitCause::Ended);
        assert!(
            matches!(
                bench.state(),
                LifecycleState::Backoff {
                    failure: LaunchFailure::NoConnection(words),
                    ..
                } if words == "Connection reset by peer"
            ),
            "{:?}",
            bench.state()
        );
    }
}

/// An end comes in records of which only one has words, and either may be the first.
#[test]
fn a_connection_that_breaks_is_told_with_the_words_that_one_of_its_records_has() {
    let words = "Connection refused".to_owned();
    for records in [
        [words.clone(), String::new()],
        [String::new(), words.clone()],
    ] {
        let mut bench = Bench::connecting();
        for record in records.clone() {
            bench.read(Reading::ConnectionLost(record));
        }
        bench.exits(ExitCause::LoginFailed);
        assert!(
            matches!(
                bench.state(),
                LifecycleState::Backoff {
                    failure: LaunchFailure::NoConnection(told),
                    ..
                } if *told == words
            ),
            "{records:?}: {:?}",
            bench.state()
        );
    }
}

#[test]
fn a_connection_that_breaks_while_the_core_ends_changes_nothing_about_why() {
    let mut bench = Bench::connecting();
    bench.tell(LifecycleEvent::StopWanted);
    bench.read(Reading::ConnectionLost(String::new()));
    assert!(
        bench
            .machine
            .ending()
            .is_some_and(|why| why.to_string().contains("on request"))
    );

    let mut bench = Bench::connecting();
    bench.read(Reading::SignFailed("Signer version mismatch".to_owned()));
    for record in ["Connection reset by peer", ""] {
        bench.read(Reading::ConnectionLost(record.to_owned()));
    }
    let why = bench.machine.ending().expect("it is ended").to_string();
    assert!(why.contains("Signer version mismatch"), "{why}");
}

#[test]
fn what_we_end_says_why_and_what_ends_by_itself_does_not() {
    let mut bench = Bench::connecting();
    assert_eq!(bench.machine.ending(), None);
    bench.wait(seconds(60));
    let why = bench.machine.ending().expect("it is killed").to_string();
    assert!(why.contains("no answer from QQ"), "{why}");
    bench.exits(ExitCause::Killed);
    assert_eq!(bench.machine.ending(), None, "it is gone");

    let mut bench = Bench::online();
    bench.tell(LifecycleEvent::MemoryExceeded {
        generation: bench.generation(),
        used: 900_000_000,
        limit: 500_000_000,
    });
    let why = bench.machine.ending().expect("it is stopped").to_string();
    assert!(why.contains("900 MB") && why.contains("500 MB"), "{why}");
    bench.tell(LifecycleEvent::StopWanted);
    let why = bench.machine.ending().expect("it is stopped").to_string();
    assert!(why.contains("on request"), "the last wish: {why}");

    let mut bench = Bench::online();
    bench.exits(crash());
    assert_eq!(bench.machine.ending(), None);
}

#[test]
fn why_qq_refused_is_not_forgotten_when_the_connection_ends() {
    let mut bench = Bench::connecting();
    bench.read(Reading::LoginRefused {
        code: 45,
        tag: "tag".to_owned(),
        message: "message".to_owned(),
    });
    bench.read(Reading::ConnectionLost(String::new()));
    bench.exits(ExitCause::LoginFailed);
    assert!(matches!(bench.state(), LifecycleState::Refused { .. }));
}

#[test]
fn however_long_the_network_or_qq_is_away_nothing_is_given_up() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for round in 0..200 {
        bench.connect();
        match round % 4 {
            0 => {
                bench.read(Reading::ConnectionLost(String::new()));
                bench.exits(ExitCause::Ended);
            }
            1 => {
                bench.wait(seconds(60));
                bench.exits(ExitCause::Killed);
            }
            2 => {
                bench.exits(ExitCause::NoNetwork("no such name".to_owned()));
            }
            _ => {
                bench.read(Reading::ConnectionLost("refused".to_owned()));
                bench.exits(ExitCause::LoginFailed);
            }
        }
        assert!(
            matches!(bench.state(), LifecycleState::Backoff { .. }),
            "round {round}: {:?}",
            bench.state()
        );
        assert!(is_launch(&bench.wait(seconds(60))), "a minute at most");
    }
}

#[test]
fn preparing_may_take_three_times_as_long() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let generation = bench.generation();
    assert!(bench.wait(seconds(179)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::CallOff(generation)]
    );
    bench.tell(LifecycleEvent::LaunchFailed(
        generation,
        LaunchFailure::CalledOff,
    ));
    assert!(matches!(
        bench.state(),
        LifecycleState::Backoff {
            failure: LaunchFailure::NoProgress(180),
            ..
        }
    ));
}

#[test]
fn a_taken_port_is_tried_again_at_once_within_the_limit_of_restarts() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..4 {
        bench.launched();
        bench.read(Reading::LoggedIn(BOT));
        let generation = bench.generation();
        assert_eq!(
            bench.read(Reading::PortInUse),
            [LifecycleEffect::Stop(generation)]
        );
        assert!(is_launch(&bench.exits(ExitCause::Ended)));
    }
    bench.launched();
    bench.read(Reading::PortInUse);
    bench.exits(ExitCause::Ended);
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::Failing {
                last: LaunchFailure::PortInUse,
                ..
            },
            ..
        }
    ));
}

#[test]
fn a_server_that_fails_is_a_failure() {
    let mut bench = Bench::connecting();
    bench.read(Reading::LoggedIn(BOT));
    bench.read(Reading::ServerFailed("access denied".into()));
    bench.exits(ExitCause::Ended);
    assert!(matches!(
        bench.state(),
        LifecycleState::Backoff {
            failure: LaunchFailure::NoServer(_),
            ..
        }
    ));
}

/// It is judged before the next start, and may be whole.
#[test]
fn a_crash_on_a_file_of_the_login_is_an_ordinary_failure() {
    let device = || {
        ExitCause::SettingsUnreadable(SettingsFault::DamagedFile {
            file: "device.json",
            text: "no JSON tokens".into(),
        })
    };
    for cause in [|| ExitCause::KeystoreUnreadable, device] {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        for failures in 1..=4 {
            bench.launched();
            assert_eq!(bench.exits(cause()), [], "nothing is set aside");
            assert!(
                matches!(bench.state(), LifecycleState::Backoff { failures: counted, .. } if *counted == failures),
                "{:?}",
                bench.state()
            );
            bench.wait(seconds(8));
        }
    }
}

#[test]
fn what_no_other_try_mends_is_given_up_at_once() {
    for cause in [
        ExitCause::LegacyDatabase("lagrange-1.db".into()),
        ExitCause::LibraryMissing(MissingLibrary::Icu),
        ExitCause::NoConsole,
        ExitCause::SettingsUnreadable(SettingsFault::Missing),
    ] {
        let mut bench = Bench::connecting();
        bench.read(Reading::SignFailed("521".into()));
        assert_eq!(bench.exits(cause), [person_needed()]);
        assert!(matches!(
            bench.state(),
            LifecycleState::GivenUp {
                reason: GiveUpReason::CannotRun(LaunchFailure::Exited(_)),
                ..
            }
        ));
        assert!(bench.installs("new").is_empty());
        assert!(bench.tell(LifecycleEvent::PersonLooked).is_empty());
    }
}

#[test]
fn an_old_database_is_not_waited_for() {
    let mut bench = Bench::connecting();
    let effects = bench.read(Reading::LegacyDatabase("lagrange-1.db".into()));
    assert_eq!(effects, [LifecycleEffect::Stop(bench.generation())]);
    bench.exits(ExitCause::Unknown);
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::CannotRun(_),
            ..
        }
    ));
}

#[test]
fn logins_that_fail_in_a_row_are_given_up_however_long_each_takes() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..4 {
        bench.connect();
        bench.wait(seconds(50));
        assert!(bench.exits(ExitCause::LoginFailed).is_empty());
        bench.wait(seconds(60));
    }
    bench.connect();
    bench.wait(seconds(50));
    assert_eq!(bench.exits(ExitCause::LoginFailed), [person_needed()]);
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::Failing { failures: 5, .. },
            ..
        }
    ));
    assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
    bench.connect();
    bench.exits(ExitCause::LoginFailed);
    assert!(
        matches!(bench.state(), LifecycleState::Backoff { .. }),
        "counted anew"
    );
}

#[test]
fn starts_that_hang_in_a_row_are_given_up() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..5 {
        bench.launched();
        bench.wait(seconds(60));
        bench.exits(ExitCause::Killed);
        bench.wait(seconds(60));
    }
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::Failing {
                last: LaunchFailure::NoProgress(60),
                ..
            },
            ..
        }
    ));
}

#[test]
fn a_login_that_succeeds_ends_the_row() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..4 {
        for _ in 0..4 {
            bench.connect();
            bench.wait(seconds(50));
            bench.exits(ExitCause::LoginFailed);
            bench.wait(seconds(60));
        }
        bench.come_online();
        bench.wait(seconds(30));
        bench.exits(crash());
        bench.wait(seconds(60));
    }
    assert!(matches!(bench.state(), LifecycleState::Starting { .. }));
}

#[test]
fn a_missing_network_is_waited_for_for_ever() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..100 {
        bench.launched();
        assert!(!is_launch(&bench.exits(ExitCause::NoNetwork("dns".into()))));
        assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
        bench.wait(seconds(60));
    }
}

#[test]
fn a_failed_login_without_a_code_is_a_failure() {
    let mut bench = Bench::connecting();
    bench.exits(ExitCause::LoginFailed);
    assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
}
