//! Starts for which nobody signs.

use perpetua_lifecycle::{
    ExitCause, LaunchFailure, LifecycleEffect, LifecycleEvent, LifecycleState, QrState, Reading,
    SignerProblem,
};

use crate::bench::{BOT, Bench, is_launch, person_needed, seconds};

fn problem() -> SignerProblem {
    SignerProblem::NoneWorks(vec![crate::bench::words("521")])
}

/// A core that was started for its saved session alone.
fn started() -> Bench {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    let lacking = LifecycleEvent::SignerLacking(bench.generation(), problem());
    assert!(bench.tell(lacking).is_empty(), "nobody needs to know yet");
    bench.read(Reading::SessionTried);
    bench
}

#[test]
fn a_session_comes_online_without_a_signer_and_says_so_until_one_signs() {
    let mut bench = started();
    bench.read(Reading::LoggedIn(BOT));
    let generation = bench.generation();
    let effects = bench.tell(LifecycleEvent::LinkOpened(generation));
    assert!(effects.contains(&person_needed()), "{effects:?}");
    assert!(
        matches!(bench.state(), LifecycleState::Online { signer: Some(told), .. } if *told == problem())
    );
    for _ in 0..3 {
        assert_eq!(
            bench.wait(seconds(30)),
            [LifecycleEffect::FindSigner(generation)]
        );
        let missing = LifecycleEvent::SignerMissing(generation, problem());
        assert!(bench.tell(missing).is_empty(), "told once");
    }
    // A message that was signed meanwhile is as good as an answer.
    assert!(
        bench
            .tell(LifecycleEvent::SignerBack(generation))
            .is_empty()
    );
    bench.tell(LifecycleEvent::LinkLost(generation));
    bench.tell(LifecycleEvent::LinkOpened(generation));
    assert!(
        matches!(bench.state(), LifecycleState::Online { signer: None, .. }),
        "what is over is not told again: {:?}",
        bench.state()
    );
}

#[test]
fn a_session_that_needs_a_signature_is_not_tried_without_one_until_it_was_online() {
    let mut bench = started();
    assert!(bench.machine.may_start_unsigned());
    bench.read(Reading::SessionRejected);
    bench.read(Reading::SignFailed(
        "Signer server returned a BadGateway".into(),
    ));
    assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
    assert!(!bench.machine.may_start_unsigned());
    let failure = problem().into();
    bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
    assert!(
        matches!(bench.state(), LifecycleState::SignerProblem { problem: told, .. } if *told == problem())
    );
    assert!(is_launch(&bench.wait(seconds(30))));
    assert!(!bench.machine.may_start_unsigned(), "also after a while");
    bench.tell(LifecycleEvent::SessionReplaced);
    assert!(
        bench.machine.may_start_unsigned(),
        "that was another session"
    );
    bench.come_online();
    assert!(bench.machine.may_start_unsigned());
}

#[test]
fn who_asked_the_signers_knows_better_than_the_core_why_none_signed() {
    let mut bench = Bench::connecting();
    let lacking = LifecycleEvent::SignerLacking(bench.generation(), problem());
    bench.tell(lacking);
    for _ in 0..4 {
        bench.read(Reading::SignFailed(
            "Signer server returned a BadGateway".into(),
        ));
        bench.exits(ExitCause::LoginFailed);
        if let LifecycleState::SignerProblem { problem: told, .. } = bench.state() {
            assert_eq!(*told, problem());
            return;
        }
        bench.connect();
        bench.tell(LifecycleEvent::SignerLacking(bench.generation(), problem()));
    }
    panic!("{:?}", bench.state());
}

/// Where a core that asks its signer by itself says nothing any more in this phase of its login.
fn asks_by_itself(phase: &Reading) -> Bench {
    let mut bench = Bench::new();
    bench.asks_signer = true;
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.read(phase.clone());
    bench
}

#[test]
fn a_core_that_asks_by_itself_has_the_time_to_say_that_its_signer_was_too_slow() {
    for phase in [
        Reading::Connecting,
        Reading::QrPolled(QrState::Confirmed, None),
    ] {
        let mut slow = asks_by_itself(&phase);
        assert_eq!(
            slow.wait(seconds(100)),
            [],
            "a slow signature is no silence"
        );
        let lacking = LifecycleEvent::SignerLacking(slow.generation(), problem());
        slow.tell(lacking);
        slow.read(Reading::SignFailed("Timeout of 100 seconds".into()));
        assert!(is_launch(&slow.exits(ExitCause::LoginFailed)));
        assert_eq!(slow.machine.outage(), None, "QQ was not even asked");

        let mut silent = asks_by_itself(&phase);
        assert_eq!(silent.wait(seconds(104)), []);
        assert_eq!(silent.wait(seconds(1)), kill(&silent));
        silent.exits(ExitCause::Killed);
        let outage = silent.machine.outage().expect("then it is QQ");
        assert_eq!(outage.failure, LaunchFailure::QqSilent(105));
    }
    for phase in [Reading::Progress, Reading::SessionTried] {
        let mut unsigned = asks_by_itself(&phase);
        let killed = unsigned.wait(seconds(60));
        assert_eq!(killed, kill(&unsigned), "{phase:?} needs no signature");
    }
}

/// Where the core, in this phase of its login, waits for a signature from now on.
fn awaiting(phase: &Reading) -> Bench {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.read(phase.clone());
    let awaited = LifecycleEvent::SignatureAwaited(bench.generation(), Some(bench.now));
    bench.tell(awaited);
    bench
}

fn signed(bench: &mut Bench) {
    let done = LifecycleEvent::SignatureAwaited(bench.generation(), None);
    bench.tell(done);
}

fn kill(bench: &Bench) -> [LifecycleEffect; 1] {
    [LifecycleEffect::Kill(bench.generation())]
}

const PHASES: [Reading; 3] = [
    Reading::SessionTried,
    Reading::Connecting,
    Reading::Progress,
];

#[test]
fn the_time_of_a_start_does_not_count_while_the_core_waits_for_a_signature() {
    for phase in &PHASES {
        for took in [61, 75, 90, 99] {
            let mut bench = awaiting(phase);
            bench.wait(seconds(10));
            bench.read(Reading::Serving(1));
            let none = bench.wait(seconds(took - 10));
            assert_eq!(none, [], "{phase:?} {took}");
            signed(&mut bench);
            assert_eq!(
                bench.wait(seconds(59)),
                [],
                "QQ has its own time: {phase:?} {took}"
            );
            assert_eq!(bench.wait(seconds(1)), kill(&bench), "{phase:?} {took}");
        }
    }
}

#[test]
fn a_signature_that_never_comes_is_the_fault_of_the_signer_and_not_of_qq() {
    for phase in &PHASES {
        let mut bench = awaiting(phase);
        assert_eq!(bench.wait(seconds(99)), [], "{phase:?}");
        assert_eq!(bench.wait(seconds(1)), kill(&bench), "{phase:?}");
        let ending = bench.machine.ending().map(|why| why.to_string());
        let ending = ending.unwrap_or_default();
        assert!(ending.contains("100 s"), "{phase:?}: {ending}");
        assert!(is_launch(&bench.exits(ExitCause::Killed)));
        assert_eq!(bench.machine.outage(), None, "{phase:?}");
    }
}

#[test]
fn signatures_without_end_do_not_keep_a_start_that_comes_no_further() {
    let mut bench = awaiting(&Reading::Connecting);
    signed(&mut bench);
    for _ in 0..12 {
        assert_eq!(bench.wait(seconds(4)), []);
        let awaited = LifecycleEvent::SignatureAwaited(bench.generation(), Some(bench.now));
        bench.tell(awaited);
        assert_eq!(bench.wait(seconds(1)), []);
        signed(&mut bench);
    }
    bench.wait(seconds(12));
    assert!(
        bench.heard.contains(&kill(&bench)[0]),
        "{:?}",
        bench.state()
    );
    bench.exits(ExitCause::Killed);
    assert!(
        matches!(
            bench.state(),
            LifecycleState::Backoff {
                failure: LaunchFailure::QqSilent(60),
                ..
            }
        ),
        "{:?}",
        bench.state()
    );
}

#[test]
fn two_signatures_beside_each_other_count_once() {
    let mut bench = awaiting(&Reading::Connecting);
    bench.wait(seconds(30));
    let second = LifecycleEvent::SignatureAwaited(bench.generation(), Some(bench.now));
    bench.wait(seconds(30));
    bench.tell(second);
    bench.wait(seconds(30));
    signed(&mut bench);
    assert_eq!(bench.due_in(), Some(seconds(60)));
}

#[test]
fn a_code_is_shown_for_its_time_whoever_signs() {
    let mut bench = awaiting(&Reading::Connecting);
    bench.wait(seconds(80));
    bench.show_code();
    let due = bench.due_in();
    signed(&mut bench);
    assert_eq!(bench.due_in(), due, "its signature has come");
    let awaited = LifecycleEvent::SignatureAwaited(bench.generation(), Some(bench.now));
    bench.tell(awaited);
    assert_eq!(bench.due_in(), due, "asking how it does is no login");
}
