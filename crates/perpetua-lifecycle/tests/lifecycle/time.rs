//! A machine that sleeps, and clocks that do what they like.

use std::time::Duration;

use perpetua_lifecycle::{
    ExitCause, LifecycleEffect, LifecycleEvent, LifecyclePolicy, LifecycleState, QrState,
};

use crate::bench::{Bench, CODE_TIME, crash, is_launch, policy, seconds};

#[test]
fn one_late_tick_does_not_kill_a_start() {
    let mut bench = Bench::connecting();
    assert!(bench.sleep(seconds(3600)).is_empty());
    assert!(bench.wait(seconds(59)).is_empty());
    assert_eq!(
        bench.wait(seconds(1)),
        [LifecycleEffect::Kill(bench.generation())]
    );
}

#[test]
fn a_driver_that_is_always_late_kills_all_the_same() {
    let mut bench = Bench::connecting();
    assert!(bench.sleep(seconds(70)).is_empty());
    assert_eq!(
        bench.sleep(seconds(70)),
        [LifecycleEffect::Kill(bench.generation())]
    );
}

#[test]
fn a_tick_that_is_a_little_late_is_on_time() {
    let mut bench = Bench::connecting();
    assert_eq!(
        bench.sleep(seconds(65)),
        [LifecycleEffect::Kill(bench.generation())]
    );
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
        effects.extend(bench.sleep(seconds(11)));
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
