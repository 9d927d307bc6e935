//! The network, QQ or this machine is away: it waits, says so, and is back soon after the world is.

use std::time::Duration;

use perpetua_lifecycle::{
    Announcement, ExitCause, LaunchFailure, LifecycleEffect, LifecycleEvent, LifecycleState,
    OfflineReason, Reading, SignerProblem,
};

use crate::bench::{BOT, Bench, crash, is_launch, seconds, words};

/// How a start comes to nothing because QQ cannot be reached, and how long that takes.
type Way = fn(&mut Bench);

const AWAY: [Way; 6] = [
    nobody_reached,
    no_name,
    refused,
    breaks,
    silent_to_a_session,
    silent_to_a_question,
];

/// A new login, which needs a signer.
fn nobody_reached(bench: &mut Bench) {
    let problem = SignerProblem::NoneReached(vec![words("no such name")]);
    let failure = LaunchFailure::without_signer(problem, false);
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
}

fn no_name(bench: &mut Bench) {
    bench.connect();
    bench.exits(ExitCause::NoNetwork("no such name".to_owned()));
}

fn refused(bench: &mut Bench) {
    bench.connect();
    bench.read(Reading::ConnectionLost("refused".to_owned()));
    bench.exits(ExitCause::LoginFailed);
}

fn breaks(bench: &mut Bench) {
    bench.launched();
    bench.read(Reading::SessionTried);
    bench.read(Reading::ConnectionLost(String::new()));
    bench.exits(ExitCause::Ended);
}

fn silent_to_a_session(bench: &mut Bench) {
    bench.launched();
    bench.read(Reading::SessionTried);
    bench.wait(seconds(60));
    bench.exits(ExitCause::Killed);
}

fn silent_to_a_question(bench: &mut Bench) {
    bench.connect();
    bench.wait(seconds(60));
    bench.exits(ExitCause::Killed);
}

fn started() -> Bench {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench
}

#[test]
fn waits_count_from_one_start_to_the_next() {
    for way in [nobody_reached, no_name, silent_to_a_session] {
        let mut bench = started();
        let mut starts = vec![bench.now];
        for _ in 0..12 {
            way(&mut bench);
            assert!(is_launch(&bench.wait(bench.due_in().expect("it goes on"))));
            starts.push(bench.now);
        }
        let between: Vec<Duration> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let longest = between.iter().max().expect("many");
        assert!(*longest <= seconds(61), "{between:?}");
        // However QQ is away, it is asked about once a minute in the end.
        assert!(between.last() >= Some(&seconds(60)), "{between:?}");
    }
}

#[test]
fn an_outage_is_one_thing_however_it_shows_and_ends_with_the_first_word_of_qq() {
    let mut bench = started();
    let begun = bench.now;
    for way in AWAY {
        way(&mut bench);
        let outage = bench.machine.outage().expect("it is one");
        assert!(outage.since >= begun);
        assert!(outage.since <= begun + seconds(2), "{outage:?}");
        bench.wait(seconds(60));
        assert!(
            bench.machine.outage().is_some(),
            "a start says nothing of it"
        );
    }
    let mut codes = started();
    no_name(&mut codes);
    codes.wait(seconds(60));
    codes.connect();
    codes.show_code();
    assert_eq!(codes.machine.outage(), None, "a QR code is from QQ");

    bench.launched();
    bench.read(Reading::LoggedIn(BOT));
    assert_eq!(bench.machine.outage(), None);
}

#[test]
fn what_ends_an_outage_without_qq() {
    let ends: [fn(&mut Bench); 2] = [
        |stopped| drop(stopped.tell(LifecycleEvent::StopWanted)),
        |crashed| {
            crashed.wait(seconds(60));
            crashed.launched();
            crashed.exits(crash());
        },
    ];
    for end in ends {
        let mut bench = started();
        no_name(&mut bench);
        assert!(bench.machine.outage().is_some());
        end(&mut bench);
        assert_eq!(bench.machine.outage(), None, "{:?}", bench.state());
    }
}

#[test]
fn an_outage_of_an_account_that_was_online_counts_from_the_loss() {
    let mut bench = Bench::online();
    let lost = bench.now;
    bench.read(Reading::ConnectionLost(String::new()));
    assert_eq!(
        bench.machine.outage().map(|outage| outage.since),
        Some(lost)
    );
    bench.wait(seconds(130));
    bench.exits(ExitCause::Ended);
    bench.wait(seconds(60));
    no_name(&mut bench);
    assert_eq!(
        bench.machine.outage().map(|outage| outage.since),
        Some(lost)
    );

    let mut bench = Bench::online();
    bench.read(Reading::ConnectionLost(String::new()));
    bench.read(Reading::ConnectionBack);
    assert_eq!(bench.machine.outage(), None);
}

#[test]
fn two_starts_in_a_row_that_stand_still_are_told_once() {
    for way in AWAY.into_iter().chain([no_progress as Way, no_disk]) {
        let mut bench = started();
        let mut told = Vec::new();
        for start in 1..=4 {
            bench.heard.clear();
            way(&mut bench);
            let person_needed = Announcement::PersonNeeded;
            if bench
                .heard
                .contains(&LifecycleEffect::Announce(person_needed))
            {
                told.push(start);
            }
            bench.wait(seconds(61));
        }
        assert_eq!(told, [2], "{:?}", bench.state());
    }
}

fn no_progress(bench: &mut Bench) {
    bench.launched();
    bench.wait(seconds(60));
    bench.exits(ExitCause::Killed);
}

fn no_disk(bench: &mut Bench) {
    let full = LaunchFailure::Machine(words("the disk is full"));
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), full));
}

#[test]
fn what_this_machine_lacks_is_waited_for() {
    let mut bench = started();
    for _ in 0..100 {
        no_disk(&mut bench);
        assert!(
            matches!(bench.state(), LifecycleState::Backoff { .. }),
            "{:?}",
            bench.state()
        );
        assert!(is_launch(&bench.wait(seconds(60))));
    }
    bench.come_online();
}

#[test]
fn names_that_are_found_again_end_the_wait() {
    for way in AWAY {
        let mut bench = started();
        for _ in 0..8 {
            way(&mut bench);
            bench.wait(bench.due_in().expect("it goes on"));
        }
        way(&mut bench);
        assert!(is_launch(&bench.tell(LifecycleEvent::NetworkBack)));
    }
    let mut crashes = started();
    crashes.launched();
    crashes.exits(crash());
    assert!(
        crashes.tell(LifecycleEvent::NetworkBack).is_empty(),
        "that was not why"
    );
    let mut runs = Bench::online();
    assert!(runs.tell(LifecycleEvent::NetworkBack).is_empty());
}

#[test]
fn a_network_that_is_back_shows_what_is_wrong_with_the_signers() {
    let mut bench = started();
    nobody_reached(&mut bench);
    let begun = bench.machine.outage().expect("it is one").since;
    bench.wait(seconds(60));
    nobody_reached(&mut bench);
    let outage = bench.machine.outage().expect("it goes on");
    assert_eq!(outage.since, begun);
    assert!(is_launch(&bench.tell(LifecycleEvent::NetworkBack)));
    let gone = SignerProblem::NoneReached(vec![words("refused")]);
    let failure = LaunchFailure::without_signer(gone.clone(), true);
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
    assert!(
        matches!(bench.state(), LifecycleState::SignerProblem { problem, .. } if *problem == gone)
    );
    assert_eq!(bench.machine.outage(), None);
}

#[test]
fn another_signer_is_tried_at_once_also_without_a_network() {
    let mut bench = started();
    for _ in 0..8 {
        nobody_reached(&mut bench);
        bench.wait(bench.due_in().expect("it goes on"));
    }
    nobody_reached(&mut bench);
    assert!(is_launch(&bench.tell(LifecycleEvent::SignersChanged)));
    no_name(&mut bench);
    assert!(
        bench.tell(LifecycleEvent::SignersChanged).is_empty(),
        "it had a signer"
    );
}

#[test]
fn logins_that_crash_are_given_up_however_long_each_takes() {
    let mut bench = started();
    for login in 1..=5 {
        bench.connect();
        bench.wait(seconds(13));
        bench.exits(crash());
        let given_up = matches!(bench.state(), LifecycleState::GivenUp { .. });
        assert_eq!(given_up, login == 5, "login {login}: {:?}", bench.state());
        bench.wait(seconds(60));
    }
}

#[test]
fn a_core_that_loses_qq_again_and_again_is_not_given_up() {
    let mut bench = Bench::online();
    for _ in 0..50 {
        bench.read(Reading::ConnectionLost(String::new()));
        bench.wait(seconds(120));
        bench.exits(ExitCause::Ended);
        let LifecycleState::Backoff { failure, .. } = bench.state() else {
            panic!("{:?}", bench.state());
        };
        let lost = LaunchFailure::WentOffline(OfflineReason::ConnectionLost);
        assert_eq!(*failure, lost);
        bench.wait(bench.due_in().expect("it goes on"));
        bench.come_online();
    }
}
