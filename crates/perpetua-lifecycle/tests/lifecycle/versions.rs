//! Which version is judged by what, what is noted of it, and who takes another one when.

use perpetua_lifecycle::{
    CoreChange, ExitCause, GiveUpReason, LaunchFailure, LifecycleEffect, LifecycleEvent,
    LifecycleState, LoginRefusal, QrState, Reading, RollBackEnd, SignerProblem, StartPhase,
};

use crate::bench::{BOT, Bench, CODE_TIME, crash, is_launch, person_needed, seconds};

/// Longer than a start may make no progress.
const PATIENCE: u64 = 61;

/// Starts a version that has yet to prove itself, as the record of installed versions says, whoever installed it when.
fn on_trial() -> Bench {
    let mut bench = Bench::new();
    "new".clone_into(&mut bench.version);
    bench.is_on_trial = true;
    bench.tell(LifecycleEvent::StartWanted);
    bench
}

/// One start: it begins so, and says nothing more until it is killed. Gives what is wanted then.
fn hangs(bench: &mut Bench, begins: impl Fn(&mut Bench)) -> Vec<LifecycleEffect> {
    bench.launched();
    begins(bench);
    bench.wait(seconds(PATIENCE));
    let effects = bench.exits(ExitCause::Killed);
    bench.wait(seconds(60));
    effects
}

fn rolled_back(effects: &[LifecycleEffect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        LifecycleEffect::RollBack { from, .. } => Some(from.as_str()),
        _ => None,
    })
}

#[test]
fn a_version_that_makes_no_headway_twice_is_rolled_back() {
    let silent: fn(&mut Bench) = |_| {};
    let without_server: fn(&mut Bench) = |bench| {
        bench.read(Reading::SessionTried);
        bench.read(Reading::LoggedIn(BOT));
    };
    let without_picture: fn(&mut Bench) = |bench| {
        bench.read(Reading::Connecting);
        bench.read(Reading::QrFetched(CODE_TIME));
    };
    for begins in [silent, without_server, without_picture] {
        let mut bench = on_trial();
        assert_eq!(rolled_back(&hangs(&mut bench, begins)), None);
        assert_eq!(rolled_back(&hangs(&mut bench, begins)), Some("new"));
        bench.goes_back_to("old");
        bench.is_on_trial = false;
        for _ in 0..3 {
            bench.launched();
            let effects = bench.exits(crash());
            assert_eq!(rolled_back(&effects), None, "the old one stays");
            bench.wait(seconds(60));
        }
    }
}

#[test]
fn a_crash_and_a_hang_are_two_failures_and_the_last_says_why() {
    let mut bench = on_trial();
    bench.launched();
    assert_eq!(rolled_back(&bench.exits(crash())), None);
    bench.wait(seconds(2));
    bench.launched();
    bench.wait(seconds(PATIENCE));
    let effects = bench.exits(ExitCause::Killed);
    let why = effects.iter().find_map(|effect| match effect {
        LifecycleEffect::RollBack { why, .. } => Some(why.clone()),
        _ => None,
    });
    assert_eq!(why, Some((&LaunchFailure::NoProgress(60)).into()));
}

#[test]
fn silence_of_the_world_says_nothing_of_a_version() {
    let qq: fn(&mut Bench) = |bench| {
        bench.read(Reading::SessionTried);
    };
    let code: fn(&mut Bench) = |bench| {
        bench.read(Reading::Connecting);
    };
    let no_signer: fn(&mut Bench) = |bench| {
        let lacks = SignerProblem::NoneConfigured;
        bench.tell(LifecycleEvent::SignerLacking(bench.generation(), lacks));
    };
    let signature: fn(&mut Bench) = |bench| {
        bench.read(Reading::Connecting);
        let since = Some(bench.now);
        bench.tell(LifecycleEvent::SignatureAwaited(bench.generation(), since));
        bench.wait(seconds(60));
    };
    let lost: fn(&mut Bench) = |bench| {
        bench.read(Reading::SessionTried);
        bench.read(Reading::ConnectionLost("no route".into()));
    };
    for begins in [qq, code, no_signer, signature, lost] {
        let mut bench = on_trial();
        for _ in 0..4 {
            assert_eq!(rolled_back(&hangs(&mut bench, begins)), None);
        }
    }
    // What comes to nothing before there is a process is ours.
    let mut bench = on_trial();
    for _ in 0..4 {
        bench.wait(seconds(200));
        let called_off = LifecycleEvent::LaunchFailed(bench.generation(), LaunchFailure::CalledOff);
        assert_eq!(rolled_back(&bench.tell(called_off)), None);
        bench.wait(seconds(60));
    }
}

#[test]
fn a_crash_while_qq_cannot_be_reached_says_nothing_of_a_version() {
    let mut bench = on_trial();
    for _ in 0..3 {
        hangs(&mut bench, |bench| {
            bench.read(Reading::SessionTried);
        });
        bench.launched();
        assert_eq!(rolled_back(&bench.exits(crash())), None);
        bench.wait(seconds(60));
    }
}

#[test]
fn a_version_is_noted_when_it_brings_the_account_online_and_again_when_that_lasts() {
    let noted = |bench: &Bench| -> Vec<bool> {
        let notes = bench.heard.iter().filter_map(|effect| match effect {
            LifecycleEffect::NoteOnline { version, lasted } if version == "new" => Some(*lasted),
            _ => None,
        });
        notes.collect()
    };
    let mut bench = on_trial();
    bench.come_online();
    assert_eq!(noted(&bench), [false]);
    bench.wait(seconds(59));
    assert_eq!(noted(&bench), [false]);
    bench.wait(seconds(1));
    assert_eq!(noted(&bench), [false, true]);
    bench.wait(seconds(1000));
    assert_eq!(noted(&bench).len(), 2, "nothing is said twice");
    // It has passed: what happens to it now has other reasons.
    for _ in 0..3 {
        assert_eq!(rolled_back(&bench.exits(crash())), None);
        bench.is_on_trial = false;
        bench.wait(seconds(60));
        bench.launched();
    }
}

/// How often it is given up in so many starts that hang, while giving it up ends so.
fn given_up(bench: &mut Bench, starts: usize, end: RollBackEnd) -> usize {
    let mut asked = 0;
    for _ in 0..starts {
        if rolled_back(&hangs(bench, |_| {})).is_some() {
            asked += 1;
            bench.tell(LifecycleEvent::RolledBack(end));
        }
    }
    asked
}

#[test]
fn a_version_that_stays_is_given_up_once() {
    assert_eq!(given_up(&mut on_trial(), 4, RollBackEnd::Stays), 1);
}

#[test]
fn a_version_that_a_disk_keeps_from_being_given_up_is_given_up_at_its_next_failure() {
    for refused in 1..3 {
        let mut bench = on_trial();
        hangs(&mut bench, |_| {});
        let asked = given_up(&mut bench, refused, RollBackEnd::Failed);
        assert_eq!(asked, refused, "each failure is one more try");
        let LifecycleState::Starting { .. } = bench.state() else {
            panic!("{:?}", bench.state());
        };
        assert_eq!(rolled_back(&hangs(&mut bench, |_| {})), Some("new"));
        bench.goes_back_to("old");
        bench.is_on_trial = false;
        assert_eq!(given_up(&mut bench, 1, RollBackEnd::Done), 0);
    }
    // A healthy run ends that, as any trial.
    let mut bench = on_trial();
    hangs(&mut bench, |_| {});
    assert_eq!(given_up(&mut bench, 1, RollBackEnd::Failed), 1);
    bench.come_online();
    bench.wait(seconds(61));
    bench.is_on_trial = false;
    assert_eq!(rolled_back(&bench.exits(crash())), None);
}

#[test]
fn what_the_machine_s_memory_ends_says_nothing_of_a_version() {
    for cause in [ExitCause::OutOfMemory, ExitCause::Killed] {
        let mut bench = on_trial();
        for _ in 0..4 {
            bench.come_online();
            bench.wait(seconds(5));
            assert_eq!(rolled_back(&bench.exits(cause.clone())), None, "{cause:?}");
            bench.wait(seconds(60));
        }
    }
}

/// Somebody chooses another version, or one is gone back to.
fn choices() -> [CoreChange; 2] {
    let version = String::from("other");
    [
        CoreChange::Chosen {
            version: version.clone(),
        },
        CoreChange::RolledBack { version },
    ]
}

#[test]
fn what_has_not_come_online_takes_a_chosen_version_at_once() {
    type Begin = fn() -> Bench;
    let preparing: Begin = || {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        bench
    };
    let hanging: Begin = || {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        bench.launched();
        bench
    };
    let showing: Begin = || {
        let mut bench = Bench::connecting();
        bench.show_code();
        bench
    };
    let waiting: Begin = || {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        bench.launched();
        bench.exits(crash());
        bench
    };
    let given_up: Begin = || {
        let mut bench = Bench::new();
        bench.tell(LifecycleEvent::StartWanted);
        for _ in 0..5 {
            bench.launched();
            bench.exits(crash());
            bench.wait(seconds(8));
        }
        assert!(matches!(
            bench.state(),
            LifecycleState::GivenUp {
                reason: GiveUpReason::Failing { .. },
                ..
            }
        ));
        bench
    };
    let begins = [
        preparing,
        hanging,
        showing,
        Bench::connecting,
        waiting,
        given_up,
    ];
    for (number, begin) in begins.into_iter().enumerate() {
        for change in choices() {
            let mut bench = begin();
            assert!(bench.state().yields_to_chosen_core(), "{number}");
            let before = bench.generation();
            let mut effects = bench.changed(change);
            let ends = effects.iter().any(|effect| {
                matches!(
                    effect,
                    LifecycleEffect::Stop(_)
                        | LifecycleEffect::Kill(_)
                        | LifecycleEffect::CallOff(_)
                )
            });
            if effects.contains(&LifecycleEffect::CallOff(before)) {
                let called_off = LifecycleEvent::LaunchFailed(before, LaunchFailure::CalledOff);
                effects.extend(bench.tell(called_off));
            } else if ends {
                effects.extend(bench.exits(ExitCause::Killed));
            }
            assert!(is_launch(&effects), "{number}: {effects:?}");
        }
    }
}

#[test]
fn what_is_online_or_nearly_so_takes_it_at_its_next_start() {
    let mut scanned = Bench::connecting();
    scanned.show_code();
    scanned.polled(QrState::WaitingForConfirm, Some(BOT));
    let mut opening = Bench::connecting();
    opening.read(Reading::LoggedIn(BOT));
    assert_eq!(opening.phase(), Some(StartPhase::OpeningLink));
    let stopped = Bench::new();
    for mut bench in [Bench::online(), scanned, opening, stopped] {
        for change in choices() {
            assert!(bench.changed(change).is_empty(), "{:?}", bench.state());
        }
        assert!(!bench.state().yields_to_chosen_core());
    }
}

#[test]
fn the_version_that_runs_already_is_not_started_anew() {
    let mut bench = Bench::connecting();
    let version = bench.version.clone();
    assert!(bench.changed(CoreChange::Chosen { version }).is_empty());
}

#[test]
fn a_session_of_another_account_is_refused_before_there_is_a_process() {
    let mut bench = Bench::new();
    bench.tell(LifecycleEvent::StartWanted);
    let (expected, found) = (20009, 20002);
    let wrong = LaunchFailure::WrongSession { expected, found };
    let effects = bench.tell(LifecycleEvent::LaunchFailed(bench.generation(), wrong));
    assert_eq!(effects, [person_needed()]);
    let refusal = LoginRefusal::WrongSession { expected, found };
    assert_eq!(bench.state(), &LifecycleState::Refused { refusal });
    bench.wait(seconds(3600));
    assert!(is_launch(&bench.tell(LifecycleEvent::RestartWanted)));
}

#[test]
fn a_session_that_logs_in_as_another_account_is_not_set_aside() {
    let mut bench = Bench::with(perpetua_lifecycle::LifecyclePolicy {
        expected: Some(BOT),
        ..crate::bench::policy()
    });
    bench.tell(LifecycleEvent::StartWanted);
    bench.launched();
    bench.read(Reading::SessionTried);
    let effects = bench.read(Reading::LoggedIn(99));
    let is_aside =
        |effect: &LifecycleEffect| matches!(effect, LifecycleEffect::SetSessionAside { .. });
    assert!(!effects.iter().any(is_aside), "{effects:?}");
    bench.exits(ExitCause::Ended);
    assert!(matches!(bench.state(), LifecycleState::Refused { .. }));
}
