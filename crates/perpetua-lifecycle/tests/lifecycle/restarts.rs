//! Restarts that fall together, and those that cannot wait.

use std::time::Duration;

use perpetua_lifecycle::{
    ExitCause, LifecycleEffect, LifecycleEvent, LifecycleState, Reading, SignerProblem, StartPhase,
};

use crate::bench::{Bench, is_launch, seconds};

/// Within so long of a start nobody has another one.
const PAUSE: Duration = Duration::from_secs(3);

/// Does at once what the machine wants of a core that obeys and needs `start` to come online.
fn obey(bench: &mut Bench, effects: &[LifecycleEffect]) -> usize {
    let mut launches = 0;
    for effect in effects {
        match effect {
            LifecycleEffect::Launch(_) => launches += 1,
            LifecycleEffect::Stop(_) | LifecycleEffect::Kill(_) => {
                let next = bench.exits(ExitCause::Ended);
                launches += obey(bench, &next);
            }
            _ => {}
        }
    }
    launches
}

/// Two hundred wishes in ten seconds; each start takes this long to come online. Gives the starts.
fn storm(start: Duration) -> usize {
    let mut bench = Bench::online();
    bench.wait(seconds(60));
    let (mut launches, mut comes_online) = (0, None);
    for _ in 0..200 {
        let effects = bench.tell(LifecycleEvent::RestartWanted);
        let mut new = obey(&mut bench, &effects);
        let effects = bench.wait(Duration::from_millis(50));
        new += obey(&mut bench, &effects);
        if new > 0 {
            launches += new;
            comes_online = Some(bench.now + start);
        }
        if comes_online.is_some_and(|at| at <= bench.now) {
            comes_online = None;
            bench.come_online();
        }
    }
    // Nobody wishes any more: the last wish is done, and nothing goes on.
    for _ in 0..400 {
        let effects = bench.wait(Duration::from_millis(50));
        let new = obey(&mut bench, &effects);
        launches += new;
        if new > 0 {
            comes_online = Some(bench.now + start);
        }
        if comes_online.is_some_and(|at| at <= bench.now) {
            comes_online = None;
            bench.come_online();
        }
    }
    assert!(
        matches!(bench.state(), LifecycleState::Online { .. }),
        "{:?}",
        bench.state()
    );
    launches
}

#[test]
fn two_hundred_restarts_within_ten_seconds_are_a_handful_of_processes() {
    for start in [20, 400, 1200, 2900, 4500] {
        let launches = storm(Duration::from_millis(start));
        assert!((1..=6).contains(&launches), "{start} ms: {launches}");
    }
}

#[test]
fn a_start_that_has_just_begun_is_the_restart_that_somebody_wants() {
    let steps: [fn(&mut Bench); 5] = [
        |_| {},
        |bench| drop(bench.launched()),
        |bench| drop(bench.read(Reading::SessionTried)),
        |bench| drop(bench.read(Reading::Connecting)),
        |bench| drop(bench.read(Reading::LoggedIn(crate::bench::BOT))),
    ];
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for step in steps {
        step(&mut bench);
        let before = bench.state().clone();
        assert!(
            matches!(before, LifecycleState::Starting { .. }),
            "{before:?}"
        );
        assert!(
            bench.tell(LifecycleEvent::RestartWanted).is_empty(),
            "{before:?}"
        );
        assert_eq!(bench.state(), &before);
    }
    let generation = bench.generation();
    bench.tell(LifecycleEvent::LinkOpened(generation));
    assert!(matches!(bench.state(), LifecycleState::Online { .. }));
    assert!(bench.wait(seconds(600)).is_empty(), "nobody wants more");
}

#[test]
fn a_start_that_takes_long_is_begun_anew() {
    for launched in [false, true] {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        if launched {
            bench.launched();
        }
        bench.wait(PAUSE);
        let effects = bench.tell(LifecycleEvent::RestartWanted);
        assert_eq!(effects.len(), 1, "{effects:?}");
        assert!(matches!(bench.state(), LifecycleState::Stopping { .. }));
    }
}

#[test]
fn what_came_online_just_now_is_started_anew_once_and_not_at_once() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    for _ in 0..5 {
        assert!(bench.tell(LifecycleEvent::RestartWanted).is_empty());
    }
    assert_eq!(bench.due_in(), Some(PAUSE));
    let effects = bench.wait(PAUSE);
    assert!(effects.contains(&LifecycleEffect::Stop(generation)));
    assert!(is_launch(&bench.exits(ExitCause::Ended)));
    bench.come_online();
    assert!(bench.wait(seconds(600)).is_empty());
}

#[test]
fn a_stop_takes_a_wish_for_a_restart_back() {
    let mut bench = Bench::online();
    bench.tell(LifecycleEvent::RestartWanted);
    bench.tell(LifecycleEvent::StopWanted);
    assert!(bench.exits(ExitCause::Ended).is_empty());
    assert!(bench.wait(seconds(60)).is_empty());
    assert_eq!(bench.state(), &LifecycleState::Stopped);
}

#[test]
fn what_it_was_started_with_is_never_kept_because_it_is_new() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let generation = bench.generation();
    assert_eq!(
        bench.tell(LifecycleEvent::RestartNeeded),
        [LifecycleEffect::CallOff(generation)]
    );
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    let generation = bench.generation();
    assert_eq!(bench.phase(), Some(StartPhase::Launched));
    assert_eq!(
        bench.tell(LifecycleEvent::RestartNeeded),
        [LifecycleEffect::Stop(generation)]
    );
    let mut bench = Bench::online();
    let generation = bench.generation();
    let effects = bench.tell(LifecycleEvent::RestartNeeded);
    assert!(effects.contains(&LifecycleEffect::Stop(generation)));
}

#[test]
fn signers_that_were_changed_are_looked_at_before_a_message_is_lost() {
    let mut bench = Bench::online();
    let generation = bench.generation();
    let doubted = LifecycleEvent::SignersDoubted(generation);
    assert_eq!(
        bench.tell(doubted.clone()),
        [LifecycleEffect::FindSigner(generation)]
    );
    assert!(bench.tell(doubted.clone()).is_empty(), "under way");
    assert!(
        bench
            .tell(LifecycleEvent::SignerBack(generation))
            .is_empty()
    );
    // Those of another version take one start, however soon after another change.
    for _ in 0..2 {
        let generation = bench.generation();
        bench.tell(LifecycleEvent::SignersChanged);
        bench.tell(LifecycleEvent::SignersDoubted(generation));
        let effects = bench.tell(LifecycleEvent::SignerFound(generation));
        assert!(
            effects.contains(&LifecycleEffect::Stop(generation)),
            "{effects:?}"
        );
        bench.exits(ExitCause::Ended);
        bench.come_online();
    }
    // None that works is said at once.
    let generation = bench.generation();
    bench.tell(LifecycleEvent::SignersDoubted(generation));
    let none = SignerProblem::NoneConfigured;
    bench.tell(LifecycleEvent::SignerMissing(generation, none));
    let LifecycleState::Online { signer, .. } = bench.state() else {
        panic!("{:?}", bench.state());
    };
    assert!(signer.is_some());
}
