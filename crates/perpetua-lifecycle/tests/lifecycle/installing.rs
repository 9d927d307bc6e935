//! No core, a new core, a bad core.

use perpetua_lifecycle::{
    CoreChange, ExitCause, Generation, GiveUpReason, InstallProblem, LaunchFailure,
    LifecycleEffect, LifecycleEvent, LifecycleState, Reading, RollBackEnd,
};

use crate::bench::{Bench, crash, is_launch, person_needed, seconds};

#[test]
fn a_core_that_is_not_there_is_installed_and_started() {
    let mut bench = without_core();
    assert!(matches!(bench.state(), LifecycleState::Installing));
    assert_eq!(
        bench.installs("new"),
        [LifecycleEffect::Launch(Generation(2))]
    );
}

#[test]
fn a_failed_installation_is_tried_again_later() {
    let mut bench = without_core();
    let problem = InstallProblem::Failed(crate::bench::words("no network"));
    assert!(
        bench
            .tell(LifecycleEvent::InstallFailed(problem))
            .is_empty()
    );
    assert!(matches!(
        bench.state(),
        LifecycleState::Absent { retry: Some(_), .. }
    ));
    assert!(bench.wait(seconds(299)).is_empty());
    assert_eq!(bench.wait(seconds(1)), [LifecycleEffect::Install]);
}

#[test]
fn what_a_person_has_to_confirm_is_not_tried_again() {
    for problem in [
        InstallProblem::NotAllowed,
        InstallProblem::Unconfirmed {
            name: "core.zip".into(),
            sha256: "ab".into(),
            rolled_back: None,
        },
    ] {
        let mut bench = without_core();
        assert_eq!(
            bench.tell(LifecycleEvent::InstallFailed(problem)),
            [person_needed()]
        );
        assert_eq!(bench.machine.next_deadline(), None);
        assert!(is_launch(&bench.installs("new")));
    }
}

#[test]
fn a_person_may_ask_for_another_try_of_the_installation() {
    let mut bench = without_core();
    bench.tell(LifecycleEvent::InstallFailed(InstallProblem::NotAllowed));
    assert_eq!(
        bench.tell(LifecycleEvent::StartWanted),
        [LifecycleEffect::Install]
    );
    assert!(
        bench.tell(LifecycleEvent::RestartWanted).is_empty(),
        "under way"
    );
    assert!(
        bench
            .tell(LifecycleEvent::InstallFailed(InstallProblem::NotAllowed))
            .is_empty(),
        "the same need"
    );
    assert_eq!(
        bench.tell(LifecycleEvent::RestartWanted),
        [LifecycleEffect::Install]
    );
}

#[test]
fn a_core_that_vanishes_after_its_installation_is_not_fetched_without_a_pause() {
    let mut bench = without_core();
    bench.installs("new");
    let generation = bench.generation();
    assert!(
        bench
            .tell(LifecycleEvent::LaunchFailed(
                generation,
                LaunchFailure::NoCore
            ))
            .is_empty()
    );
    assert!(matches!(
        bench.state(),
        LifecycleState::Absent { retry: Some(_), .. }
    ));
    bench.wait(seconds(300));
    bench.installs("new");
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(2));
    let generation = bench.generation();
    assert_eq!(
        bench.tell(LifecycleEvent::LaunchFailed(
            generation,
            LaunchFailure::NoCore
        )),
        [LifecycleEffect::Install],
        "it was there meanwhile"
    );
}

#[test]
fn a_new_core_does_not_disturb_a_running_one() {
    let mut bench = Bench::online();
    assert!(bench.installs("new").is_empty());
    assert!(bench.state().is_online());
    assert!(
        bench
            .tell(LifecycleEvent::InstallFailed(InstallProblem::NotAllowed))
            .is_empty()
    );
    assert!(bench.state().is_online());
}

#[test]
fn a_new_core_that_crashes_twice_in_its_first_minute_is_rolled_back_once() {
    let mut bench = on_trial();
    bench.launched();
    assert!(bench.exits(crash()).is_empty());
    bench.wait(seconds(1));
    bench.launched();
    assert!(rolls_back_from(&bench.exits(crash()), "new"));
    assert!(
        matches!(bench.state(), LifecycleState::Backoff { failures: 1, .. }),
        "the old one begins anew: {:?}",
        bench.state()
    );
    bench.goes_back_to("old");
    for _ in 0..3 {
        bench.wait(seconds(60));
        bench.launched();
        assert!(!rolls_back(&bench.exits(crash())));
    }
    bench.installs("newer");
    bench.wait(seconds(60));
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(60));
    bench.launched();
    assert!(
        rolls_back(&bench.exits(crash())),
        "the next new core is on trial again"
    );
}

#[test]
fn a_rollback_that_fails_does_not_spare_the_next_new_core() {
    let mut bench = on_trial();
    crashes_twice(&mut bench);
    bench.tell(LifecycleEvent::RolledBack(RollBackEnd::Stays));
    bench.wait(seconds(1));
    bench.launched();
    bench.exits(crash());
    assert!(
        matches!(bench.state(), LifecycleState::Backoff { failures: 3, .. }),
        "the same core goes on failing: {:?}",
        bench.state()
    );
    bench.installs("newer");
    bench.wait(seconds(60));
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(60));
    bench.launched();
    assert!(rolls_back_from(&bench.exits(crash()), "newer"));
}

#[test]
fn what_was_chosen_or_gone_back_to_elsewhere_is_not_on_trial() {
    let version = String::from("other");
    for change in [
        CoreChange::Chosen {
            version: version.clone(),
        },
        CoreChange::RolledBack { version },
    ] {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        bench.changed(change);
        for _ in 0..3 {
            bench.launched();
            assert!(!rolls_back(&bench.exits(crash())));
            bench.wait(seconds(60));
        }
    }
}

#[test]
fn a_version_chosen_instead_of_the_new_one_ends_its_trial() {
    let mut bench = on_trial();
    bench.launched();
    bench.exits(crash());
    bench.changed(CoreChange::Chosen {
        version: "old".into(),
    });
    bench.wait(seconds(1));
    bench.launched();
    assert!(!rolls_back(&bench.exits(crash())));
}

#[test]
fn a_stable_minute_ends_the_trial() {
    let mut bench = on_trial();
    bench.come_online();
    bench.wait(seconds(60));
    bench.exits(crash());
    for _ in 0..3 {
        bench.wait(seconds(60));
        bench.launched();
        assert!(!rolls_back(&bench.exits(crash())));
    }
}

#[test]
fn what_is_not_the_cores_fault_does_not_speak_against_it() {
    let mut bench = on_trial();
    for cause in [
        ExitCause::NoNetwork("dns".into()),
        ExitCause::LoginFailed,
        ExitCause::NoNetwork("dns".into()),
    ] {
        bench.launched();
        assert!(!rolls_back(&bench.exits(cause)));
        bench.wait(seconds(4));
    }
}

#[test]
fn a_crash_beyond_the_first_minute_does_not_speak_against_it() {
    let mut bench = on_trial();
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(1));
    bench.launched();
    bench.wait(seconds(59));
    bench.read(Reading::Progress);
    bench.wait(seconds(1));
    assert!(!rolls_back(&bench.exits(crash())));
}

#[test]
fn the_first_minute_begins_with_the_process() {
    let mut bench = on_trial();
    let mut effects = Vec::new();
    for _ in 0..2 {
        bench.wait(seconds(50));
        bench.launched();
        bench.wait(seconds(20));
        effects = bench.exits(crash());
        bench.wait(seconds(1));
    }
    assert!(rolls_back_from(&effects, "new"));
}

#[test]
fn an_end_that_was_asked_for_or_foretold_does_not_speak_against_it() {
    let mut bench = on_trial();
    for _ in 0..3 {
        bench.launched();
        bench.tell(LifecycleEvent::RestartNeeded);
        assert!(!rolls_back(&bench.exits(crash())));
        bench.launched();
        bench.read(Reading::SignFailed("521".into()));
        assert!(!rolls_back(&bench.exits(crash())));
        bench.tell(LifecycleEvent::SignersChanged);
    }
}

#[test]
fn the_core_that_already_ran_is_not_on_trial() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.installs("new");
    bench.exits(crash());
    bench.wait(seconds(1));
    bench.launched();
    assert!(!rolls_back(&bench.exits(crash())));
}

#[test]
fn a_damaged_core_is_given_up_until_it_is_installed_again() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    for _ in 0..5 {
        let failure = LaunchFailure::Damaged(crate::bench::words("size"));
        bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), failure));
        bench.wait(seconds(8));
    }
    assert!(matches!(
        bench.state(),
        LifecycleState::GivenUp {
            reason: GiveUpReason::Failing { failures: 5, .. },
            ..
        }
    ));
    assert!(is_launch(&bench.installs("new")));
}

fn crashes_twice(bench: &mut Bench) {
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(1));
    bench.launched();
    assert!(rolls_back_from(&bench.exits(crash()), "new"));
}

fn rolls_back_from(effects: &[LifecycleEffect], version: &str) -> bool {
    let is_it = |effect: &LifecycleEffect| matches!(effect, LifecycleEffect::RollBack { from, .. } if from == version);
    effects.iter().any(is_it)
}

fn rolls_back(effects: &[LifecycleEffect]) -> bool {
    let is_it = |effect: &LifecycleEffect| matches!(effect, LifecycleEffect::RollBack { .. });
    effects.iter().any(is_it)
}

fn without_core() -> Bench {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let generation = bench.generation();
    assert_eq!(
        bench.tell(LifecycleEvent::LaunchFailed(
            generation,
            LaunchFailure::NoCore
        )),
        [LifecycleEffect::Install]
    );
    bench
}

fn on_trial() -> Bench {
    let mut bench = without_core();
    bench.installs("new");
    bench
}
