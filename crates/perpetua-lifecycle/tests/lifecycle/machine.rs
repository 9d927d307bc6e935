//! What this machine lacks (memory, room on the disk, rights) is never a reason to give an account up.

use std::time::Duration;

use perpetua_lifecycle::{
    ExitCause, GiveUpReason, LaunchFailure, LifecycleEvent, LifecycleState, OfflineReason, Reading,
};
use perpetua_words::Message;

use crate::bench::{BOT, Bench, is_launch, seconds, words};

/// How a start comes to nothing because of this machine.
type Way = fn(&mut Bench);

/// Before anything was asked of QQ.
const EARLY: [Way; 3] = [cannot_be_written, dies_of_a_full_disk, may_not_use_a_file];

/// Once QQ was asked for a login.
const LATE: [Way; 3] = [
    dies_of_a_full_disk_at_its_code,
    may_not_use_a_file_after_the_session,
    dies_of_a_full_disk_while_online,
];

fn cannot_be_written(bench: &mut Bench) {
    let failure = LaunchFailure::Machine(words("the disk is full"));
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
}

fn dies_of_a_full_disk(bench: &mut Bench) {
    bench.launched();
    bench.exits(ExitCause::DiskFull("No space left on device".into()));
}

fn dies_of_a_full_disk_at_its_code(bench: &mut Bench) {
    bench.connect();
    bench.show_code();
    bench.exits(ExitCause::DiskFull("No space left on device".into()));
}

fn may_not_use_a_file(bench: &mut Bench) {
    bench.launched();
    bench.exits(ExitCause::NoAccess("Access to the path is denied".into()));
}

fn may_not_use_a_file_after_the_session(bench: &mut Bench) {
    bench.launched();
    bench.read(Reading::SessionTried);
    bench.exits(ExitCause::NoAccess("Access to the path is denied".into()));
}

fn dies_of_a_full_disk_while_online(bench: &mut Bench) {
    bench.come_online();
    bench.exits(ExitCause::DiskFull("No space left on device".into()));
}

#[test]
fn a_disk_or_rights_are_waited_for_and_qq_is_asked_ever_more_seldom() {
    for way in LATE {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        // What QQ hears nothing of does not count.
        for _ in 0..12 {
            cannot_be_written(&mut bench);
            bench.wait(bench.due_in().expect("it goes on"));
        }
        let mut waits = Vec::new();
        for _ in 0..60 {
            way(&mut bench);
            let LifecycleState::Backoff { .. } = bench.state() else {
                panic!("{:?}", bench.state());
            };
            let wait = bench.due_in().expect("it goes on");
            waits.push(wait.as_secs());
            assert!(is_launch(&bench.wait(wait)));
        }
        assert_eq!(waits[..11], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
        assert!(waits[10..].iter().all(|wait| *wait == 900), "{waits:?}");
        // A healthy run, and a person, begin anew.
        bench.come_online();
        bench.wait(seconds(61));
        bench.exits(ExitCause::NoAccess("Access to the path is denied".into()));
        assert_eq!(bench.due_in(), Some(seconds(1)));
        assert!(is_launch(&bench.tell(LifecycleEvent::StartWanted)));
    }
}

#[test]
fn a_disk_or_rights_are_waited_for_and_tried_about_once_a_minute() {
    for way in EARLY {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        for round in 0..60 {
            way(&mut bench);
            let LifecycleState::Backoff { failure, .. } = bench.state() else {
                panic!("round {round}: {:?}", bench.state());
            };
            assert!(!Message::from(failure).to_string().is_empty());
            let wait = bench.due_in().expect("it goes on");
            assert!(wait <= seconds(60), "round {round}: {wait:?}");
            assert!(round < 6 || wait >= seconds(30), "round {round}: {wait:?}");
            assert!(is_launch(&bench.wait(wait)));
        }
        bench.come_online();
        assert!(bench.state().is_online());
    }
}

#[test]
fn a_new_version_is_not_blamed_for_the_disk() {
    for way in EARLY[1..].iter().chain(&LATE) {
        let mut bench = Bench::new();
        bench.installs("new");
        bench.tell(LifecycleEvent::StartWanted);
        for _ in 0..10 {
            way(&mut bench);
            bench.wait(bench.due_in().expect("it goes on"));
        }
        let rolls_back =
            |effect: &_| matches!(effect, perpetua_lifecycle::LifecycleEffect::RollBack { .. });
        assert!(!bench.heard.iter().any(rolls_back));
    }
}

/// Takes too much memory after it was online for a while.
fn feasts(bench: &mut Bench, online: Duration) {
    bench.wait(online);
    bench.tell(LifecycleEvent::MemoryExceeded {
        generation: bench.generation(),
        used: 600_000_000,
        limit: 250_000_000,
    });
    bench.exits(ExitCause::Ended);
}

#[test]
fn a_core_that_was_online_and_takes_too_much_is_started_anew_for_ever_with_growing_pauses() {
    let mut bench = Bench::online();
    let mut waits = Vec::new();
    for _ in 0..40 {
        feasts(&mut bench, seconds(5));
        let LifecycleState::Backoff { failure, .. } = bench.state() else {
            panic!("{:?}", bench.state());
        };
        let reason = OfflineReason::TooMuchMemory {
            used: 600_000_000,
            limit: 250_000_000,
        };
        assert_eq!(*failure, LaunchFailure::WentOffline(reason));
        let said = Message::from(failure).to_string();
        assert!(said.contains("600 MB") && said.contains("250 MB"), "{said}");
        let wait = bench.due_in().expect("it goes on");
        waits.push(wait.as_secs());
        bench.wait(wait);
        bench.come_online();
    }
    assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(waits.last(), Some(&60));
    // A run that was healthy for a while begins the pauses anew.
    feasts(&mut bench, seconds(120));
    assert_eq!(bench.due_in(), Some(seconds(1)));
}

#[test]
fn a_core_that_was_online_and_for_which_memory_ran_out_is_started_anew_for_ever() {
    for cause in [ExitCause::OutOfMemory, ExitCause::Killed] {
        let mut bench = Bench::online();
        let mut waits = Vec::new();
        for round in 0..20 {
            // Also while it comes back from a lost connection.
            if round % 2 == 1 {
                bench.read(Reading::ConnectionLost(String::new()));
            }
            bench.exits(cause.clone());
            let LifecycleState::Backoff { failure, .. } = bench.state() else {
                panic!("{cause:?}: {:?}", bench.state());
            };
            assert!(
                matches!(failure, LaunchFailure::Exited(exit) if exit.cause == cause),
                "{failure:?}"
            );
            let wait = bench.due_in().expect("it goes on");
            waits.push(wait.as_secs());
            bench.wait(wait);
            bench.come_online();
        }
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        // Before it is online it is a start that fails.
        let mut early = Bench::new();
        early.tell(LifecycleEvent::StartWanted);
        for _ in 0..5 {
            early.launched();
            early.exits(cause.clone());
            early.wait(seconds(8));
        }
        assert!(
            matches!(early.state(), LifecycleState::GivenUp { .. }),
            "{cause:?}: {:?}",
            early.state()
        );
    }
}

#[test]
fn a_core_that_takes_too_much_before_it_is_online_is_a_start_that_fails() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..4 {
        bench.launched();
        feasts(&mut bench, seconds(1));
        bench.wait(bench.due_in().expect("it goes on"));
    }
    bench.launched();
    feasts(&mut bench, seconds(1));
    let LifecycleState::GivenUp {
        reason: GiveUpReason::Failing { last, .. },
        ..
    } = bench.state()
    else {
        panic!("{:?}", bench.state());
    };
    let said = Message::from(last).to_string();
    assert!(said.contains("600 MB") && said.contains("250 MB"), "{said}");
    bench.tell(LifecycleEvent::StartWanted);
    bench.come_online();
    assert!(matches!(
        bench.state(),
        LifecycleState::Online { who: BOT, .. }
    ));
}
