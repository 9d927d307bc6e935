//! A machine that sleeps, and clocks that do what they like.

use std::time::Duration;

use perpetua_lifecycle::{
    ExitCause, LifecycleEffect, LifecycleEvent, LifecyclePolicy, LifecycleState, QrState,
};

use crate::bench::{Bench, CODE_TIME, crash, is_launch, policy, seconds};

#[test]
fn a_sleep_does_not_kill_a_start() {
    let mut bench = Bench::connecting();
    assert!(bench.sleep(seconds(3600)).is_empty());
    assert!(bench.wait(seconds(59)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
    );
}

#[test]
fn a_sleep_that_ends_just_before_the_limit_gives_all_of_it_anew() {
    for slept in [9, 10] {
        let mut bench = Bench::connecting();
        assert!(bench.wait(seconds(50)).is_empty());
        for _ in 0..3 {
            assert!(bench.sleep(seconds(slept)).is_empty());
        }
        assert!(bench.wait(seconds(59)).is_empty());
        assert_eq!(
            bench.wait(seconds(1)),
            [LifecycleEffect::Kill(bench.generation())]
        );
    }
}

#[test]
fn a_tick_that_is_late_without_a_sleep_is_on_time() {
    let mut bench = Bench::connecting();
    bench.now += seconds(65);
    let effects = bench.machine.tick(bench.now);
    assert_eq!(effects, [LifecycleEffect::Kill(bench.generation())]);
}

#[test]
fn a_core_that_slept_while_it_was_to_end_still_has_its_time_to() {
    let mut bench = Bench::online();
    bench.tell(LifecycleEvent::StopWanted);
    bench.wait(seconds(4));
    assert!(bench.sleep(seconds(3600)).is_empty());
    assert!(bench.wait(seconds(9)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
    );
}

#[test]
fn a_signature_that_was_waited_for_through_a_sleep_is_waited_for_anew() {
    let mut bench = Bench::connecting();
    let since = Some(bench.now);
    bench.tell(LifecycleEvent::SignatureAwaited(bench.generation(), since));
    assert!(bench.sleep(seconds(3600)).is_empty());
    assert!(bench.wait(seconds(99)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
    );
}

#[test]
fn a_sleep_is_nothing_to_what_does_not_run() {
    let mut bench = Bench::new();
    assert!(bench.sleep(seconds(3600)).is_empty());
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.exits(crash());
    bench.tell(LifecycleEvent::Woke);
    assert_eq!(bench.due_in(), Some(seconds(1)));
}

#[test]
fn a_link_lost_before_a_sleep_has_time_to_come_back() {
    let mut bench = Bench::online();
    bench.tell(LifecycleEvent::LinkLost(bench.generation()));
    assert!(
        bench.sleep(seconds(8 * 3600)).is_empty(),
        "no search either"
    );
    assert!(matches!(bench.state(), LifecycleState::Reconnecting { .. }));
    bench.wait(seconds(100));
    bench.tell(LifecycleEvent::LinkOpened(bench.generation()));
    assert!(bench.state().is_online());
}

#[test]
fn a_code_that_expired_in_a_sleep_is_told_by_the_core() {
    let mut bench = Bench::connecting();
    bench.show_code();
    assert!(bench.sleep(seconds(3600)).is_empty());
    assert!(matches!(
        bench.state(),
        LifecycleState::WaitingForScan { .. }
    ));
    assert!(is_launch(&bench.exits(ExitCause::LoginFailed)));
}

#[test]
fn polls_do_not_keep_an_old_code_alive() {
    let mut bench = Bench::connecting();
    bench.show_code();
    bench.wait(CODE_TIME);
    let mut effects = Vec::new();
    for _ in 0..15 {
        bench.polled(QrState::WaitingForConfirm, None);
        effects.extend(bench.wait(seconds(11)));
    }
    assert!(effects.contains(&LifecycleEffect::Kill(bench.generation())));
}

#[test]
fn waits_end_late_and_are_not_repeated() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.exits(crash());
    assert!(is_launch(&bench.sleep(seconds(3600))));
}

#[test]
fn an_early_tick_does_nothing() {
    let mut bench = Bench::connecting();
    assert!(bench.sleep(seconds(59)).is_empty());
    assert!(bench.sleep(Duration::ZERO).is_empty());
}

#[test]
fn moments_that_go_back_do_no_harm() {
    let mut bench = Bench::online();
    let before = bench.now;
    bench.wait(seconds(40));
    bench.tell(LifecycleEvent::LinkLost(bench.generation()));
    bench.tell(LifecycleEvent::LinkOpened(bench.generation()));
    bench.now = before;
    bench.exits(crash());
    assert!(matches!(bench.state(), LifecycleState::Backoff { .. }));
    assert!(bench.machine.tick(bench.now).is_empty());
}

#[test]
fn endless_limits_do_no_harm() {
    let mut bench = Bench::with(LifecyclePolicy {
        start_timeout: Duration::MAX,
        stop_grace: Duration::MAX,
        reconnect_grace: Duration::MAX,
        ..policy()
    });
    bench.tell(LifecycleEvent::StartWanted);
    bench.come_online();
    bench.tell(LifecycleEvent::LinkLost(bench.generation()));
    bench.tell(LifecycleEvent::StopWanted);
    assert!(matches!(bench.state(), LifecycleState::Stopping { .. }));
}

#[test]
fn other_limits_hold_from_the_next_wait_on() {
    let mut bench = Bench::connecting();
    bench.machine.set_policy(LifecyclePolicy {
        start_timeout: seconds(5),
        ..policy()
    });
    assert_eq!(bench.due_in(), Some(seconds(60)));
    bench.read(perpetua_lifecycle::Reading::Progress);
    assert_eq!(bench.due_in(), Some(seconds(5)));
}
