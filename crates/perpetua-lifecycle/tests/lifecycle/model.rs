//! Any order of events, wrong and repeated ones too, with any steps of time.

use std::time::Duration;

use perpetua_lifecycle::{
    ExitCause, Generation, LaunchFailure, LifecycleEvent, LifecycleState, Reading, SignerProblem,
};
use proptest::prelude::*;

use crate::{
    bench::{BOT, CODE_TIME, crash, image, kick, refusal, seconds},
    step::{Said, Step, installed, launched, step},
    world::{World, needs_person},
};

/// Long enough for several starts and every limit of restarts.
const MOST_STEPS: usize = 120;

/// Long enough for hours.
const MOST_LIVES: usize = 600;

/// More starts within a minute than the limits of restarts, single second tries and installations allow together.
const STORM: usize = 30;

/// What a core does in the world without a person.
#[derive(Clone, Copy, Debug)]
enum Temper {
    LogsIn,
    Silent,
    Crashes,
    ShowsCode,
    HangsWithCode,
    Refused,
    NoPort,
    LosesSigner,
    Kicked,
    NoLink,
    NoCore,
    NoSigner,
    NoKeystore,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    /// The world checks after each step that there is never a second process, that every state has a way out,
    /// and that announcements alternate. Whatever came before, a stop then ends in `Stopped` in time.
    #[test]
    fn any_order_of_events_keeps_the_promises(
        seed: u64,
        steps in prop::collection::vec(step(), 1..MOST_STEPS),
        obeys: bool,
    ) {
        let mut world = World::new(seed);
        for step in &steps {
            run(&mut world, step);
        }
        world.tell(LifecycleEvent::StopWanted);
        let limit = world.now + seconds(10) + Duration::from_millis(1);
        if obeys {
            obey(&mut world);
        }
        while world.machine.state() != &LifecycleState::Stopped {
            let due = world.machine.next_deadline();
            prop_assert!(due.is_some_and(|due| due <= limit), "{world:?}");
            let wait = due.map_or(Duration::ZERO, |due| due.saturating_duration_since(world.now));
            world.pass(wait);
            obey(&mut world);
        }
    }

    /// With a core that works, and nobody at the desk, every start ends online, except where a person is
    /// needed. Where one is, a start leads out.
    #[test]
    fn a_core_that_works_comes_online(
        seed: u64,
        steps in prop::collection::vec(step(), 1..MOST_STEPS),
    ) {
        let mut world = World::new(seed);
        for step in &steps {
            run(&mut world, step);
        }
        world.tell(LifecycleEvent::StartWanted);
        let end = world.now + seconds(1000);
        while !world.machine.state().is_online() {
            prop_assert!(!needs_person(world.machine.state()) || world.now < end, "{world:?}");
            live(&mut world, Temper::LogsIn);
            if needs_person(world.machine.state()) {
                world.tell(LifecycleEvent::StartWanted);
            }
            prop_assert!(world.now < end, "{world:?}");
        }
    }

    /// Cores of any temper and no person: it never starts again and again without a pause. That it goes on, or
    /// rests where only a person leads out, the world checks.
    #[test]
    fn without_a_person_there_is_no_storm_of_starts(
        seed: u64,
        tempers in prop::collection::vec(temper(), 1..60),
    ) {
        let mut world = World::new(seed);
        world.tell(LifecycleEvent::StartWanted);
        let mut starts = Vec::new();
        for temper in tempers.iter().cycle().take(MOST_LIVES) {
            let before = world.last;
            live(&mut world, *temper);
            if world.last != before {
                starts.push(world.now);
            }
        }
        for pair in starts.windows(STORM) {
            prop_assert!(pair[STORM - 1] - pair[0] >= seconds(60), "{world:?}");
        }
    }
}

fn run(world: &mut World, step: &Step) {
    match step {
        Step::Say(said, offset) => say(world, said, *offset),
        Step::Wish(wish) => world.tell(wish.clone()),
        Step::Launch => world.launch(),
        Step::FailLaunch(failure) => world.fail_launch(failure.clone()),
        Step::Die(cause, lines) => world.die(cause.clone(), *lines),
        Step::Obey => obey(world),
        Step::EndInstallation(problem) => {
            if std::mem::take(&mut world.installing) {
                world.tell(match problem {
                    None => installed(),
                    Some(problem) => LifecycleEvent::InstallFailed(problem.clone()),
                });
            }
        }
        Step::EndSearch(found) => end_search(world, *found),
        Step::Pass(time) => world.pass(*time),
        Step::PassToDeadline => pass_to_deadline(world),
    }
}

fn say(world: &mut World, said: &Said, offset: i8) {
    let last = i64::try_from(world.last.0).unwrap_or(i64::MAX);
    let named = last.saturating_add(i64::from(offset)).max(0);
    let generation = Generation(named.unsigned_abs());
    let foreign = generation != world.last;
    let event = match said {
        Said::Read(reading) => LifecycleEvent::Read(generation, reading.clone()),
        Said::QrShown => LifecycleEvent::QrShown(generation, image()),
        Said::LinkOpened => LifecycleEvent::LinkOpened(generation),
        Said::LinkLost => LifecycleEvent::LinkLost(generation),
        Said::AnswersStopped => LifecycleEvent::AnswersStopped(generation),
        Said::SendUnsigned => LifecycleEvent::SendUnsigned(generation),
        Said::MemoryExceeded => LifecycleEvent::MemoryExceeded {
            generation,
            used: 2,
            limit: 1,
        },
        Said::SignerFound if foreign => LifecycleEvent::SignerFound(generation),
        Said::SignerBack if foreign => LifecycleEvent::SignerBack(generation),
        Said::SignerMissing if foreign => {
            LifecycleEvent::SignerMissing(generation, SignerProblem::NoneConfigured)
        }
        Said::SignatureAwaited => LifecycleEvent::SignatureAwaited(generation, Some(world.now)),
        Said::SignatureDone => LifecycleEvent::SignatureAwaited(generation, None),
        Said::Launched if foreign => launched(generation),
        Said::LaunchFailed if foreign => {
            LifecycleEvent::LaunchFailed(generation, LaunchFailure::NoCore)
        }
        Said::Exited if foreign => LifecycleEvent::Exited {
            generation,
            exit: crate::bench::exit(ExitCause::Ended),
            last_lines: [].into(),
        },
        _ => return,
    };
    world.tell(event);
}

fn obey(world: &mut World) {
    let stops = matches!(world.machine.state(), LifecycleState::Stopping { .. });
    if world.is_ending() {
        world.die(ExitCause::Killed, 3);
    } else if stops {
        world.fail_launch(LaunchFailure::CalledOff);
    }
}

fn end_search(world: &mut World, found: bool) {
    if std::mem::take(&mut world.searching) {
        world.tell(if found {
            LifecycleEvent::SignerFound(world.last)
        } else {
            LifecycleEvent::SignerMissing(
                world.last,
                SignerProblem::Lost(crate::bench::words("521")),
            )
        });
    }
}

fn pass_to_deadline(world: &mut World) {
    if let Some(due) = world.machine.next_deadline() {
        world.pass(due.saturating_duration_since(world.now));
    }
}

/// The world does the next thing, with a core of this temper.
fn live(world: &mut World, temper: Temper) {
    if std::mem::take(&mut world.installing) {
        world.tell(installed());
    } else if world.asked.is_some() {
        match temper {
            Temper::NoCore => world.fail_launch(LaunchFailure::NoCore),
            Temper::NoSigner => world.fail_launch(SignerProblem::NoneConfigured.into()),
            _ => world.launch(),
        }
        talk(world, temper);
    } else if world.is_ending() {
        world.die(ExitCause::Ended, 3);
    } else {
        if world.process.is_some() {
            talk(world, temper);
        }
        pass_to_deadline(world);
    }
}

fn talk(world: &mut World, temper: Temper) {
    let said: &[Said] = match temper {
        Temper::LogsIn => &[
            Said::Read(Reading::LoggedIn(BOT)),
            Said::Read(Reading::ConnectionBack),
            Said::LinkOpened,
        ],
        Temper::NoLink => &[Said::Read(Reading::LoggedIn(BOT)), Said::LinkLost],
        Temper::ShowsCode | Temper::HangsWithCode => {
            &[Said::Read(Reading::QrFetched(CODE_TIME)), Said::QrShown]
        }
        Temper::Refused => &[Said::Read(refusal())],
        Temper::NoPort => &[Said::Read(Reading::PortInUse)],
        Temper::LosesSigner => &[
            Said::Read(Reading::LoggedIn(BOT)),
            Said::LinkOpened,
            Said::SendUnsigned,
        ],
        Temper::Kicked => &[
            Said::Read(Reading::LoggedIn(BOT)),
            Said::LinkOpened,
            Said::Read(kick()),
        ],
        Temper::Silent
        | Temper::Crashes
        | Temper::NoCore
        | Temper::NoSigner
        | Temper::NoKeystore => &[],
    };
    for said in said {
        say(world, said, 0);
    }
    match temper {
        Temper::Crashes => world.die(crash(), 3),
        Temper::Refused => world.die(ExitCause::LoginFailed, 3),
        Temper::NoKeystore => world.die(ExitCause::KeystoreUnreadable, 3),
        Temper::ShowsCode => {
            world.pass(CODE_TIME);
            world.die(ExitCause::LoginFailed, 60);
        }
        Temper::LosesSigner => end_search(world, true),
        _ => {}
    }
}

fn temper() -> impl Strategy<Value = Temper> {
    prop::sample::select(vec![
        Temper::LogsIn,
        Temper::Silent,
        Temper::Crashes,
        Temper::ShowsCode,
        Temper::HangsWithCode,
        Temper::Refused,
        Temper::NoPort,
        Temper::LosesSigner,
        Temper::Kicked,
        Temper::NoLink,
        Temper::NoCore,
        Temper::NoSigner,
        Temper::NoKeystore,
    ])
}
