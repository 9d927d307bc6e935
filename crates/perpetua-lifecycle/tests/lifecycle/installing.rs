//! No core, a new core, a bad core.

use perpetua_lifecycle::{
    Brakes, Effect, Event, ExitCause, Generation, InstallProblem, LaunchFailure, Progress, Reading,
    State,
};

use crate::bench::{Bench, crash, is_launch, person_needed, seconds};

#[test]
fn a_core_that_is_not_there_is_installed_and_started() {
    let mut bench = without_core();
    assert!(matches!(bench.state(), State::Installing { .. }));
    let news = Progress {
        step: "downloading".into(),
        received: 7,
        ..Progress::default()
    };
    bench.tell(Event::InstallProgressed(news.clone()));
    assert_eq!(bench.state(), &State::Installing { progress: news });
    assert_eq!(
        bench.tell(Event::CoreInstalled),
        [Effect::Launch(Generation(2))]
    );
}

#[test]
fn a_failed_installation_is_tried_again_later() {
    let mut bench = without_core();
    let problem = InstallProblem::Failed("no network".into());
    assert!(bench.tell(Event::InstallFailed(problem)).is_empty());
    assert!(matches!(
        bench.state(),
        State::Absent { retry: Some(_), .. }
    ));
    assert!(bench.wait(seconds(299)).is_empty());
    assert_eq!(bench.wait(seconds(1)), [Effect::Install]);
}

#[test]
fn what_a_person_has_to_confirm_is_not_tried_again() {
    for problem in [
        InstallProblem::NotAllowed,
        InstallProblem::Unconfirmed {
            name: "core.zip".into(),
            sha256: "ab".into(),
        },
    ] {
        let mut bench = without_core();
        assert_eq!(bench.tell(Event::InstallFailed(problem)), [person_needed()]);
        assert_eq!(bench.machine.next_deadline(), None);
        assert!(is_launch(&bench.tell(Event::CoreInstalled)));
    }
}

#[test]
fn a_person_may_ask_for_another_try_of_the_installation() {
    let mut bench = without_core();
    bench.tell(Event::InstallFailed(InstallProblem::NotAllowed));
    assert_eq!(bench.tell(Event::StartWanted), [Effect::Install]);
    assert!(bench.tell(Event::RestartWanted).is_empty(), "under way");
    assert!(
        bench
            .tell(Event::InstallFailed(InstallProblem::NotAllowed))
            .is_empty(),
        "the same need"
    );
    assert_eq!(bench.tell(Event::RestartWanted), [Effect::Install]);
}

#[test]
fn a_core_that_vanishes_after_its_installation_is_not_fetched_without_a_pause() {
    let mut bench = without_core();
    bench.tell(Event::CoreInstalled);
    let generation = bench.generation();
    assert!(
        bench
            .tell(Event::LaunchFailed(generation, LaunchFailure::NoCore))
            .is_empty()
    );
    assert!(matches!(
        bench.state(),
        State::Absent { retry: Some(_), .. }
    ));
    bench.wait(seconds(300));
    bench.tell(Event::CoreInstalled);
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(2));
    let generation = bench.generation();
    assert_eq!(
        bench.tell(Event::LaunchFailed(generation, LaunchFailure::NoCore)),
        [Effect::Install],
        "it was there meanwhile"
    );
}

#[test]
fn a_new_core_does_not_disturb_a_running_one() {
    let mut bench = Bench::online();
    assert!(bench.tell(Event::CoreInstalled).is_empty());
    assert!(bench.state().is_online());
    assert!(
        bench
            .tell(Event::InstallFailed(InstallProblem::NotAllowed))
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
    assert_eq!(bench.exits(crash()), [Effect::RollBack]);
    assert!(
        matches!(bench.state(), State::Backoff { failures: 1, .. }),
        "the old one begins anew: {:?}",
        bench.state()
    );
    assert!(bench.tell(Event::CoreInstalled).is_empty());
    for _ in 0..3 {
        bench.wait(seconds(60));
        bench.launched();
        assert!(!bench.exits(crash()).contains(&Effect::RollBack));
    }
    bench.tell(Event::CoreInstalled);
    bench.wait(seconds(60));
    bench.launched();
    bench.exits(crash());
    bench.wait(seconds(60));
    bench.launched();
    assert!(
        bench.exits(crash()).contains(&Effect::RollBack),
        "the next new core is on trial again"
    );
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
        assert!(!bench.exits(crash()).contains(&Effect::RollBack));
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
        assert!(!bench.exits(cause).contains(&Effect::RollBack));
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
    assert!(!bench.exits(crash()).contains(&Effect::RollBack));
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
    assert_eq!(effects, [Effect::RollBack]);
}

#[test]
fn an_end_that_was_asked_for_or_foretold_does_not_speak_against_it() {
    let mut bench = on_trial();
    for _ in 0..3 {
        bench.launched();
        bench.tell(Event::RestartWanted);
        assert!(!bench.exits(crash()).contains(&Effect::RollBack));
        bench.launched();
        bench.read(Reading::SignFailed("521".into()));
        assert!(!bench.exits(crash()).contains(&Effect::RollBack));
        bench.tell(Event::SignersChanged);
    }
}

#[test]
fn the_core_that_already_ran_is_not_on_trial() {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    bench.launched();
    bench.tell(Event::CoreInstalled);
    bench.exits(crash());
    bench.wait(seconds(1));
    bench.launched();
    assert!(!bench.exits(crash()).contains(&Effect::RollBack));
}

#[test]
fn a_damaged_core_brakes_until_it_is_installed_again() {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    for _ in 0..5 {
        let failure = LaunchFailure::Damaged("size".into());
        bench.tell(Event::LaunchFailed(bench.generation(), failure));
        bench.wait(seconds(8));
    }
    assert!(matches!(
        bench.state(),
        State::Braked {
            reason: Brakes::Failing { failures: 5, .. },
            ..
        }
    ));
    assert!(is_launch(&bench.tell(Event::CoreInstalled)));
}

fn without_core() -> Bench {
    let mut bench = Bench::new();
    bench.tell(Event::StartWanted);
    let generation = bench.generation();
    assert_eq!(
        bench.tell(Event::LaunchFailed(generation, LaunchFailure::NoCore)),
        [Effect::Install]
    );
    bench
}

fn on_trial() -> Bench {
    let mut bench = without_core();
    bench.tell(Event::CoreInstalled);
    bench
}
